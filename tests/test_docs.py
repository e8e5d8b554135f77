"""The documentation: its commands run and print what it shows, its queries run, its links lead on.

In a ``console`` block a line that starts with ``$ kg `` is run and what stands below it is
compared with what it prints; a line of its own that holds only ``…`` stands for any lines left
out, and ``$ echo $?`` tells the exit code where it is not 0.  In a ``sh`` block a line that starts
with ``kg `` is run.  ``file=NAME`` after the language of a block makes a file of it.  Commands
without ``--graph`` answer from the embedded corpus.

``python tests/test_docs.py`` writes what the commands print now into the pages.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.graph import open_version, run_query, select
from kg.ontology import shipped_folder

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
]
NOTEBOOK = ROOT / "notebooks" / "first-steps.ipynb"
LEFT_OUT = "…"

_BLOCK = re.compile(r"^```(?P<language>\w+)[ \t]*(?P<about>[^\n]*)\n(?P<text>.*?)^```", re.M | re.S)
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]+)")
_TERM = re.compile(r"\bpk:([A-Za-z]+)\b")
_SECONDS = re.compile(r"\bin \d+(?:\.\d+)? s\b")
_HASH = re.compile(r"\b[0-9a-f]{12,64}\b")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; ``first`` is the number of its first line, from 0."""

    language: str
    about: str
    text: str
    first: int


@dataclass(frozen=True)
class Shown:
    """A command with what the page shows of it; ``first`` is the line after the command."""

    command: str
    output: tuple[str, ...]
    code: int
    first: int


@dataclass(frozen=True)
class Run:
    """A command as it stands in a page and what it really printed."""

    shown: Shown
    output: tuple[str, ...]
    code: int

    def fitting(self) -> tuple[str, ...]:
        """Return of what was printed the lines that the page shows."""
        if not self.shown.output:
            return ()
        if LEFT_OUT not in self.shown.output:
            return self.output
        head = self.shown.output.index(LEFT_OUT)
        tail = len(self.shown.output) - head - 1
        return (*self.output[:head], LEFT_OUT, *self.output[len(self.output) - tail :])

    def is_current(self) -> bool:
        """Tell whether the page shows what was printed, seconds and hashes apart."""
        return _steady(self.shown.output) == _steady(self.fitting())


def _timeless(lines: tuple[str, ...]) -> list[str]:
    return [_SECONDS.sub("in · s", line).rstrip() for line in lines]


def _steady(lines: tuple[str, ...]) -> list[str]:
    return [_HASH.sub("·", line) for line in _timeless(lines)]


def read_blocks(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Block(
            found["language"],
            found["about"].strip(),
            found["text"],
            text.count("\n", 0, found.start("text")),
        )
        for found in _BLOCK.finditer(text)
    ]


def read_commands(block: Block) -> Iterator[Shown]:
    """Yield the kg commands of a console or sh block."""
    prompt = "$ " if block.language == "console" else ""
    lines = block.text.splitlines()
    starts = [n for n, line in enumerate(lines) if line.startswith(prompt)]
    for index, start in enumerate(starts):
        end = starts[index + 1] if index + 1 < len(starts) else len(lines)
        command = lines[start].removeprefix(prompt)
        if not command.startswith("kg "):
            continue
        code = 0
        if end < len(lines) and lines[end] == "$ echo $?":
            code = int(lines[end + 1])
        yield Shown(command, tuple(lines[start + 1 : end]), code, block.first + start + 1)


def run_page(page: str, folder: Path, graph: Path) -> list[Run]:
    """Run a page's commands and code in ``folder``, writing the files that it shows."""
    runs = []
    store = open_version(graph).store()
    names: dict[str, object] = {}
    with contextlib.chdir(folder):
        for block in read_blocks(page):
            if block.about.startswith("file="):
                path = Path(block.about.removeprefix("file="))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding="utf-8")
            elif block.language in ("console", "sh"):
                runs += [run_command(shown, graph) for shown in read_commands(block)]
            elif block.language == "sparql":
                rows = json.loads(run_query(store, block.text, "json"))["results"]["bindings"]
                assert rows, f"{page}: a query without rows:\n{block.text}"
            elif block.language == "python":
                with contextlib.redirect_stdout(io.StringIO()):
                    exec(compile(block.text, page, "exec"), names)
    return runs


