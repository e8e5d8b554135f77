"""The command line: outputs of the contract, exit codes, determinism, bad input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.graph import open_version

DOCUMENT = (
    "杭州市人民政府关于促进创新发展的若干措施\n\n杭政规〔2024〕1号\n\n一、重点措施\n\n"
    "（一）给予认定奖励。对首次认定的高新技术企业，给予一次性10万元奖励。（责任单位：市科技局）\n"
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text(DOCUMENT, encoding="utf-8")
    return source


@pytest.fixture(scope="module")
def small_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph of one document."""
    source = tmp_path_factory.mktemp("small") / "in"
    source.mkdir()
    (source / "a.txt").write_text(DOCUMENT, encoding="utf-8")
    assert run("build", source, "--out", source.parent / "graph").exit_code == 0
    return source.parent / "graph"


@pytest.mark.parametrize(
    ("base", "advice"),
    [
        ("policies/", "absolute IRI"),
        ("http://example.org/a b/", "absolute IRI"),
        ("http://example.org/a", "give http://example.org/a/"),
        ("http://example.org/a#", "give http://example.org/a/"),
    ],
)
def test_a_base_that_cannot_begin_the_iris_is_refused_at_once(
    folder: Path, tmp_path: Path, base: str, advice: str
) -> None:
    result = run("build", folder, "--out", tmp_path / "graph", "--base", base)
    assert result.exit_code == 2
    assert advice in result.output
    assert not (tmp_path / "graph").exists()


@pytest.mark.parametrize("module", ["kg.cli", "kg.review"])
def test_start_up_loads_nothing_heavy(module: str) -> None:
    """``kg --help`` and ``kg build`` of nothing new load no pipeline and nothing that opens addresses."""
    heavy = [
        "spacy",
        "jieba",
        "networkx",
        "rdflib",
        "numpy",
        "lxml",
        "urllib.request",
        "http.client",
    ]
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_build_reports_what_became_of_every_file(folder: Path, tmp_path: Path) -> None:
    (folder / "empty.txt").write_text("", encoding="utf-8")
    (folder / "binary.txt").write_bytes(b"\x00\x01\x02" * 50)
    (folder / "other.xyz").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    (folder / "copy.txt").write_text(DOCUMENT, encoding="utf-8")
    result = run("build", folder, "--out", tmp_path / "g", "--json")
    report = json.loads(result.stdout)
    assert result.exit_code == 3
    assert report["found"] == report["ingested"] + len(report["rejected"]) + len(report["skipped"])
    assert {r["file"]: r["reason"] for r in report["rejected"]} == {
        "binary.txt": "binary",
        "empty.txt": "empty",
    }
    assert {s["file"] for s in report["skipped"]} == {"other.xyz", "copy.txt"}
    assert all(r["advice"] for r in report["rejected"])


def test_build_of_nothing_fails_and_keeps_the_graph(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "g"
    assert run("build", folder, "--out", out).exit_code == 0
    before = open_version(out).name
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"")
    result = run("build", bad, "--out", out)
    assert result.exit_code == 1
    assert "bad.txt" in result.stderr
    assert open_version(out).name == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("build", "missing.txt"), 2),
        (("gaps", "上海"), 2),
        (("gaps", "阿特兰蒂斯", "--peers", "北京"), 1),
        (("gaps", "浦东新区", "--peers", "北京"), 1),
        (("export", "--out", "no-such-folder/x.jsonl"), 1),
        (("query", "SELECT ?x WHERE { ?x"), 1),
        (("query", "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"), 1),
        (("ask", "今天天气怎么样？"), 1),
        (("show", "没有这个词"), 1),
    ],
)
def test_bad_input_is_one_line_and_a_documented_code(
    embedded_graph: Path, arguments: tuple[str, ...], code: int
) -> None:
    extra = () if arguments[0] == "build" else ("--graph", str(embedded_graph))
    result = run(*arguments, *extra)
    assert result.exit_code == code
    assert result.stdout == ""
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_missing_graph_says_what_to_do(tmp_path: Path) -> None:
    result = run("documents", "--graph", tmp_path)
    assert result.exit_code == 1
    assert "kg build" in result.stderr


def test_export_jsonl_keeps_the_contract(small_graph: Path) -> None:
    result = run("export", "--graph", small_graph, "--format", "jsonl")
    [row] = [json.loads(line) for line in result.stdout.splitlines()]
    assert row["text"] == DOCUMENT[row["start"] : row["end"]]
    assert row["cities"] == ["杭州"]
    assert (row["categories"], row["instruments"]) == (["财政"], ["RecognitionReward"])
    assert row["amounts"] == [{"value": 100000, "unit": "CNY", "op": "=", "surface": "10万元"}]
    assert row["units"] == [
        {"name": "杭州市科学技术局", "surface": "市科技局", "role": "responsible"}
    ]
    assert list(row) == [
        "id", "source", "sha256", "form", "document", "clause", "start", "end", "text", "places",
        "cities", "categories", "instruments", "status", "basis", "strength", "beneficiaries",
        "object", "conditions", "units", "amounts", "targets", "confidence", "rule", "decided",
    ]  # fmt: skip


