"""``kg serve``: the endpoint and the pages."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from kg.cli.options import graph_option


@click.command()
@graph_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--root-path", default="", help="Path under which a proxy shows the server.")
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Serve one RDF file (.nq, .trig, .ttl, .nt) instead of a graph.",
)
def serve(
    folder: Path | None,
    ontologies: tuple[Path, ...],
    host: str,
    port: int,
    root_path: str,
    data: Path | None,
) -> None:
    """Serve a graph: SPARQL at /sparql, linked data, pages."""
    from kg.cli.graphs import choose_folder
    from kg.ontology import load_vocabulary
    from kg.serve import Settings, make_app, run_server
    from kg.serve.published import publish_file
    from kg.serve.run import Address

    vocabulary = load_vocabulary(*ontologies)
    settings = Settings()
    with ExitStack() as stack:
        if data is not None:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kg-")))
            publish_file(data, folder)
        app = make_app(choose_folder(folder, vocabulary, ontologies), vocabulary, settings)
        address = Address(host=host, port=port, root_path=root_path)
        click.echo(f"Serving on http://{host}:{port}{root_path}/", err=True)
        run_server(app, address, settings)
