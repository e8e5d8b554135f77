"""Content negotiation: what a client accepts, and the formats in which answers go out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Format:
    """A format by its short name, the media type sent, and further types that ask for it."""

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()

    @property
    def content_type(self) -> str:
        """The header's value, with the character set where the type has one."""
        return f"{self.media_type}; charset=utf-8" if "/" in self.media_type else self.media_type


TABLES = (
    Format("json", "application/sparql-results+json", ("application/json",)),
    Format("xml", "application/sparql-results+xml", ("application/xml", "text/xml")),
    Format("csv", "text/csv"),
    Format("tsv", "text/tab-separated-values"),
)
GRAPHS = (
    Format("turtle", "text/turtle", ("application/x-turtle", "application/turtle")),
    Format("ntriples", "application/n-triples", ("text/plain",)),
    Format("nquads", "application/n-quads"),
    Format("jsonld", "application/ld+json", ("application/json",)),
    Format("rdfxml", "application/rdf+xml", ("application/xml", "text/xml")),
    Format("trig", "application/trig"),
)
HTML = Format("html", "text/html", ("application/xhtml+xml",))


class Range(NamedTuple):
    """One media range of an Accept header with its quality."""

    type: str
    subtype: str
    quality: float

    def matches(self, media_type: str) -> bool:
        """Tell whether a type falls within the range."""
        kind, _, subtype = media_type.partition("/")
        return self.type in ("*", kind) and self.subtype in ("*", subtype)

    @property
    def precision(self) -> int:
        """How exactly the range tells what it means: 2 for a type, 0 for everything."""
        return (self.type != "*") + (self.subtype != "*")


def read_accept(header: str) -> list[Range]:
    """Read an Accept header; a range that cannot be read is left out.

    >>> read_accept("text/turtle;q=0.5")
    [Range(type='text', subtype='turtle', quality=0.5)]
    """
    ranges = []
    for item in header.split(","):
        name, *parameters = (part.strip() for part in item.lower().split(";"))
        kind, slash, subtype = name.partition("/")
        if name == "*":  # what some old clients send
            kind, slash, subtype = "*", "/", "*"
        if slash and kind and subtype:
            ranges.append(Range(kind, subtype, _read_quality(parameters)))
    return ranges


def _read_quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def choose_format(accept: str, formats: Sequence[Format]) -> Format | None:
    """Return the format that the header likes best, the first among equals; None for none.

    A format is judged by the range that names it most exactly, its own media type before its
    aliases (RFC 9110, 12.5.1).  Without a header the first format is chosen.

    >>> choose_format("text/csv, */*;q=0.1", TABLES).name
    'csv'
    """
    if not accept.strip():
        return formats[0]
    ranges = read_accept(accept)
    best, best_quality = None, 0.0
    for found in formats:
        quality = _judge(found, ranges)
        if quality > best_quality:
            best, best_quality = found, quality
    return best


def _judge(found: Format, ranges: Sequence[Range]) -> float:
    """Return the quality of a format; an alias counts a little less than the type itself."""
    best = 0.0
    for penalty, media_type in enumerate((found.media_type, *found.aliases)):
        matching = [item for item in ranges if item.matches(media_type)]
        if not matching:
            continue
        precision = max(item.precision for item in matching)
        quality = max(item.quality for item in matching if item.precision == precision)
        if quality == 0 and not penalty:
            return 0.0
        best = max(best, quality - 1e-6 * (penalty > 0) * (quality > 0))
    return best
