"""What researchers ask beyond the ten questions of the gold standard, answered on the digests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.ask import Answer, ask, describe_templates, list_templates
from kg.cli import main
from kg.graph import open_version, select
from kg.ontology import BASE, Vocabulary

OPINION = "上海市人民政府关于促进本市高新技术产业开发区高质量发展的实施意见"
PUDONG_PLAN = "关于印发《浦东新区高新技术企业培育三年行动计划（2023-2025年）》的通知"
JINSHAN_PLAN = "关于印发《金山区高新技术企业育苗造林十五条工作举措（2022-2024年）》的通知"
PAPER = "上海高新技术企业培育面临的问题及突破性举措建议"
REPORT = "03提升企业创新能力，加速科技成果转移转化"
SHANGHAI_TRANSFER = "上海市促进科技成果转化条例"
SHANGHAI_CENTRE = "上海市推进科技创新中心建设条例"
SHANGHAI_PROGRESS = "上海市科学技术进步条例"
ZHANGJIANG = "上海市浦东新区促进张江生物医药产业创新高地建设规定"
BEIJING_TRANSFER = "北京市促进科技成果转化条例"
BEIJING_CENTRE = "北京国际科技创新中心建设条例"
BEIJING_FIRMS = "北京市促进中小企业发展条例"
HANGZHOU_PROGRESS = "杭州市科学技术进步条例"
FEE_WAIVER = "城市基础设施与市政公用设施建设费减免"
ZHEJIANG_TRANSFER = "浙江省促进科技成果转化条例"


@pytest.fixture(scope="module")
def store(embedded_graph: Path) -> ox.Store:
    return open_version(embedded_graph).store()


def labels(answer: Answer) -> set[str]:
    return {found.label for found in answer.answers}


MISSED = pytest.mark.xfail(reason="the judge misses it in the digest", strict=True)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("哪些城市有研修班而上海没有？", {"北京", "合肥"}),
        ("哪些工具只有南京有？", {"划拨供地"}),
        ("Which instruments does only Nanjing have?", {"划拨供地"}),
        ("Which instruments does only Ningbo have?", set()),
        (
            "哪些文件规定了研发费用加计扣除？",
            {
                OPINION, PUDONG_PLAN, JINSHAN_PLAN, REPORT, SHANGHAI_TRANSFER, SHANGHAI_CENTRE,
                SHANGHAI_PROGRESS, BEIJING_CENTRE, BEIJING_FIRMS, HANGZHOU_PROGRESS,
            },
        ),
        pytest.param(
            "Which documents mention innovation vouchers?",
            {
                JINSHAN_PLAN, PAPER, REPORT, SHANGHAI_CENTRE, SHANGHAI_PROGRESS, BEIJING_CENTRE,
                BEIJING_FIRMS, BEIJING_TRANSFER, ZHEJIANG_TRANSFER,
            },
            marks=MISSED,
        ),
        ("Since when has Shanghai charged no additional land price?", {OPINION, PUDONG_PLAN}),
        ("金山区的十五条举措有效期到什么时候？", {JINSHAN_PLAN}),
        (
            "上海有哪些文件？",
            {
                OPINION, PUDONG_PLAN, JINSHAN_PLAN, PAPER, REPORT, SHANGHAI_TRANSFER,
                SHANGHAI_CENTRE, SHANGHAI_PROGRESS, ZHANGJIANG,
            },
        ),
        ("浦东新区的计划由谁发布？", {PUDONG_PLAN}),
        ("Who issued the Jinshan measures?", {JINSHAN_PLAN}),
        ("Which districts of Shanghai have incubator measures?", {"浦东新区", "金山区"}),
        (
            "金山区财政局负责哪些条？",
            {
                "4.促进科技成果转化", "5.推动科技人才聚集", "6.完善科技金融体系",
                "8.优化认定服务", "10.给予高企奖励", "12.加强政策支持",
            },
        ),
        ("论文比较了哪些城市？", {"上海", "北京", "深圳", "南京", "杭州", "宁波", "合肥"}),
        ("这篇论文觉得人才方面上海应该向北京、深圳学什么？", {"市民待遇", "购房补贴"}),
        ("What is Shanghai's land toolkit short of, measured against Nanjing?", {"划拨供地"}),
        ("哪几条由金山税务局单独负责？", {"11.落实税收优惠"}),
        ("Which of Jinshan's clauses is the tax bureau alone responsible for?", {"11.落实税收优惠"}),
        ("有没有哪个城市要求政府采购给中小企业留出一定份额？", {"北京"}),
        ("哪些文件是二手资料？", {PAPER}),
        ("Which city subsidises home purchases?", {"深圳"}),
        ("Who heads the intellectual-property work in Pudong?", {"上海市浦东新区知识产权局"}),
        ("From what day has Shanghai's opinion on high-tech zones been in effect?", {OPINION}),
        ("Who reports that Hefei runs training courses for company executives?", {PAPER}),
        ("上海的土地优惠政策依据哪份文件？",
         {OPINION, PUDONG_PLAN, PAPER, SHANGHAI_CENTRE, ZHANGJIANG}),
    ],
)  # fmt: skip
def test_lists_are_complete(
    store: ox.Store, vocabulary: Vocabulary, question: str, expected: set[str]
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood
    assert answer.sparql
    assert labels(answer) == expected


@pytest.mark.parametrize(
    ("question", "counted", "number"),
    [
        ("How many cities have an executive training scheme?", "cities", 2),
        ("有多少个城市有政府采购政策？", "cities", 7),
        pytest.param(
            "How many documents mention innovation vouchers?", "documents", 9, marks=MISSED
        ),
        ("有多少份文件涉及上海？", "documents", 9),
        ("上海有多少个区有孵化载体建设措施？", "districts", 2),
    ],
)
def test_how_many_is_the_length_of_the_list_that_follows(
    store: ox.Store, vocabulary: Vocabulary, question: str, counted: str, number: int
) -> None:
    answer = ask(question, store, vocabulary)
    first, *listed = answer.answers
    assert first.value == {"count": number, "counted": counted}
    assert first.label == str(number)
    assert len(listed) == number
    assert all(found.evidence or counted == "documents" for found in listed)


@pytest.mark.parametrize(
    ("question", "pattern"),
    [
        ("How many measures does the Pudong plan contain?", '?number = "浦科经委〔2023〕68号"'),
        ("浦东新区有多少条人才措施？", "?place = place:310115 && ?top = instrument:Talent"),
        ("沪府规〔2021〕9号有多少条措施？", '?number = "沪府规〔2021〕9号"'),
    ],
)
def test_measures_are_counted_without_what_tables_repeat(
    store: ox.Store, vocabulary: Vocabulary, question: str, pattern: str
) -> None:
    sparql = f"""
        PREFIX pk: <https://w3id.org/policykg/ontology#>
        PREFIX place: <https://w3id.org/policykg/id/place/>
        PREFIX instrument: <https://w3id.org/policykg/id/instrument/>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        PREFIX schema: <http://schema.org/>
        SELECT (COUNT(DISTINCT ?measure) AS ?n) WHERE {{
          ?measure a pk:Measure ; pk:place ?place ; pk:document ?document ;
            pk:instrument/skos:broader* ?top .
          OPTIONAL {{ ?document schema:legislationIdentifier ?number }}
          FILTER NOT EXISTS {{ ?measure pk:repeats ?other }}
          FILTER({pattern})
        }}"""
    rows = store.query(sparql, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    expected = int(next(iter(rows))["n"].value)
    assert ask(question, store, vocabulary).answers[0].value["count"] == expected > 5


@pytest.mark.parametrize(
    ("question", "instrument", "places", "only"),
    [
        pytest.param(
            "比较浦东新区和金山区的人才政策",
            "人才落户",
            ["浦东新区", "金山区"],
            "",
            marks=MISSED,
        ),
        ("比较浦东新区和金山区的人才政策", "职称评审通道", ["浦东新区", "金山区"], ""),
        pytest.param(
            "Compare Pudong and Jinshan on fiscal measures",
            "迁入奖励",
            ["金山区"],
            "金山区",
        ),
        ("Compare Pudong and Jinshan on fiscal measures", "认定奖励", ["浦东新区", "金山区"], ""),
        (
            "上海和北京在区位方面有什么不同？",
            "城市基础设施与市政公用设施建设费减免",
            ["北京"],
            "北京",
        ),
        ("上海和北京在区位方面有什么不同？", "增容不增收土地价款", ["上海"], "上海"),
    ],
)
def test_places_are_compared_side_by_side(
    store: ox.Store,
    vocabulary: Vocabulary,
    question: str,
    instrument: str,
    places: list[str],
    only: str,
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["intent"] == "compare"
    found = next(found for found in answer.answers if found.label == instrument)
    assert [side["place"] for side in found.value["sides"]] == places
    assert found.value["only"] == only
    assert found.evidence


def test_amounts_stand_in_a_comparison(store: ox.Store, vocabulary: Vocabulary) -> None:
    answer = ask("比较浦东新区和金山区的认定奖励", store, vocabulary)
    sides = {side["place"]: side["amounts"] for side in answer.answers[0].value["sides"]}
    assert sides == {"浦东新区": [], "金山区": ["20万元", "5万元"]}


@pytest.mark.parametrize(
    "question",
    [
        "比较浦东新区和金山区的购房优惠",
        "How many cities have free parking?",
        "只有南京有的停车优惠",
        "哪些城市有人才公园？",
        "哪些城市有购车补贴？",
        "Which cities subsidise electric cars?",
        "高企贷全年支持了多少家企业？",
    ],
)
def test_what_does_not_map_is_refused(
    store: ox.Store, vocabulary: Vocabulary, question: str
) -> None:
    answer = ask(question, store, vocabulary)
    assert not answer.understood
    assert not answer.answers


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "2022年以来上海有哪些文件提到孵化器？",
            {JINSHAN_PLAN, PUDONG_PLAN, SHANGHAI_PROGRESS, ZHANGJIANG},
        ),
        ("Which documents of Hangzhou since 2010 mention incubators?", {HANGZHOU_PROGRESS}),
        ("上海2021年至2022年发布了哪些文件？", {JINSHAN_PLAN, OPINION}),
        ("Which documents of Shanghai were issued before 2019?", {SHANGHAI_TRANSFER}),
        ("Which documents cite 沪府发〔2018〕40号?", {JINSHAN_PLAN}),
        ("哪些文件引用了国发〔2020〕7号？", {OPINION}),
        ("高企迁入金山最多能拿多少钱？", {"金山区"}),
        ("How much does Jinshan pay for re-recognition of a high-tech enterprise?", {"金山区"}),
        ("Which cities do not have an executive training scheme?", {"上海"}),
        ("哪些城市既有人才落户又有购房补贴？", {"深圳"}),
        ("Which instruments do Beijing and Shenzhen share that Shanghai lacks?", {FEE_WAIVER}),
        ("南京 划拨供地", {"南京"}),
        ("深圳对高层次人才有哪些住房支持？", {"购房补贴", "人才安居"}),
        ("哪些城市有买房补贴？", {"深圳"}),
        ("Which cities offer payrol deductions from taxable income?", {"北京", "杭州"}),
    ],
)
def test_phrasings_of_practice_are_understood(
    store: ox.Store, vocabulary: Vocabulary, question: str, expected: set[str]
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood
    assert answer.sparql
    assert labels(answer) == expected


def test_what_was_read_is_told(store: ox.Store, vocabulary: Vocabulary) -> None:
    def understood(question: str) -> Mapping[str, Any]:
        return ask(question, store, vocabulary).understood

    dated = understood("2022年以来上海有哪些文件提到孵化器？")
    assert (dated["since"], dated["undated"]) == ("2022", "left out")
    spelled = understood("Which cities offer inovation vouchers?")
    assert spelled["corrected"] == {"inovation": "innovation"}
    undated = understood("北京的城市基础设施建设费减免始于何时？")
    assert undated["widened"] == "dates"
    assert understood("区科委牵头哪些工作？")["widened"] == "roles"
    assert understood("浦东新区的人才工作由谁牵头？")["roles"] == ["lead"]


def test_instruments_had_and_lacked_are_told_apart(store: ox.Store, vocabulary: Vocabulary) -> None:
    asked = "哪些城市有政府采购但没有采购评分加权？"
    answer = ask(asked, store, vocabulary)
    assert answer.understood["not"] == ["ProcurementScoring"]
    assert labels(answer) == {"上海", "深圳", "南京", "杭州", "合肥"}
    assert {name for found in answer.answers for name in found.instruments} >= {
        "GovernmentProcurement"
    }


@pytest.mark.parametrize(
    ("question", "surfaces"),
    [
        ("上海发放的科技创新券总额是多少？", {"9.9亿元"}),
        ("How many high-tech enterprises did Beijing have in 2020?", {"28750家"}),
    ],
)
def test_reported_figures_are_found(
    store: ox.Store, vocabulary: Vocabulary, question: str, surfaces: set[str]
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["intent"] == "figures"
    assert {found.value["figure"]["surface"] for found in answer.answers} >= surfaces


@pytest.mark.parametrize(
    ("question", "amount"),
    [
        ("在金山，高企重新认定通过后每次奖多少？", 50000.0),
        ("高企迁入金山最多能拿多少钱？", 200000.0),
    ],
)
def test_amounts_of_one_occasion(
    store: ox.Store, vocabulary: Vocabulary, question: str, amount: float
) -> None:
    answer = ask(question, store, vocabulary)
    assert [found.value["amount"]["value"] for found in answer.answers] == [amount]


def test_what_a_document_cites_is_not_what_cites_it(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    cites = ask("金科规〔2022〕1号引用了哪些文件？", store, vocabulary)
    assert {found.value["number"] for found in cites.answers} == {
        "沪府发〔2018〕40号",
        "金委〔2019〕194号",
    }
    cited = ask("金科规〔2022〕1号被哪些文件引用？", store, vocabulary)
    assert cited.understood["cited"]
    assert not cited.answers


@pytest.mark.parametrize("template", describe_templates(), ids=lambda template: template.name)
def test_questions_have_titles_in_both_languages(template: object) -> None:
    assert template.title.isascii()  # type: ignore[attr-defined]
    assert not template.title_zh.isascii()  # type: ignore[attr-defined]


def test_questions_lists_and_runs_them(embedded_graph: Path) -> None:
    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["questions", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    listed = json.loads(run("--json"))
    assert [row["name"] for row in listed] == list_templates()
    graph = ("--graph", str(embedded_graph))
    asked = ("cities", "--with", "asked=增容不增收土地价款", *graph)
    rows = json.loads(run(*asked, "--json"))["rows"]
    assert {row["city"].rsplit("/", 1)[-1] for row in rows} == {"310000"}
    assert "VALUES ?asked" in run(*asked, "--sparql")
    assert "write PARAMETER=VALUE" in run("cities", "--with", "colour=red", *graph, code=1)
    assert "no competency question" in run("towns", *graph, code=1)


@pytest.mark.parametrize(
    ("question", "clauses"),
    [
        ("Which of Jinshan's fifteen measures is the District Market Regulation Bureau responsible for?",
         {"4.促进科技成果转化", "6.完善科技金融体系"}),
        ("Which tasks of the municipal opinion No. 9 (2021) is the Municipal Tax Bureau responsible for?",
         {"（三）集聚海内外高层次人才", "（四）培育创新型科技企业"}),
        ("For which tasks is the Municipal Drug Administration responsible in the municipal opinion No. 9 (2021)?",
         {"（二）提升三大产业影响力", "（一）服务长三角一体化发展战略"}),
        ("金山区科委和金山税务局共同负责十五条举措中的哪几条？", {"8.优化认定服务", "9.加强宣贯培训"}),
    ],
)  # fmt: skip
def test_offices_by_free_names_and_jointly(
    store: ox.Store, vocabulary: Vocabulary, question: str, clauses: set[str]
) -> None:
    assert labels(ask(question, store, vocabulary)) == clauses


@pytest.mark.parametrize(
    ("question", "heading", "units"),
    [
        ("Which units are responsible for “strengthening financial services” in the municipal opinion No. 9 (2021)?",
         "强化金融服务效能", 9),
        ("Which units are responsible for measure 12, strengthening policy support, in Jinshan?", "加强政策支持", 7),
        ("浦东新区三年行动计划第12项的牵头部门是哪个？", "鼓励知识产权创造", 1),
    ],
)  # fmt: skip
def test_clauses_by_number_and_in_english(
    store: ox.Store, vocabulary: Vocabulary, question: str, heading: str, units: int
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["clauses"] == [heading]
    assert len(answer.answers) == units


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("枫泾镇2024年有效期内高企目标数是多少？", 220),
        ("What is the 2022 target for the New Jinshan Development Company?", 215),
        ("What is Jinshan's total target for 2023?", 1435),
        ("金山区2022年高新技术企业净增目标是多少？", 200),
        ("浦东新区每年导入优质企业的目标是多少家？", 100),
    ],
)
def test_one_target_is_told_from_the_others(
    store: ox.Store, vocabulary: Vocabulary, question: str, value: float
) -> None:
    found = ask(question, store, vocabulary).answers
    assert [answer.value["target"]["value"] for answer in found] == [value]


def test_target_of_nothing_known_is_not_answered_with_all(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    assert not ask("浦东新区每年新增骑楼的目标是多少？", store, vocabulary).answers


def test_what_moves_in_is_paid(store: ox.Store, vocabulary: Vocabulary) -> None:
    question = "How much does Jinshan pay a high-tech enterprise that moves into the district?"
    [found] = ask(question, store, vocabulary).answers
    assert found.value["amount"]["value"] == 200000


def test_net_profit_is_no_number_of_enterprises(store: ox.Store, vocabulary: Vocabulary) -> None:
    question = "What was Shanghai's net profit of high-tech enterprises in 2020?"
    assert ask(question, store, vocabulary).understood["figures"] == ["净利润"]


def test_districts_without_are_told_as_silent(store: ox.Store, vocabulary: Vocabulary) -> None:
    [found] = ask("哪些区没有科技创新券政策？", store, vocabulary).answers
    assert (found.label, found.state) == ("浦东新区", "not-found")


def test_cities_that_nothing_is_said_of_are_named(store: ox.Store, vocabulary: Vocabulary) -> None:
    answer = ask("哪些城市没有购房补贴？", store, vocabulary)
    assert labels(answer) == {"上海"}
    assert {"南京", "宁波"} <= set(answer.understood["silent"])


@pytest.mark.parametrize(
    ("question", "held", "lacked"),
    [
        ("Which instruments does Pudong have that Jinshan does not?", "应用场景开放", "认定奖励"),
        ("上海应当借鉴北京的哪些人才政策？", "市民待遇", "购房补贴"),
        (
            "Which policies of Hefei could Shanghai learn from?",
            "高级管理人员与技术骨干研修",
            "企业培育库",
        ),
        ("宁波比上海多了什么政策？", "采购评分加权", "科技保险"),
    ],
)
def test_what_one_has_beyond_the_other(
    store: ox.Store, vocabulary: Vocabulary, question: str, held: str, lacked: str
) -> None:
    found = labels(ask(question, store, vocabulary))
    assert held in found
    assert lacked not in found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("哪个城市设立了高新技术及产业化处？", {"宁波"}),
        (
            "Which cities does the paper say Shanghai should learn from on land allocation?",
            {"南京"},
        ),
        (
            "哪些文件提到知识产权质押融资？",
            {
                JINSHAN_PLAN,
                BEIJING_FIRMS,
                "深圳经济特区细胞和基因产业促进条例",
                "中关村国家自主创新示范区条例",
            },
        ),
    ],
)
def test_particular_names_are_meant_word_for_word(
    store: ox.Store, vocabulary: Vocabulary, question: str, expected: set[str]
) -> None:
    assert labels(ask(question, store, vocabulary)) == expected


@pytest.mark.parametrize(
    "question",
    [
        "浦东那份行动计划在组织、财政、科技、人才、需求、区位六类里各安排了几条措施？",
        "How many measures does Pudong have in each category?",
    ],
)
def test_measures_are_counted_by_category(
    store: ox.Store, vocabulary: Vocabulary, question: str
) -> None:
    answer = ask(question, store, vocabulary)
    assert len(answer.answers) == 6
    assert {found.value["of"] for found in answer.answers} == {
        sum(found.value["main"] for found in answer.answers)
    }
    assert sum(found.value["share"] for found in answer.answers) == pytest.approx(100, abs=0.3)


def test_the_share_of_one_category_is_of_all_measures(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    (found,) = ask("What share of Pudong's measures is fiscal?", store, vocabulary).answers
    whole = ask("浦东的六类措施各有多少条？", store, vocabulary).answers
    assert found.value in [other.value for other in whole]
    assert 0 < found.value["share"] < 50


@pytest.mark.parametrize(
    ("question", "states"),
    [
        ("浦东新区有哪些措施还在探索？", {"exploratory"}),
        ("Is a proof-of-concept centre in Pudong already running, or is it only being explored?",
         {"exploratory", "district"}),
    ],
)  # fmt: skip
def test_what_is_on_trial_is_told_from_what_is_in_place(
    store: ox.Store, vocabulary: Vocabulary, question: str, states: set[str]
) -> None:
    assert {found.state for found in ask(question, store, vocabulary).answers} == states


def test_whether_a_document_is_in_force_is_said_with_its_passage(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    (found,) = ask("金山的育苗造林举措到今天还有效没有？", store, vocabulary).answers
    today = date.today().isoformat()
    assert found.value["in_force"] == f"no on {today}: it ended on 2024-05-14"
    assert any("2024年5月14日" in evidence.quote for evidence in found.evidence)


def test_a_town_that_is_named_is_not_dropped(store: ox.Store, vocabulary: Vocabulary) -> None:
    (found,) = ask("山阳镇2024年要有多少家高新技术企业？", store, vocabulary).answers
    assert found.value["target"]["value"] == 198


def test_who_receives_is_no_figure_asked_for(store: ox.Store, vocabulary: Vocabulary) -> None:
    answer = ask("浦东新区对首次认定的高新技术企业最高能补贴多少？", store, vocabulary)
    assert answer.understood["intent"] == "amounts"
    assert {found.value["amount"] for found in answer.answers} == {None}


def test_undated_documents_are_asked_where_no_dated_one_says_it(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask("2021年上海总共发了多少金额的科技创新券？", store, vocabulary)
    figures = [found.value["figure"] for found in answer.answers]
    assert 990000000 in [figure["value"] for figure in figures]
    assert {figure["unit"] for figure in figures} == {"CNY"}
    assert answer.understood["widened"] == "years"


def test_a_refusal_names_the_words(store: ox.Store, vocabulary: Vocabulary) -> None:
    answer = ask("只有南京有的停车优惠", store, vocabulary)
    assert not answer.understood
    assert answer.unknown == ("停车",)


def test_shared_instruments_are_those_of_both(store: ox.Store, vocabulary: Vocabulary) -> None:
    def named(question: str) -> set[str]:
        return labels(ask(question, store, vocabulary))

    both = named("北京和深圳共有的人才政策有哪些？")
    assert both == named("北京有哪些人才政策？") & named("深圳有哪些人才政策？")


@pytest.mark.parametrize(
    "question", ["金山税务局负责哪几条？", "浦东新区三年行动计划中“强化空间赋能”由谁牵头？"]
)
def test_who_answers_is_proved_by_the_bracket_that_says_so(
    store: ox.Store, vocabulary: Vocabulary, question: str
) -> None:
    for found in ask(question, store, vocabulary).answers:
        surfaces = {unit["surface"] for unit in found.value["units"]}
        quotes = [e.quote for e in found.evidence if e.quote.startswith(("（", "("))]
        assert quotes
        assert all(any(surface in quote for quote in quotes) for surface in surfaces)


def test_since_when_beside_who_is_answered_too(store: ox.Store, vocabulary: Vocabulary) -> None:
    answer = ask(
        "沪府规〔2021〕9号不再增收土地价款从什么时候起实施？由哪些单位负责？", store, vocabulary
    )
    assert "上海市规划和自然资源局" in labels(answer)
    dates = [date for found in answer.answers for date in found.value["date"]]
    assert {date["effective"] for date in dates} == {"2021-09-01"}


def test_a_side_without_an_amount_is_not_left_out(store: ox.Store, vocabulary: Vocabulary) -> None:
    answer = ask("金山区首次认定奖励和浦东新区首次认定奖励各是多少？", store, vocabulary)
    told = {found.label: found.value["amount"] for found in answer.answers}
    assert told["金山区"]["value"] == 200000
    assert told["浦东新区"] is None


def test_a_comparison_keeps_the_occasion_that_is_asked_for(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    question = "比较金山区和浦东新区对首次认定高新技术企业的奖励"
    (found,) = ask(question, store, vocabulary).answers
    assert [side["amounts"] for side in found.value["sides"]] == [["20万元"], []]


def test_numbers_are_not_mixed_with_ranks(store: ox.Store, vocabulary: Vocabulary) -> None:
    numbers = ask("2020年北京、深圳和上海各有多少家高新技术企业？", store, vocabulary).answers
    assert {found.value["figure"]["value"] for found in numbers} == {17012, 18650, 28750}
    ranks = ask("上海高新技术企业数量排名第几？", store, vocabulary).answers
    assert any(found.value["figure"]["rank"] == 5 for found in ranks)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("2024年6月1日那天，金山和浦东的文件哪份还有效？", {PUDONG_PLAN: "yes on 2024-06-01"}),
        ("截至2024年6月，金山和浦东哪些文件有效？", {PUDONG_PLAN: "yes on 2024-06-01 to 2024-06-30"}),
        ("金山和浦东的文件在2024年5月哪些有效？",
         {JINSHAN_PLAN: "in part on 2024-05-01 to 2024-05-31", PUDONG_PLAN: "yes on"}),
        ("2024-06-01浦东的三年行动计划有效吗？", {PUDONG_PLAN: "yes on 2024-06-01: signed on 2023-05-08"}),
        ("浦东行动计划2023年5月1日生效了吗？", {PUDONG_PLAN: "not yet on 2023-05-01"}),
        ("金山育苗造林十五条到2025年1月还管用吗？", {JINSHAN_PLAN: "no on 2025-01-01 to 2025-01-31"}),
        ("Which Jinshan documents were in force on 1 June 2023?", {JINSHAN_PLAN: "yes on 2023-06-01"}),
        ("Was the Jinshan plan still valid on July 8, 2022?", {JINSHAN_PLAN: "yes on 2022-07-08"}),
    ],
)  # fmt: skip
def test_validity_is_judged_on_the_day_that_is_asked_for(
    question: str, expected: dict[str, str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert labels(answer) == expected.keys()
    for found in answer.answers:
        assert found.value["in_force"].startswith(expected[found.label])


def test_what_is_not_in_force_is_told_and_what_states_no_date_is_not_counted(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask("2024年6月1日金山和浦东有多少份文件有效？", store, vocabulary)
    assert answer.answers[0].value["count"] == 1
    assert answer.understood["not_in_force"] == [
        f"{JINSHAN_PLAN} (no on 2024-06-01: it ended on 2024-05-14)"
    ]
    ended = ask("哪些文件2024年5月到期？", store, vocabulary)
    assert labels(ended) == {JINSHAN_PLAN}
    assert ended.understood["not_known"]
    assert not ask("2024年2月30日金山的文件有效吗？", store, vocabulary).understood
    assert not ask("金山低空经济文件还有效吗？", store, vocabulary).understood


def test_the_part_of_a_question_that_is_not_answered_is_told(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask("浦东每年要办几场招商活动，引来多少个好项目？", store, vocabulary)
    assert answer.understood["unanswered"] == ["引来多少个好项目"]
    both = ask("浦东每年要导入多少家优质企业、引进多少名高端创新创业人才？", store, vocabulary)
    assert "unanswered" not in both.understood
    nothing = ask("How many base stations does Pudong want to reach?", store, vocabulary)
    assert not nothing.answers
    assert "基站" in nothing.understood["words"]


def test_taking_part_is_any_role_and_who_is_responsible_alone_leads(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    def understood(question: str) -> Mapping[str, Any]:
        return ask(question, store, vocabulary).understood

    assert "roles" not in understood("浦东知识产权局参与哪些任务？")
    assert understood("浦东知识产权局配合哪些任务？")["roles"] == ["support"]
    led = understood("浦东知识产权局牵头哪些任务？")
    assert led["roles"] == ["lead"]
    assert led["counted_as_lead"] == "units responsible alone"
    assert understood("浦东哪些任务由区科经委一家负责？")["sole"] is True


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("哪个文件废止了《中关村科技园区条例》？", "废止"),
        ("金山的十五条举措被哪份文件取代？", "取代"),
        ("Which document replaced the Zhongguancun Science Park Regulations of 2000?", "replaced"),
    ],
)
def test_what_repeals_what_is_refused_for_that_word(
    question: str, word: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    assert ask(question, store, vocabulary).unknown == (word,)


def test_those_who_receive_make_no_instrument(store: ox.Store, vocabulary: Vocabulary) -> None:
    answer = ask("哪些区对新引进（迁入）的高新技术企业给予奖励？", store, vocabulary)
    assert answer.understood["instruments"] == ["RelocationReward"]


def test_documents_in_force_since_a_year_are_documents_of_that_time(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask("2022年以来施行的文件中哪些规定了包容审慎监管？", store, vocabulary)
    assert answer.understood["intent"] == "documents"
    assert {found.value["date"]["issued"][:4] for found in answer.answers} <= {
        "2022",
        "2023",
        "2024",
    }


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("浦东新区高端人才引进目标是多少？", {"优质项目", "高端创新创业人才"}),
        ("Pudong target for talent recruitment per year", {"优质项目", "高端创新创业人才"}),
        ("浦东新区购房补贴的目标是多少？", set()),
        ("浦东每年要导入多少家优质企业、引进多少名高端创新创业人才？", {"优质企业", "高端创新创业人才"}),
    ],
)  # fmt: skip
def test_targets_are_those_of_what_is_named(
    question: str, expected: set[str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["intent"] == "targets"
    assert labels(answer) == expected


@pytest.mark.parametrize(
    "question",
    [
        "高新技术企业证书到期后重新通过认定，金山奖多少钱？",
        "高新技术企业期满后再次认定，金山区奖励多少？",
    ],
)
def test_how_much_is_not_answered_with_dates(
    question: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    [found] = ask(question, store, vocabulary).answers
    assert found.value["amount"]["value"] == 50_000
    assert not ask("证书到期后金山给多少抚恤金？", store, vocabulary).understood


@pytest.mark.parametrize(
    ("question", "words", "expected"),
    [
        (
            "浦东三年行动计划里，产业用地和空间供给这项任务由哪个部门牵头？",
            ["空间"],
            {"上海市浦东新区规划和自然资源局"},
        ),
        (
            "How much factory and R&D space should state-owned enterprises in Pudong supply?",
            ["研发"],
            {"产业空间载体"},
        ),
        ("浦东新区每年举办多少场招商活动？", ["活动"], {"国内外特色主题招商活动每年举办"}),
    ],
)
def test_words_that_passages_hold_narrow_an_answer(
    question: str, words: list[str], expected: set[str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["words"] == words
    assert labels(answer) == expected


@pytest.mark.parametrize(
    "question",
    [
        "For how many tasks of the Pudong plan is the district science, technology and economy "
        "commission the lead?",
        "浦东新区科经委牵头多少项任务？",
    ],
)
def test_tasks_that_one_leads_are_counted(
    question: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["roles"] == ["lead"]
    assert answer.answers[0].value["count"] == 18 == len(answer.answers) - 1


def test_who_is_in_charge_leads(store: ox.Store, vocabulary: Vocabulary) -> None:
    question = "Who is in charge of the intellectual property task in the Pudong action plan?"
    assert labels(ask(question, store, vocabulary)) == {"上海市浦东新区知识产权局"}


@pytest.mark.parametrize(
    ("question", "state"),
    [
        ("Does Jinshan offer housing support for talent?", "not-found"),
        ("无锡有没有人才公寓？", "no-coverage"),
    ],
)
def test_absence_says_which_it_is(
    question: str, state: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    [found] = ask(question, store, vocabulary).answers
    assert (found.state, found.evidence) == (state, ())


def test_an_end_that_is_not_stated_is_told(embedded_graph: Path) -> None:
    question = "沪府规〔2021〕9号从哪天起实施，到哪天为止？"
    result = CliRunner().invoke(main, ["ask", "--graph", str(embedded_graph), question])
    assert "expires: none stated" in result.stdout


@pytest.mark.parametrize(
    ("question", "receivers"),
    [
        ("哪些措施面向外资企业？", ["ForeignEnterprise"]),
        ("Which measures of Jinshan are aimed at small and medium-sized enterprises?", ["SME"]),
        ("浦东新区有哪些政策针对科技型中小企业？", ["TechSME"]),
    ],
)
def test_measures_for_somebody(
    question: str, receivers: list[str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["intent"] == "measures"
    assert answer.understood["beneficiaries"] == receivers
    meant = {f"{BASE}id/beneficiary/{name}" for name in receivers}
    for found in answer.answers:
        asked = f"SELECT ?who {{ <{found.iri}> pk:beneficiary ?who }}"
        assert meant & {str(row["who"]) for row in select(store, asked)}


def test_share_of_something_unknown_is_refused(store: ox.Store, vocabulary: Vocabulary) -> None:
    assert not ask("沪府规〔2021〕9号对骑楼的比例有什么要求？", store, vocabulary).understood


@pytest.mark.parametrize(
    ("question", "units"),
    [
        (
            "Which units are responsible for raising the efficiency of land allocation in the "
            "municipal opinion No. 9 (2021)?",
            {"上海市规划和自然资源局", "上海市经济和信息化委员会", "各区政府"},
        ),
        (
            "Which departments support the strengthening of talent in Pudong's three-year action plan?",
            {
                "上海市浦东新区建设和交通委员会", "上海市浦东新区卫生健康委员会", "上海市浦东新区教育局",
                "自贸区各管理局", "上海国际旅游度假区管理委员会",
            },
        ),
        (
            "科技履约贷由谁负责？",
            {"上海市金山区科学技术委员会", "上海市金山区财政局", "上海市金山区市场监督管理局", "各镇", "各园区"},
        ),
    ],
)  # fmt: skip
def test_units_of_what_words_render(
    question: str, units: set[str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    assert labels(ask(question, store, vocabulary)) == units


def test_offices_are_known_by_other_translations(store: ox.Store, vocabulary: Vocabulary) -> None:
    bureau = (
        "How many of Jinshan's fifteen measures is the District Market {} Bureau responsible for?"
    )
    for word in ("Supervision", "Regulation"):
        assert ask(bureau.format(word), store, vocabulary).answers[0].value["count"] == 2


@pytest.mark.parametrize(
    "question",
    [
        "浦东新区的高新技术企业复审补贴已经实施，还是仍在探索？",
        "Does Pudong already pay for the re-examination of high-tech enterprises, or is that only "
        "being explored?",
    ],
)
def test_whether_something_is_on_trial_shows_its_passage(
    question: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["intent"] == "status"
    [found] = answer.answers
    assert "复审" in found.evidence[0].quote


def test_trial_of_something_unknown_is_refused(store: ox.Store, vocabulary: Vocabulary) -> None:
    assert not ask("浦东新区的骑楼修缮已经实施，还是仍在探索？", store, vocabulary).understood


@pytest.mark.parametrize("question", ["哪些文件提到科创助力贷？", "“科创助力贷”主要支持哪些企业？"])
def test_a_name_that_only_passages_hold_is_found(
    question: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["words"] == ["科创助力贷"]
    assert labels(answer) == {REPORT}
    assert all("科创助力贷" in passage.quote for passage in answer.answers[0].evidence)


@pytest.mark.parametrize(
    ("question", "expected", "words"),
    [
        ("谁在搞概念验证？", {"北京", "上海"}, ("概念验证",)),
        ("屋顶绿化哪些城市有？", {"上海"}, ("屋顶绿化",)),
        ("哪些地方支持企业办博士后工作站？", {"上海", "浙江"}, ("博士后",)),
        ("哪些区有一业一证？", {"浦东新区"}, ("一业一证",)),
    ],
)
def test_a_narrower_name_is_not_widened(
    question: str,
    expected: set[str],
    words: tuple[str, ...],
    store: ox.Store,
    vocabulary: Vocabulary,
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["wording"]
    assert labels(answer) <= expected
    quotes = ["".join(e.quote.split()) for found in answer.answers for e in found.evidence]
    assert quotes
    assert all(any(word in quote for word in words) for quote in quotes)


def test_what_no_passage_names_is_not_found(store: ox.Store, vocabulary: Vocabulary) -> None:
    check = ask("杭州有没有概念验证？", store, vocabulary)
    assert [found.state for found in check.answers] == ["not-found"]
    assert ask("安徽有哪些企业画像？", store, vocabulary).answers == ()
    whole = ask("哪些城市有院士与博士后工作站？", store, vocabulary)
    assert "wording" not in whole.understood
    assert "杭州" in labels(whole)


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("浦东人才工作谁挑头，谁打配合？", {"intent": "units", "roles": ["lead", "support"]}),
        ("浦东的人才工作归谁抓？", {"intent": "units"}),
        ("金山创新券的经办部门", {"intent": "units", "instruments": ["InnovationVoucher"]}),
        ("金山税务局的分工是什么？", {"intent": "clauses"}),
        ("上海海关在沪府规〔2021〕9号里要做什么？", {"intent": "clauses"}),
        ("高新技术企业从外地搬到金山能拿多少钱？", {"instruments": ["RelocationReward"]}),
        ("专门设置处室的是哪座城市？", {"intent": "cities", "instruments": ["DedicatedBody"]}),
        (
            "浦东有什么措施是面向高校师生和科研人员的？",
            {"intent": "measures", "beneficiaries": ["University", "ResearchStaff"]},
        ),
        ("哪些措施是给科研人员的？", {"intent": "measures", "beneficiaries": ["ResearchStaff"]}),
        ("安徽最高的补贴是多少？", {"intent": "amounts", "order": "largest"}),
        (
            "金山第一次认定高企给多少钱？",
            {"intent": "amounts", "instruments": ["RecognitionReward"]},
        ),
        ("上海比北京少了什么？", {"intent": "gaps", "city": "上海", "peers": ["北京"]}),
        ("上海有哪些不如北京？", {"intent": "gaps", "city": "上海", "peers": ["北京"]}),
        ("上海还有没有人才公寓？", {"intent": "check"}),
        ("北京与上海在政府采购上怎么不同？", {"intent": "compare"}),
        ("北京政府采购预留份额是多少？", {"intent": "amounts", "places": ["北京"]}),
        ("金山育苗造林十五条还管用吗？", {"intent": "dates", "documents": ["金科规〔2022〕1号"]}),
        (
            "浙江促进科技成果转化条例几时生效？",
            {"intent": "dates", "documents": [ZHEJIANG_TRANSFER]},
        ),
    ],
)
def test_everyday_words_are_understood(
    question: str, understood: dict[str, Any], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert {name: answer.understood.get(name) for name in understood} == understood
    assert answer.answers


def test_an_office_is_none_of_another_place(store: ox.Store, vocabulary: Vocabulary) -> None:
    refused = ask("包头市财政局牵头哪些任务？", store, vocabulary)
    assert not refused.understood
    assert all("上海" not in word for word in refused.unknown)
    assert not ask("安徽最高的月球补贴是多少？", store, vocabulary).understood


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("Which cities have land-fee waivers for sawmills?", "sawmills"),
        ("How much rent relief does Beijing give to pet salons?", "pet, salons"),
        ("Which cities pay childcare allowances to attract talent?", "childcare, allowances"),
        ("Which document replaced the loan guarantee rules of Beijing?", "replaced"),
    ],
)
def test_english_words_that_decide_a_question_are_not_left_out(
    question: str, unknown: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert not answer.understood
    assert answer.unknown == (unknown,)


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Where does technology transfer come with insurance premium subsidies?", "保"),
        ("Which measures has Shenzhen for cell therapy?", "细胞"),
        ("Which cities facilitate customs clearance of research supplies?", "研"),
    ],
)
def test_english_words_narrow_to_passages_that_hold_them(
    question: str, word: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    found = ask(question, store, vocabulary).answers
    assert found
    assert all(any(word in passage.quote for passage in one.evidence) for one in found)


def test_circumstances_before_the_question_may_change_nothing(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    asked = "How much interest does Anhui cover?"
    plain = ask(asked, store, vocabulary)
    told = ask(f"A sawmill takes a bank loan. {asked}", store, vocabulary)
    assert plain.understood["instruments"] == told.understood["instruments"] == ["InterestSubsidy"]
    assert labels(plain) == labels(told)
    assert told.understood["ignored"] == ["sawmill"]


def test_large_numbers_are_written_out(embedded_graph: Path) -> None:
    shown = CliRunner().invoke(
        main, ["ask", "2021年上海创新券总额是多少？", "--graph", str(embedded_graph)]
    )
    assert "990,000,000" in shown.output
    assert "e+" not in shown.output


@pytest.mark.parametrize(
    ("question", "unanswered"),
    [
        ("浦东人才工作由谁牵头，每年引进多少人才？", ["每年引进多少人才"]),
        ("高新技术企业迁入金山区奖励多少？一次付清吗？", ["一次付清吗"]),
        ("高新技术企业迁入金山区奖励多少？分阶段给吗？", []),
        ("上海2021年发了多少科技创新券？惠及多少家次？", []),
        ("上海2021年发了多少科技创新券？惠及几座？", ["惠及几座"]),
        ("哪些城市有科技创新券，由谁负责？", ["由谁负责"]),
        ("金山区首次认定奖励多少，由谁负责，什么时候到期？", []),
        ("北京有多少家高新技术企业，上海有多少家？", []),
        ("上海有没有科技创新券，北京有吗？", []),
    ],
)
def test_parts_of_another_sort_are_told_when_they_are_not_answered(
    question: str, unanswered: list[str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.answers
    assert answer.understood.get("unanswered", []) == unanswered


def test_until_when_beside_how_much_is_answered(store: ox.Store, vocabulary: Vocabulary) -> None:
    question = "金山区首次认定奖励多少，什么时候到期？"
    dates = [d for found in ask(question, store, vocabulary).answers for d in found.value["date"]]
    assert {date["expires"] for date in dates} == {"2024-05-14"}


def test_only_beside_a_unit_asks_what_it_answers_for_alone(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    alone = ask("浦东哪些任务只由区科经委负责？", store, vocabulary)
    assert alone.understood["sole"]
    only = ask("浦东哪些任务只有区科经委负责？", store, vocabulary)
    assert labels(only) == labels(alone)
    role = ask("浦东哪些任务区科经委仅配合？", store, vocabulary)
    assert "sole" not in role.understood


def test_as_of_names_a_day_and_useful_measures_are_not_those_in_force(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask("As of 2024-05-14, which documents of Jinshan are in force?", store, vocabulary)
    assert answer.understood["on"] == "2024-05-14"
    assert [found.value["in_force"][:3] for found in answer.answers] == ["yes"]
    assert ask("浦东有哪些管用的人才措施？", store, vocabulary).understood["intent"] == "policies"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did the Shanghai technology transfer regulations take effect?", {SHANGHAI_TRANSFER}),
        ("Since when have Beijing's SME regulations been in force?", {BEIJING_FIRMS}),
        ("When did the Hangzhou science and technology regulations enter into force?", {HANGZHOU_PROGRESS}),
        ("When did Beijing's cross-border e-commerce regulations take effect?", set()),
    ],
)  # fmt: skip
def test_documents_are_told_by_english_words_of_their_titles(
    store: ox.Store, vocabulary: Vocabulary, question: str, expected: set[str]
) -> None:
    assert labels(ask(question, store, vocabulary)) == expected


@pytest.mark.parametrize(
    ("question", "intent", "city"),
    [
        ("What is missing in Shanghai relative to Shenzhen?", "gaps", "上海"),
        ("Which of Beijing's instruments are absent from Shanghai?", "gaps", "上海"),
        ("Which measures exist in Shenzhen but not in Shanghai?", "gaps", "上海"),
        ("Which land instruments does Nanjing have and Shanghai not?", "gaps", "上海"),
        ("In what respects is Shanghai behind Hefei?", "gaps", "上海"),
        ("What are the shortcomings of Shanghai's policies?", "denials", "上海"),
    ],
)
def test_who_lacks_something_is_read_from_either_side(
    store: ox.Store, vocabulary: Vocabulary, question: str, intent: str, city: str
) -> None:
    understood = ask(question, store, vocabulary).understood
    assert (understood["intent"], understood["city"]) == (intent, city)


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("Which jurisdictions give tax breaks to incubators?", "cities"),
        ("Which cities fail to provide loan guarantees?", "lacking"),
        ("In which cities is there no talent housing?", "lacking"),
        ("Are R&D subsidies available in Shanghai?", "check"),
        ("What is the size of the recognition reward in Jinshan?", "amounts"),
        ("Who oversees the cultivation pool in Pudong?", "units"),
        ("What are the responsibilities of the Jinshan Finance Bureau?", "clauses"),
        ("How old are the Hangzhou regulations?", "dates"),
        ("What legislation covers technology insurance?", "documents"),
        ("Who published the Pudong plan?", "holdings"),
        ("How does Beijing support small and medium-sized enterprises?", "measures"),
        ("Which policies are still at the trial stage in Pudong?", "status"),
        ("On what legal basis was the Jinshan plan made?", "citations"),
        ("How are Shanghai's measures distributed over the six categories?", "mix"),
        ("What distinguishes Shenzhen from Hangzhou?", "compare"),
        ("What does Nanjing have that nobody else has?", "only"),
    ],
)
def test_intents_are_read_in_many_english_words(
    store: ox.Store, vocabulary: Vocabulary, question: str, intent: str
) -> None:
    assert ask(question, store, vocabulary).understood.get("intent") == intent


@pytest.mark.parametrize(
    "question",
    [
        "How many incubators does Shanghai have?",  # that there are some is no number
        "What is the growth rate of science parks in Hefei?",
        "Which cities except Beijing offer museum passes?",
    ],
)
def test_other_questions_about_known_names_are_refused(
    store: ox.Store, vocabulary: Vocabulary, question: str
) -> None:
    assert not ask(question, store, vocabulary).understood


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("Which cities have innovation centres?", "Which cities have innovation centers?"),
        ("Which cities subsidise R&D?", "Which cities subsidize R&D?"),
        ("Does Beijing have talent programmes?", "Does Beijing have talent programs?"),
    ],
)
def test_both_spellings_are_read_alike(
    store: ox.Store, vocabulary: Vocabulary, british: str, american: str
) -> None:
    one, other = (ask(question, store, vocabulary) for question in (british, american))
    assert one.understood == other.understood
    assert labels(one) == labels(other)


@pytest.mark.parametrize(
    "question",
    [
        "哪些城市支持知识产权质押融资？",
        "Which cities allow intellectual property pledge financing?",
    ],
)
def test_a_narrower_name_outweighs_a_name_that_it_holds(
    store: ox.Store, vocabulary: Vocabulary, question: str
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["instruments"] == ["CreditSupport"]
    assert {"北京", "上海", "深圳", "杭州"} <= labels(answer)
    quotes = "".join(e.quote for found in answer.answers for e in found.evidence)
    assert "保护中心" not in quotes


def test_words_of_a_title_beside_its_sort_choose_no_target(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask("安徽RCEP实施意见提出2024年的目标是什么？", store, vocabulary)
    values = {found.value["target"]["value"] for found in answer.answers}
    assert values == {30, 20, 10}
    assert "对外投资" in labels(answer)


def test_provinces_count_beside_cities(store: ox.Store, vocabulary: Vocabulary) -> None:
    assert "浙江" in labels(ask("哪些城市或省发放科技创新券？", store, vocabulary))
    assert "浙江" not in labels(ask("哪些城市发放科技创新券？", store, vocabulary))


def test_gaps_tell_that_they_are_not_narrowed_to_those_named(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    question = "What does Beijing offer small and medium enterprises that Hangzhou does not?"
    assert "small and medium enterprises" in ask(question, store, vocabulary).understood["ignored"]


@pytest.mark.parametrize(
    ("question", "uncovered"),
    [
        ("广州有哪些人才政策？", ["广州"]),
        ("What subsidies does Guangzhou give?", ["广州"]),
        ("广州缺少哪些北京有的措施？", ["广州"]),
        ("北京有哪些广州没有的措施？", ["广州"]),
        ("黄浦区有哪些措施？", ["黄浦区"]),
        ("哪些是金山区有而黄浦区没有的措施？", ["黄浦区"]),
    ],
)
def test_of_a_place_without_documents_nothing_is_told_and_that_is_said(
    question: str, uncovered: list[str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.understood["without_documents"] == uncovered
    assert not answer.answers


@pytest.mark.parametrize(
    "question", ["深圳有哪些土地费用减免？", "长三角有哪些人才措施？", "浦东新区有哪些人才措施？"]
)
def test_a_place_that_only_a_study_tells_of_is_no_place_without_documents(
    question: str, store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert "without_documents" not in answer.understood
    assert answer.answers


def test_no_difference_is_claimed_from_a_place_without_documents(
    store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask("武汉和上海在人才方面有什么差别？", store, vocabulary)
    assert answer.understood["without_documents"] == ["武汉"]
    assert {found.value["only"] for found in answer.answers} == {""}


def test_a_place_without_documents_is_told_in_words(embedded_graph: Path) -> None:
    shown = CliRunner().invoke(
        main, ["ask", "广州有哪些人才政策？", "--graph", str(embedded_graph)]
    )
    assert "knows nothing about 广州" in shown.output


@pytest.mark.parametrize(
    ("question", "ignored"),
    [
        ("小微企业贷款补贴多少？", ["小微企业"]),
        ("北京对中小企业有哪些信贷支持？", ["中小企业"]),
        ("Which cities give SMEs innovation vouchers?", ["smes"]),
        ("哪些措施支持中小企业？", []),
        ("高新技术企业首次认定奖励多少？", []),
    ],
)
def test_beneficiaries_that_narrow_nothing_are_told(
    question: str, ignored: list[str], store: ox.Store, vocabulary: Vocabulary
) -> None:
    answer = ask(question, store, vocabulary)
    assert answer.answers
    assert answer.understood.get("ignored", []) == ignored
