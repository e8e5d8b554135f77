"""Builds: only what has changed is read, interruptions and failures lose nothing, one writer."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from building import (
    build,
    hash_published,
    hash_tree,
    read_content,
    write_document,
    write_documents,
)
from click.testing import CliRunner, Result

from kg.cli import composition, main, reading
from kg.cli.composition import Order, compose_build
from kg.cli.watching import wait_for_change
from kg.errors import GraphError
from kg.graph import list_versions, lock_folder, open_version, verify_version, write_triples
from kg.graph import staging as staging_module
from kg.ontology import load_vocabulary

ROOT = Path(__file__).resolve().parent.parent


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Keep the vocabulary that is loaded, and cut its graph short: each build is a quick one."""
    with pytest.MonkeyPatch.context() as patch:
        load = lru_cache(load_vocabulary)
        patch.setattr(reading, "load_vocabulary", load)
        patch.setattr(composition, "load_vocabulary", load)
        patch.setattr(
            composition,
            "write_triples",
            lambda triples, graph, base: write_triples(triples[:2000], graph, base=base),
        )
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_documents(tmp_path / "in", 4)
    return tmp_path / "in"


@pytest.fixture
def out(folder: Path, tmp_path: Path) -> Path:
    """A graph of the four documents of ``folder``."""
    build(folder, tmp_path / "graph")
    return tmp_path / "graph"


# What has changed


def change_one(folder: Path) -> int:
    write_document(folder, "2.txt", number=2, amount=77)
    return 1


def add_one(folder: Path) -> int:
    write_document(folder, "a.txt", number=9)
    return 1


def remove_one(folder: Path) -> int:
    (folder / "3.txt").unlink()
    return 0


def rename_one(folder: Path) -> int:
    (folder / "4.txt").rename(folder / "0.txt")
    return 1


def touch_one(folder: Path) -> int:
    os.utime(folder / "1.txt", (1, 1))
    return 0


def add_a_copy_that_comes_first(folder: Path) -> int:
    shutil.copy(folder / "1.txt", folder / "0.txt")
    return 1


def add_a_copy_that_comes_last(folder: Path) -> int:
    shutil.copy(folder / "1.txt", folder / "9.txt")
    return 1


def add_bad_and_others(folder: Path) -> int:
    (folder / "bad.txt").write_bytes(b"\x00\x01\x02" * 50)
    (folder / "other.xyz").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return 0


CHANGES = [
    change_one, add_one, remove_one, rename_one, touch_one, add_a_copy_that_comes_first,
    add_a_copy_that_comes_last, add_bad_and_others,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_build_reads_only_what_has_changed(
    folder: Path, out: Path, tmp_path: Path, change: Callable[[Path], int]
) -> None:
    """The result is that of a full build, byte for byte, and what was published stays."""
    expected = change(folder)
    before = hash_published(out)
    _, read = build(folder, out)
    assert read == expected
    build(folder, tmp_path / "other")
    assert read_content(out) == read_content(tmp_path / "other")
    assert verify_version(open_version(out)) == []
    assert {name: hash_tree(out).get(name) for name in before if name != "CURRENT"} == {
        name: digest for name, digest in before.items() if name != "CURRENT"
    }


def test_a_chain_of_builds_equals_a_full_one(folder: Path, out: Path, tmp_path: Path) -> None:
    """Whatever changes in which order; the seed is fixed, the store is edited and loaded anew."""
    chance = random.Random(7)
    for step in range(8):
        for _ in range(chance.randint(1, 2)):
            name = f"{chance.randint(0, 6)}.txt"
            if (
                (folder / name).exists()
                and chance.random() < 0.4
                and len(list(folder.iterdir())) > 2
            ):
                (folder / name).unlink()
            else:
                number, amount = chance.randint(1, 4), chance.randint(1, 99)
                write_document(folder, name, number=number, amount=amount)
        build(folder, out)
        if step % 4 == 3:
            build(folder, tmp_path / f"full-{step}")
            assert read_content(out) == read_content(tmp_path / f"full-{step}")
    listed = [found.version for found in list_versions(out)]
    assert all(version is not None and not verify_version(version) for version in listed)
    edited = [version.manifest["store"]["edited"] for version in listed if version]
    assert any(edited)


def test_a_copy_is_read_when_the_first_is_gone(folder: Path, out: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "1.txt", folder / "9.txt")
    assert build(folder, out)[1] == 1
    assert build(folder, out)[1] == 0
    (folder / "1.txt").unlink()
    assert build(folder, out)[1] == 1
    build(folder, tmp_path / "other")
    assert read_content(out) == read_content(tmp_path / "other")


def test_unchanged_texts_and_tables_are_linked(folder: Path, out: Path) -> None:
    first = open_version(out)
    change_one(folder)
    build(folder, out)
    second = open_version(out)
    linked = [
        path.relative_to(second.folder).as_posix()
        for path in second.folder.rglob("*")
        if path.is_file() and path.stat().st_nlink > 1
    ]
    assert sum(name.startswith("texts/") for name in linked) == 3
    assert any(name.endswith(".sst") for name in linked)
    assert all((first.folder / name).samefile(second.folder / name) for name in linked)


def test_same_graphs_with_another_report_are_another_version(folder: Path, out: Path) -> None:
    first = open_version(out)
    add_bad_and_others(folder)
    report, _ = build(folder, out)
    second = open_version(out)
    assert second.hash == first.hash
    assert report.version == second.name == f"{first.name}-2"
    assert first.manifest["rejected"] == []
    assert [row["file"] for row in second.manifest["rejected"]] == ["bad.txt"]
    assert build(folder, out)[0].version == second.name


def test_full_reads_everything_to_the_same_version(folder: Path, out: Path) -> None:
    before = hash_published(out)
    report, read = build(folder, out, full=True)
    assert read == 4
    assert report.version == open_version(out).name
    assert hash_published(out) == before


def test_another_vocabulary_or_base_reads_everything(
    folder: Path, out: Path, tmp_path: Path
) -> None:
    assert build(folder, out, base="https://example.org/")[1] == 4
    assert build(folder, out, base="https://example.org/")[1] == 0
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "own.ttl").write_text(
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        "<https://w3id.org/policykg/id/instrument/RecognitionReward> "
        'skos:altLabel "认定红包"@zh .\n',
        encoding="utf-8",
    )
    assert build(folder, out, ontologies=(layer,))[1] == 4


