"""Reading: decoding, layout repair with its offset map, clauses, tables, metadata."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.corpus import embedded_folder, read_catalogue, read_document, read_source
from kg.corpus.decode import decode
from kg.corpus.grammar import compile_grammar
from kg.corpus.layout import normalize, repair_layout
from kg.errors import CorpusError
from kg.model import Document, Source, join_lines
from kg.ontology import Vocabulary, load_vocabulary

Read = Callable[[str], Document]

PLAN = """某某市科学技术局

某科规〔2024〕3号

关于印发《某某市创新企业培育三年行动计划（2024-2026年）》的通知

各区人民政府，市政府各部门：

《某某市创新企业培育三年行动计划（2024-2026年）》已经批准，现印发给你们。

某某市科学技术局

2024年3月5日

一、总体要求

坚持创新驱动，形成良好局面。

二、重点任务

（一）加大资金支持

1. 给予认定奖励。对首次认定的企业，给予一次性10万元奖励。（责任单位：市科技局、市财政局）

2. 开展培训。组织申报培训。（牵头部门：市科技局；配合部门：市税务局、财政局）

本计划自2024年4月1日起施行，有效期至2026年6月30日。

2024年3月8日印发
"""


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("沪府规〔２０２１〕９号", "沪府规〔2021〕9号"),
        ("为贯彻«意见»,现提出:", "为贯彻《意见》，现提出："),
        ("提升能级.完善机制", "提升能级。完善机制"),
        ("容积率２．０以上", "容积率2.0以上"),
        ("管理辦法", "管理办法"),
        ("显著提升", "显著提升"),
        ("增长6%,其中", "增长6%，其中"),
        ("http://example.org/a.b", "http://example.org/a.b"),
    ],
)
def test_normalize_gives_one_form_of_equal_length(raw: str, clean: str) -> None:
    assert normalize(raw) == clean
    assert len(raw) == len(clean)


def test_repair_layout_joins_hard_wraps_and_blank_lines(vocabulary: Vocabulary) -> None:
    lines = ["建设一批平台，加快形成创新体系和产业生态，" + "甲" * 9] * 12
    raw = "\n\n".join([*lines, "结束。"])
    blocks = repair_layout(raw, compile_grammar(vocabulary))
    assert len(blocks) == 1
    assert blocks[0].text.endswith("结束。")


def test_repair_layout_leaves_out_page_numbers_and_markup(vocabulary: Vocabulary) -> None:
    raw = "## 一、**重点**任务\n\n- 8 -\n\n---\n\n<p>支持企业创新。</p>\n"
    texts = [b.text for b in repair_layout(raw, compile_grammar(vocabulary))]
    assert texts == ["一、重点任务", "支持企业创新。"]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("（责任单位：`市科技局`）", "（责任单位：市科技局）"),
        (
            "由[市科技局](https://a.example/b?c=1#d)、[财政局](/e/f.html)负责",
            "由市科技局、财政局负责",
        ),
        ("给予~~30万元~~10万元奖励", "给予10万元奖励"),
        ("给予10~~20万元，或30~~40万元", "给予10~~20万元，或30~~40万元"),
        ("给予10万元。<!-- 给予30万元 -->由市科技局负责", "给予10万元。由市科技局负责"),
        ("见[1]（注释）和[附件](见后)", "见[1]（注释）和[附件]（见后）"),
    ],
    ids=["code", "links", "struck", "ranges", "comment", "brackets"],
)
def test_repair_layout_leaves_out_markup_within_lines(
    vocabulary: Vocabulary, raw: str, clean: str
) -> None:
    assert [b.text for b in repair_layout(raw, compile_grammar(vocabulary))] == [clean]


DRAWN = {
    "markdown": "|序号|任务|责任单位|\n|---|:-:|--:|\n|1|给予**10万元**奖励|市科技局、财政局|\n|2|组织培训|市税务局|",
    "no-edges": "序号|任务|责任单位\r\n-|-|-\r\n1|给予10万元奖励|市科技局、财政局\r\n2|组织培训|市税务局",
    "box": (
        "┌─┬─┬─┐\n│序号│任务│责任单位│\n├─┼─┼─┤\n│1│给予10万元奖励│市科技局、财政局│\n"
        "│2│组织培训│市税务局│\n└─┴─┴─┘"
    ),
    "wrapped": (
        "┏━┳━┳━┓\n┃序号┃任务　　┃责任单位┃\n┣━╋━╋━┫\n┃１　┃给予10万┃市科技局┃\n"
        "┃　　┃元奖励　┃、财政局┃\n┃２　┃组织培训┃市税务局┃\n┗━┻━┻━┛"
    ),
    "wrapped-everywhere": (
        "┌─┬─┬─┐\n│序　│任务　　│责任　　│\n│号　│　　　　│单位　　│\n├─┼─┼─┤\n"
        "│１　│给予10万│市科技局│\n│　　│元奖励　│、财政局│\n├─┼─┼─┤\n│２　│组织培训│市税务局│\n└─┴─┴─┘"
    ),
}


@pytest.mark.parametrize("drawn", DRAWN.values(), ids=DRAWN)
def test_read_document_reads_tables_that_are_drawn(read: Read, drawn: str) -> None:
    document = read(f"某某市任务分解表\n\n{drawn}\n\n以上任务由各区组织实施。\n")
    [table] = document.tables
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["序号", "任务", "责任单位"],
        ["1", "给予10万元奖励", "市科技局、财政局"],
        ["2", "组织培训", "市税务局"],
    ]
    assert document.sentences[-1].text == "以上任务由各区组织实施。"


def test_a_line_with_a_pipe_is_no_table(read: Read) -> None:
    document = read("首页|新闻|政策\n支持企业创新|发展。\n│支持│创新。\n")
    assert document.tables == ()


CELLS = st.lists(
    st.text(alphabet="支持1２，。 　|│辦\u200b", max_size=5), min_size=2, max_size=4
).map(lambda cells: "│" + "│".join(cells) + "│")


@settings(max_examples=200, deadline=None)
@given(st.lists(CELLS | st.sampled_from(["├─┼─┤", "|甲|乙|", "|-|-|", ""]), max_size=8))
def test_offsets_survive_the_reading_of_drawn_tables(lines: list[str]) -> None:
    """Every character but the tab between cells stands at its offset; those of a cell in order."""
    raw = "\n".join(lines)
    for block in repair_layout(raw, compile_grammar(shipped_vocabulary())):
        assert len(block.offsets) == len(block.text) == len(set(block.offsets))
        for character, offset in zip(block.text, block.offsets, strict=True):
            assert character == "\t" or plain(character) in (plain(raw[offset]), " ")
        for start, end in block.cells:
            assert list(block.offsets[start:end]) == sorted(block.offsets[start:end])


@lru_cache
def shipped_vocabulary() -> Vocabulary:
    return load_vocabulary()


TEXT = st.text(
    alphabet=st.sampled_from(
        "支持企业创新，。；：（）一二、.1２３\n\n \t　«»〔〕*#<p>辦2024年号“”\u200b\ufeff"
    ),
    max_size=300,
)


def plain(character: str) -> str:
    """Return a character without what layout repair may change: width, variant, the full stop."""
    return unicodedata.normalize("NFKC", normalize(character)).replace("。", ".")


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_offsets_survive_layout_repair(raw: str) -> None:
    """Every character of a block stands at its offset in the raw text, up to its clean form."""
    for block in repair_layout(raw, compile_grammar(shipped_vocabulary())):
        assert len(block.offsets) == len(block.text)
        assert list(block.offsets) == sorted(set(block.offsets))
        for character, offset in zip(block.text, block.offsets, strict=True):
            assert plain(character) == plain(raw[offset])


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_sentence_spans_lie_in_the_text(raw: str) -> None:
    try:
        document = read_document(Source("t.txt", "0" * 64, raw), shipped_vocabulary())
    except CorpusError:
        return
    for sentence in document.sentences:
        span = sentence.span()
        assert 0 <= span.start < span.end <= len(raw)


def test_read_document_finds_metadata(read: Read) -> None:
    document = read(PLAN)
    assert document.number == "某科规〔2024〕3号"
    assert document.title == "关于印发《某某市创新企业培育三年行动计划（2024-2026年）》的通知"
    assert document.issuer == "某某市科学技术局"
    assert document.issued == "2024-03-05"
    assert document.effective == "2024-04-01"
    assert (document.expires, document.expires_basis) == ("2026-06-30", "stated")
    assert [span.of(PLAN) for span in document.dated] == [
        "2024年3月5日",
        "本计划自2024年4月1日起施行，有效期至2026年6月30日。",
    ]
    assert document.unit_brackets == 2
    assert [p.kind for p in document.problems] == ["expires-before-goal"]


def test_read_document_builds_the_clause_tree(read: Read) -> None:
    document = read(PLAN)
    paths = [(c.number, c.heading, c.depth) for c in document.clauses]
    assert paths == [
        ("一、", "总体要求", 0),
        ("二、", "重点任务", 0),
        ("（一）", "加大资金支持", 1),
        ("1.", "给予认定奖励", 2),
        ("2.", "开展培训", 2),
    ]


def test_read_document_reads_plan_period_where_no_end_is_stated(read: Read) -> None:
    document = read(PLAN.replace("，有效期至2026年6月30日", ""))
    assert (document.expires, document.expires_basis) == ("2026-12-31", "plan")


def test_read_document_reads_years_of_validity(read: Read) -> None:
    text = PLAN.replace("有效期至2026年6月30日", "有效期五年")
    assert read(text).expires == "2029-03-31"


def test_the_passage_of_a_date_leaves_out_the_units_before_it(read: Read) -> None:
    text = PLAN.replace("本计划自2024年4月1日", "（责任单位：市科技局）本计划自2024年4月1日")
    assert "责任单位" not in read(text).dated[-1].of(text)


def test_read_document_reads_adoption_and_amendment_lines(read: Read) -> None:
    document = read(
        "# 某省促进条例\n\n2010年5月1日 某省第十届人民代表大会常务委员会第三次会议通过\n\n"
        "2022年9月2日 某省第十三届人民代表大会常务委员会第五次会议修订\n\n"
        "第一条 为了促进创新，制定本条例。\n\n第二条 省人民政府应当设立专项资金。\n\n"
        "第三条 本条例自2022年11月1日起施行。\n"
    )
    assert (document.issued, document.effective, document.kind) == (
        "2022-09-02",
        "2022-11-01",
        "law",
    )


TABLE = """一、任务分解