def test_documents_keep_the_contract(embedded_graph: Path) -> None:
    rows = json.loads(run("documents", "--graph", embedded_graph, "--json").stdout)
    assert len(rows) == 19
    for row in rows:
        assert {
            "source", "sha256", "form", "title", "number", "issuer", "issued", "effective",
            "expires", "expires_basis", "place", "level", "kind", "cites", "unit_brackets",
            "tables", "problems",
        } <= set(row)  # fmt: skip
        assert row["form"] == "digest"


@pytest.mark.parametrize(
    "question",
    ["哪些城市有土地相关费用减免？", "Which cities have land-fee waivers?"],
    ids=["zh", "en"],
)
def test_land_fee_question_on_the_digests(embedded_graph: Path, question: str) -> None:
    answer = json.loads(run("ask", question, "--graph", embedded_graph, "--json").stdout)
    found = {row["label"]: set(row["instruments"]) for row in answer["answers"]}
    assert found == {
        "北京": {"InfrastructureFeeWaiver"},
        "深圳": {"InfrastructureFeeWaiver"},
        "上海": {"LandPriceWaiver"},
    }
    for row in answer["answers"]:
        kinds = {e["kind"] for e in row["evidence"]}
        assert kinds == ({"own"} if row["label"] == "上海" else {"secondary"})
        assert {e["form"] for e in row["evidence"]} == {"digest"}


@pytest.mark.parametrize(
    "name",
    [
        *("nquads", "jsonl", "csv", "graphml"),
        # the vocabulary goes through rdflib; test_graph.py exports a graph without it
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("turtle", "jsonld")),
    ],
)
def test_export_gives_the_same_bytes_twice(small_graph: Path, name: str) -> None:
    first = run("export", "--graph", small_graph, "--format", name)
    assert first.exit_code == 0
    assert first.stdout
    assert first.stdout == run("export", "--graph", small_graph, "--format", name).stdout


def test_validate_finds_a_graph_sound(small_graph: Path) -> None:
    """That the embedded corpus is sound is what the README shows, which is a test, too."""
    result = run("validate", "--graph", small_graph, "--json")
    assert json.loads(result.stdout) == {"conforms": True, "violations": []}


def test_gaps_and_overlaps_print_their_base(embedded_graph: Path) -> None:
    gaps = run("gaps", "上海", "--peers", "北京,深圳", "--graph", embedded_graph)
    assert gaps.exit_code == 0
    assert "19 documents" in gaps.stdout
    overlaps = json.loads(
        run("overlaps", "上海", "北京", "--graph", embedded_graph, "--json").stdout
    )
    assert overlaps["overlaps"]


def test_draw_writes_a_page_without_outside_resources(embedded_graph: Path, tmp_path: Path) -> None:
    page = tmp_path / "network.html"
    assert run("draw", "--graph", embedded_graph, "--out", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert 'src="http' not in text
    assert 'href="http' not in text


def name_commands(group: click.Group, path: str = "kg") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from name_commands(command, f"{path} {name}")


def test_every_command_has_help_and_stands_in_the_readme() -> None:
    """A section of its own in the English tour, a row in the Chinese table."""
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    for name, command in name_commands(main):
        assert command.help
        if not isinstance(command, click.Group):
            assert f"\n### `{name}`: " in readme
            assert re.search(rf"\n\| `{name}[ `]", readme), name


def test_help_is_quick() -> None:
    def seconds() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-m", "kg", "--help"], check=True, capture_output=True)
        return time.perf_counter() - begin

    assert min(seconds() for _ in range(3)) < 0.5


def build_elsewhere(source: Path, out: Path, *, seed: str, workers: int, locale: str) -> bytes:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "LANG": locale}
    subprocess.run(
        [
            sys.executable,
            "-m",
            "kg",
            "build",
            str(source),
            "--out",
            str(out),
            "--workers",
            str(workers),
        ],
        check=True,
        capture_output=True,
        env=environment,
    )
    return open_version(out).quads.read_bytes()


def test_two_builds_are_identical(tmp_path: Path) -> None:
    """Another hash seed, locale, order of files and number of workers change nothing."""
    corpus = Path(__file__).parent.parent / "corpus"
    shortest = sorted(corpus.glob("*.txt"), key=lambda path: path.stat().st_size)[:4]
    names = sorted(path.name for path in shortest)
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, order in ((one, names), (two, names[::-1])):
        folder.mkdir()
        for name in order:
            (folder / name).write_bytes((corpus / name).read_bytes())
    first = build_elsewhere(one, tmp_path / "g1", seed="1", workers=1, locale="C")
    second = build_elsewhere(two, tmp_path / "g2", seed="2", workers=2, locale="C.UTF-8")
    assert first == second
