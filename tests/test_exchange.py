"""Tests of other programs' files: Label Studio, doccano, REFI-QDA projects; offsets above all."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.cli.composition import Order, compose_build
from kg.graph import open_version
from kg.ontology import Vocabulary
from kg.review import (
    Reviewed,
    Signature,
    compare_rows,
    read_any_sheet,
    write_doccano,
    write_label_studio,
    write_project,
)
from kg.review.annotation import Units, show_text
from kg.review.refi import NAMESPACE

# A byte order mark, Windows line ends and characters outside of the Basic Multilingual Plane.
RAW = """\ufeff浦江市促进𬭁材料产业发展若干措施\r
浦江府发〔2023〕15号\r
一、对首次认定的𬭁材料高新技术企业，给予一次性奖励20万元。\r
二、𠮷祥园区建立高新技术企业培育库，实行动态管理。\r
"""
BY = Signature("Li", "2026-11-26")


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary) -> Reviewed:
    folder = tmp_path_factory.mktemp("exchange")
    (folder / "plan.txt").write_bytes(RAW.encode())
    (folder / "b.txt").write_text(
        "闵江市若干措施\n一、对科技企业给予房租补贴。\n", encoding="utf-8"
    )
    compose_build(Order(paths=(folder,), out=folder / "graph"))
    return Reviewed(open_version(folder / "graph"), vocabulary)


@pytest.fixture
def rows(reviewed: Reviewed) -> list[Any]:
    found = list(reviewed.rows.values())
    assert len([row for row in found if row.source == "plan.txt"]) == 2
    return found


@given(text=st.text(alphabet=st.sampled_from("一a𬭁𠮷\n😀"), max_size=30))
def test_units_count_as_utf16_does(text: str) -> None:
    units = Units(text)
    for offset in range(len(text) + 1):
        encoded = units.encode(offset)
        assert encoded == len(text[:offset].encode("utf-16-le")) // 2
        assert units.decode(encoded) == offset


@given(text=st.text(max_size=60))
def test_shown_text_keeps_every_offset(text: str) -> None:
    shown = show_text(text)
    assert len(shown) == len(text)
    assert not re.search("[\r\ufeff\x00-\x08]", shown)
    assert [c for c in shown if c.isalnum()] == [c for c in text if c.isalnum()]


# Label Studio


def write_tasks(path: Path, rows: list[Any], reviewed: Reviewed) -> list[dict[str, Any]]:
    write_label_studio(path, rows, reviewed.version, reviewed.book)
    tasks = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(tasks, list)
    return tasks


def annotate(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the tasks as Label Studio exports them when every prediction was accepted."""
    for task in tasks:
        results = task.pop("predictions")[0]["result"]
        task["annotations"] = [{"result": results, "was_cancelled": False, "completed_by": 1}]
    return tasks


def test_label_studio_counts_code_points(
    reviewed: Reviewed, rows: list[Any], tmp_path: Path
) -> None:
    tasks = write_tasks(tmp_path / "tasks.json", rows, reviewed)
    assert {task["data"]["source"] for task in tasks} == {"plan.txt", "b.txt"}
    for task in tasks:
        text = task["data"]["text"]
        for result in task["predictions"][0]["result"]:
            value = result["value"]
            assert list(text)[value["start"] : value["end"]] == list(value["text"])
            assert "。" in value["text"]
    config = ElementTree.parse(tmp_path / "tasks.config.xml").getroot()
    names = {element.get("name") for element in config}
    used = {r["from_name"] for t in tasks for r in t["predictions"][0]["result"]}
    assert used | {"text"} == names
    labels = {label.get("value") for label in config.iter("Label")}
    assert labels == set(reviewed.book.categories)


def test_label_studio_round_trip(reviewed: Reviewed, rows: list[Any], tmp_path: Path) -> None:
    path = tmp_path / "tasks.json"
    tasks = annotate(write_tasks(path, rows, reviewed))
    path.write_text(json.dumps(tasks), encoding="utf-8")
    found, findings = read_any_sheet(path, reviewed)
    assert findings == []
    assert compare_rows(found, reviewed, BY) == ([], [])


