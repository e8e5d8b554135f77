"""Reconciliation: narrative, task table and target table of one document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from kg.cli import main
from kg.compare.reconciliation import Finding, measure_likeness, reconcile_documents
from kg.graph import open_version
from kg.ontology import Vocabulary

PLAN = (
    "上海市金山区人民政府关于印发《创新企业培育计划》的通知\n\n金府规〔2024〕1号\n\n各镇政府：\n\n"
    "一、重点任务\n\n"
    "1、建设创新平台。支持企业建设重点实验室和技术创新中心等平台。"
    "（牵头部门：区科委；配合部门：区财政局）\n"
    "2、引进创新人才。对引进的高层次人才给予住房补贴和落户便利。（牵头部门：区人社局；配合部门：区科委）\n\n"
    "任务分解表\n\n专项任务\t工作内容\t责任单位\n{rows}\n"
)
AGREEING = (
    "建设创新平台\t(1) 支持企业建设重点实验室和技术创新中心等平台。\t区科委\n"
    "引进创新人才\t(2) 对引进的高层次人才给予住房补贴和落户便利。\t区人社局、区科委"
)


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def reconcile(folder: Path, vocabulary: Vocabulary, rows: str) -> list[Finding]:
    source = folder / "in"
    source.mkdir()
    (source / "plan.txt").write_text(PLAN.format(rows=rows), encoding="utf-8")
    run("build", source, "--out", folder / "graph")
    return list(reconcile_documents(open_version(folder / "graph"), vocabulary))


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        ("", "", []),
        ("平台。\t区科委", "平台。\t区财政局、区科委", ["lead-differs"]),
        ("平台。\t区科委", "平台。\t区财政局", ["lead-differs", "lead-missing"]),
        ("平台。\t区科委", "平台。\t区科委、区商务委", ["unit-added"]),
        ("(2)", "(1)", ["number-double"]),
        ("(2)", "(3)", ["number-missing"]),
        ("区人社局、区科委", "区人社", []),
        ("(2) 对引进的高层次人才给予住房补贴和落户便利。", "(2) 举办国际论坛。", []),
    ],
    ids=[
        "agrees", "other-first", "lead-left-out", "one-more", "double", "missing", "cut-off",
        "by-heading",
    ],
)  # fmt: skip
def test_rows_are_held_against_their_clauses(
    tmp_path: Path, vocabulary: Vocabulary, old: str, new: str, kinds: list[str]
) -> None:
    rows = AGREEING.replace(old, new) if old else AGREEING
    found = reconcile(tmp_path, vocabulary, rows)
    assert sorted(f.kind for f in found if not f.agrees) == kinds
    assert all(side.evidence.end > side.evidence.start for f in found for side in f.sides)


@given(st.text(alphabet="建设创新平台支持企业", max_size=12), st.text(max_size=12))
def test_likeness_is_symmetric_and_bounded(one: str, other: str) -> None:
    likeness = measure_likeness(one, other)
    assert likeness == measure_likeness(other, one)
    assert 0 <= likeness <= 1


@pytest.fixture(params=["embedded_graph", "original_graph"], scope="module")
def findings(request: pytest.FixtureRequest, vocabulary: Vocabulary) -> tuple[Finding, ...]:
    folder: Path = request.getfixturevalue(request.param)
    return reconcile_documents(open_version(folder), vocabulary)


def test_measure_18_of_the_pudong_plan_has_other_leads_in_its_rows(
    findings: tuple[Finding, ...],
) -> None:
    found = {
        finding.sides[1].label: finding
        for finding in findings
        if finding.kind == "lead-differs" and finding.sides[0].label.startswith("18、")
    }
    assert set(found) == {"(57)", "(58)", "(59)", "(60)"}
    for label, finding in found.items():
        clause, row = finding.sides
        assert [u.surface for u in clause.units if u.role == "lead"] == ["区规划资源局"]
        assert row.units[0].surface == ("区国资委" if label == "(60)" else "区科经委")
        assert clause.measures
        assert row.measures


def test_numbers_sums_and_targets(findings: tuple[Finding, ...]) -> None:
    kinds = [finding.kind for finding in findings]
    assert kinds.count("number-double") == kinds.count("number-missing") == 1
    assert kinds.count("sum-agrees") == 3
    assert kinds.count("target-agrees") == 1
    assert not {"sum-differs", "target-differs", "row-unmatched"} & set(kinds)


def test_a_leading_unit_that_no_row_names_is_told(findings: tuple[Finding, ...]) -> None:
    missing = [finding.message for finding in findings if finding.kind == "lead-missing"]
    assert len(missing) == 1
    assert missing[0].startswith("区发改委 leads clause 6、")


def test_reconcile_prints_one_document(embedded_graph: Path) -> None:
    told = json.loads(run("reconcile", "浦科经委〔2023〕68号", "--graph", embedded_graph, "--json"))
    assert told["counts"]["lead-differs"] == 5
    text = run("reconcile", "金科规", "--all", "--graph", embedded_graph)
    assert "12 rows add up to 1620, the total says 1620" in text
    assert "lead-differs" not in text
    assert run("reconcile", "--graph", embedded_graph, "--csv").startswith("document,finding,")


def test_reconcile_names_the_documents_there_are(embedded_graph: Path) -> None:
    result = CliRunner().invoke(main, ["reconcile", "京政发", "--graph", str(embedded_graph)])
    assert result.exit_code == 1
    assert "浦科经委〔2023〕68号" in result.output
