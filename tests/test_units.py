"""Responsible units of a graph, and the Turtle by which the next build resolves unknown ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.graph import open_version, read_units

HEAD = "{issuer}关于促进创新发展的若干措施\n\n{number}\n\n一、重点措施\n\n"
MEASURE = (
    "（一）给予认定奖励。对首次认定的高新技术企业，给予一次性{n}万元奖励。（责任单位：{units}）\n"
)
WRITTEN = {
    "level-word": ("杭州市人民政府", "杭政规〔2024〕1号", "市企服局"),
    "bare": ("杭州市人民政府", "杭政规〔2024〕1号", "企服局"),
    "place-name": ("杭州市人民政府", "杭政规〔2024〕1号", "杭州市企服局"),
    "short-place": ("杭州市人民政府", "杭政规〔2024〕1号", "杭州企服局"),
    "three-ways": ("杭州市人民政府", "杭政规〔2024〕1号", "市企服局、杭州市企服局、企服局"),
    "level-word-twice": ("杭州市人民政府", "杭政规〔2024〕1号", "市市民码头局"),
    "elided-prefix": ("上海市金山区人民政府", "金府规〔2024〕1号", "区国资委、企服局"),
    "city-in-district": ("上海市金山区人民政府", "金府规〔2024〕1号", "市企服局"),
    "no-place": ("创新发展联合会", "", "企服局"),
}


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def build(folder: Path, out: Path, *arguments: str | Path) -> None:
    run("build", folder, "--out", out, *arguments)


@pytest.mark.parametrize(("issuer", "number", "units"), WRITTEN.values(), ids=WRITTEN)
def test_unresolved_units_are_resolved_by_what_units_prints(
    tmp_path: Path, issuer: str, number: str, units: str
) -> None:
    source, added = tmp_path / "in", tmp_path / "my-vocabulary"
    source.mkdir()
    added.mkdir()
    text = HEAD.format(issuer=issuer, number=number) + MEASURE.format(n=10, units=units)
    (source / "a.txt").write_text(text, encoding="utf-8")
    build(source, tmp_path / "before")
    turtle = run("units", "--unresolved", "--graph", tmp_path / "before")
    assert "企服局" in turtle or "市民码头局" in turtle
    (added / "units.ttl").write_text(turtle, encoding="utf-8")
    assert run("vocabulary", "check", "--ontology", added) == "0 errors, 0 warnings\n"

    build(source, tmp_path / "after", "--ontology", added)
    after = ("--graph", tmp_path / "after", "--ontology", added)
    assert run("units", "--unresolved", *after) == ""
    assert run("units", "--unresolved", *after, "--json") == "[]\n"
    names = [unit["id"] for unit in json.loads(run("units", *after, "--json"))]
    assert len([name for name in names if f"unit:{name} a " in turtle]) == 1


def test_units_tells_measures_surfaces_and_an_example(tmp_path: Path) -> None:
    text = HEAD.format(issuer="杭州市人民政府", number="杭政规〔2024〕1号")
    text += MEASURE.format(n=10, units="市科技局、市企服局")
    text += MEASURE.format(n=20, units="市企服局、企服局、西湖区科技局")
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    build(tmp_path / "a.txt", tmp_path / "g")
    rows = json.loads(run("units", "--graph", tmp_path / "g", "--json"))
    assert [(r["name"], r["kind"], r["jurisdiction"], r["measures"]) for r in rows] == [
        ("杭州市企服局", "", "杭州", 2),
        ("杭州市科学技术局", "科学技术局", "杭州", 1),
        ("杭州市西湖区科学技术局", "科学技术局", "西湖区", 1),
    ]
    assert set(rows[0]["surfaces"]) == {"市企服局", "企服局"}
    [row] = json.loads(run("units", "--graph", tmp_path / "g", "--unresolved", "--json"))
    assert row["example"] == "杭政规〔2024〕1号 (a.txt)"
    assert 'pk:localLabel "企服局"@zh' in row["turtle"]
    header = run("units", "--graph", tmp_path / "g", "--unresolved", "--csv").splitlines()[0]
    assert header == "name,kind,jurisdiction,measures,surfaces,example,turtle"


def test_read_units_finds_every_unit_of_the_coding_sheet(embedded_graph: Path) -> None:
    from kg.graph import read_measures

    version = open_version(embedded_graph)
    units = read_units(version.store())
    named = {unit["name"] for row in read_measures(version) for unit in row["units"]}
    assert {unit.name for unit in units} == named
    assert [unit.measures for unit in units] == sorted((u.measures for u in units), reverse=True)
    assert all(unit.measures and unit.surfaces and unit.example for unit in units)
