"""Compare: the gaps of a city against peers and what all of them share; also to download."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from starlette.responses import Response

from kg.compare import Gaps, Overlaps, find_gaps, find_overlaps
from kg.graph.export import guard_cell
from kg.serve.pages.matrix import find_cells
from kg.serve.pages.view import View

_COLUMNS = (
    "finding",
    "instrument",
    "label",
    "category",
    "state",
    "place",
    "amounts",
    "quote",
    "document",
)


def show_comparison(view: View) -> Response:
    """Show gaps and overlaps of the cities in the parameters ``city`` and ``peer``."""
    cities = list(find_cells(view))
    city, peers = read_cities(view, cities)
    gaps, overlaps = _compare(view, city, peers)
    return view.render(
        "compare.html",
        cities=cities,
        city=city,
        peers=peers,
        gaps=gaps,
        overlaps=overlaps,
        download={"city": city, "peers": ",".join(peers)},
    )


def download_comparison(view: View) -> Response:
    """Return gaps and overlaps as JSON or CSV."""
    cities = list(find_cells(view))
    city, peers = read_cities(view, cities)
    gaps, overlaps = _compare(view, city, peers)
    if gaps is None or overlaps is None:
        return view.refuse("name a city and peers that the graph knows", 400)
    if view.request.path_params["format"] == "json":
        found = {"gaps": gaps.as_json(), "overlaps": overlaps.as_json()}
        text = json.dumps(found, ensure_ascii=False, indent=1)
        return _attach(text, "application/json", "compare.json")
    return _attach("\ufeff" + _write_csv(gaps, overlaps), "text/csv", "compare.csv")


def read_cities(view: View, cities: list[str]) -> tuple[str, list[str]]:
    """Return the city and its peers; the two most documented ones where none is named."""
    asked = view.request.query_params
    city = asked.get("city", "")
    named = [*asked.getlist("peer"), *asked.get("peers", "").split(",")]
    if city not in cities:
        city = cities[0] if cities else ""
    peers = [peer for peer in dict.fromkeys(named) if peer in cities and peer != city]
    if not peers and "peer" not in asked and "peers" not in asked:
        peers = [other for other in cities if other != city][:2]
    return city, peers


def _compare(view: View, city: str, peers: list[str]) -> tuple[Gaps | None, Overlaps | None]:
    if not city or not peers:
        return None, None
    claims, vocabulary = view.holdings.claims, view.names.vocabulary
    gaps = find_gaps(claims, city, peers, vocabulary=vocabulary)
    return gaps, find_overlaps(claims, city, *peers, vocabulary=vocabulary)


def _write_csv(gaps: Gaps, overlaps: Overlaps) -> str:
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_COLUMNS)
    for row in (*_list_gaps(gaps), *_list_overlaps(overlaps)):
        writer.writerow([guard_cell("".join(str(cell).split())) for cell in row])
    return output.getvalue()


def _list_gaps(gaps: Gaps) -> list[tuple[Any, ...]]:
    return [
        ("gap", gap.instrument, gap.label, gap.category, gap.grade, holding.city, "",
         proof.quote, proof.number or proof.document)
        for gap in gaps.gaps
        for holding in gap.held_by
        for proof in holding.evidence[:1]
    ]  # fmt: skip


def _list_overlaps(overlaps: Overlaps) -> list[tuple[Any, ...]]:
    return [
        ("overlap", found.instrument, found.label, found.category, side.state, side.place,
         "；".join(amount.surface for amount in side.amounts), proof.quote,
         proof.number or proof.document)
        for found in overlaps.overlaps
        for side in found.sides
        for proof in side.evidence[:1]
    ]  # fmt: skip


def _attach(text: str, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type=f"{media_type}; charset=utf-8", headers=headers)