def run_command(shown: Shown, graph: Path) -> Run:
    arguments = shlex.split(shown.command)[1:]
    command = main.commands.get(arguments[0])
    if isinstance(command, click.Group):
        command = command.commands.get(arguments[1])
    asks = command and any("--graph" in option.opts for option in command.params)
    if asks and not {"--graph", "--help"} & set(arguments):
        arguments += ["--graph", str(graph)]
    result = CliRunner().invoke(main, arguments)
    return Run(shown, tuple(result.output.splitlines()), result.exit_code)


@pytest.mark.usefixtures("codings_once")
@pytest.mark.parametrize("page", PAGES)
def test_page_shows_what_its_commands_print(
    page: str, embedded_graph: Path, tmp_path: Path
) -> None:
    runs = run_page(page, tmp_path, embedded_graph)
    for run in runs:
        assert run.code == run.shown.code, f"{page}: {run.shown.command}\n" + "\n".join(run.output)
    for run in runs:
        assert run.is_current(), (
            f"{page} shows something else than `{run.shown.command}` prints; "
            f"python tests/test_docs.py writes it anew:\n" + "\n".join(run.fitting())
        )


@pytest.mark.parametrize("page", PAGES)
def test_links_of_a_page_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in _LINK.findall(text):
        assert ((ROOT / page).parent / link).exists(), f"{page}: {link}"


@pytest.mark.parametrize("page", PAGES)
def test_terms_of_a_page_are_in_the_ontology(page: str) -> None:
    defined = set(_TERM.findall((shipped_folder() / "policy.ttl").read_text(encoding="utf-8")))
    text = (ROOT / page).read_text(encoding="utf-8")
    assert set(_TERM.findall(text)) <= defined


def test_example_of_a_measure_is_in_the_graph(embedded_graph: Path) -> None:
    """The Turtle example names resources and properties that an export really holds."""
    import rdflib

    [block] = [b for b in read_blocks("docs/ontology.md") if b.about == "excerpt"]
    store = open_version(embedded_graph).store()
    found = rdflib.Graph().parse(data=block.text, format="turtle")
    assert len(found) > 20
    for subject, predicate, _ in found:
        rows = select(store, f"SELECT ?o WHERE {{ <{subject}> <{predicate}> ?o }}")
        assert rows, (subject, predicate)


def test_notebook_runs_and_holds_no_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    names: dict[str, object] = {}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            exec(compile("".join(cell["source"]), NOTEBOOK.name, "exec"), names)
    assert "上海" in capsys.readouterr().out


def write_pages() -> None:
    """Write into every page what its commands print now."""
    from kg.cli.composition import Order, compose_build

    with tempfile.TemporaryDirectory() as workspace:
        graph = Path(workspace, "embedded")
        compose_build(Order(paths=(), out=graph))
        for page in PAGES:
            folder = Path(tempfile.mkdtemp(dir=workspace))
            _write_page(page, run_page(page, folder, graph))


def _write_page(page: str, runs: list[Run]) -> None:
    path = ROOT / page
    lines = path.read_text(encoding="utf-8").splitlines()
    for run in reversed(runs):
        if run.code != run.shown.code:
            print(f"{page}: {run.shown.command}: exit code {run.code}")
        elif _timeless(run.shown.output) != _timeless(run.fitting()):
            first = run.shown.first
            lines[first : first + len(run.shown.output)] = run.fitting()
            print(f"{page}: {run.shown.command}")
    text = "".join(f"{line}\n" for line in lines)
    if text != path.read_text(encoding="utf-8"):
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.chdir(ROOT)
    write_pages()
