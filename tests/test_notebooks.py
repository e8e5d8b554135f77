"""The notebooks: kept without outputs, and their code runs on the embedded corpus."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("compare-cities", ("高级管理人员与技术骨干研修", "contradicted", "sentences in", "60%")),
        ("networks", ("units,", "community 1", "上海")),
    ],
)
def test_notebook_runs(
    name: str, printed: tuple[str, ...], embedded_graph: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run the cells in one namespace, which needs no kernel."""
    notebook = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))
    names: dict[str, object] = {"embedded": embedded_graph}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            code = "".join(cell["source"]).replace("folder = None", "folder = embedded")
            exec(compile(code, name, "exec"), names)
    output = capsys.readouterr().out
    for text in printed:
        assert text in output
