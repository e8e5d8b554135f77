"""SPARQL over a store: bound questions of our own, and queries of a user as bytes to print."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

import pyoxigraph as ox

from kg.errors import QueryError
from kg.ontology import BASE
from kg.ontology.namespaces import PREFIXES, XSD

Value = str | int | float | bool | None
Binding = str | int | float | bool | ox.NamedNode | ox.Literal

Format = TypeVar("Format", ox.QueryResultsFormat, ox.RdfFormat)

RESULT_FORMATS = {
    "json": ox.QueryResultsFormat.JSON,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "xml": ox.QueryResultsFormat.XML,
}
GRAPH_FORMATS = {"turtle": ox.RdfFormat.TURTLE, "ntriples": ox.RdfFormat.N_TRIPLES}

_OPAQUE = re.compile(  # strings, IRIs and comments
    r'"""(?:[^\\]|\\.)*?"""'
    r"|'''(?:[^\\]|\\.)*?'''"
    r'|"(?:[^"\\\r\n]|\\.)*"'
    r"|'(?:[^'\\\r\n]|\\.)*'"
    r'|<[^<>"{}|^`\\\x00-\x20]*>'
    r"|\#[^\r\n]*",
    re.DOTALL,
)
_FROM = re.compile(r"(?<![?$:\w])FROM\b", re.IGNORECASE)
_UPDATE = re.compile(
    r"(?<![?$:\w])(INSERT|DELETE|LOAD|CLEAR|DROP|CREATE|ADD|MOVE|COPY|WITH)\b", re.IGNORECASE
)
_QUERY = re.compile(r"(?<![?$:\w])(SELECT|ASK|CONSTRUCT|DESCRIBE)\b", re.IGNORECASE)
_NUMBERS: Mapping[str, Callable[[str], Value]] = {
    XSD + "integer": int,
    XSD + "decimal": lambda text: float(Decimal(text)),
    XSD + "double": float,
    XSD + "float": float,
    XSD + "boolean": lambda text: text in ("true", "1"),
}


def make_prefixes(base: str = BASE) -> dict[str, str]:
    """Return the prefixes that every query may use without declaring them."""
    return {**PREFIXES, "pk": base + "ontology#"}


def select(
    store: ox.Store, sparql: str, /, *, base: str = BASE, **bindings: Binding
) -> list[dict[str, Value]]:
    """Answer a SELECT query of our own over the union of all graphs.

    A binding sets a variable, which the query must project: a string is an IRI, numbers and
    booleans are literals, pyoxigraph terms are themselves.  IRIs come back as strings, literals
    as Python values, unbound variables as None.  Raises QueryError for malformed SPARQL.
    """
    substitutions: dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple] = {
        ox.Variable(name): _make_term(value) for name, value in bindings.items()
    }
    try:
        solutions = store.query(
            sparql,
            prefixes=make_prefixes(base),
            use_default_graph_as_union=True,
            substitutions=substitutions,
        )
    except SyntaxError as error:
        raise QueryError(f"malformed SPARQL: {error}") from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise ValueError("select() answers SELECT queries only")
    names = [variable.value for variable in solutions.variables]
    return [dict(zip(names, map(read_term, row), strict=True)) for row in solutions]


def read_term(term: object) -> Value:
    """Return a term as a plain value: an IRI as string, a literal by its datatype.

    >>> read_term(ox.Literal("20.5", datatype=ox.NamedNode(XSD + "decimal")))
    20.5
    """
    if isinstance(term, ox.NamedNode):
        return term.value
    if isinstance(term, ox.Literal):
        convert = _NUMBERS.get(term.datatype.value)
        return term.value if convert is None else convert(term.value)
    return None if term is None else str(term)


def run_query(store: ox.Store, sparql: str, format: str = "table", *, base: str = BASE) -> bytes:
    """Answer a user's query as bytes in UTF-8.

    SELECT and ASK give table, json, csv, tsv or xml, CONSTRUCT and DESCRIBE turtle (also as
    table) or ntriples.  The default graph is the union, unless the query says FROM.  Raises
    QueryError for malformed SPARQL, with its place, for SERVICE, and for a format that does not
    fit.
    """
    refuse_service(sparql)
    union = not _FROM.search(_OPAQUE.sub(" ", sparql))
    prefixes = make_prefixes(base)
    try:
        result = store.query(sparql, prefixes=prefixes, use_default_graph_as_union=union)
    except SyntaxError as error:
        raise QueryError(_explain_syntax(sparql, error)) from error
    try:
        return _serialize(result, format, prefixes)
    except (OSError, RuntimeError) as error:
        raise QueryError(f"the query failed: {error}") from error


def refuse_service(sparql: str) -> None:
    """Raise QueryError where a query would ask another server.

    A regular expression cannot tell the ``<`` of a comparison from that of an IRI, so a query
    with the word in it is parsed in full; one that this second parser cannot read, or could read
    otherwise, is refused too.
    """
    if "service" not in sparql.lower():
        return
    from pyparsing import ParseException
    from rdflib.plugins.sparql.parser import parseQuery

    if "\\u" in sparql.lower():  # rdflib resolves escapes before it looks for strings
        raise QueryError("the word SERVICE and \\u escapes cannot stand in one query")
    try:
        tree = parseQuery(sparql.replace("\r", "\n"))
    except (ParseException, RecursionError) as error:
        raise QueryError(f"cannot tell whether this query uses SERVICE: {error}") from error
    if _uses_service(tree):
        raise QueryError("SERVICE is not possible: a query reads this graph, never the network")


def _uses_service(node: object) -> bool:
    """Tell whether rdflib's parse tree holds a SERVICE pattern."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(node, str) or not isinstance(node, Iterable):
        return False
    if isinstance(node, CompValue):
        return node.name == "ServiceGraphPattern" or any(map(_uses_service, node.values()))
    return any(map(_uses_service, node))


