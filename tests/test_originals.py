"""What the original documents must give; skipped where KG_ORIGINALS names no folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.corpus import embedded_folder, read_catalogue, read_document
from kg.extract import Extractor
from kg.model import Source, Target
from kg.ontology import load_vocabulary

pytestmark = pytest.mark.originals
ROOT = Path(__file__).resolve().parent.parent
RUN = 24


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def documents(original_graph: Path) -> dict[str, dict[str, object]]:
    rows = json.loads(run("documents", "--graph", original_graph, "--json"))
    return {row["source"][:3]: row for row in rows}


@pytest.mark.parametrize(
    ("name", "number", "issued", "effective", "expires", "basis", "brackets"),
    [
        ("002", "金科规〔2022〕1号", "2022-07-08", "2022-07-08", "2024-05-14", "stated", 15),
        ("003", "浦科经委〔2023〕68号", "2023-05-08", None, "2025-12-31", "plan", 22),
        ("004", "沪府规〔2021〕9号", "2021-07-23", "2021-09-01", None, None, 17),
    ],
)
def test_metadata(
    documents: dict[str, dict[str, object]],
    name: str,
    number: str,
    issued: str,
    effective: str | None,
    expires: str | None,
    basis: str | None,
    brackets: int,
) -> None:
    row = documents[name]
    found = [row[k] or None for k in ("number", "issued", "effective", "expires", "expires_basis")]
    assert found == [number, issued, effective, expires, basis]
    assert row["unit_brackets"] == brackets


def test_tables_and_problems(documents: dict[str, dict[str, object]]) -> None:
    assert documents["003"]["tables"] == [{"rows": 69, "columns": 3}]
    kinds = {p["kind"]: p["message"] for p in documents["003"]["problems"]}  # type: ignore[attr-defined]
    assert "(20)" in kinds["double-number"]
    assert "(21)" in kinds["missing-number"]
    assert [p["kind"] for p in documents["002"]["problems"]] == ["expires-before-goal"]  # type: ignore[attr-defined]
    assert {
        "title": "国务院关于促进国家高新技术产业开发区高质量发展的若干意见",
        "number": "国发〔2020〕7号",
    } in documents["004"]["cites"]  # type: ignore[operator]


def test_measures_are_the_words_of_the_source(original_graph: Path, originals: Path) -> None:
    rows = [json.loads(line) for line in run("export", "--graph", original_graph).splitlines()]
    assert len(rows) > 300
    for row in rows:
        raw = (originals / row["source"]).read_bytes().decode()
        assert raw[row["start"] : row["end"]] == row["text"]


GOALS_BY_UNIT = [
    (170, 196, 220), (110, 126, 142), (122, 140, 158), (80, 92, 105), (152, 175, 198),
    (42, 48, 56), (65, 75, 86), (46, 53, 60), (60, 69, 78), (215, 245, 275),
    (164, 188, 210), (24, 28, 32), (1250, 1435, 1620),
]  # fmt: skip


def read_goals(originals: Path, name: str) -> list[Target]:
    """Return the targets of the goals and measures of an original in order."""
    [path] = originals.glob(f"{name}_*.txt")
    vocabulary = load_vocabulary()
    source = Source(path.name, "0" * 64, path.read_bytes().decode())
    extraction = Extractor(vocabulary).extract(read_document(source, vocabulary))
    stated = sorted([*extraction.goals, *extraction.measures], key=lambda one: one.span)
    return [target for one in stated for target in one.targets]


def test_goals_of_the_table_are_read_cell_by_cell(originals: Path) -> None:
    targets = read_goals(originals, "002")
    prose = [(t.value, t.op, t.unit, t.deadline, t.surface) for t in targets[:3]]
    assert prose == [
        (200, "=", "家", "2022", "净增200家"),
        (1620, ">=", "家", "2024", "达到1620家"),
        (2, "=", "倍", "2026", "五年翻一番"),
    ]
    cells = [(t.value, t.op, t.unit, t.deadline, t.indicator) for t in targets[3:]]
    assert cells == [
        (value, "=", "家", year, "有效期内高企")
        for row in GOALS_BY_UNIT
        for value, year in zip(row, ("2022", "2023", "2024"), strict=True)
    ]


def test_goals_of_the_plan_are_all_there(originals: Path) -> None:
    targets = read_goals(originals, "003")
    found = {(t.value, t.op, t.unit, t.deadline) for t in targets}
    assert found >= {
        (2000, ">", "家", "2025"),
        (750, ">", "家", "2025"),
        (2500, ">", "家", "2025"),
        (60, ">", "家", "2025"),
        (85, "=", "件", "2025"),
        (22, ">=", "个", "2025"),
        (20000, ">=", "户", "每年"),
        (30, ">=", "%", "每年"),
        (100, ">=", "家", "每年"),
        (200, ">=", "个", "每年"),
        (20, ">=", "个", "每年"),
        (20, ">=", "场", "每年"),
        (30, ">", "家", "每年"),
        (10000000, ">=", "平方米", ""),
        (100, "=", "%", ""),
    }
    assert len(found) == 15
    assert all(any(c.isdigit() for c in t.surface) and len(t.surface) <= 12 for t in targets)


@pytest.mark.parametrize(
    "question",
    ["哪些城市有土地相关费用减免？", "Which cities have land-fee waivers?"],
    ids=["zh", "en"],
)
def test_land_fee_question(original_graph: Path, question: str) -> None:
    answer = json.loads(run("ask", question, "--graph", original_graph, "--json"))
    found = {row["label"]: row for row in answer["answers"]}
    assert set(found) == {"北京", "深圳", "上海"}
    for city in ("北京", "深圳"):
        assert found[city]["instruments"] == ["InfrastructureFeeWaiver"]
        assert {e["kind"] for e in found[city]["evidence"]} == {"secondary"}
    assert found["上海"]["instruments"] == ["LandPriceWaiver"]
    own = {e["number"] for e in found["上海"]["evidence"]}
    assert own == {"沪府规〔2021〕9号", "浦科经委〔2023〕68号"}
    assert {e["kind"] for e in found["上海"]["evidence"]} == {"own"}


def test_gaps_of_shanghai(original_graph: Path) -> None:
    found = json.loads(
        run("gaps", "上海", "--peers", "北京,深圳", "--graph", original_graph, "--json")
    )
    gaps = {gap["instrument"]: gap for gap in found["gaps"]}
    for instrument in ("ExecutiveTraining", "PayrollTaxRelief"):
        assert gaps[instrument]["grade"] == "denied"
        assert "lacks" in {d["basis"] for d in gaps[instrument]["denials"]}
    for instrument in ("InfrastructureFeeWaiver", "CitizenTreatment", "HomePurchaseSubsidy"):
        assert gaps[instrument]["grade"] == "denied"
        assert {d["basis"] for d in gaps[instrument]["denials"]} & {"differs", "should-adopt"}
    related = {r["instrument"] for r in gaps["InfrastructureFeeWaiver"]["own_related"]}
    assert "LandPriceWaiver" in related


@pytest.mark.parametrize(
    ("figure", "bar"),
    [
        ("measure", 0.90),
        ("categories", 0.80),
        ("primary_category_acc", 0.85),
        ("instruments", 0.60),
        ("units", 0.95),
    ],
)
def test_coding_agrees_with_the_gold_standard(
    original_graph: Path, figure: str, bar: float
) -> None:
    """The gold standard of the originals is not part of the project; KG_GOLD names its folder."""
    gold = os.environ.get("KG_GOLD", "")
    if not Path(gold or "-").is_dir():
        pytest.skip("KG_GOLD does not name the folder of the gold standard")
    report = json.loads(run("evaluate", "--graph", original_graph, "--gold", gold, "--json"))
    found = report["figures"][figure]
    assert (found["f1"] if isinstance(found, dict) else found) >= bar


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences without titles, unit lists and tables of figures."""
    for entry in read_catalogue(embedded_folder()).values():
        text = text.replace(entry.title, "。")
    text = re.sub(r"《[^》]*》|«[^»]*»|[（(](?:责任单\s*位|牵头部|配合部)[^）)]*[）)]", "。", text)
    units = re.compile(r"局|委|办|厅|镇|园区|管委会|公司|中心|部门|机构|财政|税务")
    for part in re.split(
        r"[。；;\t|]|(?<!\d)\.|\n(?=\s*[#\-*|（(]?[一二三四五六七八九十\d]+[、.）)])", text
    ):
        plain = re.sub(r"[\W_]+", "", part)
        figures = len(re.findall(r"\d", plain))
        if (
            len(plain) >= RUN
            and figures < 0.3 * len(plain)
            and len(units.findall(plain)) * 8 < len(plain)
        ):
            yield plain


def test_no_sentence_of_the_originals_stands_in_the_project(originals: Path) -> None:
    """No run of 24 characters within one sentence is taken over."""
    known = {
        sentence[i : i + RUN]
        for path in originals.glob("*.txt")
        for sentence in sentences(path.read_text(encoding="utf-8"))
        for i in range(len(sentence) - RUN + 1)
    }
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    copied = []
    for name in filter(None, files):
        path = ROOT / name
        if not path.is_file() or path.is_symlink():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        copied += [
            (name, s[i : i + RUN])
            for s in sentences(text)
            for i in range(len(s) - RUN + 1)
            if s[i : i + RUN] in known
        ]
    assert not copied
