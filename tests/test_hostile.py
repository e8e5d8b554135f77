"""The folder of hostile files: every one comes out as it must, none harms its neighbours."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.cli import main
from tests.hostile import HIDDEN, Case, collect, sum_of, write_folder

GIGABYTE = 1_000_000_000


class Watch:
    """Looks every twentieth of a second how much memory the processes of a tree have held."""

    def __init__(self, root: int) -> None:
        self._root, self._most, self._ended = root, 0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> int:
        """Return the most bytes that one of the processes has held at once, 0 where unknown."""
        self._ended.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._ended.wait(0.05):
            for process in _tree(self._root):
                status = _read(f"/proc/{process}/status")
                found = re.search(r"VmHWM:\s+(\d+) kB", status)
                self._most = max(self._most, int(found[1]) * 1024 if found else 0)


def _computed() -> float:
    """Return the seconds that the processes which have ended have computed."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _tree(root: int) -> Iterator[int]:
    yield root
    for child in _read(f"/proc/{root}/task/{root}/children").split():
        yield from _tree(int(child))


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:  # it has ended, or the system shows none
        return ""


class Outcome:
    """What a build of the folder gave."""

    def __init__(self, folder: Path, cases: dict[str, Case], graph: Path) -> None:
        self.cases = cases
        command = [sys.executable, "-m", "kg", "build", str(folder), "--out", str(graph), "--json"]
        began = _computed()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as build:
            watch = Watch(build.pid)
            printed, said = build.communicate()
            self.memory = watch.stop()
        self.seconds = _computed() - began
        self.code = build.returncode
        assert printed, said.decode()
        self.report: dict[str, Any] = json.loads(printed)
        self.rejected = {row["file"]: row for row in self.report["rejected"]}
        self.skipped = {row["file"]: row["reason"] for row in self.report["skipped"]}
        self.sums: dict[str, set[float]] = defaultdict(set)
        for line in _run("export", "--graph", str(graph)).splitlines():
            row = json.loads(line)
            self.sums[row["source"]] |= {a["value"] for a in row["amounts"] if a["unit"] == "CNY"}
        rows = json.loads(_run("documents", "--graph", str(graph), "--json"))
        self.notes = {row["source"]: {p["kind"] for p in row["problems"]} for row in rows}


def _run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def find_faults(outcome: Outcome, cases: list[Case]) -> list[str]:
    """Return what came out otherwise than it must."""
    sums = {case.name: sum_of(index) for index, case in enumerate(cases)}
    return [
        f"{name}: {fault}"
        for name, case in outcome.cases.items()
        if (fault := _fault(name, case, sums[case.name] * 10_000, outcome))
    ]


def _fault(name: str, case: Case, amount: int, outcome: Outcome) -> str:
    reason = outcome.rejected.get(name, {}).get("reason", "")
    skipped = outcome.skipped.get(name, "")
    if reason != case.reason:
        return f"rejected as {reason!r} instead of {case.reason!r}: {outcome.rejected.get(name)}"
    if not (skipped.startswith(case.skipped) if case.skipped else not skipped):
        return f"skipped with {skipped!r} instead of {case.skipped!r}"
    if case.reason or case.skipped:
        return ""
    if name not in outcome.notes:
        return "neither ingested nor reported"
    if case.note not in {"", *outcome.notes[name]}:
        return f"the note {case.note} is missing: {outcome.notes[name]}"
    found = outcome.sums.get(name, set())
    if HIDDEN * 10_000 in found or (case.measures and amount not in found):
        return f"the sums {found} instead of {amount}"
    return ""


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("hostile") / "documents"
    cases = write_folder(folder, collect())
    return Outcome(folder, cases, folder.parent / "graph")


def test_every_hostile_file_comes_out_as_it_must(outcome: Outcome) -> None:
    assert len(outcome.cases) >= 146
    assert find_faults(outcome, collect()) == []


def test_nothing_found_is_lost(outcome: Outcome) -> None:
    report = outcome.report
    assert outcome.code == 3
    assert report["found"] == len(outcome.cases)
    ended = report["ingested"] + len(report["rejected"]) + len(report["skipped"])
    assert ended == report["found"]


def test_every_refusal_says_what_to_do_on_one_line(outcome: Outcome) -> None:
    for row in outcome.report["rejected"]:
        assert row["advice"], row
        assert "\n" not in "".join(row.values())


def test_the_folder_takes_little_time_and_memory(outcome: Outcome) -> None:
    assert outcome.memory < GIGABYTE
    assert outcome.seconds < 120


@pytest.mark.slow
def test_the_largest_files_come_out_as_they_must(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    cases = collect()
    large = write_folder(folder, cases, slow=True)
    outcome = Outcome(folder, large, tmp_path / "graph")
    assert find_faults(outcome, cases) == []
    assert outcome.memory < GIGABYTE
    assert outcome.seconds < 120


def test_links_are_followed_only_when_asked_and_each_folder_once(tmp_path: Path) -> None:
    from kg.corpus import find_sources

    (tmp_path / "a.txt").write_text("甲", encoding="utf-8")
    os.symlink(tmp_path, tmp_path / "circle")
    os.symlink(tmp_path / "a.txt", tmp_path / "b.txt")
    os.symlink("/dev/zero", tmp_path / "c.txt")
    os.symlink("nowhere", tmp_path / "d.txt")
    taken, skipped = find_sources([tmp_path], follow_links=True)
    assert [found.name for found in taken] == ["a.txt", "b.txt"]
    assert [found.name for found in skipped] == ["c.txt", "circle", "d.txt"]
    taken, skipped = find_sources([tmp_path])
    assert [found.name for found in taken] == ["a.txt"]
    assert len(skipped) == 4
