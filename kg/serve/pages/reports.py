"""Report, workbook and tables of chosen cities: written by a process beside, kept with the version."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import weakref
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from kg.serve.engine import StoppedError
from kg.serve.pages.comparison import read_cities
from kg.serve.pages.matrix import find_cells
from kg.serve.pages.render import refuse
from kg.serve.pages.view import View, open_view
from kg.serve.published import Published
from kg.serve.settings import Settings
from kg.serve.state import get_state

PRIORITY = 3  # below that of queries, yet somebody waits for the file
LONGEST = 300.0  # seconds that writing a file may take
MOST_KEPT = 24  # files of a version
MOST_WAITING = 8
_TYPES = {
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
KINDS = {"report": "html", "workbook": "xlsx", "coding": "csv"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written: a kind of file, the city and its peers, the language it opens in."""

    kind: str
    city: str = ""
    peers: tuple[str, ...] = ()
    language: str = "zh"

    def command(self, out: Path) -> list[str]:
        """Return the words of the command line; what writes no file of its own prints it."""
        if self.kind == "coding":
            return ["coding", "--csv"]
        words = [self.kind, self.city, "--peers", ",".join(self.peers), "--out", str(out)]
        return [*words, "--language", self.language] if self.kind == "report" else words


class Desk:
    """Writes the files of one version, one at a time; those not asked for longest go first.

    The files go with the desk, which goes with the version.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kg-reports-"))
        self.files: OrderedDict[Order, Path] = OrderedDict()
        self.making: dict[Order, asyncio.Task[Path]] = {}
        self.turn = asyncio.Lock()
        self._written = 0
        weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    async def fetch(self, order: Order, published: Published, settings: Settings) -> Path:
        """Return a file, written now if it is not kept.

        Raises StoppedError where too many wait or it takes too long, ReportError where it
        cannot be written.
        """
        if order in self.files:
            self.files.move_to_end(order)
            return self.files[order]
        if order not in self.making:
            if len(self.making) >= MOST_WAITING:
                raise StoppedError(
                    "too many files are being written", reason="busy", retry_after=30
                )
            task = asyncio.ensure_future(self._make(order, published, settings))
            self.making[order] = task
            task.add_done_callback(lambda _: self.making.pop(order, None))
        return await asyncio.shield(self.making[order])

    async def _make(self, order: Order, published: Published, settings: Settings) -> Path:
        async with self.turn:
            self._written += 1
            out = self.folder / f"{self._written}.{KINDS[order.kind]}"
            await _write(order.command(out), out, self._show(published), settings)
        self.files[order] = out
        while len(self.files) > MOST_KEPT:
            _, oldest = self.files.popitem(last=False)
            oldest.unlink(missing_ok=True)
        return out

    def _show(self, published: Published) -> Path:
        """Return a folder whose current version is the one that is served."""
        graph = self.folder / "graph"
        if not graph.exists():
            (graph / "versions").mkdir(parents=True)
            target = published.version.folder.resolve()
            (graph / "versions" / published.name).symlink_to(target, target_is_directory=True)
            (graph / "CURRENT").write_text(f"{published.name}\n", encoding="utf-8")
        return graph


class ReportError(StoppedError):
    """A file cannot be written from this graph, with the reason of the command."""


async def send_report(request: Request) -> Response:
    """Send the report, the workbook or the coding table of ``city`` and ``peer``."""
    kind = request.path_params["kind"]
    if kind not in KINDS or request.path_params["format"] != KINDS[kind]:
        known = ", ".join(f"{name}.{ending}" for name, ending in KINDS.items())
        return refuse(request, f"no such download; one of {known}", 404, kind="downloads")
    view = await open_view(request)
    order = await asyncio.to_thread(_read_order, view, kind)
    state, published = get_state(request), view.published
    if "desk" not in published.notes:
        published.notes["desk"] = Desk()
    desk: Desk = published.notes["desk"]
    try:
        path = await desk.fetch(order, published, state.settings)
    except StoppedError as error:
        status = 422 if isinstance(error, ReportError) else 503
        response = refuse(request, str(error), status, kind="downloads")
        if error.retry_after:
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    name = f"policykg-{'-'.join(filter(None, (kind, order.city, published.name)))}.{KINDS[kind]}"
    return FileResponse(path, media_type=_TYPES[KINDS[kind]], filename=name)


def _read_order(view: View, kind: str) -> Order:
    if kind == "coding":
        return Order(kind)
    city, peers = read_cities(view, list(find_cells(view)))
    language = view.names.language if kind == "report" else "zh"
    return Order(kind, city, tuple(sorted(peers)), language)


async def _write(words: list[str], out: Path, graph: Path, settings: Settings) -> None:
    """Run a command over a graph at low priority; what it prints goes into the file."""
    layers = [word for folder in settings.ontologies for word in ("--ontology", folder)]
    command = [sys.executable, "-m", "kg", *words, "--graph", str(graph), *layers]
    with out.with_suffix(".part").open("w+b") as printed:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=printed,
            stderr=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, PRIORITY)
        try:
            _, complaints = await asyncio.wait_for(process.communicate(), LONGEST)
        except (TimeoutError, asyncio.CancelledError) as error:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            if isinstance(error, TimeoutError):
                raise StoppedError("the file took too long to write", reason="time") from None
            raise
        if process.returncode:
            last = complaints.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise ReportError(
                last.removeprefix("Error: ") or "it cannot be written", reason="report"
            )
    part = Path(printed.name)
    part.unlink() if out.exists() else part.rename(out)
