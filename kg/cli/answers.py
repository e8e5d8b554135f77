"""``kg ask``, ``kg query``, ``kg show``: questions to the graph."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kg.cli.options import credentials_options, graph_option, read_credentials, table_options
from kg.cli.output import keep_garbage, print_evidence, print_json, print_rows

if TYPE_CHECKING:
    from kg.cli.graphs import Opened
    from kg.ontology import Vocabulary

_LARGE = 1e6  # numbers from which on digits are grouped
FORMATS = ("table", "json", "csv", "tsv", "xml", "turtle", "ntriples")


@click.command()
@click.argument("question")
@graph_option
@click.option("--sparql", "show_sparql", is_flag=True, help="Print the query that was run, too.")
@table_options
def ask(
    question: str,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    show_sparql: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Answer a QUESTION in Chinese or English, with the words that prove the answer.

    \b
    kg ask 哪些城市有土地相关费用减免？
    kg ask "Which cities have land-fee waivers?"

    A question that is not understood is never guessed at: the nearest concepts are offered
    and the exit code is 1.
    """
    from kg.ask import ask as find_answer
    from kg.cli.graphs import open_graph

    with keep_garbage():
        graph = open_graph(folder, ontologies)
        answer: dict[str, Any] = find_answer(
            question, graph.store, graph.vocabulary, base=graph.base
        ).as_json()
    understood = bool(answer["understood"])
    if as_json:
        print_json({**answer, "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows(_answer_rows(answer), as_csv=True)
    elif understood:
        _print_answer(answer, graph.vocabulary, show_sparql=show_sparql)
    if not understood:
        if not as_json:
            click.echo(_explain_refusal(answer), err=True)
        sys.exit(1)


def _explain_refusal(answer: dict[str, Any]) -> str:
    """Say what was not understood: the words, else that the question asks for nothing known."""
    near = "；".join(answer["suggestions"]) or "-"
    words = "、".join(answer["unknown"])
    why = f"these words: {words}" if words else "what is asked for"
    return (
        f"Error: not understood: {answer['question']!r}, for {why}; nearest concepts: {near}; "
        "leave the words out, or name the concept (kg questions lists what can be asked)"
    )


def _answer_rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "label": row["label"],
            "state": row["state"],
            "instruments": row["instruments"],
            "value": row["value"],
            "evidence": [e["quote"].replace("\n", "") for e in row["evidence"]],
            "document": [e["number"] or e["document"] for e in row["evidence"]],
        }
        for row in answer["answers"]
    ]


def _print_answer(answer: dict[str, Any], vocabulary: Vocabulary, *, show_sparql: bool) -> None:
    click.echo(f"understood: {_value(_name_terms(answer['understood'], vocabulary))}")
    if not answer["answers"]:
        click.echo("no answer in this graph" + _explain_nothing(answer["understood"]))
    for row in answer["answers"]:
        about = " · ".join(filter(None, [row["state"] or "", "、".join(row["instruments"] or [])]))
        click.echo(click.style(f"● {row['label']}", bold=True) + (f"  {about}" if about else ""))
        if row["value"]:
            click.echo(f"  {_value(_name_missing(row['value']))}")
        for evidence in row["evidence"]:
            print_evidence(evidence)
    if show_sparql:
        click.echo("\n" + answer["sparql"])


def _explain_nothing(understood: dict[str, Any]) -> str:
    """Say why there is no answer, where that is known."""
    unknown = "、".join(understood.get("without_documents", ()))
    if unknown:
        return f", which knows nothing about {unknown}: no document is from there or tells of it"
    worded = understood.get("wording", "")
    return f": no passage names {worded}" if worded else ""


