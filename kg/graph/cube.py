"""The RDF Data Cube of a document: its reported figures and ranks as observations.

Every document has one ``qb:DataSet``.  An observation holds one measure, a value or a rank, and
says which by ``qb:measureType``; the sentence it stands in is its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kg.graph.literals import encode_segment, escape_text, format_decimal
from kg.graph.writer import Writer, write_anchor
from kg.model import Indicator, Observation

STRUCTURE = "indicators"


def write_indicators(w: Writer, indicators: Sequence[Indicator]) -> None:
    """Write the indicators of a document and, where they have observations, its data set."""
    o = w.opening
    data = f"<{w.document}/observations>"
    for number, indicator in enumerate(indicators, 1):
        iri = f"{w.document}/indicator/{number}"
        w.blocks[f"<{iri}>"] = [f"<{iri}>{o['type']}Indicator{w.iri}"]
        write_anchor(w, iri, indicator)
        for order, observation in enumerate(indicator.observations, 1):
            _write_observation(w, iri, data, observation, order)
    if any(indicator.observations for indicator in indicators):
        w.blocks[data] = [
            f"{data}{o['qbType']}DataSet{w.iri}",
            f"{data}{o['document']}<{w.document}>{w.link}",
            f"{data}{o['structure']}{STRUCTURE}{w.iri}",
        ]


def _write_observation(w: Writer, owner: str, data: str, item: Observation, order: int) -> None:
    o, s = w.opening, f"<{owner}/observation/{order}>"
    w.blocks[f"<{owner}>"].append(f"<{owner}>{o['observation']}{s}{w.link}")
    w.blocks[s] = [
        f"{s}{o['qbType']}Observation{w.iri}",
        f"{s}{o['dataSet']}{data}{w.link}",
        f"{s}{o['end']}{item.span.end}{w.integer}",
        f"{s}{o['evidence']}<{owner}/evidence>{w.link}",
        f"{s}{o['indicatorName']}{escape_text(item.indicator)}{w.text}",
        f"{s}{o['order']}{order}{w.integer}",
        f"{s}{o['start']}{item.span.start}{w.integer}",
        f"{s}{o['surface']}{escape_text(item.surface)}{w.text}",
        *_format_dimensions(w, s, item),
        *_format_measure(w, s, item),
    ]


def _format_dimensions(w: Writer, s: str, item: Observation) -> Iterator[str]:
    """Yield place and year, where they are known."""
    o = w.opening
    if item.place:
        yield f"{s}{o['place']}{encode_segment(item.place)}{w.iri}"
    for name, year in (("year", item.year), ("baseYear", item.base)):
        if year:
            yield f"{s}{o[name]}{year}{w.year}"


def _format_measure(w: Writer, s: str, item: Observation) -> Iterator[str]:
    """Yield the value with its unit, or the rank with its scope."""
    o = w.opening
    if item.rank is not None:
        yield f"{s}{o['measureType']}rank{w.iri}"
        yield f"{s}{o['rank']}{item.rank}{w.integer}"
        yield from (f"{s}{o['among']}{encode_segment(place)}{w.iri}" for place in item.among)
        if item.scope:
            yield f"{s}{o['scope']}{escape_text(item.scope)}{w.text}"
    if item.value is not None:
        yield f"{s}{o['measureType']}value{w.iri}"
        yield f"{s}{o['operator']}{item.op}{w.text}"
        yield f"{s}{o['unitText']}{escape_text(item.unit)}{w.text}"
        yield f"{s}{o['value']}{format_decimal(item.value)}{w.decimal}"
        if item.hedge:
            yield f"{s}{o['hedge']}{escape_text(item.hedge)}{w.text}"
