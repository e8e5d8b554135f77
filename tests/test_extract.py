"""Extraction: measures, instruments, units with roles, amounts, targets, claims."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kg.extract.amounts import compile_measures, find_amounts, find_targets
from kg.extract.lexicon import compile_lexicon
from kg.extract.subjects import compile_subjects
from kg.extract.tokens import JiebaTokenizer
from kg.extract.units import compile_units
from kg.model import Extraction
from kg.ontology import Vocabulary

Extract = Callable[[str], Extraction]

HEAD = "关于促进创新的若干措施\n\n杭州市人民政府\n\n一、重点措施\n\n"


def own(body: str) -> str:
    return f"杭州市人民政府关于促进创新发展的若干措施\n\n一、重点措施\n\n（一）加大支持\n\n{body}\n"


@pytest.mark.parametrize(
    ("sentence", "main", "category"),
    [
        ("对首次认定的高新技术企业，给予一次性10万元奖励。", "RecognitionReward", "财政"),
        ("落实企业研发费用加计扣除政策。", "RDSuperDeduction", "财政"),
        (
            "加大税收优惠政策的宣贯力度，帮助企业了解政策要点，规范归集研发费用。",
            "PolicyPublicity",
            "组织",
        ),
        ("免收中小企业城市基础设施配套费。", "InfrastructureFeeWaiver", "区位"),
        ("工业用地提高容积率的，不再增收土地价款。", "LandPriceWaiver", "区位"),
        ("支持企业建设博士后科研工作站，给予配套。", "TalentStation", "人才"),
        ("鼓励采购人首购首用创新产品。", "FirstPurchase", "需求"),
        ("引导企业与高校开展产学研合作。", "IndustryUniversityCollaboration", "科技"),
        ("向中小微企业发放科技创新券。", "InnovationVoucher", "财政"),
    ],
)
def test_extract_codes_the_main_instrument(
    extract: Extract, sentence: str, main: str, category: str
) -> None:
    [measure] = extract(own(sentence)).measures
    assert (measure.instruments[0], measure.categories[0]) == (main, category)
    assert measure.status == "provided"


@pytest.mark.parametrize(
    "sentence",
    [
        "坚持以习近平新时代中国特色社会主义思想为指导，全面加强创新。",
        "本办法所称孵化器，是指提供孵化服务的机构。",
        "本措施由市科技局负责解释。",
        "本措施自2024年1月1日起施行。",
    ],
)
def test_extract_leaves_out_what_is_no_measure(extract: Extract, sentence: str) -> None:
    assert extract(own(sentence)).measures == ()


def test_extract_leaves_out_silent_sections(extract: Extract) -> None:
    text = own("支持企业建设孵化器。").replace("重点措施", "基本原则")
    assert extract(text).measures == ()


@pytest.mark.parametrize(
    ("verb", "strength"),
    [
        ("给予企业研发补助", "grant"),
        ("落实企业研发补助政策", "implement"),
        ("支持企业申请研发补助", "support"),
        ("鼓励企业申请研发补助", "encourage"),
        ("探索建立研发补助制度", "explore"),
    ],
)
def test_extract_tells_how_strong_the_wording_is(
    extract: Extract, verb: str, strength: str
) -> None:
    [measure] = extract(own(f"{verb}，扩大覆盖面和受益面。")).measures
    assert measure.strength == strength


def test_measures_keep_the_words_of_the_source(extract: Extract) -> None:
    sentence = "对首次认定的高新技术企业，给予一次性 10 万元奖励。"
    raw = own("落实政策。\n\n" + sentence)
    spans = [measure.span.of(raw) for measure in extract(raw).measures]
    assert sentence in spans


def test_keys_are_stable_and_distinct(extract: Extract) -> None:
    text = own("支持企业建设孵化器，给予补助。\n\n支持企业建设孵化器，给予补助。")
    keys = [m.key for m in extract(text).measures]
    assert len(set(keys)) == len(keys) == 2
    assert keys == [m.key for m in extract("\n\n" + text).measures]


def test_extract_reads_roles_from_brackets(extract: Extract) -> None:
    body = "组织企业申报培训。（牵头部门：市科技局；配合部门：市税务局、财政局，各镇、园区）"
    [measure] = extract(own(body)).measures
    found = [(r.surface, r.role, r.name) for r in measure.responsibilities]
    assert found == [
        ("市科技局", "lead", "杭州市科学技术局"),
        ("市税务局", "support", "国家税务总局杭州市税务局"),
        ("财政局", "support", "杭州市财政局"),
        ("各镇", "support", "各镇"),
        ("园区", "support", "各园区"),
    ]
    assert measure.responsibilities[2].repaired_by == "elided-prefix"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "（责任单位：市科委、市财政局）",
            [("市科委", "responsible"), ("市财政局", "responsible")],
        ),
        ("（市科委牵头，市财政局配合）", [("市科委", "lead"), ("市财政局", "support")]),
        (
            "（市科委、市财政局按职责分工负责）",
            [("市科委", "responsible"), ("市财政局", "responsible")],
        ),
        (
            "（责任单位：市发展和改革委员会和市财政局等）",
            [("市发展和改革委员会", "responsible"), ("市财政局", "responsible")],
        ),
        (
            "（市商务委牵头，市教委、市司法局按职责分工配合）",
            [("市商务委", "lead"), ("市教委", "support"), ("市司法局", "support")],
        ),
        (
            "（责任单位：省科技厅，各市、州、县人民政府）",
            [
                ("省科技厅", "responsible"),
                ("各市", "responsible"),
                ("州", "responsible"),
                ("县人民政府", "responsible"),
            ],
        ),
        (
            "（市科委、市信用管理办公室会同各有关部门和单位负责）",
            [
                ("市科委", "lead"),
                ("市信用管理办公室", "lead"),
                ("各有关部门", "support"),
                ("单位", "support"),
            ],
        ),
        (
            "牵头单位：市财政局；参与单位：市科委完成时限：2024年12月",
            [("市财政局", "lead"), ("市科委", "support")],
        ),
        (
            "（市科委、市教委分别负责落实，完成时限：2030年10月）",
            [("市科委", "responsible"), ("市教委", "responsible")],
        ),
        (
            "（市科委牵头，市教委等部门以及各区政府负责落实，2030年10月底前完成）",
            [("市科委", "lead"), ("市教委", "responsible"), ("各区政府", "responsible")],
        ),
        (
            "（市科委会同市教委负责落实，持续推进）",
            [("市科委", "lead"), ("市教委", "support")],
        ),
        ("（各区按分管领域负责）", [("各区", "responsible")]),
        (
            "（市科委牵头，金山区、松江区配合）",
            [("市科委", "lead"), ("金山区", "support"), ("松江区", "support")],
        ),
        (
            "（市工商联、市商务委具体负责）",
            [("市工商联", "responsible"), ("市商务委", "responsible")],
        ),
        (
            "（负责部门：市交通委；适用范围：临港新片区）",
            [("市交通委", "responsible")],
        ),
    ],
)
def test_parse_list_gives_units_and_roles(
    vocabulary: Vocabulary, text: str, expected: list[tuple[str, str]]
) -> None:
    units = compile_units(vocabulary).parse_list(text, "310000")
    assert [(u.surface, u.role) for u in units] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "市、县（市）、区人民政府应当加大投入",
            [
                ("市", "杭州市人民政府", "responsible"),
                ("县（市）", "各县（市、区）政府", "responsible"),
                ("区人民政府", "各区政府", "responsible"),
            ],
        ),
        ("区科技局应当加大投入", [("区科技局", "各区科委", "responsible")]),
        (
            "市科技局牵头，市财政局、市教育局配合，建立机制",
            [
                ("市科技局", "杭州市科学技术局", "lead"),
                ("市财政局", "杭州市财政局", "support"),
                ("市教育局", "杭州市教育局", "support"),
            ],
        ),
        (
            "市科技局应当依据规划，会同市财政局安排资金",
            [
                ("市科技局", "杭州市科学技术局", "lead"),
                ("市财政局", "杭州市财政局", "support"),
            ],
        ),
        (
            "县级以上人民政府负责科技工作的部门应当建立平台",
            [
                (
                    "县级以上人民政府负责科技工作的部门",
                    "县级以上人民政府负责科技工作的部门",
                    "responsible",
                )
            ],
        ),
        ("省级以上人民政府应当建立平台", [("省级以上人民政府", "各级政府", "responsible")]),
        ("本市各级人民政府应当加大投入", [("本市各级人民政府", "各级政府", "responsible")]),
        ("海关应当简化手续", [("海关", "中华人民共和国杭州海关", "responsible")]),
        ("各地要加大投入", [("各地", "各地", "responsible")]),
    ],
)
def test_subjects_give_units_names_and_roles(
    vocabulary: Vocabulary, text: str, expected: list[tuple[str, str, str]]
) -> None:
    units = compile_subjects(vocabulary).read(text, "330100")
    assert [(u.surface, u.name, u.role) for u in units] == expected


@pytest.mark.parametrize(
    ("place", "subject", "names"),
    [
        ("370000", "省、设区的市人民政府", ["山东省人民政府", "各市人民政府"]),
        (
            "370000",
            "省和设区的市商务主管部门",
            ["山东省商务主管部门", "山东省各设区的市商务主管部门"],
        ),
        ("330000", "设区的市、县（市、区）人民政府", ["各市人民政府", "各县（市、区）政府"]),
        ("330500", "市、区县人民政府", ["湖州市人民政府", "各区县政府"]),
        ("500000", "市、区县（自治县）人民政府", ["重庆市人民政府", "各区县政府"]),
        ("370100", "市、区县司法行政部门", ["济南市司法行政部门", "济南市各区县司法行政部门"]),
        ("450000", "自治区、设区的市人民政府", ["广西壮族自治区人民政府", "各市人民政府"]),
        ("530000", "省、州（市）人民政府", ["云南省人民政府", "各市（州）政府"]),
        ("532900", "州、县（市）人民政府", ["大理白族自治州人民政府", "各县（市、区）政府"]),
        ("500243", "自治县人民政府", ["重庆市彭水苗族土家族自治县人民政府"]),
        ("440000", "省和地级以上市人民政府", ["广东省人民政府", "各市人民政府"]),
        ("CN", "省、自治区、直辖市人民政府", ["各省级人民政府"] * 3),
        ("CN", "省人民政府科技部门", ["各省人民政府科技部门"]),
        ("110000", "区教育、人才工作部门", ["北京市各区教育主管部门", "北京市人才工作主管机构"]),
        (
            "371700",
            "市、县（区）、镇（乡）人民政府",
            ["菏泽市人民政府", "各县（市、区）政府", "各乡镇"],
        ),
        (
            "410000",
            "省、省辖市科学技术行政部门",
            ["河南省科学技术主管部门", "河南省各省辖市科学技术行政部门"],
        ),
        ("310000", "市场监管等部门", ["上海市市场监督管理部门"]),
        ("310000", "财政、税务等有关部门", ["上海市财政部门", "上海市税务部门"]),
        ("440300", "市产业主管部门等有关部门", ["深圳市工业和信息化主管部门"]),
        ("500000", "市公共资源交易监督管理部门", ["重庆市公共资源交易监督管理部门"]),
        ("310115", "市、浦东新区有关部门", ["各部门", "各部门"]),
        (
            "310000",
            "市、浦东新区卫生健康部门",
            ["上海市卫生健康主管部门", "上海市浦东新区卫生健康主管部门"],
        ),
        (
            "310000",
            "浦东新区科技经济、财政部门",
            ["上海市浦东新区科技和经济委员会", "上海市浦东新区财政部门"],
        ),
        (
            "310000",
            "市科技行政、商标等行政管理部门",
            ["上海市科学技术主管部门", "上海市商标行政管理部门"],
        ),
        (
            "370000",
            "县级以上人民政府财政、教育部门",
            ["县级以上人民政府财政部门", "山东省教育主管部门"],
        ),
        ("310000", "本市税务部门", ["上海市税务部门"]),
        ("110000", "市科学技术部门依职责", ["北京市科学技术主管部门"]),
        ("440000", "市场主体登记机关、税务部门", ["广东省市场主体登记机关", "广东省税务部门"]),
        ("450000", "市政等部门", ["广西壮族自治区市政部门"]),
        ("310000", "市场发展部门", ["上海市市场发展部门"]),
        ("CN", "县级人民政府", ["各县（市、区）政府"]),
        ("330500", "市人民政府产业发展主管部门", ["湖州市人民政府产业发展主管部门"]),
    ],
)
def test_levels_in_a_row_share_the_office_of_the_last(
    vocabulary: Vocabulary, place: str, subject: str, names: list[str]
) -> None:
    units = compile_subjects(vocabulary).read(f"{subject}应当加大投入", place)
    assert [unit.name for unit in units] == names


LAW = "杭州市科技创新促进条例\n\n（2024年5月10日杭州市人民代表大会常务委员会通过）\n\n"


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        (
            "市人民政府应当设立科技成果转化引导基金，支持高新技术企业发展。"
            "科技成果转化引导基金的日常工作由市科技主管部门承担。",
            ["市人民政府", "市科技主管部门"],
        ),
        (
            "市人民政府应当对首次认定的高新技术企业给予一次性奖励，具体工作由市财政部门负责。",
            ["市人民政府", "市财政部门"],
        ),
        (
            "市人民政府应当设立科技成果转化引导基金，支持高新技术企业发展。"
            "征兵工作委员会的日常工作由市科技主管部门承担。",
            ["市人民政府"],
        ),
    ],
    ids=["named", "same-sentence", "of-something-else"],
)
def test_who_does_the_daily_work_answers_for_what_it_is_about(
    extract: Extract, article: str, expected: list[str]
) -> None:
    measure = extract(f"{LAW}第一条 {article}\n").measures[0]
    assert [unit.surface for unit in measure.responsibilities] == expected


@pytest.mark.parametrize(
    ("title", "place"),
    [
        ("上海市浦东新区促进生物医药产业创新若干规定", "310115"),
        ("上海市促进浦东新区生物医药产业创新若干规定", "310000"),
        ("上海市促进生物医药产业创新若干规定", "310000"),
    ],
)
def test_what_a_city_rules_for_a_district_has_its_place_there(
    extract: Extract, title: str, place: str
) -> None:
    law = f"{title}\n\n（2021年12月1日上海市第十五届人民代表大会常务委员会第一次会议通过）\n\n"
    found = extract(f"{law}第一条 市人民政府应当对高新技术企业给予一次性奖励。\n")
    assert (found.document.place, found.document.level) == ("310000", "city")
    assert [(m.places, m.cities) for m in found.measures] == [((place,), ("310000",))]


ROWS = """杭州市高新技术企业培育行动计划