def test_label_studio_changes(reviewed: Reviewed, rows: list[Any], tmp_path: Path) -> None:
    """One measure recoded, one without its region, one region more."""
    path = tmp_path / "tasks.json"
    tasks = annotate(write_tasks(path, rows, reviewed))
    plan = next(task for task in tasks if task["data"]["source"] == "plan.txt")
    results = plan["annotations"][0]["result"]
    first = results[0]["id"]
    results[:] = [r for r in results if r["id"] == first]
    for result in results:
        result["id"] = "new-id"
        if result["from_name"] == "instrument":
            result["value"]["choices"] = ["RDSubsidy"]
    place = plan["data"]["text"].index("浦江府发")
    value = {"start": place, "end": place + 4, "text": "浦江府发", "labels": ["组织"]}
    added = {
        "id": "x",
        "from_name": "category",
        "to_name": "text",
        "type": "labels",
        "value": value,
    }
    chosen = {
        **added,
        "from_name": "instrument",
        "type": "choices",
        "value": {**value, "choices": ["CultivationPool"]},
    }
    results += [added, chosen]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    found, findings = read_any_sheet(path, reviewed)
    changes, more = compare_rows(found, reviewed, BY)
    assert [*findings, *more] == []
    decisions = {change.decision.action: change.decision for change in changes}
    assert set(decisions) == {"change", "delete", "add"}
    assert decisions["change"].fields == ("instruments",)
    assert "20万元" in decisions["change"].anchor.quote
    assert "培育库" in decisions["delete"].anchor.quote
    assert decisions["add"].anchor.quote == "浦江府发"


def test_task_that_nobody_annotated_decides_nothing(
    reviewed: Reviewed, rows: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "tasks.json"
    tasks = annotate(write_tasks(path, rows, reviewed))
    for task in tasks:
        task["annotations"] = [{"result": [], "was_cancelled": True}]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    assert read_any_sheet(path, reviewed) == ([], [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda task: task["data"].update(source="x.txt"), "no document 'x.txt'"),
        (lambda task: task["data"].update(text="other"), "the text is another one"),
        (lambda task: task["annotations"][0]["result"][0]["value"].update(end=10**6), "outside"),
        (
            lambda task: task["annotations"][0]["result"][0]["value"].update(labels=["经济"]),
            "no category",
        ),
    ],
    ids=["source", "text", "offset", "label"],
)
def test_label_studio_nonsense_is_refused(
    reviewed: Reviewed, rows: list[Any], tmp_path: Path, change: Any, message: str
) -> None:
    path = tmp_path / "tasks.json"
    tasks = annotate(write_tasks(path, rows, reviewed))
    change(tasks[0])
    path.write_text(json.dumps(tasks), encoding="utf-8")
    _, findings = read_any_sheet(path, reviewed)
    assert [f.number for f in findings] == [1]
    assert message in findings[0].message


# doccano


def test_doccano_counts_utf16_units_and_comes_back(
    reviewed: Reviewed, rows: list[Any], tmp_path: Path
) -> None:
    path = tmp_path / "tasks.jsonl"
    write_doccano(path, rows, reviewed.version)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        units = line["text"].encode("utf-16-le")
        for start, end, label in line["label"]:
            words = units[2 * start : 2 * end].decode("utf-16-le")
            assert words.endswith("。")
            assert label in reviewed.book.instruments
    found, findings = read_any_sheet(path, reviewed)
    assert findings == []
    assert compare_rows(found, reviewed, BY) == ([], [])
    for line in lines:
        entities = [
            {"id": n, "label": label, "start_offset": start, "end_offset": end}
            for n, (start, end, label) in enumerate(line.pop("label"))
        ]
        line["entities"] = entities
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    found, findings = read_any_sheet(path, reviewed)
    assert (compare_rows(found, reviewed, BY), findings) == (([], []), [])


# REFI-QDA: the rules of Project.xsd 1.0 (18 March 2019), as far as our projects use it

GUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SCHEMA: dict[str, tuple[list[str], set[str], set[str]]] = {
    # element: children in their order, required attributes, optional ones
    "Project": (
        ["Users", "CodeBook", "Sources"],
        {"name"},
        {"origin", "creatingUserGUID", "creationDateTime"},
    ),
    "Users": (["User"], set(), set()),
    "User": ([], {"guid"}, {"name", "id"}),
    "CodeBook": (["Codes"], set(), set()),
    "Codes": (["Code"], set(), set()),
    "Code": (["Description", "Code"], {"guid", "name", "isCodable"}, {"color"}),
    "Sources": (["TextSource"], set(), set()),
    "TextSource": (
        ["Description", "PlainTextSelection"],
        {"guid", "plainTextPath"},
        {"name", "creatingUser", "creationDateTime"},
    ),
    "PlainTextSelection": (
        ["Description", "Coding"],
        {"guid", "startPosition", "endPosition"},
        {"name", "creatingUser", "creationDateTime"},
    ),
    "Coding": (["CodeRef"], {"guid"}, {"creatingUser", "creationDateTime"}),
    "CodeRef": ([], {"targetGUID"}, set()),
    "Description": ([], set(), set()),
}


def check_schema(element: ElementTree.Element) -> Iterator[str]:
    """Yield what in an element breaks the rules of the schema."""
    tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")
    order, required, optional = SCHEMA[tag]
    children = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in element]
    if children != sorted(children, key=order.index):
        yield f"{tag}: order of {children}"
    if not required <= set(element.attrib) <= required | optional:
        yield f"{tag}: attributes {sorted(element.attrib)}"
    for name, value in element.attrib.items():
        if name.lower().endswith(("guid", "user")) and not GUID.fullmatch(value):
            yield f"{tag}: {name} {value}"
        if name == "creationDateTime" and not TIME.fullmatch(value):
            yield f"{tag}: {name} {value}"
    for child in element:
        yield from check_schema(child)


@pytest.fixture
def project(reviewed: Reviewed, rows: list[Any], vocabulary: Vocabulary, tmp_path: Path) -> Path:
    path = tmp_path / "project.qdpx"
    write_project(path, rows, reviewed.version, vocabulary)
    return path


def test_project_follows_the_schema(project: Path) -> None:
    with zipfile.ZipFile(project) as archive:
        assert archive.testzip() is None
        root = ElementTree.fromstring(archive.read("project.qde"))
    assert root.tag == f"{{{NAMESPACE}}}Project"
    assert list(check_schema(root)) == []
    guids = [e.get("guid") for e in root.iter() if e.get("guid")]
    assert len(guids) == len(set(guids))
    codes = {e.get("guid") for e in root.iter(f"{{{NAMESPACE}}}Code")}
    assert {e.get("targetGUID") for e in root.iter(f"{{{NAMESPACE}}}CodeRef")} <= codes
    users = {e.get("guid") for e in root.iter(f"{{{NAMESPACE}}}User")}
    assert {e.get("creatingUser") for e in root.iter() if e.get("creatingUser")} <= users


def test_positions_of_a_project_are_code_points(project: Path, rows: list[Any]) -> None:
    with zipfile.ZipFile(project) as archive:
        root = ElementTree.fromstring(archive.read("project.qde"))
        found = []
        for source in root.iter(f"{{{NAMESPACE}}}TextSource"):
            name = str(source.get("plainTextPath")).replace("internal://", "sources/")
            text = archive.read(name).decode()
            assert not text.startswith("\ufeff")
            for selection in source.iter(f"{{{NAMESPACE}}}PlainTextSelection"):
                place = slice(int(selection.get("startPosition", "")), int(selection.get("endPosition", "")))  # fmt: skip
                found.append("".join(text[place].split()))
    assert found == ["".join(row.text.split()) for row in rows]


def test_same_rows_give_the_same_project(
    project: Path, reviewed: Reviewed, rows: list[Any], vocabulary: Vocabulary, tmp_path: Path
) -> None:
    (tmp_path / "again").mkdir()
    again = tmp_path / "again" / project.name
    write_project(again, rows, reviewed.version, vocabulary)
    assert again.read_bytes() == project.read_bytes()
