"""The originals as Word files, PDFs and web pages give the same coding sheet as the texts."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.corpus.grammar import compile_grammar
from kg.corpus.layout import normalize
from kg.ontology import Vocabulary
from tests.renderings import RENDERERS, read_parts

pytestmark = pytest.mark.originals
CODED = [
    "places",
    "cities",
    "categories",
    "instruments",
    "status",
    "basis",
    "strength",
    "beneficiaries",
    "object",
    "conditions",
    "units",
    "amounts",
    "targets",
]


def read_sheet(graph: Path) -> Counter[str]:
    """Return the measures of a graph: what is coded, and the words without blanks and variants."""
    result = CliRunner().invoke(main, ["export", "--graph", str(graph)])
    assert result.exit_code == 0, result.output
    return Counter(_key(json.loads(line)) for line in result.stdout.splitlines())


def _key(row: dict[str, Any]) -> str:
    source = Path(row["source"]).stem[:3]
    coded = json.dumps([row[name] for name in CODED], ensure_ascii=False)
    both = normalize(row["text"]) + "\n" + coded
    for mark in "*#<b></b><p></p>":
        both = both.replace(mark, "")
    return f"{source} " + "".join(unicodedata.normalize("NFKC", both).split())


@pytest.mark.parametrize("kind", sorted(RENDERERS))
def test_renderings_give_the_coding_sheet_of_the_text(
    kind: str, original_graph: Path, originals: Path, vocabulary: Vocabulary, tmp_path: Path
) -> None:
    grammar = compile_grammar(vocabulary)
    folder = tmp_path / "documents"
    folder.mkdir()
    for path in sorted(originals.glob("*.txt")):
        parts = read_parts(path.read_bytes().decode(), grammar)
        (folder / f"{path.stem}.{kind}").write_bytes(RENDERERS[kind](parts))
    result = CliRunner().invoke(main, ["build", str(folder), "--out", str(tmp_path / "graph")])
    assert result.exit_code == 0, result.output
    of_text, of_rendering = read_sheet(original_graph), read_sheet(tmp_path / "graph")
    lost, new = of_text - of_rendering, of_rendering - of_text
    different = max(lost.total(), new.total())
    assert different <= 0.02 * of_text.total(), "\n".join([*lost, "--", *new])