杭州市人民政府

一、重点任务

（一）加强组织保障。编制分工清单，写明谁做什么、何时做完，实行目标考核。（牵头部门：市科技局；配合部门：市财政局）

附件：任务分解表

序号\t工作任务\t责任部门
1\t（1）编制分工清单，写明谁做什么、何时做完，实行目标考核。\t市科技局
2\t（2）写明谁做什么、何时做完。\t市科技局
"""


def test_a_row_that_says_a_measure_again_is_coded_like_it(extract: Extract) -> None:
    told, row = extract(ROWS).measures
    assert (row.rule, row.repeats) == ("cell", told.key)
    assert (row.instruments, row.strength) == (told.instruments, told.strength)
    assert [(u.surface, u.role) for u in row.responsibilities] == [("市科技局", "responsible")]


CONDITIONS = """第一条 {lead}

（一）已在本市注册；

（二）上一年度研发投入不少于一百万元，负责人年龄在50周岁以下。

（三）诚实守信。

第二条 市人民政府应当对首次认定的高新技术企业给予一次性奖励。
"""


@pytest.mark.parametrize(
    ("lead", "listed"),
    [
        ("市人民政府应当对符合下列条件之一的高新技术企业给予一次性20万元奖励。", True),
        ("市人民政府应当对满足以下条件的高新技术企业给予一次性20万元奖励：", True),
        ("市人民政府应当对高新技术企业给予下列支持：", False),
    ],
)
def test_listed_conditions_go_with_what_they_are_set_for(
    extract: Extract, lead: str, listed: bool
) -> None:
    first, *_, last = extract(LAW + CONDITIONS.format(lead=lead)).measures
    found = [c for c in first.conditions if "的" not in c]
    items = ["已在本市注册", "上一年度研发投入不少于一百万元，负责人年龄在50周岁以下", "诚实守信"]
    assert found == (items if listed else [])
    assert last.conditions == ()


BRACKETED = """某市创新任务清单

