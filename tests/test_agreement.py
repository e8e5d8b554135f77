"""Tests of two coders: published examples of agreement, pairs, adjudication, gold, training."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cli import main
from kg.evaluate import evaluate_sheet, read_gold, read_sheet
from kg.graph import open_version, read_measures
from kg.model import Span
from kg.ontology import Vocabulary
from kg.review import (
    Codebook,
    Codes,
    Finding,
    UnitCode,
    Written,
    list_adjudication,
    list_agreement,
    list_disagreements,
    pair_rows,
    read_gold_sheet,
)
from kg.review import read_sheet as read_coder_sheet
from kg.review.agreement import (
    measure_alpha,
    measure_disagreement,
    measure_f1,
    measure_kappa,
    measure_unitizing_alpha,
)


def spans(*units: tuple[int, int], stretch: float = 1) -> list[Span]:
    """Return units given by start and length."""
    return [Span(int(start * stretch), int((start + size) * stretch)) for start, size in units]


# Published examples


def test_kappa_of_fleiss_cohen_and_everitt() -> None:
    """Fleiss, Cohen and Everitt (1969), 200 subjects, three diagnoses: kappa 0.429."""
    table = {"aa": 106, "ab": 10, "ac": 4, "ba": 22, "bb": 28, "bc": 10, "ca": 2, "cb": 12, "cc": 6}
    pairs = [pair for pair, n in table.items() for _ in range(n)]
    one, two = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    assert measure_kappa(one, two) == pytest.approx(0.429, abs=5e-4)


@pytest.mark.parametrize(
    ("codings", "alpha"),
    [
        (["0100000010", "1110010000"], 0.095),
        (["aabbdcccedda", "babbbccceddd"], 0.692),
        (
            [
                [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
                [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
                [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
                [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
            ],
            0.743,
        ),
    ],
    ids=["binary", "nominal", "four coders, missing values"],
)
def test_alpha_of_krippendorff_2011(codings: Sequence[Sequence[Any]], alpha: float) -> None:
    assert measure_alpha(codings) == pytest.approx(alpha, abs=5e-4)


def test_digitized_continuum_of_krippendorff_1995() -> None:
    """Figure A (Bertha and Bill) as 24 units: kappa 0.385, alpha 0.329."""
    one = [0] * 2 + [1] * 8 + [0] * 4 + [1] * 6 + [0] * 4
    two = [0] * 4 + [1] * 4 + [0] * 7 + [1] * 2 + [0] * 7
    assert measure_kappa(one, two) == pytest.approx(0.385, abs=5e-4)
    assert measure_alpha([one, two]) == pytest.approx(0.329, abs=5e-4)


def test_unitizing_alpha_of_krippendorff_2004() -> None:
    """Two observers, categories c and k, over 150–450; the paper rounds 0.7285 and 0.8587."""
    whole = Span(150, 450)
    c = [spans((225, 70), (370, 30)), spans((220, 80), (355, 20), (400, 20))]
    k = [spans((180, 60), (300, 50)), spans((180, 60), (300, 50))]
    observed, expected = zip(*(measure_disagreement(x, whole) for x in (c, k)), strict=True)
    assert observed == pytest.approx((0.0144, 0.0), abs=5e-5)
    assert expected == pytest.approx((0.0532, 0.0490), abs=5e-5)
    assert measure_unitizing_alpha(c, whole) == pytest.approx(0.7286, abs=5e-5)
    assert measure_unitizing_alpha(k, whole) == 1
    assert 1 - sum(observed) / sum(expected) == pytest.approx(0.8587, abs=5e-5)


EXAMPLES = {
    "A": (((2, 8), (14, 6)), ((4, 4), (15, 2)), 0.03125, 0.553),
    "B": (((0, 18),), ((0, 2), (2, 1), (3, 1), (4, 1), (5, 1), (6, 3), (9, 1)), 2.26736, -0.926),
    "C": (
        ((2, 6), (10, 2), (14, 4), (20, 2)),
        ((0, 2), (4, 4), (10, 4), (16, 2), (20, 2)),
        0.02777,
        0.679,
    ),
    "D": (
        ((0, 2), (2, 8), (10, 4), (14, 6), (20, 4)),
        ((0, 4), (4, 4), (8, 7), (15, 2), (17, 7)),
        0.38715,
        0.066,
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_unitizing_alpha_of_krippendorff_1995(name: str) -> None:
    """The four pairs of the paper's page 57, in the limit of a fine scale.

    The paper's D_e has a sign that the formula of 2004 corrects, hence the tolerance.
    """
    one, two, observed, alpha = EXAMPLES[name]
    coders = [spans(*one, stretch=50_000), spans(*two, stretch=50_000)]
    whole = Span(0, 24 * 50_000)
    assert measure_disagreement(coders, whole)[0] == pytest.approx(observed, abs=1e-5)
    assert measure_unitizing_alpha(coders, whole) == pytest.approx(alpha, abs=0.02)


def test_unitizing_refuses_units_that_overlap() -> None:
    with pytest.raises(ValueError, match="overlaps"):
        measure_unitizing_alpha([spans((0, 5), (4, 3)), []], Span(0, 9))


# Properties

values = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1)


@settings(deadline=None)
@given(pairs=values)
def test_agreement_is_symmetric_and_perfect_with_oneself(pairs: list[tuple[str, str]]) -> None:
    one, two = [a for a, _ in pairs], [b for _, b in pairs]
    for measure in (measure_kappa, lambda a, b: measure_alpha([a, b])):
        there, back = measure(one, two), measure(two, one)
        assert there == pytest.approx(back)
        assert there is None or there <= 1 + 1e-9
        assert measure(one, one) in (None, 1.0)
    yes = [[a == "a" for a in coding] for coding in (one, two)]
    assert measure_f1(*yes) == measure_f1(*reversed(yes))


continua = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=12)


def units_of(sections: list[tuple[int, bool]], end: int) -> list[Span]:
    units, at = [], 0
    for size, is_unit in sections:
        if is_unit and at + size <= end:
            units.append(Span(at, at + size))
        at += size
    return units


@settings(deadline=None)
@given(one=continua, two=continua)
def test_unitizing_alpha_is_symmetric(
    one: list[tuple[int, bool]], two: list[tuple[int, bool]]
) -> None:
    whole = Span(0, 60)
    coders = [units_of(one, 60), units_of(two, 60)]
    there = measure_disagreement(coders, whole)
    assert there == pytest.approx(measure_disagreement(coders[::-1], whole))
    assert measure_disagreement([coders[0]] * 1 + [list(coders[0])], whole)[0] == 0
    naive = sum(_delta(a, b) for a in _cut(coders[0], 60) for b in _cut(coders[1], 60))
    assert there[0] == pytest.approx(2 * naive / (2 * 60**2))


def _cut(units: list[Span], end: int) -> list[tuple[Span, bool]]:
    cut, at = [], 0
    for unit in units:
        cut += [(Span(at, unit.start), False)] * (unit.start > at) + [(unit, True)]
        at = unit.end
    return cut + [(Span(at, end), False)] * (end > at)


def _delta(one: tuple[Span, bool], two: tuple[Span, bool]) -> int:
    """Return the difference of two sections as the paper defines it."""
    (a, is_a), (b, is_b) = one, two
    if is_a and is_b and min(a.end, b.end) > max(a.start, b.start):
        return (a.start - b.start) ** 2 + (a.end - b.end) ** 2
    if is_a and not is_b and b.start <= a.start and a.end <= b.end:
        return (a.end - a.start) ** 2
    if is_b and not is_a and a.start <= b.start and b.end <= a.end:
        return (b.end - b.start) ** 2
    return 0


# Two coders

REWARD = Codes(("财政",), ("RecognitionReward",), (UnitCode("市科委"),), "provided", "grant")
POOL = Codes(("组织",), ("CultivationPool",), (), "provided", "implement")


def coded(number: int, codes: Codes | None, verdict: str = "") -> Written:
    start = 20 * number
    sha256 = "a" * 64
    verdict = verdict or ("measure" if codes else "none")
    return Written(
        number,
        f"s{number}",
        "d",
        "a.txt",
        sha256,
        "T",
        f"sentence {number}",
        start,
        start + 20,
        verdict,
        codes,
    )


@pytest.fixture
def coders() -> tuple[list[Written], list[Written]]:
    """Five units: same, other instrument, one sees no measure, neither does, one left out."""
    other = replace(REWARD, instruments=("RDSubsidy",))
    one = [coded(1, REWARD), coded(2, REWARD), coded(3, POOL), coded(4, None), coded(5, POOL)]
    blank = replace(coded(5, None), verdict="")
    two = [coded(1, REWARD), coded(2, other), coded(3, None), coded(4, None), blank]
    return one, two


def test_pairs_and_figures(
    coders: tuple[list[Written], list[Written]], vocabulary: Vocabulary
) -> None:
    comparison, *wrong = pair_rows(*coders)
    assert wrong == [[], []]
    assert (len(comparison.pairs), comparison.uncoded, comparison.unmatched) == (4, 1, 0)
    rows = {row["figure"]: row for row in list_agreement(comparison, Codebook(vocabulary))}
    measure = rows["measure"]
    assert (measure["n"], measure["one"], measure["two"]) == (4, 3, 2)
    assert (measure["agreement"], measure["kappa"], measure["f1"]) == (0.75, 0.5, 0.8)
    assert measure["alpha"] == pytest.approx(0.533, abs=1e-3)
    assert measure["unitizing_alpha"] != ""
    assert rows["main instrument"]["agreement"] == 0.5
    assert rows["instruments, all"]["f1"] == 0.4
    assert rows["units, all"]["f1"] == 1.0
    assert rows["财政"]["kappa"] == 1.0
    assert rows["RecognitionReward"]["f1"] == pytest.approx(0.667)
    assert rows["组织"]["f1"] == 0


def test_blank_rows_count_only_when_told(coders: tuple[list[Written], list[Written]]) -> None:
    comparison, *_ = pair_rows(*coders, blank_is_none=True)
    assert (len(comparison.pairs), comparison.uncoded) == (5, 0)
    assert comparison.pairs[4].differing == ("measure",)


def test_measure_without_an_instrument_is_refused(
    coders: tuple[list[Written], list[Written]],
) -> None:
    one, two = coders
    broken = [*one[:3], replace(one[3], verdict="measure", codes=None), one[4]]
    _, first, second = pair_rows(broken, two)
    assert [f.number for f in first] == [4]
    assert second == []


def test_adjudication_leaves_open_what_differs(
    coders: tuple[list[Written], list[Written]], vocabulary: Vocabulary
) -> None:
    book = Codebook(vocabulary)
    comparison, *_ = pair_rows(*coders)
    found = list_disagreements(comparison, book)
    assert [row["differs"] for row in found] == [["instruments"], ["measure"]]
    columns, rows = list_adjudication(comparison, book)
    assert set(columns) >= {name for row in rows for name in row}
    same, instrument, measure, none = rows
    assert same["instrument_1"].startswith("RecognitionReward")
    assert not [n for n in instrument if n.startswith(("instrument_", "category_"))]
    assert instrument["units"] == "市科委 (responsible)"
    assert "verdict" not in measure
    assert none["verdict"] == "none"


def test_gold_of_a_settled_sheet_counts_its_units_only(vocabulary: Vocabulary) -> None:
    rows = [coded(1, REWARD), coded(3, None), coded(5, POOL)]
    gold, findings = read_gold_sheet(rows, vocabulary, {"a" * 64: ("310000",)})
    assert findings == []
    [document] = gold
    assert [line.cities for line in document.lines] == [("上海",), ("上海",)]
    about = {"source": "a.txt", "sha256": "a" * 64, "cities": ["上海"], "units": []}
    machine = [
        {
            **about,
            "start": 20,
            "end": 40,
            "instruments": ["RecognitionReward"],
            "categories": ["财政"],
        },
        {**about, "start": 40, "end": 60, "instruments": ["RDSubsidy"], "categories": ["财政"]},
        {**about, "start": 60, "end": 80, "instruments": ["RDSubsidy"], "categories": ["财政"]},
    ]
    figures = evaluate_sheet(gold, read_sheet(machine, vocabulary)).as_json()
    measure = figures["measure"]
    assert isinstance(measure, dict)
    assert (measure["tp"], measure["fp"], measure["fn"]) == (1, 1, 1)


def test_unsettled_row_is_a_finding(vocabulary: Vocabulary) -> None:
    open_row = replace(coded(2, None), verdict="")
    _, findings = read_gold_sheet([coded(1, REWARD), open_row], vocabulary, {})
    assert findings == [Finding(2, "not settled; choose measure and its codes, or none")]


# The whole way

PLAN = """浦江市促进高新技术企业发展若干措施
浦江府发〔2023〕15号
一、加大财政支持
（一）对首次认定的高新技术企业，给予一次性奖励20万元。（责任单位：市科委）
（二）支持企业设立研发机构，对符合条件的给予研发费用补助。
二、优化组织服务
（三）建立高新技术企业培育库，实行动态管理。
（四）本措施所称高新技术企业，是指依法认定的企业。
"""


def kg(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def fill(source: Path, target: Path, codes: Sequence[str]) -> None:
    """Fill a blind sheet: an instrument a row, empty for no measure."""
    with source.open(encoding="utf-8-sig", newline="") as content:
        rows = list(csv.DictReader(content))
    for row, instrument in zip(rows, codes, strict=True):
        row["instrument_1"] = instrument
        row["verdict"] = "measure" if instrument else "none"
    with target.open("w", encoding="utf-8", newline="") as output:
        writer = csv.DictWriter(output, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_two_coders_from_blind_sheet_to_gold(tmp_path: Path, vocabulary: Vocabulary) -> None:
    folder, graph = tmp_path / "documents", tmp_path / "graph"
    folder.mkdir()
    (folder / "plan.txt").write_text(PLAN, encoding="utf-8")
    kg("build", folder, "--out", graph)
    blind = tmp_path / "blind.csv"
    kg("review", "export", blind, "--blind", "--graph", graph)
    text = blind.read_text(encoding="utf-8-sig")
    assert not [word for word in ("RecognitionReward", "RDSubsidy", "provided") if word in text]
    one, two, settled = (tmp_path / f"{name}.csv" for name in ("one", "two", "settled"))
    fill(blind, one, ["RecognitionReward", "RDSubsidy", "CultivationPool", ""])
    fill(blind, two, ["RecognitionReward", "RDInstitution", "CultivationPool", ""])
    figures = json.loads(kg("review", "agree", one, two, "--json").output)["figures"]
    assert {row["figure"]: row["kappa"] for row in figures}["measure"] == 1.0
    kg("review", "agree", one, two, "--adjudication", settled)
    refused = kg("evaluate", "--gold", settled, "--graph", graph, code=1)
    assert "settled.csv:3: " in refused.output
    rows, _ = read_coder_sheet(settled, Codebook(vocabulary))
    assert [bool(row.codes and row.codes.instruments) for row in rows] == [True, False, True, False]
    fill(settled, settled, ["RecognitionReward", "RDSubsidy", "CultivationPool", ""])
    report = json.loads(kg("evaluate", "--gold", settled, "--graph", graph, "--json").output)
    assert report["documents"] == 1
    measures = list(read_measures(open_version(graph)))
    assert report["figures"]["measure"]["tp"] == 3
    assert report["figures"]["measure"]["fp"] == len(measures) - 3
    kg("review", "gold", settled, tmp_path / "gold", "--graph", graph)
    [document] = read_gold(tmp_path / "gold", vocabulary)
    sheet = read_sheet(measures, vocabulary)
    again = json.loads(json.dumps(evaluate_sheet([document], sheet).as_json()))
    assert again == report["figures"]