def test_other_limits_read_everything_and_are_told(folder: Path, out: Path) -> None:
    def build_within(*limits: str) -> dict[str, Any]:
        options = [part for limit in limits for part in ("--limit", limit)]
        result = run("build", folder, "--out", out, "--json", *options)
        assert result.exit_code in (0, 3), result.output
        return dict(json.loads(result.stdout))

    path = write_document(folder, "long.txt", number=5)
    path.write_text(path.read_text(encoding="utf-8") + "长" * 3_000, encoding="utf-8")
    assert build_within("characters=5_000", "reading=90.5")["read"] == 5
    assert open_version(out).manifest["built"]["limits"]["reading"] == 90.5
    assert build_within("characters=5_000", "reading=90.5")["read"] == 0
    report = build_within("characters=2_000")
    assert [(row["file"], row["reason"]) for row in report["rejected"]] == [
        ("long.txt", "too-large")
    ]
    assert "--limit characters=N" in report["rejected"][0]["advice"]


@pytest.mark.parametrize(
    "setting",
    [
        "bites=1",
        "bytes",
        "bytes=",
        "pages=many",
        "pages=0",
        "seconds=nan",
        "memory=1000",
        "part=-5",
    ],
)
def test_a_limit_that_is_none_is_an_error_of_usage(folder: Path, out: Path, setting: str) -> None:
    result = run("build", folder, "--out", out, "--limit", setting)
    assert result.exit_code == 2
    assert "sets no limit" in result.stderr


def test_an_unknown_limit_is_answered_with_the_known_ones(folder: Path, out: Path) -> None:
    result = run("build", folder, "--out", out, "--limit", "bites=1")
    said = " ".join(result.stderr.split())
    assert "bytes, characters, measures, seconds, reading, memory, part, pages" in said