（一）建设平台。建设创新公共服务平台。(市科技局牵头，市财政局负责落实，完成时限：2030年10月)搭建人才服务平台。(市教育局负责，2030年底前完成)
"""


@pytest.mark.parametrize(
    ("bracket", "expected"),
    [
        ("（6月底完成，牵头考核单位：市财政局）", [("市财政局", "lead")]),
        (
            "（持续推进；主要责任单位：市科委；协同推进单位：市教委）",
            [("市科委", "responsible"), ("市教委", "support")],
        ),
        ("（完成时限：2023年底；责任落实部门：市科委）", [("市科委", "responsible")]),
        ("（申报单位：市科委）", []),
        ("（包括牵头考核单位自身）", []),
    ],
    ids=["deadline", "two-roles", "labelled-deadline", "applicant", "no-label"],
)
def test_brackets_are_known_by_what_their_label_is_made_of(
    extract: Extract, bracket: str, expected: list[tuple[str, str]]
) -> None:
    body = f"对首次认定的高新技术企业，给予一次性10万元奖励。{bracket}"
    (measure,) = extract(own(body)).measures
    assert [(u.surface, u.role) for u in measure.responsibilities] == expected


def test_brackets_with_a_deadline_answer_for_the_sentences_before(
    extract: Callable[[str], Extraction],
) -> None:
    sentences = extract(BRACKETED).document.sentences
    brackets = [s.text for s in sentences if s.kind == "bracket"]
    assert len(brackets) == 2
    assert not any("牵头" in s.text for s in sentences if s.kind == "body")


def test_a_place_in_a_list_of_units_is_its_government(vocabulary: Vocabulary) -> None:
    units = compile_units(vocabulary).parse_list("责任单位：金山区、松江区", "310000")
    assert [u.name for u in units] == ["上海市金山区人民政府", "上海市松江区人民政府"]


def test_the_same_abbreviation_differs_by_jurisdiction(vocabulary: Vocabulary) -> None:
    resolver = compile_units(vocabulary)
    [jinshan] = resolver.parse_list("区科委", "310116")
    [pudong] = resolver.parse_list("区科委", "310115")
    assert jinshan.unit != pudong.unit
    assert jinshan.name == "上海市金山区科学技术委员会"


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("给予一次性20万元奖励", [(200000, "CNY", "=")]),
        ("最高不超过500万元", [(5000000, "CNY", "<=")]),
        ("按投资额的30%给予补助，上限1亿元", [(30, "%", "="), (100000000, "CNY", "<=")]),
        ("补贴不低于3.5万元", [(35000, "CNY", ">=")]),
        ("容积率可以2.0以上", [(2.0, "容积率", ">=")]),
    ],
)
def test_find_amounts(
    vocabulary: Vocabulary, text: str, amounts: list[tuple[float, str, str]]
) -> None:
    found = find_amounts(text, compile_measures(vocabulary))
    assert [(a.value, a.unit, a.op) for a in found] == amounts


def test_find_targets_takes_the_deadline_before_the_number(vocabulary: Vocabulary) -> None:
    text = "到2025年，新认定企业超2000家，培育不少于30个项目"
    found = find_targets(text, compile_measures(vocabulary))
    assert [(t.value, t.op, t.unit, t.deadline) for t in found] == [
        (2000, ">", "家", "2025"),
        (30, ">=", "个", "2025"),
    ]


def test_target_tables_become_goals(extract: Extract) -> None:
    text = (
        "杭州市企业目标分解\n责任单位\t企业目标数\n\t2023年\t2024年\n甲镇\t10\t20\n合计\t10\t20\n"
    )
    goals = extract(text).goals
    assert [(g.targets[0].value, g.targets[0].deadline, g.targets[0].unit) for g in goals] == [
        (10, "2023", "家"),
        (20, "2024", "家"),
        (10, "2023", "家"),
        (20, "2024", "家"),
    ]


STUDY = """上海与其他城市创新政策比较研究

