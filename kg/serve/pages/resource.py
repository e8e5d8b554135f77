"""The page of one resource: what the graph says of it, as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from kg.ontology.namespaces import DCTERMS, RDFS, SKOS
from kg.serve.describe import Description
from kg.serve.pages.render import choose_language, render_page
from kg.serve.published import Published

MOST_ROWS = 2000
_EXPLORED = ("document", "place", "instrument", "unit")

_NAMES = (SKOS + "prefLabel", RDFS + "label", DCTERMS + "title")


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is shown: its text, where a link leads (empty for none), its language."""

    text: str
    link: str = ""
    language: str = ""


async def show_resource(
    request: Request, published: Published, description: Description, *, tag: str
) -> Response:
    """Show a description; links lead to pages of this server."""
    view = Terms(published, choose_language(request), request.scope.get("root_path", ""))
    iri = description.iri
    node = ox.NamedNode(iri)
    own = [triple for triple in description.triples if triple.subject == node]
    others = [triple for triple in description.triples if triple.subject != node]
    response = render_page(
        request,
        "resource.html",
        iri=iri,
        label=view.name(node),
        rows=view.group((t.predicate, t.object) for t in own),
        statements=[
            (view.show(t.subject), view.show(t.predicate), view.show(t.object))
            for t in others[:MOST_ROWS]
        ],
        links=view.group((t.predicate, t.subject) for t in description.links),
        more=description.more or len(others) > MOST_ROWS,
        data=view.link(iri),
        page=_find_page(published.base, iri),
    )
    response.headers["ETag"] = tag
    return response


def _find_page(base: str, iri: str) -> str:
    """Return the path of the explorer's page of a resource, empty where it has none."""
    kind, _, name = iri.removeprefix(f"{base}id/").partition("/")
    return f"/{kind}s/{name}" if kind in _EXPLORED and name and "/" not in name else ""


class Terms:
    """How terms of one version are shown in one language."""

    def __init__(self, published: Published, language: str, root: str) -> None:
        self._published, self._language, self._root = published, language, root.rstrip("/")

    def link(self, iri: str) -> str:
        """Return the address at which this server tells of an IRI."""
        base = self._published.base
        if iri.startswith(f"{base}id/"):
            return f"{self._root}/{quote(iri[len(base) :], safe=_SAFE)}"
        if iri.startswith(f"{base}ontology#"):
            return f"{self._root}/ontology#{iri.partition('#')[2]}"
        return f"{self._root}/resource?iri={quote(iri, safe='')}"

    def name(self, node: ox.NamedNode) -> str:
        """Return a label in the language asked for, else any, else the end of the IRI."""
        found: dict[str, str] = {}
        for predicate in _NAMES:
            pattern = (node, ox.NamedNode(predicate), None, None)
            for quad in self._published.store.quads_for_pattern(*pattern):
                if isinstance(quad.object, ox.Literal):
                    found.setdefault(quad.object.language or "", quad.object.value)
        if found:
            return found.get(self._language) or found.get("zh") or next(iter(found.values()))
        return node.value.rstrip("/#").replace("#", "/").rsplit("/", 1)[-1] or node.value

    def show(self, term: object) -> Value:
        """Return a term as it is shown."""
        if isinstance(term, ox.NamedNode):
            return Value(self.name(term), self.link(term.value))
        if isinstance(term, ox.Literal):
            return Value(term.value, language=term.language or "")
        return Value(str(term))

    def group(self, pairs: Iterable[tuple[object, object]]) -> Mapping[Value, list[Value]]:
        """Group values by property."""
        groups: dict[Value, list[Value]] = defaultdict(list)
        for predicate, value in pairs:
            groups[self.show(predicate)].append(self.show(value))
        return dict(groups)


_SAFE = "/%!$&'()*+,;=:@~"
