"""Evaluation: matching, figures end to end, baselines."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import CorpusError
from kg.evaluate import (
    Coded,
    GoldDocument,
    code_by_keywords,
    code_by_majority,
    compare_figures,
    evaluate_sheet,
    read_gold,
    read_ratchet,
    read_sheet,
    write_ratchet,
)
from kg.evaluate.figures import match_spans
from kg.model import Span
from kg.ontology import Vocabulary

RATCHET = Path(__file__).parent / "ratchet.json"


def coded(
    start: int,
    end: int,
    instruments: tuple[str, ...] = ("RecognitionReward",),
    category: str = "财政",
) -> Coded:
    return Coded(
        Span(start, end),
        (category,),
        instruments,
        ("上海",),
        "provided",
        "grant",
        ("市科委",),
        ("上海市科学技术委员会",),
        ("上海市科学技术委员会",),
        ((200000.0, "CNY"),),
    )


def gold(*lines: Coded) -> list[GoldDocument]:
    return [GoldDocument("a", 0, 1000, lines)]


def test_a_perfect_sheet_gets_full_marks() -> None:
    lines = (coded(0, 10), coded(20, 30))
    row = evaluate_sheet(gold(*lines), {"a.txt": list(lines)}).as_json()
    for name in ("measure", "categories", "instruments", "units", "claims", "amounts"):
        assert row[name]["f1"] == 1.0  # type: ignore[index]
    assert row["primary_category_acc"] == row["status_acc"] == row["strength_acc"] == 1.0


def test_a_missed_measure_costs_its_labels_too() -> None:
    row = evaluate_sheet(gold(coded(0, 10), coded(20, 30)), {"a.txt": [coded(0, 10)]}).as_json()
    assert row["measure"] == {"p": 1.0, "r": 0.5, "f1": 0.667, "tp": 1, "fp": 0, "fn": 1}
    assert row["units"]["r"] == 0.5  # type: ignore[index]
    assert row["units_given"]["f1"] == 1.0  # type: ignore[index]


def test_an_extra_measure_costs_precision_and_its_labels() -> None:
    row = evaluate_sheet(gold(coded(0, 10)), {"a.txt": [coded(0, 10), coded(50, 60)]}).as_json()
    assert row["measure"]["p"] == 0.5  # type: ignore[index]
    assert row["instruments"]["fp"] == 1  # type: ignore[index]


def test_lines_outside_the_coded_part_are_left_out() -> None:
    part = [GoldDocument("a", 0, 40, (coded(0, 10),))]
    row = evaluate_sheet(part, {"a.txt": [coded(0, 10), coded(50, 60)]}).as_json()
    assert row["measure"]["f1"] == 1.0  # type: ignore[index]


@pytest.mark.parametrize(("strict", "pairs"), [(False, 1), (True, 0)])
def test_spans_match_by_half_of_the_shorter_one(strict: bool, pairs: int) -> None:
    assert len(match_spans([Span(0, 12)], [Span(2, 30)], strict=strict)) == pairs


def test_plainly_coded_document_tells_nothing_of_units_and_amounts() -> None:
    plain = GoldDocument("a", 0, 1000, (coded(0, 10).labels(),), plainly=True)
    row = evaluate_sheet([plain], {"a.txt": [coded(0, 10)]}).as_json()
    assert row["instruments"]["f1"] == row["strength_acc"] == 1.0  # type: ignore[index]
    assert (
        row["units"] == row["amounts"] == {"p": 0.0, "r": 0.0, "f1": 0.0, "tp": 0, "fp": 0, "fn": 0}
    )


def test_spans_match_one_to_one_best_first() -> None:
    found = match_spans([Span(0, 10), Span(0, 30)], [Span(0, 28)], strict=False)
    assert found == {Span(0, 28): Span(0, 30)}


def test_newer_instruments_count_as_their_broader_concept(vocabulary: Vocabulary) -> None:
    row = {
        "source": "a.txt",
        "sha256": "f" * 64,
        "start": 0,
        "end": 5,
        "instruments": ["PilotPlatform"],
    }
    sheet = read_sheet([row], vocabulary)
    assert sheet["a.txt"][0].instruments == ("FunctionalPlatform",)
    assert sheet["f" * 64] == sheet["a.txt"]


def test_read_gold_reads_both_heads(tmp_path: Path) -> None:
    lines = [
        {"kind": "document", "sha256": "e" * 64},
        {"kind": "range", "start": 3, "end": 90},
        {
            "kind": "measure",
            "start": 5,
            "end": 9,
            "categories": ["财政"],
            "instruments": ["RDSubsidy"],
        },
        {"kind": "target", "start": 10, "end": 20},
    ]
    (tmp_path / "x.gold.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    [document] = read_gold(tmp_path)
    assert (document.key, document.start, document.end, len(document.lines)) == ("e" * 64, 3, 90, 1)


def test_read_gold_names_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="gold"):
        read_gold(tmp_path)


def test_baselines_are_worse_than_the_gold(vocabulary: Vocabulary) -> None:
    text = "对首次认定的企业给予认定奖励。落实研发费用加计扣除。天气晴朗。"
    keywords = code_by_keywords({"a.txt": text}, vocabulary)["a.txt"]
    assert [line.instruments for line in keywords] == [
        ("RecognitionReward",),
        ("RDSuperDeduction",),
    ]
    documents = gold(coded(0, 10), coded(20, 30), coded(40, 50, ("RDSubsidy",)))
    majority = code_by_majority(documents)["a"]
    assert {line.instruments for line in majority} == {("RecognitionReward",)}


def test_ratchet_tells_losses_first_and_forgives_rounding(tmp_path: Path) -> None:
    path = tmp_path / "ratchet.json"
    write_ratchet(path, {"digests": {"measure": 0.9, "units": 0.8, "claims": 0.7}})
    kept = read_ratchet(path)["digests"]
    changes = compare_figures({"measure": 0.88, "units": 0.82, "claims": 0.7}, kept)
    assert [(change.name, change.gained) for change in changes] == [
        ("measure", -0.02),
        ("units", 0.02),
    ]


def test_ratchet_names_a_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "ratchet.json"
    path.write_text("[1]", encoding="utf-8")
    with pytest.raises(CorpusError, match=r"ratchet\.json"):
        read_ratchet(path)


def test_figures_of_the_digests_do_not_fall(embedded_graph: Path) -> None:
    """``kg evaluate --graph GRAPH --ratchet tests/ratchet.json digests --raise`` raises them."""
    command = ["evaluate", "--graph", str(embedded_graph), "--ratchet", str(RATCHET), "digests"]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output + result.stderr


@pytest.mark.originals
def test_figures_of_the_originals_do_not_fall(original_graph: Path) -> None:
    """The set ``originals`` is that of the gold standard that KG_GOLD names."""
    gold_folder = os.environ.get("KG_GOLD", "")
    if not Path(gold_folder).is_dir() or not gold_folder:
        pytest.skip("KG_GOLD does not name the folder of the gold standard")
    command = ["evaluate", "--graph", str(original_graph), "--gold", gold_folder]
    result = CliRunner().invoke(main, [*command, "--ratchet", str(RATCHET), "originals"])
    assert result.exit_code == 0, result.output + result.stderr
