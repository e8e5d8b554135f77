"""The check of the vocabulary: each fault is found, named and laid at the right file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import OntologyError
from kg.ontology.check import check_vocabulary

PREFIXES = """
@prefix pk: <https://w3id.org/policykg/ontology#> .
@prefix ins: <https://w3id.org/policykg/id/instrument/> .
@prefix place: <https://w3id.org/policykg/id/place/> .
@prefix unit: <https://w3id.org/policykg/id/unit/> .
@prefix kind: <https://w3id.org/policykg/id/unit-kind/> .
@prefix pattern: <https://w3id.org/policykg/id/pattern/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
SOUND = (
    'ins:{0} a pk:Instrument ; skos:broader ins:Organisation ; skos:prefLabel "甲{0}"@zh, "{0}"@en ;'
    ' skos:definition "甲"@zh, "a"@en .\n'
)
FAULTS = {
    "two-names": (
        SOUND.format("A") + 'ins:A skos:altLabel "科技信贷"@zh .',
        ("error", "shared-name", "A", "CreditSupport"),
    ),
    "name-and-cue": (
        SOUND.format("A") + 'ins:A skos:hiddenLabel "科技信贷"@zh .',
        ("warning", "shared-cue", "A", "CreditSupport"),
    ),
    "circle": (
        SOUND.format("A") + SOUND.format("B") + "ins:A skos:broader ins:B . ins:B skos:broader ins:A .",
        ("error", "circle", "A", "A > B > A"),
    ),
    "broader": (
        SOUND.format("A") + "ins:A skos:broader ins:Nowhere .",
        ("error", "broader", "A", "Nowhere"),
    ),
    "no-definition": (
        'ins:A a pk:Instrument ; skos:broader ins:Organisation ; skos:prefLabel "甲"@zh, "A"@en ;'
        ' skos:definition "甲"@zh .',
        ("error", "no-definition", "A", "@en"),
    ),
    "no-label": (
        "ins:A a pk:Instrument ; skos:broader ins:Organisation ;"
        ' skos:prefLabel "A"@en ; skos:definition "甲"@zh, "a"@en .',
        ("error", "no-label", "A", "@zh"),
    ),
    "no-category": (
        'ins:A a pk:Instrument ; skos:prefLabel "甲"@zh, "A"@en ; skos:definition "甲"@zh, "a"@en .',
        ("error", "no-category", "A", "skos:broader"),
    ),
    "avoided": (
        SOUND.format("A") + 'ins:A skos:hiddenLabel "乙"@zh ; pk:avoidLabel "乙"@zh .',
        ("error", "avoided-label", "A", "乙"),
    ),
    "outer-blank": (
        SOUND.format("A") + 'ins:A skos:altLabel "乙 "@zh .',
        ("error", "blanks", "A", "stray"),
    ),
    "inner-blank": (
        SOUND.format("A") + 'ins:A pk:weakLabel "乙 丙"@zh .',
        ("error", "blanks", "A", "stray"),
    ),
    "empty-label": (
        SOUND.format("A") + 'ins:A skos:altLabel ""@zh .',
        ("error", "blanks", "A", "empty"),
    ),
    "unit-kind": ("kind:A a pk:UnitKind .", ("error", "no-label", "A", "@zh")),
    "jurisdiction": (
        'unit:A a pk:Unit ; skos:prefLabel "甲局"@zh ; pk:jurisdiction place:0 .',
        ("error", "jurisdiction", "A", "pk:Place"),
    ),
    "kind": (
        'unit:A a pk:Unit ; skos:prefLabel "甲局"@zh ; pk:unitKind kind:Nowhere .',
        ("error", "unit-kind", "A", "Nowhere"),
    ),
    "parent": (
        'place:A a pk:Place ; skos:prefLabel "甲市"@zh ; skos:broader place:0 .',
        ("error", "parent", "A", "pk:Place"),
    ),
    "one-sided": (
        SOUND.format("A") + "ins:A skos:related ins:CreditSupport .",
        ("error", "one-sided", "A", "CreditSupport"),
    ),
    "related": (
        SOUND.format("A") + "ins:A skos:related ins:Nowhere .",
        ("error", "related", "A", "Nowhere"),
    ),
    "pattern": ('pattern:A a pk:Cue ; pk:pattern "(甲" .', ("error", "pattern", "A", "compile")),
    "no-type": ('ins:CreditSuport skos:altLabel "甲贷"@zh .', ("error", "no-type", "CreditSuport", "id")),
}  # fmt: skip


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.ttl"
    path.write_text(PREFIXES + text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS)
def test_check_vocabulary_finds_a_fault_in_its_file(
    tmp_path: Path, text: str, expected: tuple[str, str, str, str]
) -> None:
    path = write(tmp_path, text)
    [found] = check_vocabulary(tmp_path)
    assert (found.severity, found.kind, found.id) == expected[:3]
    assert found.file == str(path)
    assert expected[3] in found.message


def test_check_vocabulary_finds_nothing_in_sound_additions(tmp_path: Path) -> None:
    write(tmp_path, SOUND.format("A") + 'ins:CreditSupport skos:altLabel "甲贷"@zh .')
    assert check_vocabulary(tmp_path) == ()


def test_check_vocabulary_passes_the_shipped_files() -> None:
    assert [f for f in check_vocabulary() if f.severity == "error"] == []


def test_check_vocabulary_refuses_what_is_no_turtle(tmp_path: Path) -> None:
    write(tmp_path, "nothing")
    with pytest.raises(OntologyError, match=r"mine\.ttl"):
        check_vocabulary(tmp_path)


def test_vocabulary_check_fails_on_errors_only(tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        result = CliRunner().invoke(
            main, ["vocabulary", "check", "--ontology", str(tmp_path), *arguments]
        )
        return result.exit_code, result.stdout

    path = write(tmp_path, FAULTS["name-and-cue"][0])
    code, output = run()
    assert (code, "0 errors, 1 warnings" in output) == (0, True)
    write(tmp_path, FAULTS["two-names"][0])
    code, output = run("--json")
    report = json.loads(output)
    assert (code, report["sound"]) == (1, False)
    assert report["findings"][0]["file"] == path.as_posix()
    code, output = run("--csv")
    assert code == 1
    assert output.splitlines()[0] == "severity,kind,id,file,message"


def test_vocabulary_check_names_shipped_files_as_in_the_project() -> None:
    result = CliRunner().invoke(main, ["vocabulary", "check", "--json"])
    report = json.loads(result.stdout)
    assert (result.exit_code, report["sound"]) == (0, True)
    assert {Path(finding["file"]).parent.name for finding in report["findings"]} == {"ontology"}