def test_another_code_reads_everything(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg.cli import configuration

    monkeypatch.setattr(configuration, "_hash_code", lambda: "other")
    assert build(folder, out)[1] == 4


def test_the_graph_is_no_source_of_itself(folder: Path) -> None:
    report, _ = build(folder, folder / "graph")
    again, read = build(folder, folder / "graph")
    assert (again.found, read, again.version) == (report.found, 0, report.version)


def test_manifest_tells_everything(folder: Path, out: Path) -> None:
    add_bad_and_others(folder)
    shutil.copy(folder / "1.txt", folder / "9.txt")
    build(folder, out)
    manifest = open_version(out).manifest
    sources = {row["source"]: row for row in manifest["sources"]}
    assert {name: row["outcome"] for name, row in sources.items()} == {
        **dict.fromkeys(["1.txt", "2.txt", "3.txt", "4.txt"], "ingested"),
        "9.txt": "skipped",
        "bad.txt": "rejected",
        "other.xyz": "skipped",
    }
    for name in ("1.txt", "9.txt", "bad.txt"):
        assert sources[name]["size"] == (folder / name).stat().st_size
        assert sources[name]["sha256"] == hash_tree(folder)[name]
    files = {name for name in hash_tree(open_version(out).folder) if "manifest" not in name}
    assert set(manifest["outputs"]) == files
    assert len(manifest["hash"]) == len(manifest["configuration"]) == 64
    assert manifest["triples"] == len(open_version(out).store())
    assert manifest["rejected"][0]["advice"]
    assert manifest["tool"]


# Interruptions


def interrupt_after(count: int, failure: type[BaseException]) -> Callable[[int], None]:
    left = [count]

    def tick(characters: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise failure

    return tick


def stop_build(folder: Path, out: Path, after: int, failure: type[BaseException]) -> None:
    with pytest.raises(failure):
        compose_build(Order(paths=(folder,), out=out, on_document=interrupt_after(after, failure)))


@pytest.mark.parametrize("failure", [KeyboardInterrupt, MemoryError, SystemExit])
def test_a_build_goes_on_where_it_was_interrupted(
    folder: Path, tmp_path: Path, failure: type[BaseException]
) -> None:
    out = tmp_path / "graph"
    stop_build(folder, out, 1, failure)
    assert not (out / "CURRENT").exists()
    change_one(folder)
    _, read = build(folder, out)
    assert read == 3  # the first was read before, the second has changed since
    build(folder, tmp_path / "other")
    assert read_content(out) == read_content(tmp_path / "other")
    assert sorted(path.name for path in out.iterdir()) == [".lock", "CURRENT", "versions"]


def test_an_interruption_keeps_what_was_published(folder: Path, out: Path) -> None:
    before = hash_tree(out)
    change_one(folder)
    add_one(folder)
    stop_build(folder, out, 2, KeyboardInterrupt)
    assert hash_tree(out) == before
    assert build(folder, out)[1] == 1


@pytest.mark.parametrize("failure", [ZeroDivisionError, GraphError, OSError])
def test_a_failure_leaves_nothing_behind(folder: Path, out: Path, failure: type[Exception]) -> None:
    before = hash_tree(out)
    change_one(folder)
    stop_build(folder, out, 2, failure)
    assert hash_tree(out) == before
    assert not (out / ".staging").exists()


@pytest.mark.parametrize("name", ["spool.nq", "journal.jsonl", "version/texts"])
def test_what_an_interrupted_build_left_is_taken_up_only_whole(
    folder: Path, tmp_path: Path, name: str
) -> None:
    """Half a line, a flipped byte or a file cut short: it is read again."""
    out = tmp_path / "graph"
    stop_build(folder, out, 3, KeyboardInterrupt)
    path = out / ".staging" / name
    for file in path.iterdir() if path.is_dir() else [path]:
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content[:-40])
    _, read = build(folder, out)
    assert read >= 1
    build(folder, tmp_path / "other")
    assert read_content(out) == read_content(tmp_path / "other")


def test_what_a_build_with_another_configuration_left_is_cleaned(
    folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "graph"
    stop_build(folder, out, 3, KeyboardInterrupt)
    assert build(folder, out, base="https://example.org/")[1] == 4


@pytest.mark.parametrize(
    "step", ["load_apart", "edit_store", "write_manifest", "_move_folder", "switch_version"]
)
def test_an_interruption_while_publishing_keeps_the_graph(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    before = hash_published(out)
    change_one(folder)
    with monkeypatch.context() as patch:
        patch.setattr(staging_module, step, interrupt)
        patch.setattr(staging_module, "_EDITS", 10**9 if step == "load_apart" else 1)
        with pytest.raises(KeyboardInterrupt):
            compose_build(Order(paths=(folder,), out=out))
    assert hash_published(out) == before
    assert build(folder, out)[1] == 0  # it had been read
    assert hash_published(out)["CURRENT"] != before["CURRENT"]
    assert verify_version(open_version(out)) == []


def test_a_full_disk_is_one_line_and_keeps_the_graph(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    before = hash_tree(out)
    change_one(folder)
    monkeypatch.setattr(staging_module, "load_apart", fail)
    monkeypatch.setattr(staging_module, "edit_store", fail)
    result = run("build", folder, "--out", out)
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr
    assert hash_tree(out) == before
    assert not (out / ".staging").exists()


def test_want_of_memory_is_one_line_and_keeps_the_graph(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    before = hash_tree(out)
    change_one(folder)
    monkeypatch.setattr(reading, "check_graph", fail)
    result = run("build", folder, "--out", out)
    assert result.exit_code == 1
    assert "out of memory" in result.stderr
    assert hash_tree(out) == before


def test_many_files_are_brought_to_the_disk_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform != "linux":
        pytest.skip("sync waits on Linux only")
    synced: list[bool] = []
    monkeypatch.setattr("kg.graph.durable._MANY", 0)
    monkeypatch.setattr(os, "sync", lambda: synced.append(True))
    build(folder, tmp_path / "graph")
    assert synced == [True]


# Damage


def flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "pattern",
    ["graph.nq", "graphs.json", "texts/*", "store/*.sst", "manifest.json", "manifest.sha256"],
)
def test_a_damaged_version_is_not_built_upon(
    folder: Path, out: Path, tmp_path: Path, pattern: str
) -> None:
    """What is damaged is read again; a new version takes the place of the damaged one."""
    damaged = open_version(out)
    for path in damaged.folder.glob(pattern):
        flip(path)
    report, _ = build(folder, out)
    assert report.version != damaged.name
    build(folder, tmp_path / "other")
    assert read_content(out) == read_content(tmp_path / "other")
    assert verify_version(open_version(out)) == []


# One writer


def test_a_second_build_ends_at_once_and_names_the_first(folder: Path, out: Path) -> None:
    def seconds() -> float:
        before = os.times()
        command = [sys.executable, "-m", "kg", "build", str(folder), "--out", str(out)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        after = os.times()
        assert done.returncode == 1
        assert f"process {os.getpid()} on " in done.stderr
        assert "since 20" in done.stderr
        spent = after.children_user + after.children_system
        return spent - before.children_user - before.children_system

    with lock_folder(out):
        assert seconds() < 1
    assert build(folder, out)[1] == 0


def test_readers_need_no_lock(out: Path) -> None:
    with lock_folder(out):
        assert run("documents", "--graph", out).exit_code == 0


# Watching


def test_watching_builds_what_changes(folder: Path, out: Path) -> None:
    order = Order(paths=(folder,), out=out)
    changes = wait_for_change(order, pause=0.02)
    next(changes)
    change_one(folder)
    next(changes)
    assert build(folder, out)[1] == 1
    remove_one(folder)
    next(changes)
    timer = threading.Timer(0.2, add_one, [folder])
    begin = time.monotonic()
    timer.start()
    next(changes)
    assert time.monotonic() - begin > 0.15


def test_watching_does_not_see_its_own_graph(folder: Path) -> None:
    from kg.cli.watching import look_at

    before = look_at([folder], folder / "graph")
    build(folder, folder / "graph")
    assert look_at([folder], folder / "graph") == before


def test_build_watch_prints_every_build(
    folder: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg.cli import watching

    def wait(order: Order):  # type: ignore[no-untyped-def]
        yield
        change_one(folder)
        yield
        for path in folder.iterdir():
            path.unlink()
        yield
        raise KeyboardInterrupt

    monkeypatch.setattr(watching, "wait_for_change", wait)
    result = run("build", folder, "--out", out, "--watch")
    assert result.exit_code == 0
    assert result.stdout.count("version ") == 2
    assert "no documents found" in result.stderr
    assert open_version(out).manifest["sources"]


# Leftovers


def test_leftovers_are_cleaned_and_never_served(folder: Path, out: Path) -> None:
    name = open_version(out).name
    half = out / "versions" / "0123456789abcdef"
    half.mkdir()
    (half / "graph.nq").write_text("", encoding="utf-8")
    (out / ".staging" / "version").mkdir(parents=True)
    (out / ".CURRENT.new").write_text("0123456789abcdef\n", encoding="utf-8")
    assert open_version(out).name == name
    with pytest.raises(GraphError, match="cannot be read"):
        open_version(out, "0123456789abcdef")
    assert build(folder, out)[0].version == name
    assert sorted(path.name for path in out.iterdir()) == [".lock", "CURRENT", "versions"]
    assert [found.name for found in list_versions(out) if found.version] == [name]