def _name_terms(understood: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """Return what was understood with the names of instruments, for people to read."""
    names = [vocabulary.concepts[i].zh for i in understood.get("instruments", ())]
    known = {name: value for name, value in understood.items() if name != "vocabulary"}
    return {**known, "instruments": names} if names else known


def _name_missing(value: dict[str, Any]) -> dict[str, Any]:
    """Say in words that no amount, or no end, is stated."""
    if value.get("amount", "") is None:
        return {**value, "amount": "none stated"}
    date = value.get("date")
    if isinstance(date, dict) and date.get("effective") and date.get("expires") == "":
        return {**value, "date": {**date, "expires": "none stated"}}
    return value


def _value(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{name}: {_value(item)}" for name, item in value.items() if item)
    if isinstance(value, (list, tuple)):
        return "、".join(_value(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < _LARGE else f"{value:,.15g}"
    return str(value)


@click.command()
@click.argument("name", required=False)
@click.option(
    "--with",
    "given",
    multiple=True,
    metavar="PARAMETER=VALUE",
    help="Ask it for this: an instrument, place, document, unit or IRI; may be repeated.",
)
@click.option("--sparql", "show_sparql", is_flag=True, help="Print the query only.")
@graph_option
@table_options
def questions(
    name: str | None,
    given: tuple[str, ...],
    show_sparql: bool,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the competency questions, or run the one called NAME.

    \b
    kg questions
    kg questions cities --with asked=土地相关费用减免
    kg questions units --with place=浦东新区 --with asked=人才引导 --sparql

    They are the SPARQL files behind kg ask.  A parameter that is not given is left open;
    "asked" is an instrument with what is below it, "seat" the place of a document, "side" one of
    several places, "part" a clause.
    """
    from dataclasses import asdict

    from kg.ask import Question, describe_templates

    if name is None:
        rows = [asdict(template) for template in describe_templates()]
        if as_json:
            print_json(rows)
        else:
            print_rows(rows, as_csv=as_csv)
        return
    from kg.cli.graphs import open_graph

    graph = open_graph(folder, ontologies)
    question = Question(name, _read_parameters(name, given, graph), graph.base)
    if show_sparql:
        click.echo(question.show())
        return
    found = [dict(row) for row in question.run(graph.store)]
    if as_json:
        print_json({"sparql": question.show(), "rows": found})
    else:
        print_rows(found, as_csv=as_csv)


def _read_parameters(
    name: str, given: tuple[str, ...], graph: Opened
) -> dict[str, tuple[Any, ...]]:
    """Turn PARAMETER=VALUE into terms; values of one parameter are alternatives."""
    import pyoxigraph as ox

    from kg.ask import describe_templates, load_template
    from kg.ask.describe import find_term
    from kg.ask.queries import TEXTS
    from kg.errors import QueryError

    load_template(name)
    known = next(t.parameters for t in describe_templates() if t.name == name)
    found: dict[str, tuple[Any, ...]] = {}
    for text in given:
        parameter, sign, value = text.partition("=")
        if not sign or parameter not in known:
            raise QueryError(f"{text!r}: write PARAMETER=VALUE with one of {', '.join(known)}")
        term: Any = ox.Literal(value)
        if parameter not in TEXTS:
            term = (
                value
                if "://" in value
                else find_term(value, graph.store, graph.vocabulary, base=graph.base)
            )
        found[parameter] = (*found.get(parameter, ()), term)
    return found


@click.command()
@click.argument("sparql", required=False)
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the query.  [default: the argument, or stdin]",
)
@graph_option
@click.option("--endpoint", default="", metavar="URL", help="Ask this SPARQL endpoint instead.")
@click.option("--union", is_flag=True, help="Ask it for the union of its graphs (Oxigraph).")
@credentials_options
@click.option("--format", "name", type=click.Choice(FORMATS), default="table", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Same as --format json.")
@click.option("--csv", "as_csv", is_flag=True, help="Same as --format csv.")
def query(
    sparql: str | None,
    path: Path | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    endpoint: str,
    union: bool,
    user: str,
    scheme: Literal["basic", "digest"],
    password_file: Path | None,
    name: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Run a SPARQL 1.1 query; prefixes pk, skos, dcterms, eli … are known, updates refused.

    With --endpoint another server answers it; the password for it is read from --password-file
    or the variable KG_PASSWORD, a bearer token from KG_TOKEN.
    """
    text = path.read_text(encoding="utf-8") if path else sparql or sys.stdin.read()
    chosen = "json" if as_json else "csv" if as_csv else name
    if endpoint:
        from kg.graph.remote import ask_endpoint, open_client

        with open_client(read_credentials(user, scheme, password_file)) as client:
            content = ask_endpoint(endpoint, text, chosen, client, union=union)
    else:
        from kg.cli.graphs import open_graph
        from kg.graph import run_query

        graph = open_graph(folder, ontologies)
        content = run_query(graph.store, text, chosen, base=graph.base)
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


@click.command()
@click.argument("term")
@graph_option
@table_options
def show(
    term: str, folder: Path | None, ontologies: tuple[Path, ...], as_json: bool, as_csv: bool
) -> None:
    """Show what the graph knows of TERM: an instrument, place, unit, document or IRI."""
    from kg.ask.describe import describe_term
    from kg.cli.graphs import open_graph

    graph = open_graph(folder, ontologies)
    found = describe_term(term, graph.store, graph.vocabulary, base=graph.base)
    if as_json:
        print_json(found)
        return
    rows = [{"property": "IRI", "value": found["iri"]}]
    rows += [{"property": name, "value": value} for name, value in found["properties"].items()]
    print_rows([*rows], as_csv=as_csv, title=found["label"])
    if found["measures"] and not as_csv:
        print_rows(found["measures"], as_csv=False, title=f"{found['count']} measures")
