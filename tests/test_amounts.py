"""Amounts, targets and conditions: what each number of a sentence is for."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.corpus import read_document
from kg.extract.amounts import Measures, compile_measures, find_amounts, find_targets
from kg.model import Extraction, Source
from kg.ontology import Vocabulary

Told = tuple[float, str, str, str]


@pytest.fixture(scope="module")
def measures(vocabulary: Vocabulary) -> Measures:
    """The patterns of the shipped vocabulary."""
    return compile_measures(vocabulary)


def amounts(text: str, measures: Measures) -> list[Told]:
    return [(a.value, a.unit, a.op, a.surface) for a in find_amounts(text, measures)]


def targets(text: str, measures: Measures) -> list[Told]:
    return [(t.value, t.unit, t.op, t.surface) for t in find_targets(text, measures)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("按投资额的30%给予补助", [(30, "%", "=", "30%")]),
        ("按不超过投资额20%的比例给予奖补", [(20, "%", "<=", "不超过投资额20%")]),
        ("按1:1比例给予配套", [(1, "倍", "=", "1:1")]),
        ("按上级奖金的2倍奖励", [(2, "倍", "=", "2倍")]),
        ("按百分之三十给予补贴", [(30, "%", "=", "百分之三十")]),
        ("给予房租50%—70%的补贴", [(50, "%", ">=", "50%—70%"), (70, "%", "<=", "50%—70%")]),
        ("补助最高不超过500万元", [(5000000, "CNY", "<=", "最高不超过500万元")]),
        ("每家补助50万元以内", [(500000, "CNY", "<=", "50万元以内")]),
        ("补贴以50万元为上限", [(500000, "CNY", "<=", "50万元为上限")]),
        ("给予100万元封顶的补贴", [(1000000, "CNY", "<=", "100万元封顶")]),
        ("每人最高可补贴300元", [(300, "CNY", "<=", "最高可补贴300元")]),
        ("给予不低于3.5万元的补贴", [(35000, "CNY", ">=", "不低于3.5万元")]),
        ("按每人每月1500元的标准给予补贴", [(1500, "CNY", "=", "1500元")]),
        ("一次性奖励企业100元/亩", [(100, "CNY", "=", "100元/亩")]),
        (
            "分别给予100万元、50万元、30万元奖励",
            [
                (1000000, "CNY", "=", "100万元"),
                (500000, "CNY", "=", "50万元"),
                (300000, "CNY", "=", "30万元"),
            ],
        ),
        (
            "一等奖20万元，二等奖15万元",
            [(200000, "CNY", "=", "20万元"), (150000, "CNY", "=", "15万元")],
        ),
        (
            "给予20—50万元补助",
            [(200000, "CNY", ">=", "20—50万元"), (500000, "CNY", "<=", "20—50万元")],
        ),
        (
            "给予5000元至1万元奖励",
            [(5000, "CNY", ">=", "5000元至1万元"), (10000, "CNY", "<=", "5000元至1万元")],
        ),
        (
            "分别给予10、20、30万元奖励",
            [
                (100000, "CNY", "=", "10"),
                (200000, "CNY", "=", "20"),
                (300000, "CNY", "=", "30万元"),
            ],
        ),
        (
            "给予不超过50万元、30万元补贴",
            [(500000, "CNY", "<=", "不超过50万元"), (300000, "CNY", "<=", "30万元")],
        ),
        ("给予五十万元奖励", [(500000, "CNY", "=", "五十万元")]),
        ("给予人民币伍拾万元奖励", [(500000, "CNY", "=", "伍拾万元")]),
        ("给予壹佰贰拾元补贴", [(120, "CNY", "=", "壹佰贰拾元")]),
        ("对陆家嘴队伍给予奖励", []),
        ("按人均不少于1\ue01020元给予补贴", []),
        ("给予不超过12\ufffd5%的补贴", []),
        ("\ue01020万元奖励，补贴30\ue010万元", [(200000, "CNY", "=", "20万元")]),
        ("给予十五万元奖励", [(150000, "CNY", "=", "十五万元")]),
        (
            "前两年免租，后三年租金减半",
            [(2, "年", "=", "两年"), (3, "年", "=", "三年")],
        ),
        ("连续3年每年给予50万元", [(3, "年", "=", "3年"), (500000, "CNY", "=", "50万元")]),
        ("补贴期限最长不超过12个月", [(12, "月", "<=", "最长不超过12个月")]),
        ("预留份额占预算总额的百分之四十以上", [(40, "%", ">=", "百分之四十以上")]),
        ("可按50年年期出让", [(50, "年", "=", "50年年期")]),
        ("按百分之二点五给予补贴", [(2.5, "%", "=", "百分之二点五")]),
        ("按到位资金的2‰给予奖励", [(2, "‰", "=", "2‰")]),
        ("给予最高100万美元补贴", [(1000000, "USD", "<=", "最高100万美元")]),
        ("给予租金补贴，最长三年", [(3, "年", "<=", "最长三年")]),
        ("在3年内每年给予2万元津贴", [(3, "年", "=", "3年"), (20000, "CNY", "=", "2万元")]),
        ("贷款额度可提高至500万元", [(5000000, "CNY", "<=", "提高至500万元")]),
        ("奖励总额不超过剩余部分的10%", [(10, "%", "<=", "不超过剩余部分的10%")]),
        (
            "奖励不低于转让费、使用费净收入的20%",
            [(20, "%", ">=", "不低于转让费、使用费净收入的20%")],
        ),
        ("从净收入中提取不低于30%，用于奖励", [(30, "%", ">=", "不低于30%")]),
        ("所得税减半征收", [(50, "%", "=", "减半")]),
        ("分两年按6:4比例拨付", []),
        (
            "预留份额由30%提高至40%",
            [(40, "%", ">=", "提高至40%")],
        ),
        ("可以建设配套用房的比例提高到总量的30%", [(30, "%", "=", "30%")]),
        ("补助最高1,0 00万元", [(10000000, "CNY", "<=", "最高1,0 00万元")]),
        ("补助最高1，000万元", [(10000000, "CNY", "<=", "最高1，000万元")]),
        ("补助\t1 000万元", []),
        ("补助最高3 500万元", [(35000000, "CNY", "<=", "最高3 500万元")]),
        ("对第1、2名分别给予2 0万元奖励", [(200000, "CNY", "=", "2 0万元")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_find_amounts_reads_value_unit_and_operator(
    text: str, expected: list[Told], measures: Measures
) -> None:
    assert amounts(text, measures) == expected
    assert find_targets(text, measures) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("对年营业收入2000万元以上的企业，给予10万元奖励", ["10万元"]),
        ("投资额超过1亿元的，按投资额的5%给予奖励", ["5%"]),
        ("投资额超过1亿元的项目给予500万元奖励", ["500万元"]),
        ("给予年营业收入2000万元以上的企业20万元奖励", ["20万元"]),
        ("税收达到30万元以上，一次性给予10万元奖励", ["10万元"]),
        ("招用3人以下的按每人2000元给予补贴", ["2000元"]),
        ("每连续租满1年补贴6000元", ["6000元"]),
        ("经营满二年以上的，一次性奖励2万元", ["2万元"]),
        ("对3年期以上贷款按40%给予贴息", ["40%"]),
        ("投资5000万元以上，实行一事一议", []),
        ("对单户担保500万元及以下的业务，按0.5%给予补贴", ["0.5%"]),
        ("对新发展基地500亩以上，一次性奖励200元", ["200元"]),
        ("毕业2年内的高校毕业生可申请补贴", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_thresholds_are_neither_amounts_nor_targets(
    text: str, expected: list[str], measures: Measures
) -> None:
    assert [a.surface for a in find_amounts(text, measures)] == expected
    assert find_targets(text, measures) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("力争净增200家", [(200, "家", "=", "净增200家")]),
        ("实现注册总量突破5亿", [(500000000, "个", ">", "突破5亿")]),
        ("到2025年，产值突破1000亿元", [(100000000000, "CNY", ">", "突破1000亿元")]),
        ("培育3家左右平台企业", [(3, "家", "=", "3家左右")]),
        ("力争五年翻一番", [(2, "倍", "=", "五年翻一番")]),
        ("实施企业倍增计划", []),
        ("经第31次会议同意，建设5G基站，发布2.0版和1号文件", []),
        ("每年遴选20家企业，每家给予最高50万元奖励", [(20, "家", "=", "20家")]),
        ("新增50家以上智能工厂，培育新模式", [(50, "家", ">=", "新增50家以上")]),
        (
            "培育100家以上企业和20个以上模型",
            [(100, "家", ">=", "100家以上"), (20, "个", ">=", "20个以上")],
        ),
        ("力争新增科技贷款1000亿元以上", [(100000000000, "CNY", ">=", "1000亿元以上")]),
        ("到2030年，设施配套率达到95%以上", [(95, "%", ">=", "达到95%以上")]),
        ("占比提高到30%左右", [(30, "%", "=", "提高到30%左右")]),
        ("经费占比应当分别不低于6%和4%", [(6, "%", ">=", "不低于6%"), (4, "%", ">=", "4%")]),
        ("增幅应当高于收入一个百分点以上", [(1, "个百分点", ">=", "一个百分点以上")]),
        ("产业产值超过200亿元。", [(20000000000, "CNY", ">", "超过200亿元")]),
        ("申请材料精简30%", [(30, "%", "=", "30%")]),
        ("完成投资2400亿元", [(240000000000, "CNY", "=", "2400亿元")]),
        ("新增储能容量750千瓦时", [(750, "千瓦时", "=", "750千瓦时")]),
        ("加快甲山、乙河等4个园区建设", []),
        ("每年分行业、分领域发布100个场景清单", [(100, "个", "=", "100个")]),
        ("落实促进发展32条措施", []),
        ("开展“千家场景”行动", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_find_targets_reads_number_operator_and_unit(
    text: str, expected: list[Told], measures: Measures
) -> None:
    assert targets(text, measures) == expected


@pytest.mark.parametrize(
    ("text", "deadline", "indicator"),
    [
        ("到2025年，全区年均新认定企业超2000家", "2025", "年均新认定企业"),
        ("每年举办招商活动不少于20场", "每年", "招商活动"),
        ("“十四五”期间新建800个智能工厂", "2025", "智能工厂"),
        ("到2030年，企业数较2023年增长10%", "2030", "企业数较2023年"),
        ("发展科技小巨人（含培育）企业超750家", "", "科技小巨人（含培育）企业"),
        ("、对外投资超20亿元", "", "对外投资"),
    ],
)
def test_targets_tell_deadline_and_what_is_counted(
    text: str, deadline: str, indicator: str, measures: Measures
) -> None:
    [target] = find_targets(text, measures)
    assert (target.deadline, target.indicator) == (deadline, indicator)


def test_goals_take_the_year_that_their_clause_named(
    extract: Callable[[str], Extraction],
) -> None:
    text = "杭州市促进创新若干措施\n\n一、工作目标\n\n到2025年，创新能力增强。培育科技企业100家。\n"
    [goal] = extract(text).goals
    assert goal.targets[0].deadline == "2025"


def cny(*surfaces: str) -> list[Told]:
    """Return amounts of ten thousands of yuan as written."""
    return [(10000.0 * int(s.removesuffix("万元")), "CNY", "=", s) for s in surfaces]


RULE_OF_A_COUNTY: list[Told] = [
    (100000000, "CNY", ">=", "不低于1亿元"),
    (5, "%", ">=", "5%-20%"),
    (20, "%", "<=", "5%-20%"),
    (5, "年", "=", "五年"),
    (3, "年", "=", "三年"),
    (80, "%", "=", "80%"),
    (2, "年", "=", "两年"),
    (50, "%", "=", "50%"),
    (50000000, "CNY", "<=", "不超过5000万元"),
    (100000, "CNY", ">=", "10万元—100万元"),
    (1000000, "CNY", "<=", "10万元—100万元"),
    (10, "%", ">=", "不低于10%"),
    (2, "年", "=", "2年"),
    (50, "%", "=", "50%"),
    (100, "CNY", "=", "100元/亩"),
    (200, "CNY", "=", "200元/亩"),
    *cny("100万元", "30万元", "30万元", "10万元", "20万元", "50万元", "30万元"),
    *cny("50万元", "3万元", "500万元", "300万元", "100万元"),
    *cny("5万元", "10万元", "20万元"),
    (10000000, "CNY", ">=", "达到1千万以上"),
    (100000000, "CNY", ">=", "1亿元以上"),
]


AMOUNTS_OF_A_PROVINCE: list[tuple[float, str, str]] = [
    (30000000, "CNY", "<="), (10000000, "CNY", "<="), (1000000, "CNY", "="),
    (1000000, "CNY", "<="), (10, "%", "="), (5000000, "CNY", "<="), (40, "%", "="),
    (3, "年", "<="), (5000000, "CNY", "<="), (500000, "CNY", "="), (1000000, "CNY", "="),
    (1500000, "CNY", "="), (500000, "CNY", "="), (1000000, "CNY", "="), (1000000, "CNY", "="),
    (30, "%", "<="), (3000000, "CNY", "<="), (20, "%", "<="), (5000000, "CNY", "<="),
    (30, "%", "="), (3000000, "CNY", "<="), (20, "%", "="), (10000000, "CNY", "<="),
    (10, "%", "="), (20000000, "CNY", "<="), (1000000, "CNY", "="), (50, "%", "<="),
    (1000000, "CNY", "<="),
]  # fmt: skip


@pytest.mark.originals
def test_amounts_of_a_policy_on_the_industrial_internet(
    originals: Path, vocabulary: Vocabulary, measures: Measures
) -> None:
    """A province's policies with ceilings, ratios and terms, coded by hand."""
    paths = [p for p in (originals.parent / "documents").glob("*.txt") if "工业互联网" in p.name]
    if not paths:
        pytest.skip("no documents beside the originals")
    text = paths[0].read_bytes().decode()
    document = read_document(Source("policy.txt", "0" * 64, text), vocabulary)
    found = [told[:3] for s in document.sentences for told in amounts(s.text, measures)]
    assert found == AMOUNTS_OF_A_PROVINCE


