"""What the commands that compare share: the projection they read, and the base they print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import networkx as nx

    from kg.cli.graphs import Opened


@dataclass(frozen=True, slots=True)
class Scope:
    """Which graph is read, and which of its documents count."""

    folder: Path | None
    ontologies: tuple[Path, ...]
    as_of: str | None
    level: str | None
    sources: tuple[str, ...]

    def project(self, places: Iterable[str] = ()) -> tuple[Opened, nx.DiGraph]:
        """Open the graph and project its claims; those of ``places`` (names) where given."""
        from kg.cli.graphs import open_graph
        from kg.compare import project_claims, resolve_place

        graph = open_graph(self.folder, self.ontologies)
        claims = project_claims(
            graph.store,
            graph.vocabulary,
            as_of=self.as_of,
            documents=self.sources,
            level=self.level or "",
            places=[resolve_place(graph.vocabulary, place) for place in places],
            base=graph.base,
        )
        return graph, claims


def split_names(names: str) -> list[str]:
    """Split names at commas, Chinese ones included.

    >>> split_names("北京，深圳, ")
    ['北京', '深圳']
    """
    parts = names.replace("，", ",").replace("、", ",").split(",")
    return [name.strip() for name in parts if name.strip()]


def print_base(found: Any) -> None:
    """Print what a result rests on: documents, day, vocabulary, and what has no date."""
    date = found.as_of or "all documents, whatever their validity"
    parts = [f"{found.documents} documents", date]
    if found.level:
        parts.append(f"own documents of level {found.level} only")
    if found.selection:
        parts.append("only " + ", ".join(found.selection))
    click.echo("; ".join([*parts, f"vocabulary {found.version}"]))
    if found.as_of and found.undated:
        click.echo(f"without a date, counted: {'；'.join(found.undated)}")


def print_sources(sources: dict[str, Sequence[Any]]) -> None:
    """Print for each place the documents that its cells rest on."""
    for place, found in sources.items():
        click.echo(click.style(f"{place}: {len(found)} documents", bold=True))
        for entry in found:
            dates = f"{entry.effective or entry.issued or 'undated'}–{entry.expires}"
            about = [entry.standing, entry.level, entry.kind, dates.rstrip("–")]
            if entry.form == "digest":
                about.append("digest")
            about.append(f"{entry.measures} measures")
            name = entry.number or entry.title or entry.source
            click.echo(f"  {name}  " + click.style(" · ".join(filter(None, about)), dim=True))
