"""The report, the workbook and citations: every figure is what its query counts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.compare import find_matrix, find_mix_claims, project_claims
from kg.graph import open_version, select
from kg.ontology import Vocabulary
from kg.report import (
    Contents,
    Figure,
    Subject,
    cite_document,
    fill_query,
    gather_contents,
    make_keys,
    render_page,
    write_workbook,
)
from kg.report.wording import load_words

PLACES = ("上海", "北京", "深圳")
SHEETS = (
    "编码表", "矩阵", "缺口", "共有", "证据", "论断核对", "编码手册", "政策组合", "责任单位", "来源",
    "数值", "查询", "文件集",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝")


@pytest.fixture(scope="module")
def contents(embedded_graph: Path, vocabulary: Vocabulary) -> Contents:
    version = open_version(embedded_graph)
    store = version.store()
    claims = project_claims(store, vocabulary)
    subject = Subject(
        version,
        claims,
        vocabulary,
        "https://w3id.org/policykg/",
        city=PLACES[0],
        peers=PLACES[1:],
        stated=find_mix_claims(store, claims, vocabulary),
    )
    return gather_contents(subject)


@pytest.fixture(scope="module")
def page(contents: Contents) -> str:
    return render_page(contents)


@pytest.fixture(scope="module")
def store(contents: Contents) -> ox.Store:
    """The published quads in memory, where counting takes a quarter of the time."""
    store = ox.Store()
    store.bulk_load(path=contents.subject.version.quads, format=ox.RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="module")
def count(contents: Contents, store: ox.Store) -> Any:
    """Count what a figure claims, each query run once."""
    known: dict[str, int] = {}

    def run(figure: Figure) -> int:
        sparql = fill_query(figure, contents.figures)
        if sparql not in known:
            known[sparql] = int(str(select(store, sparql)[0]["n"]))
        return known[sparql]

    return run


EVERY = [20, pytest.param(1, marks=pytest.mark.slow)]  # one figure in so many is counted


def thin(figures: Iterable[Figure], every: int) -> list[Figure]:
    """Return of each query, with a value and without, the first figure and one in ``every``."""
    kinds: dict[tuple[str, bool], list[Figure]] = defaultdict(list)
    for figure in figures:
        kinds[figure.query, bool(figure.value)].append(figure)
    return [figure for kind in kinds.values() for figure in kind[::every]]


class _Reader(HTMLParser):
    """Reads the figures, the addresses and the embedded content of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.figures: list[Figure] = []
        self.shown: list[str] = []
        self.addresses: list[str] = []
        self.identifiers: set[str] = set()
        self.content = ""
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.addresses += [found[name] for name in ("src", "href", "action") if name in found]
        self.identifiers.add(found.get("id", ""))
        self._within = found.get("id", "") if tag == "script" else tag
        if tag == "data":
            parameters = json.loads(found["data-parameters"])
            self.figures.append(Figure(int(found["value"]), found["data-query"], parameters))

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "data":
            self.shown.append(data)
        elif self._within == "content":
            self.content += data


@pytest.mark.parametrize("every", EVERY)
def test_render_page_shows_what_its_queries_count(page: str, count: Any, every: int) -> None:
    reader = _Reader(page)
    assert [str(figure.value) for figure in reader.figures] == reader.shown
    assert {figure.query for figure in reader.figures} == {
        "documents", "measures", "says", "denies", "sentences", "mix", "duties",
    }  # fmt: skip
    wrong = [figure for figure in thin(reader.figures, every) if count(figure) != figure.value]
    assert not wrong


@pytest.mark.parametrize("every", EVERY)
def test_render_page_needs_no_more_than_itself_to_count(
    page: str, store: ox.Store, every: int
) -> None:
    """The queries, sets and prefixes that the page embeds give its numbers on plain N-Quads."""
    reader = _Reader(page)
    embedded = json.loads(reader.content)
    prefixes = "".join(f"PREFIX {n}: <{iri}>\n" for n, iri in embedded["prefixes"].items())
    for figure in thin(reader.figures, every):
        iris = " ".join(f"<{iri}>" for iri in embedded["sets"][figure.parameters["documents"]])
        sparql = prefixes + embedded["queries"][figure.query]
        for name, value in {
            **figure.parameters,
            "documents": iris,
            "base": embedded["base"],
        }.items():
            sparql = sparql.replace(f"%{name}%", value)
        [row] = store.query(sparql, use_default_graph_as_union=True)
        assert int(row["n"].value) == figure.value, sparql


def test_render_page_shows_shares_of_what_it_counts(page: str, contents: Contents) -> None:
    shares = re.findall(r"<b><data value=\"(\d+)\".*?</b> <span class=\"quiet\">(.*?) %", page)
    wholes = [bar.n.value for bar in contents.bars for _ in contents.categories]
    assert len(shares) == len(wholes) > 10
    for (part, share), whole in zip(shares, wholes, strict=True):
        assert share == f"{100 * int(part) / whole:.1f}"