def _make_term(value: Binding) -> ox.NamedNode | ox.Literal:
    if isinstance(value, ox.NamedNode | ox.Literal):
        return value
    return ox.NamedNode(value) if isinstance(value, str) else ox.Literal(value)


def _explain_syntax(sparql: str, error: SyntaxError) -> str:
    visible = _OPAQUE.sub(" ", sparql)
    if _UPDATE.search(visible) and not _QUERY.search(visible):
        return "updates are not possible: a published graph does not change; run kg build"
    return f"malformed SPARQL: {error}"


def _serialize(
    result: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples,
    format: str,
    prefixes: Mapping[str, str],
) -> bytes:
    if isinstance(result, ox.QueryTriples):
        known = {"table": ox.RdfFormat.TURTLE, **GRAPH_FORMATS}
        syntax = _choose_format(format, known, "CONSTRUCT and DESCRIBE")
        return ox.serialize(result, format=syntax, prefixes=dict(prefixes)) or b""
    if format == "table":
        return draw_table(result).encode()
    wanted = _choose_format(format, RESULT_FORMATS, "SELECT and ASK")
    return result.serialize(format=wanted) or b""


def _choose_format(format: str, known: Mapping[str, Format], queries: str) -> Format:
    if format not in known:
        names = ", ".join(dict.fromkeys(("table", *known)))
        raise QueryError(f"{queries} queries give no {format!r}; choose one of {names}")
    return known[format]


def draw_table(result: ox.QuerySolutions | ox.QueryBoolean) -> str:
    """Draw a result as a plain table, aligned by display width: a Chinese character takes two."""
    if isinstance(result, ox.QueryBoolean):
        return "yes\n" if result else "no\n"
    header = [f"?{variable.value}" for variable in result.variables]
    rows = [header, *([_show_term(term) for term in row] for row in result)]
    widths = [max(map(_measure_width, column)) for column in zip(*rows, strict=True)]
    lines = [_pad_row(row, widths) for row in rows]
    return "\n".join([lines[0], "-" * sum(widths, 2 * max(len(widths) - 1, 0)), *lines[1:], ""])


def _show_term(term: object) -> str:
    value = getattr(term, "value", None)
    return "" if term is None else " ".join(str(term if value is None else value).split())


def _measure_width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pad_row(row: Sequence[str], widths: Sequence[int]) -> str:
    gaps = (width - _measure_width(text) for text, width in zip(row, widths, strict=True))
    return "  ".join(text + " " * gap for text, gap in zip(row, gaps, strict=True)).rstrip()
