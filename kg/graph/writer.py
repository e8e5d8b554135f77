"""The writer of one document's lines: what stands between subject and object, evidence, anchors."""

from __future__ import annotations

from functools import lru_cache

from kg.graph.literals import escape_text
from kg.model import Document, Goal, Indicator, Measure, Span
from kg.ontology import document_graph, resource_iri
from kg.ontology.namespaces import DCTERMS, ELI, QB, RDF, RDFS, SCHEMA, XSD

_LITERALS = (
    "action condition confidence deadline decidedBy decidedOn digestOf distributed edited end"
    " expiresBasis form heading indicatorName"
    " instrumentOrder issuerName level number object operator order problemKind quote repairedBy"
    " outcome rank resolvedName rows columns rule scope sha256 source start surface unitBrackets unitText value"
    " hedge year"
    " baseYear"
)
_LINKS = (
    "amount cites clause dateEvidence decision document evidence observation parent problem repeats"
    " responsibility table target unitEvidence"
)
_CODES = {
    "among": "place",
    "basis": "basis",
    "beneficiary": "beneficiary",
    "category": "instrument",
    "city": "place",
    "documentKind": "document-kind",
    "instrument": "instrument",
    "mainCategory": "instrument",
    "mainInstrument": "instrument",
    "place": "place",
    "resolvedKind": "unit-kind",
    "resolvedPlace": "place",
    "role": "role",
    "status": "status",
    "strength": "strength",
    "unit": "unit",
}
_REUSED = {
    "comment": RDFS + "comment",
    "effective": ELI + "first_date_entry_in_force",
    "expires": ELI + "date_no_longer_in_force",
    "identifier": SCHEMA + "legislationIdentifier",
    "issued": DCTERMS + "issued",
    "title": DCTERMS + "title",
}


class Writer:
    """Collects the lines of one document's named graph, by subject in angle brackets.

    ``opening`` holds, by property, what stands between a subject and the text of its object;
    ``iri`` … ``boolean`` close the line after an object of each kind.
    """

    __slots__ = (
        "base", "blocks", "boolean", "date", "decimal", "document", "integer", "iri", "link",
        "opening", "raw", "text", "year", "zh",
    )  # fmt: skip

    def __init__(self, document: Document, *, base: str) -> None:
        self.base = base
        self.raw = document.raw
        self.document = resource_iri("document", document.id, base=base)
        self.blocks: dict[str, list[str]] = {}
        self.opening = _openings(base)
        self.link = f" <{document_graph(document.id, base=base)}> .\n"
        self.iri = f">{self.link}"
        self.text = f'"{self.link}'
        self.zh = f'"@zh{self.link}'
        self.integer = f'"^^<{XSD}integer>{self.link}'
        self.decimal = f'"^^<{XSD}decimal>{self.link}'
        self.date = f'"^^<{XSD}date>{self.link}'
        self.boolean = f'"^^<{XSD}boolean>{self.link}'
        self.year = f'"^^<{XSD}gYear>{self.link}'


def write_anchor(w: Writer, owner: str, item: Measure | Goal | Indicator) -> None:
    """Write where something is said: its document, clause and evidence."""
    s, o, block = f"<{owner}>", w.opening, w.blocks[f"<{owner}>"]
    evidence = f"<{owner}/evidence>"
    block.append(f"{s}{o['document']}<{w.document}>{w.link}")
    block.append(f"{s}{o['evidence']}{evidence}{w.link}")
    if item.clause is not None:
        block.append(f"{s}{o['clause']}<{w.document}/clause/{item.clause}>{w.link}")
    write_evidence(w, evidence, item.span)


def write_evidence(w: Writer, s: str, span: Span) -> None:
    o = w.opening
    w.blocks[s] = [
        f"{s}{o['type']}Evidence{w.iri}",
        f"{s}{o['document']}<{w.document}>{w.link}",
        f"{s}{o['end']}{span.end}{w.integer}",
        f"{s}{o['quote']}{escape_text(span.of(w.raw))}{w.zh}",
        f"{s}{o['start']}{span.start}{w.integer}",
    ]


@lru_cache(maxsize=8)
def _openings(base: str) -> dict[str, str]:
    pk = base + "ontology#"
    return {
        **{name: f' <{pk}{name}> "' for name in _LITERALS.split()},
        **{name: f" <{pk}{name}> " for name in _LINKS.split()},
        **{name: f" <{pk}{name}> <{base}id/{kind}/" for name, kind in _CODES.items()},
        **{name: f' <{iri}> "' for name, iri in _REUSED.items()},
        "isPartOf": f" <{DCTERMS}isPartOf> ",
        "spatial": f" <{DCTERMS}spatial> <{base}id/place/",
        "dataSet": f" <{QB}dataSet> ",
        "measureType": f" <{QB}measureType> <{pk}",
        "qbType": f" <{RDF}type> <{QB}",
        "structure": f" <{QB}structure> <{base}id/cube/",
        "type": f" <{RDF}type> <{pk}",
    }
