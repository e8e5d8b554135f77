"""The command line: composes the stages, prints answers, turns errors into one line."""

from __future__ import annotations

import sys
from typing import Any

import click

from kg import __version__
from kg.cli.answers import ask, query, questions, show
from kg.cli.coders import agree, gold, training
from kg.cli.comparison import draw, gaps, matrix, overlaps
from kg.cli.figures import indicators
from kg.cli.inventory import documents, export, validate
from kg.cli.lineage import citations, diffusion, reuse
from kg.cli.making import build
from kg.cli.mixture import mix, network
from kg.cli.publishing import cite, report, workbook
from kg.cli.quality import evaluate
from kg.cli.reviewing import review
from kg.cli.serving import publish, serve
from kg.cli.tables import coding, crosstab, force, pmc
from kg.cli.units import units
from kg.cli.verdicts import claims, reconcile
from kg.cli.versions import diff, rollback, verify, versions
from kg.cli.vocabulary import vocabulary
from kg.errors import KGError

FAILED, USAGE, PARTLY = 1, 2, 3


class _Group(click.Group):
    """A group that keeps its commands in the order of work and reports errors in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KGError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(FAILED)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(FAILED)
        except OSError as error:
            click.echo(f"Error: {error.filename or ''}: {error.strerror}", err=True)
            ctx.exit(FAILED)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=(
        "Exit codes: 0 done; 1 failed (nothing was changed); 2 wrong usage; "
        "3 done, but some documents were rejected."
    ),
)
@click.version_option(__version__, prog_name="kg")
def main() -> None:
    """Read Chinese policy documents, code every measure with its evidence, compare cities.

    Without a graph of your own, every command answers from the embedded corpus.
    Build one from your files with: kg build FOLDER
    """


for part in (agree, gold, training):
    review.add_command(part)

for command in (
    build,
    versions,
    verify,
    rollback,
    diff,
    documents,
    ask,
    questions,
    query,
    matrix,
    gaps,
    overlaps,
    claims,
    reconcile,
    reuse,
    citations,
    diffusion,
    mix,
    network,
    indicators,
    show,
    units,
    coding,
    crosstab,
    force,
    pmc,
    export,
    validate,
    draw,
    serve,
    publish,
    report,
    workbook,
    cite,
    review,
    evaluate,
    vocabulary,
):
    main.add_command(command)
