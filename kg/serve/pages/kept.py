"""Pages that are made once for a version, kept, and sent as they are until the next version."""

from __future__ import annotations

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from kg import __version__
from kg.serve.pages.render import choose_language
from kg.serve.pages.view import View, open_view
from kg.serve.published import Published
from kg.serve.responses import LEAST_TO_COMPRESS, is_known, make_tag, make_unchanged, takes_gzip
from kg.serve.state import get_state

MOST_BYTES = 48 << 20  # of the pages that are kept of a version

Show = Callable[[View], Response]
Answer = Callable[[Request], Awaitable[Response]]


@dataclass(slots=True)
class Page:
    """A response as it was made; ``packed`` is its body compressed, empty where that is no use."""

    headers: dict[str, str]
    body: bytes
    packed: bytes
    tag: str

    def send(self, request: Request) -> Response:
        """Return the response for a client, 304 for one that holds it."""
        if is_known(request, self.tag):
            unchanged = make_unchanged(self.tag)
            unchanged.headers["Vary"] = self.headers["vary"]
            return unchanged
        if self.packed and takes_gzip(request):
            return Response(self.packed, headers={**self.headers, "Content-Encoding": "gzip"})
        return Response(self.body, headers=self.headers)

    @property
    def size(self) -> int:
        """Return the bytes that it takes."""
        return len(self.body) + len(self.packed)


@dataclass(slots=True)
class Shelf:
    """The pages of one version by their address; those not asked for longest go first."""

    pages: OrderedDict[str, Page] = field(default_factory=OrderedDict)
    making: dict[str, asyncio.Task[Page | Response]] = field(default_factory=dict)
    size: int = 0

    def find(self, key: str) -> Page | None:
        """Return a page that is kept."""
        if key in self.pages:
            self.pages.move_to_end(key)
        return self.pages.get(key)

    def add(self, key: str, page: Page) -> None:
        """Keep a page."""
        self.pages[key] = page
        self.size += page.size
        while self.size > MOST_BYTES:
            _, oldest = self.pages.popitem(last=False)
            self.size -= oldest.size


def keep(show: Show) -> Answer:
    """Return the endpoint that answers with a page, made beside the event loop when first asked for.

    Whoever asks for a page that is being made waits for that one.
    """

    async def answer(request: Request) -> Response:
        published = get_state(request).publication.current
        shelf, key = _find_shelf(published), _name(request)
        page = shelf.find(key)
        if page is None:
            if key not in shelf.making:
                making = asyncio.ensure_future(make_page(request, show, published))
                shelf.making[key] = making
                making.add_done_callback(lambda _: shelf.making.pop(key, None))
            found = await asyncio.shield(shelf.making[key])
            if isinstance(found, Response):
                return found
            page = found
        return page.send(request)

    answer.__name__ = show.__name__
    return answer


def _name(request: Request) -> str:
    """Return all that a page depends on beside the version."""
    scope = request.scope
    asked = scope["query_string"].decode("latin-1")
    return "\n".join((scope.get("root_path", ""), scope["path"], asked, choose_language(request)))


def _find_shelf(published: Published) -> Shelf:
    shelf: Shelf = published.notes.setdefault("pages", Shelf())
    return shelf


async def make_page(request: Request, show: Show, published: Published) -> Page | Response:
    """Make a page of a version and keep it; an error is returned as it is."""
    key = _name(request)
    view = await open_view(request, published)
    response = await asyncio.to_thread(show, view)
    if response.status_code != 200:
        return response
    body = bytes(response.body)
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    tag = make_tag(__version__, published.name, key)
    headers["etag"] = tag
    headers["vary"] = "Accept, Accept-Language, Accept-Encoding"
    packed = b""
    if len(body) >= LEAST_TO_COMPRESS:
        packed = await asyncio.to_thread(gzip.compress, body, 5, mtime=0)
    page = Page(headers, body, packed, tag)
    _find_shelf(published).add(key, page)
    return page