任务\t内容\t责任单位
甲\t（1）建设企业培育库。\t市科技局
\t（2）开展申报培训。\t市科技局、税务局
乙\t（2）给予认定奖励。\t市财政局
\t（4）宣传政策。\t市科技局
"""


def test_read_document_checks_the_numbers_of_a_table(read: Read) -> None:
    document = read(TABLE)
    [table] = document.tables
    assert (table.numbered, table.columns) == (4, 3)
    assert [p.kind for p in document.problems] == ["double-number", "missing-number"]


@pytest.mark.parametrize("character", ["\ue010", "\x01", "\ufffd", "\U000f0001"])
def test_read_document_tells_of_a_number_that_is_cut(read: Read, character: str) -> None:
    raw = f"第一条 市财政安排的经费应当人均不少于12{character}20元。\n\n第二条 {character}30元。\n"
    document = read(raw)
    (problem,) = document.problems
    assert (problem.kind, problem.span.of(raw)) == ("broken-number", f"12{character}20")
    assert any(f"12{character}20元" in sentence.text for sentence in document.sentences)


@pytest.mark.parametrize(("total", "kinds"), [("30", []), ("31", ["wrong-sum"])])
def test_read_document_checks_the_sum_of_a_table(read: Read, total: str, kinds: list[str]) -> None:
    text = f"目标分解\n单位\t目标数\n甲镇\t10\n乙镇\t20\n合计\t{total}\n"
    assert [p.kind for p in read(text).problems] == kinds


def test_read_document_lists_cited_documents(read: Read) -> None:
    document = read(
        "某市办法\n根据《国务院关于促进创新的若干意见》（国发〔2020〕7号）精神，制定本办法。\n支持企业。"
    )
    assert [(c.title, c.number) for c in document.cites] == [
        ("国务院关于促进创新的若干意见", "国发〔2020〕7号")
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (bytes(range(256)) * 9, "binary"),
        (b"a\x00b" * 9, "binary"),
        ("대한민국 정부는 기업을 지원한다. ".encode("euc_kr") * 20, "encoding"),
        ("支持企业。".encode() * 9 + "支持企业。".encode("gb18030") * 9, "encoding"),
    ],
    ids=["nothing", "blank", "mark", "bytes", "nul", "korean", "two-encodings"],
)
def test_decode_refuses_what_is_no_text(content: bytes, reason: str) -> None:
    with pytest.raises(CorpusError) as caught:
        decode(content, name="x.txt")
    assert caught.value.reason == reason
    assert "x.txt" in str(caught.value)


ENCODINGS = [
    *("utf-8", "utf-8-sig", "gb18030"),
    *("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
]
SENTENCE = "支持高新技术企业发展，给予一次性10万元奖励。"


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("times", [1, 20])
def test_decode_reads_the_usual_encodings(encoding: str, times: int) -> None:
    text = (SENTENCE + "\r\n") * times
    decoded, _ = decode(text.encode(encoding), name="x.txt")
    assert decoded.lstrip("\ufeff") == text


@pytest.mark.parametrize("times", [1, 20])
def test_decode_tells_big5_from_gb18030(times: int) -> None:
    text = "支援高新技術企業發展，給予一次性10萬元獎勵。" * times
    assert decode(text.encode("big5"), name="x") == (text, "big5")
    assert decode(text.encode("gb18030"), name="x") == (text, "gb18030")


WORDS = st.lists(
    st.sampled_from(
        [
            "支持",
            "高新技术",
            "企业",
            "，给予",
            "奖励。\n",
            "（一）",
            "财政局",
            "2024年",
            "10万元",
            "《办法》",
        ]
    ),
    min_size=12,
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(WORDS, st.sampled_from(ENCODINGS))
def test_decode_gives_back_what_was_encoded(words: list[str], encoding: str) -> None:
    text = "".join(words)
    if not text.isascii():
        assert decode(text.encode(encoding), name="x")[0].lstrip("\ufeff") == text


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_decode_gives_text_or_a_class_of_refusal(content: bytes) -> None:
    reason, text, encoding = "", "", ""
    try:
        text, encoding = decode(content, name="x")
    except CorpusError as error:
        reason = error.reason
    codecs = {"big5": ("cp950", "big5hkscs"), "": ()}.get(encoding, (encoding,))
    readings = {content.decode(codec, "replace") for codec in codecs}
    assert reason in {"empty", "binary", "encoding"} or text in readings


@pytest.mark.parametrize("cut", [(0, -1), (1, None), (100, -2)], ids=["end", "start", "both"])
def test_decode_marks_characters_that_were_cut(cut: tuple[int, int | None]) -> None:
    content = (SENTENCE * 30).encode()[slice(*cut)]
    text, encoding = decode(content, name="x")
    assert encoding == "utf-8"
    assert "\ufffd" in text
    assert SENTENCE in text


def test_catalogue_agrees_with_what_is_read(vocabulary: Vocabulary) -> None:
    folder = embedded_folder()
    for name, entry in read_catalogue(folder).items():
        document = read_document(read_source(folder / name, name, entry), vocabulary)
        found = (document.number, document.issued, document.effective, document.expires)
        assert found == (entry.number, entry.issued, entry.effective, entry.expires)
        assert (document.place, document.level, document.kind) == (
            entry.place,
            entry.level,
            entry.kind,
        )
        assert document.digest_of == entry.original_sha256


@pytest.mark.parametrize(
    ("title", "issuer", "place", "level"),
    [
        ("国务院关于支持福建自由贸易试验区改革创新的通知", "", "CN", "national"),
        ("国务院办公厅关于同意深圳市申办运动会的复函", "", "CN", "national"),
        ("财政部关于海南自由贸易港税收政策的通知", "", "CN", "national"),
        ("国家税务总局杭州市税务局关于发布公告的通知", "", "330100", "city"),
        ("义乌市人民政府办公室印发《关于加快产业发展的意见》的通知", "", "330782", "district"),
        ("关于组织申报广东省重点研发计划的通知", "东莞市科学技术局", "441900", "city"),
        ("转发广东省科学技术厅关于组织申报项目的通知", "东莞市科学技术局", "441900", "city"),
    ],
)
def test_the_issuer_gives_the_place_not_the_names_in_its_title(
    read: Read, title: str, issuer: str, place: str, level: str
) -> None:
    body = "现将有关事项通知如下，请结合实际认真组织实施各项工作任务。"
    document = read(f"{title}\n\n{body}\n\n一、支持企业创新。\n\n{issuer}\n\n2024年3月5日\n")
    assert (document.place, document.level) == (place, level)


def test_a_long_document_takes_its_place_from_the_signature_at_its_end(read: Read) -> None:
    lines = "\n\n".join(f"（{i}）支持企业开展创新活动。" for i in range(60))
    text = f"关于组织申报广东省重点项目的通知\n\n各镇人民政府：\n\n{lines}\n\n东莞市科学技术局\n\n2024年3月5日\n"
    assert read(text).place == "441900"


FIRST = "2001年3月1日 甲市第十一届人民代表大会常务委员会第三次会议通过"
REVISED = "2015年6月2日 甲市第十四届人民代表大会常务委员会第八次会议修订"
AMENDED = "2021年9月29日 甲市第十五届人民代表大会常务委员会第九次会议《关于修改〈甲市促进条例〉的决定》修正"
APPROVED = "2022年1月5日 乙省第十三届人民代表大会常务委员会第二次会议批准"


@pytest.mark.parametrize(
    ("history", "issuer"),
    [
        ((FIRST,), "甲市第十一届人民代表大会常务委员会"),
        ((FIRST, REVISED, AMENDED), "甲市第十五届人民代表大会常务委员会"),
        ((AMENDED, FIRST), "甲市第十五届人民代表大会常务委员会"),
        ((f"（{FIRST} {REVISED}）",), "甲市第十四届人民代表大会常务委员会"),
        ((FIRST, APPROVED), "甲市第十一届人民代表大会常务委员会"),
    ],
    ids=["adopted", "amended", "any-order", "one-line", "approved-by-another"],
)
def test_the_issuer_of_a_law_is_the_body_of_its_latest_step(
    read: Read, history: tuple[str, ...], issuer: str
) -> None:
    lines = "\n\n".join(history)
    text = f"甲市促进条例\n\n{lines}\n\n第一章 总则\n\n第一条 本市支持企业创新。\n\n第二条 本市奖励企业。\n"
    assert read(text).issuer == issuer


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        ("支持科技\n\n\n 8 \n\n企业发展", "支持科技企业发展"),
        ("支持科技\n— 12 —\n企业发展", "支持科技企业发展"),
        ("培育企业\n20家", "培育企业20家"),
        ("建设平台 5 个", "建设平台5个"),
    ],
)
def test_join_lines_leaves_page_numbers_out(quote: str, line: str) -> None:
    assert join_lines(quote) == line


@pytest.mark.parametrize(
    "amended",
    [
        "2012年11月29日 浙江省第十一届人民代表大会常务委员会第三十六次会议批准的《宁波市人民代表大会关于修改条例的决定》修正",
        "2018年11月30日 浙江省第十三届人民代表大会常务委员会第七次会议批准的2018年9月7日宁波市第十五届人民代表大会常务委员会第十一次会议《关于修改条例的决定》修正",
    ],
)
def test_a_regulation_whose_amendment_the_province_approved_is_the_citys(
    vocabulary: Vocabulary, amended: str
) -> None:
    raw = (
        "宁波市公共汽车客运条例\n\n2005年1月13日 宁波市第十二届人民代表大会常务委员会第十七次会议通过\n\n"
        f"2005年4月14日 浙江省第十届人民代表大会常务委员会第十七次会议批准\n\n{amended}\n\n"
        "第一条 为了加强客运管理，维护客运秩序，制定本条例。\n"
    )
    document = read_document(Source("a.txt", "0" * 64, raw), vocabulary)
    assert document.place == "330200"
    assert document.issuer.startswith("宁波市")
