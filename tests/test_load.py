"""Loading: formats by content, what counts as text, and the process that parses."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.corpus import find_sources, read_source
from kg.corpus.find import read_bytes, show_name
from kg.corpus.load import LIMITS, PARAGRAPH_END, Limits, deadline, load
from kg.corpus.load.parser import Parser
from kg.errors import CorpusError
from tests.hostile.pdfs import FONT, drawn, packed, ruled, three_pages
from tests.hostile.texts import ole
from tests.hostile.words import paragraph, run, word_file, zip_file


def lines_of(content: bytes, name: str = "x") -> list[str]:
    return load(content, name).text.replace(PARAGRAPH_END, "").splitlines()


@pytest.fixture
def parser() -> Iterator[Parser]:
    made = Parser(Limits(seconds=1, characters=2_000))
    yield made
    made.close()


def test_parser_can_open_nothing(parser: Parser) -> None:
    parser.parse("html", b"<p>a", "x")
    assert parser._process is not None
    limits = Path("/proc", str(parser._process.pid), "limits")
    if not limits.exists():
        pytest.skip("the system does not show the limits of a process")
    assert re.search(r"Max open files +0 +0 ", limits.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"<div>" * 600_000 + b"a", "too-slow"), (b"<p>" + b"abcd" * 600, "too-large")],
    ids=["slow", "long"],
)
def test_parser_refuses_what_costs_too_much_and_goes_on(
    parser: Parser, content: bytes, reason: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        parser.parse("html", content, "x.html")
    assert caught.value.reason == reason
    assert caught.value.advice
    assert parser.parse("html", b"<p>a", "x").text.startswith("a")


def test_characters_outside_of_a_page_count_for_its_limit(parser: Parser) -> None:
    content = packed(b"(aaaaaaaaaaaaaaaaaaaa) Tj " * 200)
    with pytest.raises(CorpusError) as caught:
        parser.parse("pdf", content, "x.pdf")
    assert caught.value.reason == "too-large"


def test_parser_that_broke_down_is_replaced(parser: Parser) -> None:
    parser.parse("html", b"<p>a", "x")
    assert parser._process is not None
    os.kill(parser._process.pid, signal.SIGKILL)
    with pytest.raises(CorpusError) as caught:
        parser.parse("html", b"<p>a", "x")
    assert caught.value.reason == "crashed"
    assert parser.parse("html", b"<p>b", "x").text.startswith("b")


def test_deadline_interrupts_a_pattern() -> None:
    with pytest.raises(CorpusError, match=r"x\.txt") as caught, deadline(0.2, "x.txt"):
        re.match("(a+)+b", "a" * 60)
    assert caught.value.reason == "too-slow"


def test_word_file_reads_as_its_reader_sees_it() -> None:
    numbering = (
        '<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="1">'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="%1、"/>'
        '<w:suff w:val="nothing"/></w:lvl>'
        '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%2."/></w:lvl>'
        '</w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="1"/></w:num></w:numbering>'
    )
    styles = '<w:styles xmlns:w="w"><w:style w:styleId="a"><w:name w:val="heading 2"/></w:style></w:styles>'

    def numbered(text: str, depth: int, style: str = "") -> str:
        properties = f'{style}<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="3"/></w:numPr>'
        return paragraph(run(text), properties)

    cell = "<w:tc><w:tcPr>{}</w:tcPr>{}</w:tc>"
    row = "<w:tr>{}</w:tr>"
    table = "<w:tbl>{}</w:tbl>".format(
        row.format(
            cell.format('<w:vMerge w:val="restart"/>', paragraph(run("甲")))
            + cell.format("", paragraph(run("市科技局")) + paragraph(run("市财政局")))
        )
        + row.format(
            cell.format("<w:vMerge/>", paragraph("")) + cell.format("", paragraph(run("乙")))
        )
        + row.format(cell.format('<w:gridSpan w:val="2"/>', paragraph(run("合"))))
    )
    body = (
        numbered("要求", 0, '<w:pStyle w:val="a"/>')
        + numbered("培育", 1)
        + numbered("奖励", 1)
        + numbered("保障", 0)
        + numbered("组织", 1)
        + table
    )
    content = word_file(body, {"word/numbering.xml": numbering, "word/styles.xml": styles})
    assert lines_of(content) == [
        "## 一、要求",
        "1. 培育",
        "2. 奖励",
        "二、保障",
        "1. 组织",
        "甲\t市科技局 市财政局",
        "\t乙",
        "合\t",
    ]


def code(text: str, shown: str = "") -> str:
    """Return a field with this code, and a result where it has one."""
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in _FIELD]
    pieces = "".join(f"<w:r><w:instrText>{part}</w:instrText></w:r>" for part in text.split("|"))
    return marks[0] + pieces + (marks[1] + run(shown)) * bool(shown) + marks[2]


_RAISED = '<w:vertAlign w:val="superscript"/>'
_FIELD = ("begin", "separate", "end")
_FORMULA = (
    '<m:oMath xmlns:m="m"><m:f><m:num><m:r><m:t>1</m:t></m:r></m:num>'
    "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath>"
)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (code(r" eq \o\ac(○,1) ") + run("奖励"), "①奖励"),
        (code(r" eq |\o\ac(|○|,12)") + run("奖励"), "⑫奖励"),
        (run("补贴") + code(r"EQ \F(1,2)") + run("以上"), "补贴1/2以上"),
        (code(r"eq \o\ac(○,1)", "②"), "②"),
        (run("第") + code("PAGE", "3") + run("页"), "第3页"),
        (code("IF " + code(r"eq \o\ac(○,1)")) + run("甲"), "甲"),
        (run("补贴") + _FORMULA + run("以上"), "补贴1/2以上"),
        ('<w:r><w:sym w:font="Symbol" w:char="F0B3"/></w:r>' + run("50%"), "≥50%"),
        ('<w:r><w:sym w:font="宋体" w:char="2460"/></w:r>' + run("奖励"), "①奖励"),
        ('<w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r>' + run("甲"), "甲"),
        (run("10") + run("4", _RAISED) + run("亩，5平方米") + run("2", _RAISED), "10^4亩，5平方米2"),
    ],
    ids=[
        "circle", "circle-in-pieces", "fraction", "with-result", "page", "within-code",
        "formula", "symbol", "symbol-by-code", "symbol-unknown", "raised",
    ],
)  # fmt: skip
def test_what_word_draws_is_read_as_characters(inner: str, expected: str) -> None:
    assert lines_of(word_file(paragraph(inner))) == [expected]


def test_a_raised_digit_at_the_beginning_of_a_paragraph_stays_alone() -> None:
    content = word_file(paragraph(run("共10")) + paragraph(run("1", _RAISED) + run("注")))
    assert lines_of(content) == ["共10", "1注"]


def test_parts_of_a_word_file_are_found_by_what_they_are_declared_to_be() -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
    parts = {"document2": "document.main", "footnotes2": "footnotes"}
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{kind.format(what)}"/>'
        for name, what in parts.items()
    )
    text = paragraph(run("意见") + '<w:r><w:footnoteReference w:id="2"/></w:r>')
    note = f'<w:footnote w:id="2">{paragraph(run("奖励50万元。"))}</w:footnote>'
    content = zip_file(
        {
            "[Content_Types].xml": f"<Types>{types}</Types>",
            "word/document2.xml": f'<w:document xmlns:w="w"><w:body>{text}</w:body></w:document>',
            "word/footnotes2.xml": f'<w:footnotes xmlns:w="w">{note}</w:footnotes>',
        }
    )
    assert lines_of(content) == ["意见", "奖励50万元。"]


def test_a_paragraph_whose_end_was_moved_away_runs_on() -> None:
    first = paragraph(
        run("给予50") + f"<w:moveFrom>{run('乙')}</w:moveFrom>", "<w:rPr><w:moveFrom/></w:rPr>"
    )
    assert lines_of(word_file(first + paragraph(run("万元奖励。")))) == ["给予50万元奖励。"]


def test_pdf_reads_as_paragraphs_and_rows() -> None:
    lines = lines_of(drawn(three_pages)(20))
    assert lines[0] == "某某市关于支持企业创新的第20号意见"
    assert not any("—" in line or "8888" in line for line in lines)
    assert any("一次性20万元奖励。" in line for line in lines)
    assert lines_of(drawn(ruled)(20))[1].split("\t")[::2] == ["奖励", "市科技局"]


def at_places(*lines: tuple[float, dict[float, str]]) -> bytes:
    """Return a PDF with texts at places: the height of each line, and where its parts begin."""

    def draw(canvas: Any, _amount: int) -> None:
        for y, parts in lines:
            for x, text in parts.items():
                canvas.drawString(x, y, text)

    return drawn(draw)(1)


def test_pdf_table_without_rules_reads_as_rows() -> None:
    """Also where cells have several lines; the paragraph below it is none of its rows."""
    content = at_places(
        (760, {60: "任务", 130: "内容", 420: "责任单位"}),
        (730, {60: "奖励", 130: "对首次认定的高新技术企业", 420: "市科技局、"}),
        (712, {130: "一次性给予50万元。", 420: "市财政局"}),
        (682, {60: "培训", 130: "组织企业参加。", 420: "市税务局"}),
        (640, {132: "以上任务由各区人民政府组织实施，支持企业创新发展，每年"}),
        (620, {108: "报告进展。"}),
    )
    assert lines_of(content) == [
        "任务\t内容\t责任单位",
        "奖励\t对首次认定的高新技术企业一次性给予50万元。\t市科技局、市财政局",
        "培训\t组织企业参加。\t市税务局",
        "以上任务由各区人民政府组织实施，支持企业创新发展，每年报告进展。",
    ]


def test_pdf_columns_given_line_by_line_are_read_one_after_the_other() -> None:
    left, right = "支持企业创新发展和研发工作与", "给予一次性奖励五十万元的资金和"
    content = at_places(*((760 - 20 * n, {60: left, 300: right}) for n in range(5)))
    assert lines_of(content) == [left * 5, right * 5]


def test_pdf_pairs_of_short_texts_stay_in_their_lines() -> None:
    rows = [("市科技局", "50万元"), ("市人力资源社会保障局", "120万元"), ("市税务局", "3万元")] * 2
    content = at_places(*((760 - 20 * n, {60: a, 300: b}) for n, (a, b) in enumerate(rows)))
    assert "市科技局 50万元" in "".join(lines_of(content))


def test_pdf_paragraphs_end_where_the_next_is_indented_also_among_short_ones() -> None:
    """The first long one fills its last line and has no full stop."""
    first, rest = (
        "提供有效的竞争环境、竞争对手和竞争策略分析参考规",
        "范上海市技术转移过程中竞争情报分析服务的规程和标准",
    )
    lines = [
        (740, {96: first}), (720, {72: rest}), (700, {96: first}), (680, {72: "规范服务"}),
        *((660 - 20 * n, {96: f"第{n}项服务"}) for n in range(4)),
    ]  # fmt: skip
    assert lines_of(at_places(*lines))[:2] == [first + rest, first + "规范服务"]


def test_pdf_numbers_that_hang_out_keep_their_paragraphs() -> None:
    text = "对首次认定的高新技术企业给予奖励并支持其创新发展"
    parts = [
        (72, f"1．{text}"),
        (96, text),
        (96, "工作"),
        (72, f"2．{text}"),
        (96, text),
        (96, "工作"),
    ]
    lines = [(740 - 20 * n, {x: part}) for n, (x, part) in enumerate(parts)]
    assert lines_of(at_places(*lines)) == [f"{n}．{text}{text}工作" for n in (1, 2)]


def test_pdf_contents_do_not_run_into_the_text() -> None:
    dots = "…" * 12
    content = at_places(
        (760, {72: f"一、总体要求{dots}1"}),
        (740, {72: f"二、财政支持{dots}3"}),
        (720, {72: "一、总体要求"}),
    )
    assert lines_of(content)[1:] == [f"二、财政支持{dots}3", "一、总体要求"]


def test_pdf_raised_digits_do_not_join_the_number_before_them() -> None:
    def draw(canvas: Any, _amount: int) -> None:
        canvas.drawString(72, 760, "建设10")
        canvas.setFont(FONT, 7)
        canvas.drawString(109, 765, "4")
        canvas.setFont(FONT, 12)
        canvas.drawString(114, 760, "亩")

    assert lines_of(drawn(draw)(1)) == ["建设10^4亩"]


def test_page_reads_as_blocks_and_rows() -> None:
    page = (
        "<h1>办法</h1><div>甲<br>乙</div><ol start=3><li>丙<li>丁</ol><ul><li>戊</ul>"
        "<table><tr><td rowspan=2>己<td>庚<tr><td>辛</table><pre>壬\n癸</pre>"
    )
    lines = lines_of(f"<html>{page}</html>".encode())
    assert lines == ["# 办法", "甲", "乙", "3. 丙", "4. 丁", "- 戊", "己\t庚", "\t辛", "壬", "癸"]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (
            "<p>10<sup>4</sup>亩，5m<sup>2</sup>，2023<sup>[1]</sup>年</p>",
            ["10^4亩，5m2，2023[1]年"],
        ),
        ("<p>甲</p><p style='position:absolute;left:-9999px'>乙</p>", ["甲"]),
        ("<p style='text-indent:-24px'>甲</p>", ["甲"]),
        ("<article><p>甲</p><footer>某某市人民政府</footer></article>", ["甲", "某某市人民政府"]),
        ("<article>甲</article><footer>主办单位</footer>", ["甲"]),
        (
            "<table><tr><td rowspan=0>甲<td>乙<tr><td>丙<tr><td>丁</table>",
            ["甲\t乙", "\t丙", "\t丁"],
        ),
        ("<p>补贴<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>以上</p>", ["补贴以上"]),
    ],
    ids=["raised", "far-outside", "hanging", "footer", "footer-of-page", "all-rows", "formula"],
)
def test_parts_of_pages(inner: str, expected: list[str]) -> None:
    page = f"<html><body>{inner}</body></html>".encode()
    assert lines_of(page) == expected
    assert ("formula" in {note.kind for note in load(page, "x").notes}) == ("<math>" in inner)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.text(alphabet="支持企业创新奖励20万元，。AB&<>\"' ", min_size=1, max_size=30).filter(
            str.strip
        ),
        min_size=1,
        max_size=8,
    )
)
def test_paragraphs_survive_as_word_file_and_page(texts: list[str]) -> None:
    """What is written as paragraphs is read as the same paragraphs, up to blanks."""
    from html import escape

    page = "<html><body>" + "".join(f"<p>{escape(text)}</p>" for text in texts)
    document = word_file("".join(paragraph(run(escape(text))) for text in texts))
    wanted = ["".join(text.split()) for text in texts]
    for content in (page.encode(), document):
        assert ["".join(line.split()) for line in lines_of(content)] == wanted


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", zip_file({})]),
)
def test_load_gives_text_or_a_class_of_refusal(content: bytes, head: bytes) -> None:
    reason, text = "", ""
    try:
        text = load(head + content, "x").text
    except CorpusError as error:
        reason = error.reason
    assert text or reason in {
        "empty", "binary", "encoding", "unsupported", "damaged", "no-text", "encrypted", "scan", "garbled",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind", "advice"),
    [
        (ole("WordDocument"), "a Word file of the old kind (.doc)", "save it as .docx"),
        (ole("Workbook"), "an old spreadsheet (.xls)", "if it is a document"),
        (ole("WpsContent"), "an old Office or WPS program", "save it as .docx"),
        (rb"{\rtf1 a}", "rich text format", "save it as .docx"),
        (zip_file({"OFD.xml": ""}), "an OFD file", "print it to PDF"),
        (zip_file({"a.docx": ""}), "an archive", "unpack it"),
        (b"KDH 2.00" + bytes(99), "a CAJ file", "as PDF"),
        (b"\xff\xd8\xff" + bytes(99), "a picture", "recognise its text first"),
        (b"From: a\nTo: b\nMIME-Version: 1.0\n\nx", "an e-mail", "attachment"),
    ],
    ids=["doc", "xls", "wps", "rtf", "ofd", "zip", "caj", "jpg", "eml"],
)
def test_a_format_that_is_not_read_is_named_with_what_to_do(
    content: bytes, kind: str, advice: str
) -> None:
    with pytest.raises(CorpusError) as caught:
        load(content, "renamed.docx")
    assert caught.value.reason == "unsupported"
    assert kind in caught.value.advice
    assert advice in caught.value.advice


def test_a_note_that_begins_with_names_is_no_mail() -> None:
    assert load("From: 甲\nTo: 乙\n\n支持企业。".encode(), "note.txt").format == "text"


def test_what_is_left_out_is_told_as_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(word_file(paragraph(run("支持企业。") + run("甲", "<w:vanish/>"))))
    source = read_source(path, "a.docx")
    assert source.notes == (("hidden-text", "1 hidden passages are left out"),)
    assert source.encoding == "docx"


def read_often(path: Path) -> None:
    """Read a file until it is refused: a busy machine lets it through now and then."""
    for _ in range(200):
        read_bytes(path, path.name, LIMITS)


def test_read_bytes_refuses_what_is_being_written(tmp_path: Path) -> None:
    """Half of one text and half of another would be a text that nobody wrote."""
    path, ended = tmp_path / "a.txt", threading.Event()
    path.write_bytes(bytes(8_000_000))

    def write() -> None:
        with path.open("ab", buffering=0) as file:
            while not ended.is_set():
                file.write(b"a")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(CorpusError, match="changed while it was read") as caught:
            read_often(path)
    finally:
        ended.set()
        writer.join()
    assert caught.value.reason == "unreadable"
    assert read_bytes(path, "a.txt", LIMITS) == path.read_bytes()


def test_read_bytes_refuses_what_became_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    with pytest.raises(CorpusError, match="no regular file"):
        read_bytes(tmp_path / "a.txt", "a.txt", LIMITS)


@pytest.mark.parametrize(
    ("name", "shown"),
    [("政策.txt", "政策.txt"), ("a\nb", "a\\x0ab"), ("a\u202eb", "a\\u202eb"), ("\udcff", "\\xff")],
)
def test_show_name_gives_one_visible_line(name: str, shown: str) -> None:
    assert show_name(name) == shown


def test_find_sources_names_a_path_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="no such file"):
        find_sources([tmp_path / "nowhere"])
