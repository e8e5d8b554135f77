"""``kg serve`` and ``kg publish``: a graph for others, here or on another server."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import F, credentials_options, graph_option
from kg.cli.output import show_progress

if TYPE_CHECKING:
    from kg.serve import Settings

_MB = 1 << 20


def _limit_options(function: F) -> F:
    """Add an option for every limit; where one is not given, the default of Settings holds."""
    options: tuple[Callable[[Any], Any], ...] = (
        click.option("--time-limit", type=click.FloatRange(0.1), metavar="SECONDS",
                     help="Longest time of a query.  [default: 20]"),
        click.option("--memory-limit", type=click.IntRange(64), metavar="MB",
                     help="Most memory of a query.  [default: 1024]"),
        click.option("--result-limit", type=click.IntRange(1), metavar="MB",
                     help="Largest result.  [default: 64]"),
        click.option("--kept-limit", type=click.IntRange(0), metavar="MB",
                     help="Results kept to be sent again, in all; 0 for none.  [default: 32]"),
        click.option("--body-limit", type=click.IntRange(1), metavar="MB",
                     help="Largest request.  [default: 2]"),
        click.option("--transfer-limit", type=click.FloatRange(0.1), metavar="SECONDS",
                     help="Longest time for a request to arrive, or for a client to fetch nothing.  [default: 30]"),
        click.option("--query-limit", type=click.IntRange(100), metavar="CHARACTERS",
                     help="Longest query.  [default: 524288]"),
        click.option("--depth-limit", type=click.IntRange(10, 1000), metavar="N",
                     help="Deepest nesting of brackets in a query.  [default: 100]"),
        click.option("--operator-limit", type=click.IntRange(10, 5000), metavar="N",
                     help="Most operators and patterns in a query.  [default: 2000]"),
        click.option("--workers", "quick", type=click.IntRange(1, 256), metavar="N",
                     help="Processes for short queries.  [default: CPUs, from 2 to 8]"),
        click.option("--slow-workers", "slow", type=click.IntRange(1, 256), metavar="N",
                     help="Long queries that may run at once, beside the short ones.  [default: 2]"),
        click.option("--queue", type=click.IntRange(1), metavar="N",
                     help="Most queries that wait.  [default: 1000]"),
        click.option("--budget", type=click.FloatRange(0), metavar="SECONDS",
                     help="Query time a client may use; 0 for no budget.  [default: 60]"),
        click.option("--budget-window", type=click.FloatRange(1), metavar="SECONDS",
                     help="Time in which a used budget fills up again.  [default: 120]"),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command()
@graph_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--root-path", default="", help="Path that a proxy in front takes off, such as /kg.")
@click.option("--public-url", default="", help="Address at which clients reach the server.")
@click.option(
    "--trusted-proxies",
    default="127.0.0.1",
    show_default=True,
    help="Addresses whose X-Forwarded headers are believed, separated by commas.",
)
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve one RDF file (.nq, .trig, .ttl, .nt) instead of a graph.",
)
@_limit_options
@click.option(
    "--exempt",
    multiple=True,
    metavar="NETWORK",
    help="Clients without a budget; may be repeated, 'none' for nobody.  [default: loopback]",
)
@click.option("--log-queries", is_flag=True, help="Write the text of queries to the access log.")
def serve(
    folder: Path | None,
    ontologies: tuple[Path, ...],
    host: str,
    port: int,
    root_path: str,
    public_url: str,
    trusted_proxies: str,
    data: Path | None,
    **limits: Any,
) -> None:
    """Serve a graph: SPARQL at /sparql, linked data under /id/, pages for people at /.

    Reads the published version and takes up a new one when kg build has published it.
    The access log goes to stderr, one JSON object a line.
    """
    from kg.cli.graphs import choose_folder
    from kg.graph import open_version, require_whole
    from kg.ontology import load_vocabulary
    from kg.serve import make_app, run_server
    from kg.serve.published import publish_file
    from kg.serve.run import Address

    settings = _read_settings(
        public_url=public_url.rstrip("/"),
        root_path=root_path.rstrip("/"),
        ontologies=tuple(map(str, ontologies)),
        **limits,
    )
    vocabulary = load_vocabulary(*ontologies)
    with ExitStack() as stack:
        if data is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kg-")))
            publish_file(data, folder)
        folder = choose_folder(folder, vocabulary, ontologies)
        require_whole(open_version(folder))  # says what is wrong before anything starts
        app = make_app(folder, vocabulary, settings)
        address = Address(
            host=host,
            port=port,
            root_path=settings.root_path,
            trusted_proxies=trusted_proxies,
        )
        run_server(app, address, settings)


def _read_settings(*, exempt: tuple[str, ...], **limits: Any) -> Settings:
    """Make the settings of the options that were given."""
    from kg.serve import Settings
    from kg.serve.settings import read_networks

    given = {name: value for name, value in limits.items() if value is not None}
    for name in ("memory_limit", "result_limit", "body_limit", "kept_limit"):
        if name in given:
            given[name] *= _MB
    if exempt:
        given["exempt"] = () if exempt == ("none",) else read_networks(exempt)
    return Settings(**given)


@click.command()
@click.option("--to", "url", required=True, help="URL of the Graph Store Protocol, or of updates.")
@graph_option
@click.option(
    "--protocol",
    type=click.Choice(["graph-store", "update"]),
    default="graph-store",
    show_default=True,
    help="What the server speaks at that URL.",
)
@click.option(
    "--query-url",
    default="",
    help="Its URL for queries: to remove graphs that are no longer, and to count.",
)
@click.option("--keep", is_flag=True, help="Remove no graphs.")
@click.option("--retries", type=click.IntRange(0, 20), default=4, show_default=True)
@credentials_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout alone.")
def publish(
    url: str,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    protocol: Any,
    query_url: str,
    keep: bool,
    retries: int,
    user: str,
    scheme: Any,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Write a graph into a SPARQL 1.1 server, each named graph wholly or not at all.

    \b
    kg publish --to http://localhost:7878/store --query-url http://localhost:7878/query
    kg publish --to https://example.org/update --protocol update --user me

    The password is read from --password-file or the variable KG_PASSWORD, a bearer token from
    KG_TOKEN.  What fails for the moment is tried again; run it again after a failure.
    """
    from kg.cli.graphs import open_graph
    from kg.cli.options import read_credentials
    from kg.cli.output import print_json
    from kg.graph.remote import Target, open_client, publish_version

    graph = open_graph(folder, ontologies)
    target = Target(
        url=url, protocol=protocol, query_url=query_url, keep_others=keep, retries=retries
    )
    credentials = read_credentials(user, scheme, password_file)
    total = len(graph.version.read_index())
    start = time.monotonic()
    with open_client(credentials) as client, show_progress("publishing", "graphs", total) as tick:
        written = publish_version(
            graph.version, target, client, base=graph.base, tick=lambda _: tick(1)
        )
    seconds = round(time.monotonic() - start, 2)
    if as_json:
        print_json({**asdict(written), "version": graph.version.name, "seconds": seconds})
        return
    click.echo(f"{written.graphs} graphs, {written.triples} triples in {seconds:.2f} s")
    if query_url and not keep:
        click.echo(f"{written.removed} old graphs removed")
    click.echo(f"version {graph.version.name} at {url}")
