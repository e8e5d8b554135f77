"""The project itself: package data, versions, what its files may not name."""

from __future__ import annotations

import configparser
import fnmatch
import re
import subprocess
from pathlib import Path

import pytest

from tests.grouping import TOGETHER, find_group

ROOT = Path(__file__).resolve().parent.parent


def configuration() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def tracked() -> list[Path]:
    output = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in output.split("\0") if name and (ROOT / name).is_file()]


def test_every_data_file_of_the_package_reaches_the_wheel() -> None:
    patterns = configuration()["options.package_data"]["kg"].split()
    for path in (ROOT / "kg").rglob("*"):
        name = path.relative_to(ROOT / "kg").as_posix()
        if path.is_dir() or path.suffix in (".py", ".pyc") or "__pycache__" in name:
            continue
        assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns), name
    for folder in ("ontology", "corpus"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_dir():
                continue
            name = f"data/{path.relative_to(ROOT).as_posix()}"
            assert any(fnmatch.fnmatch(name, pattern) for pattern in patterns), name


def test_constraints_pin_every_dependency_without_addresses() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pins = dict(line.split("==") for line in text.splitlines())
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in pins}
    for section in ("options", "options.extras_require"):
        value = configuration()[section].get(
            "install_requires" if section == "options" else "dev", ""
        )
        for line in value.strip().splitlines():
            name = re.sub(r"[-_.]+", "-", re.split(r"[ \[<>=]", line)[0]).lower()
            assert name in names, name
    assert "://" not in text


def test_files_name_no_place_of_their_making() -> None:
    """No path of a machine and no registry's address stands in the project."""
    place = re.compile(r"(?<![\w.~-])/(?:work|farm|root|tmp)/|--(?:extra-)?index-url")
    for path in tracked():
        if path.suffix in (".png", ".ico") or path == Path(__file__):
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        assert not place.search(text), f"{path}: {place.search(text)}"


def test_modules_and_functions_stay_small() -> None:
    """A module past 500 lines or a function past 60 is more than one idea."""
    import ast

    for path in (ROOT / "kg").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 500, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno <= 60, f"{path}: {node.name}"


def test_the_tests_of_a_dear_module_run_in_one_process(request: pytest.FixtureRequest) -> None:
    """The group is told by the id alone, which the process that deals out the tests knows."""
    for name in TOGETHER:
        path = ROOT / "tests" / f"{name}.py"
        assert path.is_file(), name
        assert {find_group(f"tests/{name}.py::test_{n}[a@b]") for n in range(3)} == {
            f"tests/{name}.py"
        }
    assert find_group(request.node.nodeid).startswith(request.node.nodeid)
