"""Versions: every damage is named and refused, earlier ones come back, differences are told."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from kg.cli import main
from kg.errors import GraphError
from kg.graph import (
    Version,
    compare_versions,
    list_versions,
    lock_folder,
    open_version,
    prune_versions,
    require_whole,
    stage_version,
    verify_version,
)
from kg.graph import version as version_module
from kg.graph.version import FORMAT
from kg.ontology import BASE

GRAPH = f"{BASE}id/graph/document/0123456789ab"
DOCUMENT = f"{BASE}id/document/0123456789ab"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
SHA256 = "ab" * 32


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write_measure(number: int, status: str, start: int) -> list[str]:
    """Return the lines of one measure of a document with little else."""
    measure, evidence = f"{DOCUMENT}/measure/{number}", f"{DOCUMENT}/measure/{number}/evidence"
    pk = f"{BASE}ontology#"
    triples = [
        f"<{measure}> <{TYPE}> <{pk}Measure>",
        f"<{measure}> <{pk}document> <{DOCUMENT}>",
        f"<{measure}> <{pk}evidence> <{evidence}>",
        f'<{measure}> <{pk}instrumentOrder> "RecognitionReward"',
        f"<{measure}> <{pk}status> <{BASE}id/status/{status}>",
        f'<{evidence}> <{pk}quote> "第{number}条"@zh',
        f'<{evidence}> <{pk}start> "{start}"^^<http://www.w3.org/2001/XMLSchema#integer>',
    ]
    return [f"{triple} <{GRAPH}> .\n" for triple in triples]


def publish(folder: Path, measures: dict[int, str], *, start: int = 0) -> Version:
    """Publish a version with these measures by number and status."""
    about = [
        f"<{DOCUMENT}> <{TYPE}> <{BASE}ontology#Document> <{GRAPH}> .\n",
        f'<{DOCUMENT}> <{BASE}ontology#source> "a.txt" <{GRAPH}> .\n',
    ]
    lines = [line for n, status in measures.items() for line in write_measure(n, status, start)]
    with stage_version(folder) as staging:
        staging.add_graph(GRAPH, sorted([*about, *lines]))
        staging.add_text(SHA256, "第1条第2条")
        row = {"source": "a.txt", "outcome": "ingested", "measures": len(measures)}
        return staging.publish({"base": BASE, "vocabulary": "v", "sources": [row]})


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    publish(folder, {1: "provided", 2: "provided", 3: "provided"})
    publish(folder, {1: "provided", 2: "reported", 4: "provided"}, start=5)
    return folder


@pytest.fixture
def folder(published: Path, tmp_path: Path) -> Path:
    """A graph of two versions that a test may damage."""
    shutil.copytree(published, tmp_path / "graph")
    return tmp_path / "graph"


def list_files(folder: Path) -> list[str]:
    version = open_version(folder).folder
    return sorted(p.relative_to(version).as_posix() for p in version.rglob("*") if p.is_file())


def flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes()) or bytearray(b"\1")
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


# Verification


def test_verify_finds_a_new_version_sound(folder: Path) -> None:
    assert json.loads(run("verify", "--graph", folder, "--json").stdout) == {
        "sound": True,
        "damages": [],
    }
    result = run("verify", "--graph", folder, "--all")
    assert (result.exit_code, result.stdout) == (0, "every file is as it was written\n")


@pytest.mark.parametrize("way", ["flipped", "deleted", "added", "cut", "linked"])
def test_verify_names_every_damage(folder: Path, way: str) -> None:
    """Each file of the version in turn; where it cannot be opened, that names the file, too."""
    version = open_version(folder).folder
    for name in list_files(folder):
        path, spare = version / name, folder / "spare"
        shutil.copy2(path, spare)
        wanted = name
        if way == "flipped":
            flip(path)
        elif way == "cut":
            path.chmod(0o644)
            path.write_bytes(path.read_bytes() + b"\n")
        elif way == "added":
            wanted = f"{name}.more"
            (version / wanted).touch()
        else:
            path.unlink()
            if way == "linked":
                path.symlink_to(spare)
        result = run("verify", "--graph", folder, "--csv")
        assert result.exit_code == 1
        assert "manifest" in result.output if "manifest" in wanted else wanted in result.stdout
        path.unlink(missing_ok=True)
        (version / f"{name}.more").unlink(missing_ok=True)
        shutil.move(spare, path)
    assert verify_version(open_version(folder)) == []


def test_verify_finds_a_flipped_bit_anywhere_in_the_manifest(folder: Path) -> None:
    """Whether it can still be read or not: the manifest is named, and nothing breaks down."""
    path = open_version(folder).folder / "manifest.json"
    path.chmod(0o644)
    content = path.read_bytes()
    for position in range(0, len(content), 19):
        changed = bytearray(content)
        changed[position] ^= 1 << position % 8
        path.write_bytes(changed)
        result = run("verify", "--graph", folder, "--csv")
        assert (result.exit_code, "manifest.json" in result.output) == (1, True), result.output


def test_verify_names_an_added_folder_and_a_renamed_version(folder: Path) -> None:
    version = open_version(folder)
    (version.folder / "texts" / "more").mkdir()
    assert [tuple(damage) for damage in verify_version(version)] == [("texts/more", "added")]
    moved = version.folder.rename(version.folder.with_name("0123456789abcdef"))
    damages = verify_version(open_version(folder, moved.name))
    assert ("manifest.json", "changed") in damages


@pytest.mark.parametrize("name", ["graph.nq", "texts/" + SHA256 + ".txt", "store/CURRENT"])
def test_serve_refuses_a_damaged_version(folder: Path, name: str) -> None:
    flip(open_version(folder).folder / name)
    result = run("serve", "--graph", folder, "--port", "0")
    assert result.exit_code == 1
    assert f"damaged: {name} (changed)" in result.stderr
    assert "kg rollback" in result.stderr


def test_require_whole_counts_what_it_does_not_name(folder: Path) -> None:
    version = open_version(folder)
    for number in range(5):
        (version.folder / f"{number}").touch()
    with pytest.raises(GraphError, match=r"0 \(added\), 1 \(added\), 2 \(added\) and 2 more"):
        require_whole(version)


def test_unknown_formats_are_refused(folder: Path) -> None:
    version = open_version(folder).folder
    path = version / "manifest.json"
    path.chmod(0o644)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "format": 99}))
    for command in ("documents", "verify", "serve", "diff", "rollback", "export"):
        more = [version.name[:8]] if command in ("diff", "rollback") else []
        result = run(command, *more, "--graph", folder)
        assert result.exit_code == 1
        assert f"format 99, this program reads {FORMAT}" in result.stderr
    listed = run("versions", "--graph", folder, "--json")
    assert "format 99" in json.loads(listed.stdout)[-1]["built"]


def test_files_of_a_version_are_read_only(folder: Path) -> None:
    version = open_version(folder).folder
    modes = {path.stat().st_mode & 0o777 for path in version.rglob("*") if path.is_file()}
    assert modes == {0o444}


# Listing and going back


def test_versions_are_listed_the_oldest_first(folder: Path) -> None:
    rows = json.loads(run("versions", "--graph", folder, "--json").stdout)
    assert [row[""] for row in rows] == ["", "*"]
    assert [row["measures"] for row in rows] == [3, 3]
    assert rows[1]["version"] == open_version(folder).name
    assert rows[1]["hash"].startswith(rows[1]["version"])
    table = list(csv.DictReader(io.StringIO(run("versions", "--graph", folder, "--csv").stdout)))
    assert [row["version"] for row in table] == [row["version"] for row in rows]
    assert rows[0]["version"] in run("versions", "--graph", folder).stdout


def test_rollback_goes_back_and_forward(folder: Path) -> None:
    later = open_version(folder).name
    result = run("rollback", "--graph", folder, "--json")
    earlier = json.loads(result.stdout)["version"]
    assert open_version(folder).name == earlier != later
    assert run("rollback", "--graph", folder).exit_code == 1
    assert run("rollback", later[:6], "--graph", folder).exit_code == 0
    assert open_version(folder).name == later
    missing = run("rollback", "0000", "--graph", folder)
    assert missing.exit_code == 1
    assert "no version begins with '0000'" in missing.stderr


def test_rollback_refuses_a_damaged_version(folder: Path) -> None:
    current = open_version(folder).name
    first = json.loads(run("versions", "--graph", folder, "--json").stdout)[0]["version"]
    flip(folder / "versions" / first / "graph.nq")
    result = run("rollback", "--graph", folder)
    assert result.exit_code == 1
    assert "graph.nq (changed)" in result.stderr
    assert open_version(folder).name == current


def test_a_name_must_be_that_of_a_version(folder: Path) -> None:
    (folder / "versions" / "..x").mkdir()
    for name in ("..", "../versions", "..x", ""):
        with pytest.raises(GraphError) if name else pytest.MonkeyPatch.context():
            open_version(folder, name)


# Pruning


@pytest.fixture
def many(tmp_path: Path) -> tuple[Path, list[str]]:
    """A graph of five versions, with their names from the oldest on."""
    folder = tmp_path / "many"
    return folder, [publish(folder, {n: "provided"}, start=n).name for n in range(1, 6)]


def names_of(folder: Path) -> list[str]:
    return [listed.name for listed in list_versions(folder)]


def test_prune_keeps_the_version_in_use_and_the_one_before(many: tuple[Path, list[str]]) -> None:
    folder, names = many
    before = {name: (folder / "versions" / name).stat().st_ino for name in names[3:]}
    rows = json.loads(run("versions", "--graph", folder, "--prune", "--json").stdout)
    outcomes = [(row["version"], row["outcome"], row["reason"]) for row in rows]
    assert outcomes == [
        *((name, "removed", "") for name in names[:3]),
        (names[3], "kept", "the one before"),
        (names[4], "kept", "in use"),
    ]
    assert names_of(folder) == names[3:]
    assert before == {name: (folder / "versions" / name).stat().st_ino for name in names[3:]}
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "CURRENT", "versions"]
    assert run("verify", "--graph", folder, "--all").exit_code == 0
    assert run("rollback", "--graph", folder).exit_code == 0
    assert open_version(folder).name == names[3]


def test_prune_keeps_what_it_is_asked_for_and_what_was_made_later(
    many: tuple[Path, list[str]],
) -> None:
    folder, names = many
    assert run("rollback", names[3], "--graph", folder).exit_code == 0
    result = run("versions", "--graph", folder, "--prune", "--keep", names[0][:9], "--csv")
    assert result.exit_code == 0, result.output
    assert names_of(folder) == [names[0], *names[2:]]
    assert f"{names[0]},kept,asked for" in result.stdout
    assert f"{names[4]},kept,made later" in result.stdout


def test_prune_leaves_a_version_that_is_read(many: tuple[Path, list[str]]) -> None:
    """A reader in another process holds its version until it ends, however it ends."""
    folder, names = many
    code = (
        "import sys; from pathlib import Path; from kg.graph import open_version\n"
        f"version = open_version(Path({str(folder)!r}), {names[1]!r}); store = version.store()\n"
        "print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"open\n"
        result = run("versions", "--graph", folder, "--prune", "--csv")
        assert f"{names[1]},kept,a program is reading it" in result.stdout
        assert names_of(folder) == [names[1], *names[3:]]
        reader.kill()
    assert f"{names[1]},removed," in run("versions", "--graph", folder, "--prune", "--csv").stdout
    assert names_of(folder) == names[3:]


def test_a_version_is_held_as_long_as_it_lives(many: tuple[Path, list[str]]) -> None:
    folder, names = many
    versions = [open_version(folder, names[0]), open_version(folder, names[0])]
    for left in (2, 1):
        prune_versions(folder)
        assert names[0] in names_of(folder), f"held by {left}"
        versions.pop()
    prune_versions(folder)
    assert names_of(folder) == names[3:]
    with pytest.raises(GraphError, match="no version begins"):
        open_version(folder, names[0])


def test_prune_waits_for_no_build_and_takes_nothing_from_it(many: tuple[Path, list[str]]) -> None:
    folder, names = many
    with lock_folder(folder):
        result = run("versions", "--graph", folder, "--prune")
    assert result.exit_code == 1
    assert "is writing this graph" in result.stderr
    assert names_of(folder) == names


def test_prune_clears_what_a_killed_one_left(many: tuple[Path, list[str]]) -> None:
    folder, names = many
    (folder / "versions" / names[0]).rename(folder / f".staging-{names[0]}")
    prune_versions(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "CURRENT", "versions"]
    assert names_of(folder) == names[3:]


def test_prune_takes_no_version_that_it_cannot_read(many: tuple[Path, list[str]]) -> None:
    folder, names = many
    flip_format(folder / "versions" / names[0])
    [kept] = [item for item in prune_versions(folder) if item.version == names[0]]
    assert (kept.outcome, "format 99" in kept.reason) == ("kept", True)
    flip_format(folder / "versions" / names[4])
    with pytest.raises(GraphError, match="the version in use"):
        prune_versions(folder)
    assert set(names_of(folder)) == {names[0], *names[3:]}


def flip_format(version: Path) -> None:
    path = version / "manifest.json"
    path.chmod(0o644)
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "format": 99}))


def test_keep_needs_prune(folder: Path) -> None:
    result = run("versions", "--graph", folder, "--keep", "ab")
    assert (result.exit_code, "--keep needs --prune" in result.stderr) == (2, True)


def test_a_version_pruned_while_it_is_opened_gives_the_current_one(
    many: tuple[Path, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, names = many
    told = iter([names[0], names[4], names[4]])
    monkeypatch.setattr(version_module, "read_current", lambda _: next(told))
    shutil.rmtree(folder / "versions" / names[0])
    assert open_version(folder).name == names[4]


# Differences


def test_diff_tells_what_came_went_and_changed(folder: Path) -> None:
    first, second = (
        open_version(folder, row["version"])
        for row in json.loads(run("versions", "--graph", folder, "--json").stdout)
    )
    found = compare_versions(first, second)
    assert [row["text"] for row in found.added] == ["第4条"]
    assert [row["text"] for row in found.removed] == ["第3条"]
    [changed] = found.changed  # that the measures stand elsewhere now is no change
    assert [tuple(change) for change in changed.changes] == [("status", "provided", "reported")]
    back = compare_versions(second, first)
    assert (back.added, back.removed) == (found.removed, found.added)
    same = compare_versions(second, second)
    assert (same.added, same.removed, same.changed) == ((), (), ())


def test_diff_prints_table_json_and_csv(folder: Path) -> None:
    names = [
        row["version"] for row in json.loads(run("versions", "--graph", folder, "--json").stdout)
    ]
    found: dict[str, Any] = json.loads(run("diff", *names, "--graph", folder, "--json").stdout)
    assert [len(found[kind]) for kind in ("added", "removed", "changed")] == [1, 1, 1]
    assert found["changed"][0]["changes"] == {"status": {"old": "provided", "new": "reported"}}
    rows = list(csv.DictReader(io.StringIO(run("diff", *names, "--graph", folder, "--csv").stdout)))
    assert [(row["change"], row["field"], row["old"], row["new"]) for row in rows] == [
        ("added", "", "", ""),
        ("removed", "", "", ""),
        ("changed", "status", "provided", "reported"),
    ]
    text = run("diff", names[0], "--graph", folder).stdout
    assert "1 measures added, 1 removed, 1 coded otherwise" in text