def test_render_page_counts_nothing_where_it_shows_nothing(contents: Contents, count: Any) -> None:
    empty = [s.says for s in contents.spots.values() if not s.says.value]
    empty += [s.denies for s in contents.spots.values() if not s.denies.value]
    assert len(empty) > 200
    assert not [figure for figure in empty[::9] if count(figure)]


def test_gather_contents_agrees_with_the_matrix(contents: Contents) -> None:
    subject = contents.subject
    matrix = find_matrix(subject.claims, subject.vocabulary, places=PLACES)
    for row in matrix.rows:
        for column, cell in zip(matrix.columns, row.cells, strict=True):
            spot = contents.spots[row.place, column.id]
            assert spot.cell.state == cell.state, (row.label, column.id)
            assert bool(spot.says.value or spot.denies.value) == bool(cell.measures)


def test_render_page_asks_for_nothing_outside(page: str) -> None:
    reader = _Reader(page)
    local = {address[1:] for address in reader.addresses if address.startswith("#")}
    assert all(a.startswith(("#", "data:")) for a in reader.addresses)
    assert local <= reader.identifiers
    assert "default-src 'none'" in page
    assert not re.search(r"@import|url\(\s*['\"]?https?:|\bfetch\(|XMLHttpRequest", page)


def test_render_page_embeds_the_evidence_of_every_cell(page: str, contents: Contents) -> None:
    content = json.loads(_Reader(page).content)
    keys = set(re.findall(r'data-cell="(\d+ [^"]+)"', page))
    assert keys
    assert keys <= set(content["cells"])
    cell = content["cells"]["310000 ExecutiveTraining"]
    quotes = [content["passages"][number]["quote"] for number, _ in cell["denies"]]
    assert cell["state"] == "denied"
    assert any("研修" in quote for quote in quotes)
    assert {basis for _, basis in cell["denies"]} >= {"lacks"}


def test_render_page_escapes_what_documents_say(contents: Contents) -> None:
    source = contents.sources[0]
    row = {**source.row, "title": "<script>alert(1)</script>"}
    page = render_page(replace(contents, sources=(replace(source, row=row),)))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_render_page_is_the_same_twice(page: str, contents: Contents) -> None:
    assert render_page(contents) == page
    assert '<html lang="en">' in render_page(contents, language="en")


