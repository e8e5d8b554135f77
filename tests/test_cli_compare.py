"""The commands of comparison: what they print, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.cli.scope import Scope, split_names

COMMANDS = [
    ("matrix", "上海", "北京"),
    ("gaps", "上海", "--peers", "北京，深圳"),
    ("overlaps", "上海", "北京"),
    ("overlaps", "金山区", "浦东新区", "--pairs"),
    ("reuse",),
    ("citations",),
    ("diffusion", "上海", "--at-least", "1"),
    ("mix", "上海"),
    ("network", "bipartite"),
    ("network", "similarity"),
    ("network", "citations"),
    ("network", "reuse"),
]


@pytest.fixture(autouse=True)
def projected_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the graph once for the three ways in which a command prints the same."""
    project = lru_cache(maxsize=1)(Scope.project)
    monkeypatch.setattr(Scope, "project", lambda scope, places=(): project(scope, tuple(places)))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_comparison_prints_json_csv_and_text(
    embedded_graph: Path, command: tuple[str, ...]
) -> None:
    text = run(*command, "--graph", embedded_graph)
    assert text.exit_code == 0, text.output
    assert "vocabulary" in text.stdout
    content = json.loads(run(*command, "--graph", embedded_graph, "--json").stdout)
    assert content["vocabulary"]
    rows = list(csv.reader(io.StringIO(run(*command, "--graph", embedded_graph, "--csv").stdout)))
    assert len({len(row) for row in rows}) <= 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("matrix", "--as-of", "2024"),
        ("matrix", "--documents", "nothing like this"),
        ("gaps", "金山区", "--peers", "北京"),
        ("reuse", "Nowhere"),
        ("diffusion", "--instrument", "Nothing"),
        ("mix", "--unit", "clause", "--weights", "main"),
    ],
    ids=" ".join,
)
def test_bad_input_is_one_line(embedded_graph: Path, arguments: tuple[str, ...]) -> None:
    result = run(*arguments, "--graph", embedded_graph)
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1


def test_gaps_stand_in_sections_and_name_the_undated(embedded_graph: Path) -> None:
    text = run(
        "gaps", "上海", "--peers", "北京", "--as-of", "2024-12-31", "--graph", embedded_graph
    )
    heads = [line.split(":")[0] for line in text.stdout.splitlines() if ": " in line][:3]
    assert heads == ["denied", "not-found", "contested"]
    assert "without a date, counted: " in text.stdout


def test_gaps_of_one_grade(embedded_graph: Path) -> None:
    arguments = ("gaps", "上海", "--peers", "北京", "--grade", "denied", "--json")
    content = json.loads(run(*arguments, "--graph", embedded_graph).stdout)
    assert {gap["grade"] for gap in content["gaps"]} == {"denied"}
    assert {source["standing"] for source in content["sources"]["上海"]} == {"own", "secondary"}


def test_mix_shows_what_the_paper_states_as_not_comparable(embedded_graph: Path) -> None:
    text = run("mix", "上海", "--graph", embedded_graph).stdout
    assert "财政 + 科技 >= 60 %" in text
    assert "not comparable" in text


@pytest.mark.parametrize("suffix", ["graphml", "gexf"])
def test_network_is_written_in_the_format_of_its_name(
    embedded_graph: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"network.{suffix}"
    result = run("network", "bipartite", "--graph", embedded_graph, "--out", out)
    assert result.exit_code == 0
    assert f"<{suffix} " in out.read_text(encoding="utf-8")


def test_split_names_takes_chinese_commas() -> None:
    assert split_names("北京，深圳、 杭州,") == ["北京", "深圳", "杭州"]