【摘要】本文比较上海、北京和深圳的政策。

一、比较

{}
"""


def claims(extraction: Extraction, vocabulary: Vocabulary) -> set[tuple[str, str, str, str]]:
    return {
        (vocabulary.places[city].zh, instrument, measure.status, measure.basis)
        for measure in extraction.measures
        for city in measure.cities
        for instrument in measure.instruments
    }


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "三地均实施政府采购政策，但北京出台的市民待遇政策较上海不同。",
            {
                ("上海", "GovernmentProcurement", "reported", ""),
                ("北京", "GovernmentProcurement", "reported", ""),
                ("深圳", "GovernmentProcurement", "reported", ""),
                ("北京", "CitizenTreatment", "reported", ""),
                ("上海", "CitizenTreatment", "recommended", "differs"),
            },
        ),
        (
            "上海缺乏北京和杭州出台的购房补贴政策。",
            {
                ("上海", "HomePurchaseSubsidy", "lacking", "lacks"),
                ("北京", "HomePurchaseSubsidy", "reported", ""),
                ("杭州", "HomePurchaseSubsidy", "reported", ""),
            },
        ),
        (
            "上海可以借鉴以划拨方式供地的做法。",
            {("上海", "LandAllocation", "recommended", "should-adopt")},
        ),
    ],
    ids=["group-and-contrast", "lacks", "advice"],
)
def test_extract_reads_who_has_and_who_lacks(
    extract: Extract,
    vocabulary: Vocabulary,
    sentence: str,
    expected: set[tuple[str, str, str, str]],
) -> None:
    assert claims(extract(STUDY.format(sentence)), vocabulary) == expected


def test_a_report_provides_nothing(extract: Extract) -> None:
    text = "2022年上海科技工作报告\n\n一、科技金融\n\n全年上海实施科技信贷支持政策，为企业提供贷款10亿元。\n"
    assert {m.status for m in extract(text).measures} == {"reported"}


def test_repeats_are_marked_once(extract: Extract) -> None:
    text = (
        own("组织开展高新技术企业申报培训，扩大覆盖面。")
        + "\n任务\t工作内容\t责任单位\n甲\t（1）组织开展高新技术企业申报培训，扩大覆盖面。\t市科技局\n"
        + "乙\t（2）建立企业培育库，实施动态管理。\t市科技局\n"
    )
    measures = extract(text).measures
    assert [bool(m.repeats) for m in measures] == [False, True, False]
    assert measures[1].repeats == measures[0].key


def test_negative_labels_suppress_an_instrument(vocabulary: Vocabulary) -> None:
    from kg.extract.instruments import name_instruments, select_instruments, split_segments

    text = "加大税收优惠政策的宣贯力度"
    hits = compile_lexicon(vocabulary).find(text)
    named = name_instruments(text, hits, split_segments(text, hits), vocabulary)
    ranked = select_instruments(named)
    assert [r.id for r in ranked] == ["PolicyPublicity"]


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_tokenizer_keeps_the_names_of_the_vocabulary_whole(engine: str) -> None:
    from spacy.vocab import Vocab

    text = "由市人力资源和社会保障局负责"
    tokenizer = JiebaTokenizer(Vocab(), ["人力资源和社会保障局"], engine=engine)
    words = [token.text for token in tokenizer(text)]
    assert "".join(words) == text
    assert "人力资源和社会保障局" in words


def test_a_document_of_spacy_goes_through_the_pipeline_as_sentences_do(
    vocabulary: Vocabulary,
) -> None:
    from kg.extract.judge import Reading, Task
    from kg.extract.pipeline import make_pipeline, read_tasks

    text = "支持企业研发创新，对新认定的高新技术企业给予最高50万元奖励。"
    task = Task(text, tuple(compile_lexicon(vocabulary).find(text)))
    nlp = make_pipeline(vocabulary)
    (direct,) = read_tasks([task], nlp)
    doc = nlp.make_doc(text)
    reading = Reading(task, tuple(token.text for token in doc))
    doc.user_data["readings"] = [reading]
    nlp(doc)
    assert reading.words == direct.words
    assert reading.named == direct.named != ()
    assert reading.amounts == direct.amounts != ()
    assert (reading.segments, reading.ruled) == (direct.segments, direct.ruled)


GUIDE = """杭州市创业租金补贴申报指南