def test_page_opens_in_a_browser_without_an_error(page: str, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("no Chromium to open the page in")
    path = tmp_path / "report.html"
    path.write_text(page, encoding="utf-8")
    command = [
        browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
        f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom",
        f"file://{path}#cell:310000:ExecutiveTraining",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert "CONSOLE" not in done.stderr
    found = re.search(r'<div id="found">(.*?)</div></dialog>', done.stdout, re.DOTALL)
    assert found
    assert "研修" in found[1]
    assert "SELECT (COUNT(DISTINCT ?counted) AS ?n)" in found[1]
    assert re.search(r'<dialog id="drawer"[^>]* open=""', done.stdout)


@pytest.mark.parametrize("every", EVERY)
def test_write_workbook_shows_what_its_queries_count(
    contents: Contents, count: Any, tmp_path: Path, every: int
) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    path = tmp_path / "workbook.xlsx"
    write_workbook(contents, path)
    book = openpyxl.load_workbook(path)
    assert tuple(book.sheetnames) == SHEETS
    assert book["编码表"].max_row - 1 == contents.measures.value
    assert all(re.search("[\u4e00-\u9fff]|SHA|SPARQL", c.value) for s in book for c in s[1])
    header = [cell.value for cell in book["数值"][1]]
    figures = [
        dict(zip(header, row, strict=True))
        for row in book["数值"].iter_rows(min_row=2, values_only=True)
    ]
    assert len(figures) > 500
    known = {(f.query, *sorted(f.parameters.items())): f for f in _list_figures(contents)}
    shown = []
    for row in figures:
        assert book[row["工作表"]][row["单元格"]].value == row["数值"]
        about = {
            "documents": row["文件集"], "place": row["地方"], "instrument": row["工具"],
            "unit": row["单位 IRI"], "role": row["角色"],
        }  # fmt: skip
        parameters = {name: value for name, value in about.items() if value}
        figure = known[(row["查询"], *sorted(parameters.items()))]
        assert figure.value == row["数值"]
        shown.append(figure)
    assert not [f for f in thin(shown, every) if f.value and count(f) != f.value]
    told = {(row["工作表"], row["单元格"]) for row in figures}
    heads = {sheet.title: [cell.value for cell in sheet[1]] for sheet in book}
    others = {
        heads[sheet.title][cell.column - 1]
        for sheet in book
        for line in sheet.iter_rows(min_row=2)
        for cell in line
        if isinstance(cell.value, int | float) and (sheet.title, cell.coordinate) not in told
    }
    assert others == {"起", "止", "置信度", "数值"}  # offsets, confidence, the list of figures


def test_write_workbook_tells_each_verdict(contents: Contents, tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    path = tmp_path / "workbook.xlsx"
    write_workbook(contents, path)
    header, *rows = openpyxl.load_workbook(path)["论断核对"].values
    assert len(rows) == len(contents.verdicts) > 10
    for row, verdict in zip(rows, contents.verdicts, strict=True):
        told = dict(zip(header, row, strict=True))
        assert told["核对结果"] == load_words()["verdicts"][verdict.verdict][0]
        assert bool(told["本地原文"]) == bool(verdict.own or verdict.related)


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("options", [{"as_of": "2022-12-31"}, {"level": "district"}])
def test_render_page_shows_what_its_queries_count_of_some_documents(
    contents: Contents, store: ox.Store, options: dict[str, str], every: int
) -> None:
    whole = contents.subject
    claims = project_claims(whole.version.store(), whole.vocabulary, **options)
    subject = replace(whole, claims=claims, stated=())
    some = gather_contents(subject)
    said, all_said = (sum(s.says.value for s in c.spots.values()) for c in (some, contents))
    assert 0 < said < all_said
    for figure in thin(_list_figures(some), every):
        found = select(store, fill_query(figure, some.figures)) if figure.value else []
        assert not figure.value or int(str(found[0]["n"])) == figure.value


def _list_figures(contents: Contents) -> list[Figure]:
    found = [contents.documents, contents.measures]
    found += [f for spot in contents.spots.values() for f in (spot.says, spot.denies)]
    found += [f for bar in contents.bars for f in (bar.n, *bar.parts)]
    found += [f for office in contents.offices for f in office.counts]
    return [*found, *(source.measures for source in contents.sources)]


@pytest.fixture(scope="module")
def guarded(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The rows of a coding sheet with a text for each character that a formula begins with."""
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl reads the workbook back")
    rows = (
        {**row, "text": f'{start}HYPERLINK("x")'}
        for row, start in zip(contents.sheet, FORMULAS, strict=False)
    )
    path = tmp_path_factory.mktemp("guarded") / "workbook.xlsx"
    write_workbook(replace(contents, sheet=tuple(rows), spots=contents.spots), path)
    _, *lines = openpyxl.load_workbook(path)["编码表"]
    return dict(zip(FORMULAS, lines, strict=True))


@pytest.mark.parametrize("start", FORMULAS)
def test_write_workbook_keeps_texts_from_being_formulas(
    guarded: dict[str, Any], start: str
) -> None:
    found = [cell for cell in guarded[start] if str(cell.value).endswith('HYPERLINK("x")')]
    assert [cell.data_type for cell in found] == ["s"]
    assert found[0].quotePrefix


def test_write_workbook_is_the_same_twice(contents: Contents, tmp_path: Path) -> None:
    one, other = tmp_path / "one.xlsx", tmp_path / "other.xlsx"
    write_workbook(contents, one)
    write_workbook(contents, other)
    assert one.read_bytes() == other.read_bytes()


@pytest.fixture
def plan() -> dict[str, Any]:
    return {
        "source": "plans/Plan_A.txt", "form": "original", "title": "甲市{行动}计划", "number": "甲科〔2023〕8号",
        "issuer": "甲市科技局", "issued": "2023-05-08", "kind": "工作文件",
    }  # fmt: skip


def test_cite_document_follows_gb_t_7714(plan: dict[str, Any]) -> None:
    assert cite_document(plan) == "甲市科技局. 甲市{行动}计划: 甲科〔2023〕8号[Z]. (2023-05-08)."
    bare = {**plan, "issuer": "", "number": "", "issued": None, "kind": "报告", "form": "digest"}
    assert cite_document(bare) == "甲市{行动}计划[R]. [日期不详]. 摘编，非原文."


def test_cite_document_writes_bibtex(plan: dict[str, Any]) -> None:
    entry = cite_document(plan, "bibtex")
    assert entry.startswith("@misc{plan-a2023,\n")
    assert "title = {{甲市\\{行动\\}计划}}" in entry
    assert entry.count("{") == entry.count("}")


def test_cite_document_refuses_another_style(plan: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="gbt7714, bibtex"):
        cite_document(plan, "apa")


def test_make_keys_differ() -> None:
    rows = [{"source": f"{folder}/计划.txt", "issued": "2023-01-01"} for folder in "abc"]
    assert len(set(make_keys(rows))) == 3


def test_words_are_there_in_both_languages() -> None:
    for table, entries in load_words().items():
        for key, words in entries.items():
            assert words.zh, (table, key)
            assert words.en, (table, key)
            assert not re.search("[\u4e00-\u9fff]", words.en), (table, key)


def test_commands_write_files_and_cite(embedded_graph: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    graph = ["--graph", str(embedded_graph)]
    cited = runner.invoke(main, ["cite", "浦科经委", "--format", "bibtex", *graph])
    assert cited.output.startswith("@misc{pudong-three-year-plan2023,")
    missing = runner.invoke(main, ["cite", "no such thing", *graph])
    assert missing.exit_code == 1
    assert "kg documents" in missing.stderr
    path = tmp_path / "report.html"
    options = ["--peers", "北京", "--as-of", "2024-12-31", "--out", str(path), *graph]
    done = runner.invoke(main, ["report", "上海", *options])
    assert done.exit_code == 0, done.output
    assert "2024-12-31" in path.read_text(encoding="utf-8")
