"""The workbook: the contents as XLSX for those who count on in a spreadsheet."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg import __version__
from kg.compare import Claim, name_place
from kg.compare.cells import denial_basis
from kg.compare.units import ROLES, name_function
from kg.graph.export import guard_cell
from kg.graph.sheet import MEASURE_KEYS
from kg.ontology import Vocabulary
from kg.report.citations import cite_document
from kg.report.contents import Contents
from kg.report.figures import QUERIES, Figure, load_query
from kg.report.wording import say

Row = Mapping[str, Any]
SEPARATOR = "；"
_LONGEST = 32767  # characters that a cell of XLSX holds
_MADE = datetime.datetime(2000, 1, 1)  # the same contents give the same file
_WIDE = {"text": 60, "quote": 60, "sparql": 90, "definition": 50, "citation": 70, "title": 40}


def write_workbook(contents: Contents, path: Path) -> None:
    """Write the workbook: one sheet for each of ``_TABLES``, headers in Chinese.

    Every text is stored as text, however it begins; texts that a spreadsheet could take for a
    formula also carry the mark that keeps them text when edited.  The sheet of
    figures names, for every count of the graph, its sheet and cell, its query and what fills it;
    the queries and the sets of documents stand in sheets of their own.
    """
    from xlsxwriter import Workbook

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(path), options) as book:
        book.set_properties({"title": say("page", "title").zh, "created": _MADE})
        writer = _Writer(book)
        for name, list_rows in _TABLES.items():
            writer.add_table(name, list(list_rows(contents)))
        writer.add_table("figures", writer.figures)
        writer.add_table("queries", [{"query": q, "sparql": load_query(q)} for q in QUERIES])
        writer.add_table("sets", list(_list_sets(contents)))


class _Writer:
    """Writes tables, and keeps where each figure stands."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.figures: list[Row] = []
        self._head = book.add_format({"bold": True, "bg_color": "#E9E6DE", "bottom": 1})
        self._text = book.add_format({"text_wrap": True, "valign": "top"})
        self._guarded = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self._number = book.add_format({"valign": "top"})

    def add_table(self, name: str, rows: Sequence[Row]) -> None:
        """Add a sheet with the keys of the first row as headers."""
        sheet = self.book.add_worksheet(say("sheets", name).zh)
        keys = list(rows[0]) if rows else []
        for column, key in enumerate(keys):
            sheet.write_string(0, column, say("columns", key).zh, self._head)
            sheet.set_column(column, column, _WIDE.get(key, 16))
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row.values()):
                self._write(sheet, number, column, value)
        sheet.freeze_panes(1, 0)
        if rows:
            sheet.autofilter(0, 0, len(rows), len(keys) - 1)

    def _write(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if isinstance(value, Figure):
            self._keep(sheet.get_name(), row, column, value)
            value = value.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            sheet.write_number(row, column, value, self._number)
            return
        text = _show(value)[:_LONGEST]
        style = self._text if guard_cell(text) == text else self._guarded
        sheet.write_string(row, column, text, style)

    def _keep(self, sheet: str, row: int, column: int, figure: Figure) -> None:
        from xlsxwriter.utility import xl_rowcol_to_cell

        about = dict.fromkeys(("place", "instrument", "unit", "role"), "") | dict(figure.parameters)
        documents = about.pop("documents")
        cell = xl_rowcol_to_cell(row, column)
        place = {"sheet": sheet, "cell": cell, "value": figure.value, "query": figure.query}
        self.figures.append({**place, "set": documents, **about})


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return " ".join(_show(part) for part in value.values() if part not in (None, ""))
    if isinstance(value, (list, tuple)):
        return SEPARATOR.join(_show(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _list_codings(contents: Contents) -> Iterator[Row]:
    """Yield the coding sheet: each measure under document–clause–number, with its codes."""
    documents = {source.iri: number for number, source in enumerate(contents.sources, 1)}
    entries = contents.subject.claims.graph["documents"]
    concepts = contents.subject.vocabulary.concepts
    within: dict[tuple[str, str], int] = {}
    for row in contents.sheet:
        place = row["document"], row["clause"]
        within[place] = within.get(place, 0) + 1
        found = {key: row[key] for key in MEASURE_KEYS if key not in ("document", "id", "sha256")}
        found["instruments"] = [concepts[i].zh if i in concepts else i for i in row["instruments"]]
        code = "-".join(filter(None, (str(documents[place[0]]), place[1], str(within[place]))))
        name = entries[place[0]].name
        yield {"code": code, "document": name, **found, "sha256": row["sha256"], "id": row["id"]}


def _list_matrix(contents: Contents) -> Iterator[Row]:
    vocabulary = contents.subject.vocabulary
    for place in contents.places:
        for instrument in (*contents.categories, *contents.instruments, *contents.silent):
            spot = contents.spots[place, instrument]
            yield {
                "place": name_place(vocabulary, place),
                "category": vocabulary.notation(instrument),
                "instrument": vocabulary.concepts[instrument].zh,
                "id": instrument,
                "state": say("states", spot.cell.state).zh,
                "says": spot.says,
                "denies": spot.denies,
                "covering": [_name(contents, iri) for iri in spot.cell.covered_by],
            }


def _list_gaps(contents: Contents) -> Iterator[Row]:
    for gap in contents.gaps.gaps:
        yield {
            "instrument": gap.label,
            "category": gap.category,
            "grade": say("states", gap.grade).zh,
            "held_by": [f"{h.city}({say('states', h.state).zh})" for h in gap.held_by],
            "denies": contents.spots[contents.city, gap.instrument].denies,
            "basis": list(dict.fromkeys(say("bases", d.basis).zh for d in gap.denials)),
            "denials": [_line(denial.evidence.quote) for denial in gap.denials],
            "related": [f"{r.label}({say('relations', r.relation).zh})" for r in gap.own_related],
            "covering": list(gap.covered_by),
        }


def _list_overlaps(contents: Contents) -> Iterator[Row]:
    for found in contents.overlaps:
        for overlap in found.overlaps:
            for side in overlap.sides:
                yield {
                    "cities": list(found.cities),
                    "instrument": overlap.label,
                    "category": overlap.category,
                    "side": side.place,
                    "level": side.level,
                    "state": say("states", side.state).zh,
                    "strength": say("strengths", side.strength).zh if side.strength else "",
                    "beneficiaries": list(side.beneficiaries),
                    "amounts": list(dict.fromkeys(amount.surface for amount in side.amounts)),
                    "units": list(dict.fromkeys(unit.name for unit in side.units)),
                    "dates": [
                        d.effective or d.issued for d in side.dates if d.effective or d.issued
                    ],
                    "quote": _line(side.evidence[0].quote) if side.evidence else "",
                }


def _list_evidence(contents: Contents) -> Iterator[Row]:
    """Yield every passage of a cell where the instrument itself is named."""
    for (place, instrument), spot in contents.spots.items():
        for relation, claims in (
            ("evidence", spot.cell.positives),
            ("denied-by", spot.cell.denials),
            ("applies", spot.cell.applies),
        ):
            named = (claim for claim in claims if claim.instrument == instrument)
            yield from (_show_claim(contents, place, relation, claim) for claim in named)


def _show_claim(contents: Contents, place: str, relation: str, claim: Claim) -> Row:
    vocabulary, evidence = contents.subject.vocabulary, claim.evidence
    basis = denial_basis(claim)
    return {
        "place": name_place(vocabulary, place),
        "instrument": vocabulary.concepts[claim.instrument].zh,
        "relation": say("page", relation).zh,
        "basis": say("bases", basis).zh if basis else "",
        "quote": evidence.quote,
        "title": evidence.document,
        "number": evidence.number,
        "kind": say("page", evidence.kind).zh,
        "form": say("forms", evidence.form).zh,
        "source": evidence.source,
        "start": evidence.start,
        "end": evidence.end,
        "id": claim.measure,
    }


def _list_verdicts(contents: Contents) -> Iterator[Row]:
    """Yield what studies say of the city, the verdict, and the text that it rests on."""
    concepts = contents.subject.vocabulary.concepts
    for verdict in contents.verdicts:
        said, own = verdict.statement, next(iter(verdict.own or verdict.related), None)
        yield {
            "instrument": concepts[said.instrument].zh if said.instrument in concepts else "",
            "statement_kind": say("kinds", said.kind).zh,
            "quote": _line(said.evidence.quote),
            "source": said.evidence.source,
            "start": said.evidence.start,
            "end": said.evidence.end,
            "verdict": say("verdicts", verdict.verdict).zh,
            "reason": say("reasons", verdict.basis).zh,
            "own_text": _line(own.evidence.quote) if own else "",
            "own_document": own.evidence.document if own else "",
            "own_number": own.evidence.number if own else "",
            "covering": list(verdict.documents),
        }


def _list_codebook(contents: Contents) -> Iterator[Row]:
    vocabulary: Vocabulary = contents.subject.vocabulary
    for instrument in (*contents.categories, *contents.instruments, *contents.silent):
        concept = vocabulary.concepts[instrument]
        yield {
            "id": concept.id,
            "category": vocabulary.notation(instrument),
            "name": concept.zh,
            "english": concept.en,
            "broader": vocabulary.concepts[concept.broader].zh if concept.broader else "",
            "definition": concept.definition,
            "labels": [text for text, language in concept.labels if language == "zh"],
            "competence": concept.competence,
        }


def _list_mix(contents: Contents) -> Iterator[Row]:
    vocabulary = contents.subject.vocabulary
    for bar in contents.bars:
        parts = zip(contents.categories, bar.parts, strict=True)
        shown = {vocabulary.notation(category): part for category, part in parts}
        yield {"place": name_place(vocabulary, bar.place), "sentences": bar.n, **shown}


def _list_units(contents: Contents) -> Iterator[Row]:
    vocabulary = contents.subject.vocabulary
    for office in contents.offices:
        seat = office.profile.jurisdiction
        yield {
            "name": office.profile.name,
            "function": name_function(office.profile.function, vocabulary),
            "jurisdiction": name_place(vocabulary, seat) if seat in vocabulary.places else seat,
            **dict(zip(ROLES, office.counts, strict=True)),
        }


def _list_provenance(contents: Contents) -> Iterator[Row]:
    graph = contents.subject.claims.graph
    about = {
        "documents": contents.documents,
        "measures": contents.measures,
        "as_of": graph["as_of"] or say("page", "all-dates").zh,
        "selection": graph.get("selection", ()),
        "places": [name_place(contents.subject.vocabulary, place) for place in contents.places],
        "vocabulary": graph["version"],
        "graph": contents.subject.version.name,
        "program": __version__,
    }
    empty = dict.fromkeys(("form", "expires", "citation", "sha256", "id"), "")
    for key, value in about.items():
        yield {"key": say("provenance", key).zh, "value": value, **empty}
    for source in contents.sources:
        yield {
            "key": source.row["source"],
            "value": source.measures,
            "form": say("forms", source.row["form"]).zh,
            "expires": source.row["expires"],
            "citation": cite_document(source.row),
            "sha256": source.row["sha256"],
            "id": source.iri,
        }


def _list_sets(contents: Contents) -> Iterator[Row]:
    for name, iris in contents.figures.sets.items():
        yield from ({"set": name, "document": iri} for iri in iris)


def _name(contents: Contents, iri: str) -> str:
    return str(contents.subject.claims.graph["documents"][iri].name)


def _line(text: str) -> str:
    return "".join(text.split())


_TABLES: Mapping[str, Any] = {
    "codings": _list_codings,
    "matrix": _list_matrix,
    "gaps": _list_gaps,
    "overlaps": _list_overlaps,
    "evidence": _list_evidence,
    "verdicts": _list_verdicts,
    "codebook": _list_codebook,
    "mix": _list_mix,
    "units": _list_units,
    "provenance": _list_provenance,
}