一、创业租金补贴

补贴条件：

（1）企业租赁孵化器场地用于经营，给予员工培训补贴。

申报材料：企业研发补助申请表、营业执照。

补贴标准：每年最高6000元。

二、申报程序

企业登录平台提交研发补助申请，由市科技局审核。
"""


def test_extract_reads_what_is_given_and_no_conditions_of_a_guide(extract: Extract) -> None:
    [measure] = extract(GUIDE).measures
    assert "RentRelief" in measure.instruments
    assert [(a.value, a.op) for a in measure.amounts] == [(6000, "<=")]


QUESTIONS = """杭州市创业政策

一、企业能否申请研发费用补助？

答：对符合条件的企业给予研发补助，最高100万元。

二、申请研发补助需要哪些材料？

答：企业提交研发费用补助申请表和财务报表。

三、如何申请科技创新券？

答：向中小微企业发放科技创新券，可用于购买服务。
"""


def test_questions_are_no_measures_and_make_an_interpretation(extract: Extract) -> None:
    extraction = extract(QUESTIONS)
    assert extraction.document.kind == "interpretation"
    said = [measure.span.of(QUESTIONS) for measure in extraction.measures]
    assert said
    assert not any("？" in sentence or "材料" in sentence or "表" in sentence for sentence in said)


TABLE = """金山区支持企业创新行动计划（2023-2025年）

