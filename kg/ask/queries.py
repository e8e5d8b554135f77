"""Competency questions: SPARQL files with parameters, bound as values and shown with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph.query import Value, make_prefixes, select
from kg.ontology import BASE

Row = Mapping[str, Value]
Parameters = Mapping[str, tuple[str | ox.Literal, ...]]
PARAMETERS = (
    "asked",
    "city",
    "home",
    "side",
    "place",
    "seat",
    "document",
    "unit",
    "with",
    "role",
    "part",
    "basis",
    "text",
    "since",
    "before",
    "when",
    "indicator",
    "work",
    "sole",
    "lone",
    "undated",
    "beneficiary",
)
TEXTS = frozenset(
    {"text", "since", "before", "when", "indicator", "work", "sole", "lone"}
)  # the others are IRIs
_CONDITION = re.compile(r"\s*#(if|unless|values) (\w+)$")


@dataclass(frozen=True, slots=True)
class Question:
    """A competency question with its parameters: each has one value or several alternatives.

    A string is an IRI.  Lines of the file that end with ``#if name`` are part of the query only
    where the parameter ``name`` is given, those with ``#unless name`` only where it is not;
    ``#values name`` puts its values in an inner group, too, which does not see the outer one's.

    What every row has (a quote, a source) stands in OPTIONAL beside what few have: the more patterns
    must match, the larger Oxigraph's planner takes the result for, and where its estimate overflows
    it reads whole predicates for every OPTIONAL (for the units of a field 0.5 s rather than 0.1 s).
    """

    name: str
    parameters: Parameters
    base: str = BASE

    def run(self, store: ox.Store) -> list[Row]:
        """Answer the question with the very query that is shown.

        Values stand in VALUES blocks, written by Oxigraph's serialiser, rather than being
        substituted: its planner does not see substituted values (on 1.3M triples the question
        for one instrument takes 1.2 s with a substitution, 0.04 s with VALUES).
        """
        return list(select(store, self.show(), base=self.base))

    def show(self) -> str:
        """Return the query with its prefixes and values, which gives the same rows by hand."""
        body = fill_template(load_template(self.name), self.parameters)
        used = [
            f"PREFIX {prefix}: <{iri}>"
            for prefix, iri in make_prefixes(self.base).items()
            if re.search(rf"(?<![\w?]){prefix}:", body)
        ]
        values = [
            f"  {_values(name, found)}" for name, found in sorted(self.parameters.items()) if found
        ]
        title, _, rest = body.partition("\n")
        opening, where, pattern = rest.partition("WHERE {\n")
        return "\n".join([title, *used, opening + where + "\n".join([*values, pattern])])


@dataclass(frozen=True, slots=True)
class Template:
    """A competency question as a file: name, titles in two languages, names of its parameters."""

    name: str
    title: str
    title_zh: str
    parameters: tuple[str, ...]


def describe_templates() -> tuple[Template, ...]:
    """Return the competency questions by name, with what each can be asked for."""
    return tuple(_describe(name) for name in list_templates())


def _describe(name: str) -> Template:
    text = load_template(name)
    titles = [line[2:] for line in text.splitlines()[:2] if line.startswith("# ")]
    used = set(re.findall(r"\?(\w+)", text))
    known = tuple(parameter for parameter in PARAMETERS if parameter in used)
    return Template(name, titles[0], titles[1] if len(titles) > 1 else "", known)


@lru_cache
def load_template(name: str) -> str:
    """Return the text of a competency question; QueryError where there is none of that name."""
    path = files(__package__) / "queries" / f"{name}.rq"
    try:
        return path.read_text("utf-8")
    except FileNotFoundError as error:
        known = ", ".join(list_templates())
        raise QueryError(f"no competency question {name!r}; there are: {known}") from error


def list_templates() -> list[str]:
    """List the names of the competency questions."""
    folder = files(__package__) / "queries"
    return sorted(path.name[:-3] for path in folder.iterdir() if path.name.endswith(".rq"))


def fill_template(template: str, given: Parameters) -> str:
    """Keep of a template the lines whose conditions are met.

    >>> fill_template("?s ?p ?o . #if s", {"s": ("https://w3id.org/policykg/id/place/CN",)})
    '?s ?p ?o .'
    >>> fill_template("?s ?p ?o . #if s", {})
    ''
    >>> fill_template("  #values s", {"s": ("https://w3id.org/policykg/id/place/CN",)})
    '  VALUES ?s { <https://w3id.org/policykg/id/place/CN> }'
    """
    lines = []
    for line in template.splitlines():
        condition = _CONDITION.search(line)
        if condition is None:
            lines.append(line)
            continue
        start, found = line[: condition.start()], given.get(condition[2])
        if condition[1] == "values" and found:
            indent = line[: -len(line.lstrip())]
            lines.append(f"{indent}{_values(condition[2], found)}")
        elif condition[1] != "values" and bool(found) == (condition[1] == "if"):
            lines.append(start)
    return "\n".join(lines)


def _values(name: str, found: Iterable[str | ox.Literal]) -> str:
    return f"VALUES ?{name} {{ {' '.join(map(_serialize, found))} }}"


def _serialize(value: str | ox.Literal) -> str:
    """Write a term as N-Triples do; NamedNode refuses what is no IRI."""
    return str(value if isinstance(value, ox.Literal) else ox.NamedNode(value))
