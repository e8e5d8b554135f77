"""What every page of the explorer starts from: the version, its contents, names and links."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from kg.model import join_lines
from kg.ontology import local_id
from kg.serve.pages.holdings import Holdings, Row, load_holdings
from kg.serve.pages.names import Names
from kg.serve.pages.render import choose_language, link_page, refuse, render_page
from kg.serve.published import Published
from kg.serve.state import get_state


class Passage(Protocol):
    """What evidence has, wherever it comes from."""

    @property
    def source(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def quote(self) -> str: ...
    @property
    def document(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def form(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Card:
    """A passage as it is shown: its words, where they stand, and the link to them.

    ``places`` are the cities that it speaks of, unless they are those of its document.
    """

    quote: str
    title: str
    number: str
    link: str
    standing: str = ""
    clause: str = ""
    categories: tuple[str, ...] = ()
    form: str = ""
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """A request for a page with what it needs; made by ``open_view``."""

    request: Request
    published: Published
    holdings: Holdings
    names: Names

    def render(self, template: str, **values: Any) -> Response:
        """Return the page; its template also knows ``names`` and ``view``."""
        values |= {"names": self.names, "view": self, "version": self.published.name}
        return render_page(self.request, template, **values)

    def refuse(self, message: str, status: int, *, kind: str = "") -> Response:
        """Return why there is no page; ``kind`` names the list where such things are found."""
        return refuse(self.request, message, status, kind=kind)

    def at(self, path: str, **parameters: str) -> str:
        """Return the address of another page in the same language."""
        return link_page(self.request, path, **parameters)

    def link_text(self, source: str, start: int, end: int) -> str:
        """Return the address of a passage in the reader."""
        measure = self.holdings.passages.get((source, start, end))
        if measure is not None:
            return self.link_measure(self.holdings.measures[measure])
        document = self.holdings.sources.get(source, "")
        passage = f"{start}-{end}"
        return self.at(f"/documents/{document}/text", passage=passage) + "#passage"

    def link_measure(self, row: Row) -> str:
        """Return the address of a measure's words in the reader."""
        document = local_id(row["document"])
        return f"{self.at(f'/documents/{document}/text')}#m-{local_id(row['id'])}"

    def cards(self, evidence: Iterable[Passage]) -> list[Card]:
        """Return evidence as cards."""
        return [self._show(passage) for passage in evidence]

    def measure_cards(self, rows: Iterable[Row]) -> list[Card]:
        """Return measures as cards."""
        return [
            Card(
                quote=join_lines(row["text"]),
                title=self.holdings.documents[local_id(row["document"])].title,
                number=self.holdings.documents[local_id(row["document"])].number,
                link=self.link_measure(row),
                clause=row["clause"],
                categories=tuple(self.names.category(name) for name in row["categories"]),
                form=row["form"],
                places=self._find_others(row),
            )
            for row in rows
        ]

    def _find_others(self, row: Row) -> tuple[str, ...]:
        """Return the cities of a measure that are not those of its document; all of a study's."""
        document = self.holdings.documents[local_id(row["document"])]
        place = "" if document.kind == "study" else document.place
        places = self.names.vocabulary.places
        own = {places[code].zh for code in self.names.vocabulary.place_chain(place)}
        return tuple(city for city in row["cities"] if city not in own)

    def _show(self, passage: Passage) -> Card:
        measure = self.holdings.passages.get((passage.source, passage.start, passage.end), "")
        row = self.holdings.measures.get(measure, {})
        return Card(
            quote=join_lines(passage.quote),
            title=passage.document or passage.source,
            number=passage.number,
            link=self.link_text(passage.source, passage.start, passage.end),
            standing=passage.kind,
            clause=str(row.get("clause", "")),
            categories=tuple(self.names.category(name) for name in row.get("categories", ())),
            form=passage.form,
        )


async def open_view(request: Request, published: Published | None = None) -> View:
    """Take up a version, the current one if none is named, for a request."""
    published = published or get_state(request).publication.current
    names = Names(published.vocabulary, choose_language(request))
    return View(request, published, await load_holdings(published), names)
