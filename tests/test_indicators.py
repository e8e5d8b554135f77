"""Reported figures and rankings: what is counted, of which place and year, what contradicts."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cli import main
from kg.cli.composition import Order, compose_build
from kg.corpus import read_document
from kg.extract.figures import compile_figures
from kg.extract.indicators import compile_indicators
from kg.graph import check_graph, load_rules, load_shapes, open_version, validate_graph, write_quads
from kg.graph.observations import OBSERVATION_KEYS, read_observations
from kg.model import Extraction, Observation, Source
from kg.ontology import Vocabulary, load_vocabulary

Extract = Callable[[str], Extraction]

STUDY = """上海与其他城市创新政策比较研究

【摘要】本文比较上海、北京、深圳和杭州的政策。

一、比较

{}
"""
REPORT = "2022年上海科技工作报告\n\n一、科技金融\n\n{}\n"


shipped_vocabulary = lru_cache(load_vocabulary)


def told(extraction: Extraction) -> list[Observation]:
    return [o for indicator in extraction.indicators for o in indicator.observations]


def name(vocabulary: Vocabulary, place: str) -> str:
    return vocabulary.places[place].zh if place else ""


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("2021年上海专利授权量共300件。", [("上海", "专利授权量", "2021", 300, "件")]),
        (
            "2021年上海孵化器80家，北京孵化器95家。",
            [("上海", "孵化器", "2021", 80, "家"), ("北京", "孵化器", "2021", 95, "家")],
        ),
        (
            "2021年上海、北京和深圳孵化器分别为80家、95家和70家。",
            [
                ("上海", "孵化器", "2021", 80, "家"),
                ("北京", "孵化器", "2021", 95, "家"),
                ("深圳", "孵化器", "2021", 70, "家"),
            ],
        ),
        (
            "2021年杭州研发投入为1.5亿元，占全市投入的12%。",
            [
                ("杭州", "研发投入", "2021", 150_000_000, "CNY"),
                ("杭州", "研发投入占全市投入", "2021", 12, "%"),
            ],
        ),
        (
            "2021年上海孵化器80家，2020年75家。",
            [("上海", "孵化器", "2021", 80, "家"), ("上海", "孵化器", "2020", 75, "家")],
        ),
        (
            "2021年上海孵化器80家，相较2020年、2019年分别增长10.5%、25%。",
            [
                ("上海", "孵化器", "2021", 80, "家"),
                ("上海", "孵化器增长率", "2021", 10.5, "%"),
                ("上海", "孵化器增长率", "2021", 25, "%"),
            ],
        ),
        (
            "2021年深圳合同数60项，合同金额3万亿元，同比分别增长5%、7%。",
            [
                ("深圳", "合同数", "2021", 60, "项"),
                ("深圳", "合同金额", "2021", 3e12, "CNY"),
                ("深圳", "合同数增长率", "2021", 5, "%"),
                ("深圳", "合同金额增长率", "2021", 7, "%"),
            ],
        ),
        ("近年来上海分别占总数的1/3、1/4。", []),
        ("上海研发人数不及深圳的1/2。", []),
        ("上海从4个方面完善政策。", []),
        ("到2025年，上海孵化器达到300家。", []),
    ],
    ids=[
        "one", "cities", "series", "money-and-share", "years", "growth", "growth-of-each",
        "unnamed", "ratio", "parts", "goal",
    ],
)  # fmt: skip
def test_read_gives_place_name_year_and_value(
    extract: Extract,
    vocabulary: Vocabulary,
    sentence: str,
    expected: list[tuple[str, str, str, float, str]],
) -> None:
    found = told(extract(STUDY.format(sentence)))
    assert [
        (name(vocabulary, o.place), o.indicator, o.year, o.value, o.unit) for o in found
    ] == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "专利授权量排序依次为北京、上海和深圳。",
            [("北京", 1, "专利授权量"), ("上海", 2, "专利授权量"), ("深圳", 3, "专利授权量")],
        ),
        (
            "专利占比排名为北京、深圳和上海（北京、深圳并列）。",
            [("北京", 1, "专利占比"), ("深圳", 1, "专利占比"), ("上海", 3, "专利占比")],
        ),
        (
            "到2020年末，专利授权量的排序是杭州、上海。",
            [("杭州", 1, "专利授权量"), ("上海", 2, "专利授权量")],
        ),
        ("上海孵化器数量位居全国第三。", [("上海", 3, "孵化器数量")]),
        ("在专利授权量方面，上海在7个城市中列第2位。", [("上海", 2, "专利授权量")]),
        (
            "上海在合同额、项目数和专利数方面都列第1位。",
            [("上海", 1, "合同额"), ("上海", 1, "项目数"), ("上海", 1, "专利数")],
        ),
        (
            "上海合同额列7个城市的第2位，但第1位北京是上海的3倍。",
            [("上海", 2, "合同额"), ("北京", 1, "合同额")],
        ),
        ("杭州孵化器数量列浙江第1位。", [("杭州", 1, "孵化器数量")]),
    ],
)
def test_read_gives_ranks(
    extract: Extract, vocabulary: Vocabulary, sentence: str, expected: list[tuple[str, int, str]]
) -> None:
    found = told(extract(STUDY.format(sentence)))
    assert [(name(vocabulary, o.place), o.rank, o.indicator) for o in found] == expected


@pytest.mark.parametrize(
    ("words", "op", "hedge", "value"),
    [
        ("超120家", ">", "超", 120),
        ("近120家", "=", "近", 120),
        ("约120家", "=", "约", 120),
        ("120余家", ">", "余", 120),
        ("1.2万家以上", ">=", "以上", 12000),
    ],
)
def test_a_hedge_is_kept_and_read(
    extract: Extract, words: str, op: str, hedge: str, value: float
) -> None:
    [found] = told(extract(REPORT.format(f"全市孵化器{words}。")))
    assert (found.op, found.hedge, found.value) == (op, hedge, value)
    assert found.place == "310000"


def test_the_whole_is_not_given_to_its_part(extract: Extract, vocabulary: Vocabulary) -> None:
    found = told(extract(REPORT.format("上市企业90家，其中上海20家，排名全国第二。")))
    assert [(name(vocabulary, o.place), o.value, o.rank) for o in found] == [
        ("", 90, None),
        ("上海", 20, None),
        ("上海", None, 2),
    ]


def test_a_caption_names_the_district(extract: Extract) -> None:
    found = told(extract(REPORT.format("杨浦区知识经济圈\n\n入驻企业40家，其中科技企业12家。")))
    assert [(o.place, o.indicator) for o in found] == [
        ("310110", "入驻企业"),
        ("310110", "入驻企业其中科技企业"),
    ]


def test_own_documents_give_plain_statistics_only(extract: Extract) -> None:
    text = (
        "杭州市人民政府关于促进创新发展的若干措施\n\n一、重点措施\n\n"
        "2021年全市孵化器80家，同比增长10%。\n\n对首次认定的高新技术企业，给予10万元奖励。\n"
    )
    extraction = extract(text)
    assert [(o.indicator, o.value) for o in told(extraction)] == [
        ("孵化器", 80),
        ("孵化器增长率", 10),
    ]
    assert [m.amounts[0].value for m in extraction.measures] == [100000]


def contradictions(extraction: Extraction) -> list[tuple[str, int]]:
    return [(p.message, len(p.others)) for p in extraction.problems if p.kind == "contradiction"]


def test_a_rank_that_the_rankings_exclude_is_a_contradiction(extract: Extract) -> None:
    body = (
        "专利人数排序依次为北京、深圳和上海。\n\n专利人数排序依次为杭州、上海和宁波。\n\n"
        "在专利人数方面，上海在7个城市中列第{}位。"
    )
    [(message, others)] = contradictions(extract(STUDY.format(body.format(3))))
    assert message.startswith("上海 is said to rank 3 in 专利人数")
    assert "北京, 杭州, 深圳" in message
    assert others == 2
    assert contradictions(extract(STUDY.format(body.format(4)))) == []


def test_a_rank_that_the_figures_exclude_is_a_contradiction(extract: Extract) -> None:
    body = (
        "2021年北京孵化器95家。\n\n2021年深圳孵化器90家。\n\n2021年上海孵化器80家，列全国第{}位。"
    )
    [(message, others)] = contradictions(extract(STUDY.format(body.format(2))))
    assert "北京, 深圳 are ahead" in message
    assert others == 2
    assert contradictions(extract(STUDY.format(body.format(3)))) == []


def test_a_ranking_against_the_figures_is_a_contradiction(extract: Extract) -> None:
    body = "2021年上海孵化器80家，北京孵化器95家。\n\n孵化器数量排序依次为上海、北京。"
    [(message, _)] = contradictions(extract(STUDY.format(body)))
    assert "上海 is ranked before 北京" in message


def test_figures_of_two_years_contradict_nothing(extract: Extract) -> None:
    body = "2021年上海孵化器80家，2019年北京孵化器95家。\n\n2021年孵化器数量排序依次为上海、北京。"
    assert contradictions(extract(STUDY.format(body))) == []


def test_a_denial_of_what_is_credited_is_a_contradiction(extract: Extract) -> None:
    body = "杭州出台购房补贴政策。\n\n杭州缺乏上海和北京出台的购房补贴政策。"
    [(message, others)] = contradictions(extract(STUDY.format(body)))
    assert message.startswith("杭州 is said to lack")
    assert others == 1


def test_an_enumeration_against_its_parallel_is_a_contradiction(extract: Extract) -> None:
    body = (
        "先看上海、北京和深圳。\n\n三地均实施税收优惠，但北京出台的购房补贴政策较为先进。\n\n"
        "再看上海、杭州和宁波。\n\n三地均实施税收优惠{}。\n\n"
        "上海缺乏北京和杭州出台的购房补贴政策。"
    )
    found = contradictions(extract(STUDY.format(body.format(""))))
    assert [m.split(" in one")[0] for m, _ in found] == ["杭州 is credited with 购房补贴"]
    named = "，但杭州出台的购房补贴政策较为先进"
    assert contradictions(extract(STUDY.format(body.format(named)))) == []


PIECES = st.sampled_from(
    [
        "2021年", "上海", "北京、深圳", "孵化器", "专利数量", "达", "近", "80家", "1,200 件", "12.5%",
        "3万亿元", "，", "、", "。", "其中", "相较2020年", "分别增长", "排序依次为", "列全国第2位", "（含", "）",
        "**", " ", "\n", "第1位", "1/4", "三地", "的", "占", "在7个城市中", "新增", "\r\n",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_offsets_hold_in_any_text(text: str) -> None:
    vocabulary = shipped_vocabulary()
    document = read_document(Source("test.txt", "0" * 64, STUDY.format(text)), vocabulary)
    categories = {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
    indicators = compile_indicators(vocabulary).read_document(document)
    for indicator in indicators:
        for o in indicator.observations:
            assert indicator.span.start <= o.span.start < o.span.end <= indicator.span.end
            assert _bare(o.span.of(document.raw)) == _bare(o.surface)
            assert o.indicator
            assert (o.value is None) != (o.rank is None)
    extraction = Extraction(document, (), (), indicators, ())
    lines = write_quads(extraction, categories=categories)
    assert check_graph(lines, load_rules()) == []


def _bare(text: str) -> str:
    """Return the text without what the repair of the layout leaves out or writes otherwise."""
    marks = str.maketrans("，（）", ",()")
    return "".join(text.translate(marks).replace("*", "").split())


def test_the_cube_of_a_document_is_valid(extract: Extract, vocabulary: Vocabulary) -> None:
    body = (
        "2021年北京孵化器近95家，上海孵化器80家，列全国第1位。\n\n孵化器数量排序依次为上海、北京。\n\n"
        "上海孵化器同比增长12.3%。"
    )
    extraction = extract(STUDY.format(body))
    categories = {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
    lines = write_quads(extraction, categories=categories)
    assert sum("cube#Observation>" in line for line in lines) == len(told(extraction)) == 6
    assert sum("cube#DataSet>" in line for line in lines) == 1
    assert validate_graph(lines, load_shapes()) == []


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    body = (
        "2021年北京孵化器95家。\n\n2021年深圳孵化器90家。\n\n2021年上海孵化器80家，列全国第2位。\n\n"
        "浦东新区孵化器30家。"
    )
    (folder / "study.txt").write_text(STUDY.format(body), encoding="utf-8")
    compose_build(Order(paths=(folder,), out=folder / "graph"))
    return folder / "graph"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_kg_indicators_lists_a_city_with_its_districts(graph: Path) -> None:
    found = json.loads(run("indicators", "--city", "上海", "--graph", graph, "--json"))
    rows = found["observations"]
    assert [(r["place"], r["value"], r["rank"]) for r in rows] == [
        ("上海", 80, None),
        ("上海", None, 2),
        ("浦东新区", 30, None),
    ]
    assert tuple(rows[0]) == OBSERVATION_KEYS
    assert rows[0]["evidence"]["quote"] == "2021年上海孵化器80家，列全国第2位。"
    assert rows[0]["evidence"]["kind"] == "secondary"
    [contradiction] = found["contradictions"]
    assert [e["quote"][:9] for e in contradiction["evidence"]] == [
        "2021年上海孵化",
        "2021年北京孵化",
        "2021年深圳孵化",
    ]


def test_kg_indicators_prints_csv_and_text(graph: Path) -> None:
    header, first, *_ = run("indicators", "--graph", graph, "--csv").splitlines()
    assert header.startswith("place,indicator,year,value,unit,rank")
    assert first.startswith("北京,孵化器,2021,95,家")
    text = run("indicators", "--graph", graph)
    assert "● 北京 · 孵化器 · 2021  95家" in text
    assert "▲ contradiction: 上海 is said to rank 2" in text


def test_kg_documents_shows_both_sides_of_a_contradiction(graph: Path) -> None:
    [row] = json.loads(run("documents", "--graph", graph, "--json"))
    [problem] = [p for p in row["problems"] if p["kind"] == "contradiction"]
    assert len(problem["evidence"]) == 3
    assert {"start": problem["start"], "end": problem["end"]} in problem["evidence"]


@pytest.mark.originals
def test_the_figures_of_the_originals(original_graph: Path) -> None:
    rows = read_observations(open_version(original_graph).store())
    found = {(r["place"], r["indicator"], r["year"], r["value"], r["unit"]) for r in rows}
    assert {
        ("上海", "高新技术企业", "2020", 17012, "家"),
        ("北京", "高新技术企业", "2020", 28750, "家"),
        ("深圳", "高新技术企业数量", "2020", 18650, "家"),
        ("杭州", "高新技术企业", "2020", 7711, "家"),
        ("宁波", "高新技术企业增长率", "2020", 44.35, "%"),
        ("北京", "技术合同成交额占GDP比重", None, 17.5, "%"),
        ("上海", "技术合同认定登记合同数", None, 36998, "项"),
        ("杨浦区", "高新技术企业", None, 400, "家"),
    } <= found
    ranks = {(r["place"], r["indicator"], r["rank"], r["scope"]) for r in rows if r["rank"]}
    assert {
        ("上海", "高新技术企业数量", 5, "全国"),
        ("上海", "高新技术企业从业人数", 3, "7个城市"),
        ("北京", "技术合同成交额", 1, "7个城市"),
        ("浦东新区", "高新技术企业数量", 1, "全市"),
    } <= ranks
    for row in rows:
        evidence = row["evidence"]
        assert evidence.start <= row["start"] < row["end"] <= evidence.end


@pytest.mark.originals
def test_the_paper_contradicts_itself(original_graph: Path) -> None:
    found = json.loads(run("indicators", "--graph", original_graph, "--json"))["contradictions"]
    messages = [row["message"] for row in found]
    assert len(messages) == 3
    [rank] = [m for m in messages if "is said to rank" in m]
    assert "上海 is said to rank 3 in 高新技术企业从业人数" in rank
    assert "北京, 杭州, 深圳 are ahead" in rank
    assert {m.split(" is credited")[0] for m in messages if m != rank} == {"杭州", "合肥"}
    assert all(len(row["evidence"]) >= 2 for row in found)


def test_figures_stand_beside_the_place_nearest_before(vocabulary: Vocabulary) -> None:
    finder = compile_figures(vocabulary)
    text = "占上海总量的5%，低于北京的9%"
    places = finder.find_places(text, "310000")
    assert [finder.is_aside(text, mention) for mention in places] == [True, True]
    assert [f.value for f in finder.find_figures(text, places)] == [5, 9]