@pytest.mark.originals
def test_amounts_of_a_rule_on_subsidies(
    originals: Path, vocabulary: Vocabulary, measures: Measures
) -> None:
    """A county's rule with tiers, ranges and thresholds, coded by hand."""
    path = originals.parent / "scale" / "documents.jsonl.gz"
    if not path.is_file():
        pytest.skip("no documents beside the originals")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        text = next(row["text"] for row in map(json.loads, lines) if row["id"] == "liuhe_0001")
    document = read_document(Source("rule.txt", "0" * 64, text), vocabulary)
    found = [told for s in document.sentences for told in amounts(s.text, measures)]
    assert found == RULE_OF_A_COUNTY


@pytest.mark.parametrize(
    ("text", "op", "hedge"),
    [
        ("到2025年，专利拥有量达85件左右", "=", "左右"),
        ("到2025年，专利拥有量达85件", ">=", ""),
        ("力争新增企业约300家", "=", "约"),
        ("力争新增企业接近300家", "=", "接近"),
    ],
)
def test_the_hedge_of_a_target_is_kept(text: str, op: str, hedge: str, measures: Measures) -> None:
    (target,) = find_targets(text, measures)
    assert (target.op, target.hedge) == (op, hedge)


def test_the_hedge_of_an_amount_is_kept(measures: Measures) -> None:
    (amount,) = find_amounts("给予20万元左右的奖励", measures)
    assert (amount.op, amount.hedge) == ("=", "左右")
