"""The vocabulary: files agree with each other, with the code and with the layering."""

from __future__ import annotations

import os
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from kg.errors import OntologyError
from kg.ontology import PK, Vocabulary, load_vocabulary, shipped_folder
from kg.ontology.assemble import assemble
from kg.ontology.prepared import KEPT, keep_prepared, read_prepared

ROOT = Path(__file__).resolve().parent.parent
TERM = re.compile(r"\bpk:([A-Za-z]\w*)")


def test_terms_in_the_files_are_defined() -> None:
    defined = {t.subject.value for t in load_vocabulary().triples if t.subject.value.startswith(PK)}
    used = {
        term.value
        for t in load_vocabulary().triples
        for term in (t.predicate, t.object)
        if hasattr(term, "value") and term.value.startswith(PK)
    }
    assert used <= defined, sorted(used - defined)


def test_terms_in_code_are_defined_and_defined_terms_are_used() -> None:
    policy = (shipped_folder() / "policy.ttl").read_text(encoding="utf-8")
    defined = set(re.findall(r"^pk:(\w+)", policy, flags=re.MULTILINE))
    code = "\n".join(
        p.read_text(encoding="utf-8")
        for p in (ROOT / "kg").rglob("*")
        if p.suffix in (".py", ".rq") and "data" not in p.parts
    )
    files = "\n".join(
        p.read_text(encoding="utf-8")
        for p in shipped_folder().glob("*.ttl")
        if p.name != "policy.ttl"
    )
    in_code = set(TERM.findall(code)) | set(re.findall(r'PK\s*\+\s*"(\w+)"', code))
    assert in_code <= defined, sorted(in_code - defined)
    unused = {
        t
        for t in defined
        if t not in in_code and not re.search(rf"\bpk:{t}\b|\b{t}\b", code + files)
    }
    assert not unused, sorted(unused)


def test_every_instrument_has_names_definitions_and_a_category(vocabulary: Vocabulary) -> None:
    assert len(vocabulary.concepts) >= 120
    for concept in vocabulary.concepts.values():
        assert concept.zh
        assert concept.en
        assert concept.definition
        assert vocabulary.notation(concept.id) in ("组织", "财政", "科技", "人才", "需求", "区位")
        texts = [text.lower() for text, _ in concept.labels]
        assert len(texts) == len(set(texts)), concept.id


def test_a_negative_cue_is_no_positive_one(vocabulary: Vocabulary) -> None:
    for concept in vocabulary.concepts.values():
        positive = {*concept.hidden, *concept.weak, *(t for t, _ in concept.labels)}
        assert not positive & set(concept.avoid), concept.id


def test_places_form_a_tree(vocabulary: Vocabulary) -> None:
    for place in vocabulary.places.values():
        assert not place.broader or place.broader in vocabulary.places
    assert vocabulary.city_of("310116") == "310000"
    assert vocabulary.places["310000"].zh == "上海"


def test_a_vocabulary_is_read_again_only_when_its_files_say_something_else(tmp_path: Path) -> None:
    layer = tmp_path / "own.ttl"
    layer.write_text("# nothing yet\n", encoding="utf-8")
    first = load_vocabulary(tmp_path)
    assert load_vocabulary(tmp_path) is first
    layer.write_text("# nothing more\n", encoding="utf-8")
    assert load_vocabulary(tmp_path).version != first.version


def test_a_folder_is_layered_over_the_shipped_vocabulary(tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text(
        "@prefix ins: <https://w3id.org/policykg/id/instrument/> .\n"
        "@prefix pk: <https://w3id.org/policykg/ontology#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "ins:SandboxZone a pk:Instrument ; skos:broader ins:Organisation ; "
        'skos:prefLabel "监管沙盒试验区"@zh, "Sandbox zone"@en .\n',
        encoding="utf-8",
    )
    layered = load_vocabulary(tmp_path)
    assert "SandboxZone" in layered.concepts
    assert layered.version != load_vocabulary().version


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("this is no turtle", "not valid Turtle"),
        (
            "@prefix ins: <https://w3id.org/policykg/id/instrument/> .\n"
            "@prefix pk: <https://w3id.org/policykg/ontology#> .\n"
            "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
            "ins:A a pk:Instrument ; skos:broader ins:B . ins:B a pk:Instrument ; skos:broader ins:A .",
            "circle",
        ),
    ],
    ids=["syntax", "cycle"],
)
def test_a_bad_vocabulary_is_refused_with_its_reason(
    tmp_path: Path, content: str, word: str
) -> None:
    (tmp_path / "bad.ttl").write_text(content, encoding="utf-8")
    with pytest.raises(OntologyError, match=word):
        load_vocabulary(tmp_path)


def test_no_chinese_vocabulary_stands_in_code() -> None:
    """Chinese is allowed in comments, docstrings and doctests only."""
    import ast

    for path in (ROOT / "kg").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        quoted = {
            id(node.body[0].value)
            for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef))
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in quoted
            ):
                assert not re.search("[\u4e00-\u9fff]", node.value), (
                    f"{path}:{node.lineno}: {node.value}"
                )


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_vocabulary_from_the_cache_is_the_one_that_was_read(
    own_cache: Path, vocabulary: Vocabulary
) -> None:
    made = assemble(vocabulary.contents, vocabulary.version)
    assert read_prepared(made.contents, made.version) is None
    keep_prepared(made)
    kept = read_prepared(made.contents, made.version)
    assert kept is not None
    for field in fields(Vocabulary):
        first, second = getattr(made, field.name), getattr(kept, field.name)
        assert first == second, field.name
        assert list(first) == list(second), field.name
    assert kept.triples == made.triples
    assert kept.members["yangtze-river-delta"] == ("310000", "320000", "330000", "340000")


def test_a_kept_vocabulary_is_for_the_same_files_only(own_cache: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    load_vocabulary(layer)
    (layer / "mine.ttl").write_text(
        "@prefix pk: <https://w3id.org/policykg/ontology#> .\n"
        '<https://w3id.org/policykg/id/pattern/mine> pk:pattern "x+" .\n',
        encoding="utf-8",
    )
    assert load_vocabulary(layer).pattern("mine") == "x+"


@pytest.mark.parametrize(
    "content",
    ["", '{"concepts": [', "\udcff", "null", "{}", '{"concepts": [["x"]]}'],
    ids=["none", "cut", "bytes", "null", "empty", "short"],
)
def test_a_kept_vocabulary_that_is_not_whole_is_read_anew(
    own_cache: Path, vocabulary: Vocabulary, content: str
) -> None:
    keep_prepared(vocabulary)
    [kept] = own_cache.rglob("*.json")
    kept.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert read_prepared(vocabulary.contents, vocabulary.version) is None


def test_a_cache_that_cannot_be_written_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vocabulary: Vocabulary
) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    keep_prepared(vocabulary)
    assert read_prepared(vocabulary.contents, vocabulary.version) is None


def test_few_vocabularies_are_kept_and_the_oldest_go_first(
    own_cache: Path, vocabulary: Vocabulary
) -> None:
    for number in range(KEPT + 2):
        version = f"{number:012}"
        keep_prepared(replace(vocabulary, version=version))
        newest = max(own_cache.rglob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    kept = [read_prepared((), f"{number:012}") is not None for number in range(KEPT + 2)]
    assert kept == [False, False, *[True] * KEPT]