一、强化金融赋能。支持银行为科技企业提供信贷产品。（牵头部门：区金融局；配合部门：区国资委、科经委、财政局）

附件：任务分工表

序号	工作任务	牵头部门	配合部门
（1）	支持银行为科技企业提供信贷产品。	区金融局	科经委、财
（2）	支持企业引进高层次人才。	区人社局	委、财
"""


def test_a_cut_cell_is_completed_from_its_clause_or_reported(
    extract: Callable[[str], Extraction],
) -> None:
    extraction = extract(TABLE)
    rows = [m for m in extraction.measures if m.rule == "cell"]
    repaired = [(u.surface, u.name, u.role, u.repaired_by) for u in rows[0].responsibilities]
    assert ("财", "上海市金山区财政局", "support", "parallel-clause") in repaired
    left = [p.message for p in extraction.problems if p.kind == "damaged-cell"]
    assert len(left) >= 1
    assert "委" in left[0]


def test_the_end_of_a_name_in_a_row_stands_for_the_unit_of_the_clause(
    extract: Callable[[str], Extraction],
) -> None:
    torn = TABLE.replace("区国资委、科经委、财政局", "化工区管委会、财政局").replace(
        "区金融局\t科经委、财", "区金融局\t管委会、财政局"
    )
    extraction = extract(torn)
    (row,) = [m for m in extraction.measures if m.rule == "cell" and "信贷" in m.span.of(torn)]
    told = {(u.surface, u.name, u.repaired_by) for u in row.responsibilities}
    assert ("管委会", "上海市金山区化工区管委会", "parallel-clause") in told
    assert ("财政局", "上海市金山区财政局", "elided-prefix") in told


PLANS = """某市政府工作报告
——2026年1月20日在某市人民代表大会上
一、2025年工作回顾
设立十亿元天使投资基金，支持初创企业发展。
二、2026年重点工作
（一）强化企业创新
设立科技成果转化基金，支持高校成果落地。
"""


FIGURES = """某市政府工作报告
——2026年1月20日在某市人民代表大会上
一、2025年工作回顾
建设科技企业孵化器20家，支持初创企业发展。
二、2026年重点工作
建设科技企业孵化器30家，支持初创企业发展。
"""


def test_what_a_report_tells_as_done_is_no_target(extract: Callable[[str], Extraction]) -> None:
    done, planned = extract(FIGURES).measures
    assert not done.targets
    assert [t.value for t in planned.targets] == [30]


def test_plans_of_a_report_are_provided_and_its_review_is_reported(extract: Extract) -> None:
    done, planned = extract(PLANS).measures
    assert (done.status, planned.status) == ("reported", "provided")


@pytest.mark.parametrize(
    "text",
    [
        "通过设立政府引导基金应当支持创新",
        "企业有权拒绝任何部门应当给予的摊派",
        "经土地管理部门应当改变用途",
        "推进营业执照与许可联合开办应当提高效率",
    ],
)
def test_words_before_a_unit_make_no_subject(vocabulary: Vocabulary, text: str) -> None:
    assert compile_subjects(vocabulary).read(text, "310000") == ()


REVIEW = "出台12条惠企措施，设立中小企业发展基金，为企业提供贷款贴息。"
PLAN = "设立科技成果转化引导基金，对首次认定的高新技术企业给予10万元奖励。"


@pytest.mark.parametrize(
    "titles",
    [
        ("一、2025年工作回顾", "二、2026年工作安排"),
        ("“十四五”时期发展成就和2025年工作回顾", "“十五五”时期主要目标和2026年重点工作"),
        ("一、“十四五”时期工作回顾", "二、“十五五”时期目标任务和2026年重点工作"),
        ("一、过去五年的工作", "二、2026年的工作"),
        ("一、2025年工作回顾", "二、“十五五”时期的主要目标和重点任务\n\n三、加强政府自身建设"),
    ],
)
def test_the_last_title_of_a_report_tells_plans_from_what_was_done(
    extract: Extract, titles: tuple[str, str]
) -> None:
    text = f"杭州市政府工作报告\n\n各位代表：\n\n{titles[0]}\n\n{REVIEW}\n\n{titles[1]}\n\n{PLAN}"
    measures = extract(text).measures
    assert [m.status for m in measures] == ["reported"] * (len(measures) - 1) + ["provided"]
    assert len(measures) > 1


@pytest.mark.parametrize("title", ["名词解释", "注释：", "附件2：《政府工作报告》有关名词解释"])
def test_the_terms_explained_at_the_end_are_no_measures(extract: Extract, title: str) -> None:
    text = f"杭州市政府工作报告\n\n一、2026年工作安排\n\n{PLAN}\n\n{title}\n\n1.“单一窗口”：指{REVIEW}\n"
    assert len(extract(text).measures) == 1
    annex = f"{text}\n附件3\n\n2026年民生实事\n\n{PLAN.replace('10万元', '20万元')}\n"
    assert len(extract(annex).measures) == 2


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("公益性停车场以划拨方式供应土地。", True),
        ("除划拨外，地下建设用地使用权应当依法通过出让等有偿使用方式取得。", False),
        ("产业项目不得采用划拨方式供应土地。", False),
    ],
)
def test_land_that_is_not_allocated_is_not_coded_as_allocated(
    extract: Extract, text: str, given: bool
) -> None:
    measures = extract(f"青岛市地下空间开发利用管理条例\n\n第一条 {text}\n").measures
    assert any("LandAllocation" in m.instruments for m in measures) is given
