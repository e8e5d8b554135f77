"""Questions: what is understood, what is answered, and that nothing is guessed."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.ask import Answer, Question, ask, list_templates
from kg.ask.match import matches_title
from kg.ask.queries import load_template
from kg.ask.states import row_state
from kg.ask.wording import read_wording
from kg.errors import QueryError
from kg.graph import (
    collect_units,
    count_cells,
    open_version,
    select,
    write_cells,
    write_directory,
    write_quads,
    write_triples,
)
from kg.model import (
    Amount,
    Clause,
    Document,
    Extraction,
    Goal,
    Measure,
    Responsibility,
    Role,
    Span,
    Target,
)
from kg.ontology import Vocabulary, instrument_iri, load_vocabulary, place_iri
from kg.states import combine_states

SHANGHAI, BEIJING, SHENZHEN, JINSHAN = "310000", "110000", "440300", "310116"
VOCABULARY = load_vocabulary()
FINANCE = ("310116-FinanceBureau", "上海市金山区财政局", "区财政局", "FinanceBureau")
SCIENCE = ("310116-ScienceCommission", "上海市金山区科学技术委员会", "区科委", "ScienceCommission")


def duty(unit: tuple[str, str, str, str], role: Role = "responsible") -> Responsibility:
    return Responsibility(unit[0], unit[1], unit[2], role, unit[3], JINSHAN)


def span(raw: str, words: str) -> Span:
    return Span(raw.index(words), raw.index(words) + len(words))


def measure(
    key: int,
    place_in_text: Span,
    instruments: Sequence[str],
    cities: Sequence[str],
    *,
    place: str = "",
    clause: int | None = None,
    **coding: Any,
) -> Measure:
    """Make a measure; what is not given is as of a paper that reports it."""
    fields: dict[str, Any] = {"status": "reported", "basis": "", "strength": "implement", **coding}
    return Measure(
        key=f"{key:012x}-1",
        span=place_in_text,
        clause=clause,
        places=(place,) if place else tuple(cities),
        cities=tuple(cities),
        categories=tuple(dict.fromkeys(VOCABULARY.notation(i) for i in instruments)),
        instruments=tuple(instruments),
        **fields,
    )


def document(identifier: str, raw: str, **facts: Any) -> Document:
    empty = dict.fromkeys(("number", "issued", "effective", "expires", "issuer", "digest_of"), "")
    fields: dict[str, Any] = {"form": "original", "expires_basis": None, **empty, **facts}
    return Document(id=identifier * 12, sha256=identifier * 64, raw=raw, **fields)


PAPER = "北京和深圳减免市政公用设施建设费，值得上海借鉴。上海缺乏研修班，北京已有。"
OPINION = "存量工业用地提高容积率的，不再增收土地价款。"
PLAN = (
    "10.给予高企奖励。首次认定的奖励20万元。重新认\n定的奖励5万元。到2024年，高新技术企业达1620家。"
)


def make_extractions() -> list[Extraction]:
    """Make a paper on three cities, an opinion of 上海 and a plan of 金山区."""
    paper = document(
        "a",
        PAPER,
        source="paper.txt",
        title="培育政策比较研究",
        place=SHANGHAI,
        level="",
        kind="study",
    )
    opinion = document(
        "b", OPINION, source="opinion.txt", title="关于促进高质量发展的实施意见",
        number="沪府规 〔２０２１〕９号", issued="2021-07-23", effective="2021-09-01",
        place=SHANGHAI, level="city", kind="normative",
    )  # fmt: skip
    plan = document(
        "c", PLAN, source="plan.txt", title="关于印发《金山区育苗造林十五条工作举措》的通知",
        number="金科规〔2022〕1号", effective="2022-07-08", expires="2024-05-14",
        expires_basis="stated", place=JINSHAN, level="district", kind="work",
        clauses=(Clause("10.", "给予高企奖励", Span(0, 41), 0, None),),
    )  # fmt: skip
    fees, training = PAPER[: PAPER.index("上海缺乏")], PAPER[PAPER.index("上海缺乏") :]
    told = (
        measure(1, span(PAPER, fees), ["InfrastructureFeeWaiver"], [BEIJING, SHENZHEN]),
        measure(2, span(PAPER, fees), ["InfrastructureFeeWaiver"], [SHANGHAI], status="recommended",
                basis="should-adopt"),
        measure(3, span(PAPER, training), ["ExecutiveTraining"], [SHANGHAI], status="lacking", basis="lacks"),
        measure(4, span(PAPER, training), ["ExecutiveTraining"], [BEIJING]),
    )  # fmt: skip
    waiver = measure(
        5,
        span(OPINION, OPINION),
        ["LandPriceWaiver"],
        [SHANGHAI],
        status="provided",
        strength="grant",
    )
    own: dict[str, Any] = {"place": JINSHAN, "clause": 0, "status": "provided", "strength": "grant"}
    rewards = (
        measure(6, span(PLAN, "首次认定的奖励20万元。"), ["RecognitionReward"], [SHANGHAI], **own,
                amounts=(Amount(200000, "CNY", "=", "20万元"),),
                responsibilities=(duty(SCIENCE, "lead"), duty(FINANCE))),
        measure(7, span(PLAN, "重新认\n定的奖励5万元。"), ["RecognitionReward"], [SHANGHAI], **own,
                amounts=(Amount(50000, "CNY", "=", "5万元"),), responsibilities=(duty(FINANCE),)),
    )  # fmt: skip
    goal = Goal(
        span(PLAN, "到2024年，高新技术企业达1620家。"),
        0,
        (Target(1620, ">=", "家", "2024", "达1620家"),),
    )
    return [
        Extraction(paper, told, (), (), ()),
        Extraction(opinion, (waiver,), (), (), ()),
        Extraction(plan, rewards, (goal,), (), ()),
    ]


def load_store(extractions: Sequence[Extraction], vocabulary: Vocabulary) -> ox.Store:
    categories = {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
    lines = [line for e in extractions for line in write_quads(e, categories=categories)]
    content = "".join(lines).encode()
    lines += write_cells(count_cells([content]), vocabulary)[1]
    lines += write_directory(collect_units([content]), vocabulary)[1]
    graph = "https://w3id.org/policykg/id/graph/vocabulary"
    lines += write_triples(vocabulary.triples, graph)
    store = ox.Store()
    store.load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    return store


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return load_store(make_extractions(), VOCABULARY)


def labels(answer: Answer) -> list[str]:
    return [found.label for found in answer.answers]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("哪些城市有土地相关费用减免？", ["北京", "上海", "深圳"]),
        ("Which cities have land-fee waivers?", ["北京", "上海", "深圳"]),
        ("减免土地费用的城市有哪些？", ["北京", "上海", "深圳"]),
        ("哪些城市减免城市基础设施和市政公用设施建设费？", ["北京", "深圳"]),
        ("哪些城市有增容不增收土地价款？", ["上海"]),
        ("长三角哪些城市有土地相关费用减免？", ["上海"]),
        ("Which cities in the Yangtze River Delta have land fee waivers?", ["上海"]),
        ("哪些城市有研修班或土地价款减免？", ["北京", "上海"]),
        ("哪些城市既有研修班又有市政公用设施建设费减免？", ["北京"]),
        ("哪些城市没有研修班？", ["上海"]),
        ("Which cities lack executive training?", ["上海"]),
        ("上海相比北京缺什么？", ["高级管理人员与技术骨干研修", "城市基础设施与市政公用设施建设费减免"]),
        ("与北京相比，上海在组织方面缺什么？", ["高级管理人员与技术骨干研修"]),
        ("上海缺乏哪些政策？", ["高级管理人员与技术骨干研修"]),
        ("上海应借鉴哪些政策？", ["城市基础设施与市政公用设施建设费减免"]),
        ("哪些区有认定奖励？", ["金山区"]),
        ("Which districts have a recognition reward?", ["金山区"]),
        ("金山区财政局是哪几条的责任单位？", ["10.给予高企奖励"]),
        ("For which measures is the Jinshan Finance Bureau responsible?", ["10.给予高企奖励"]),
        ("金山区科委牵头哪些任务？", ["10.给予高企奖励"]),
        ("金山区十五条举措中财政局负责哪几条？", ["10.给予高企奖励"]),
        ("“给予高企奖励”由谁负责？", ["上海市金山区科学技术委员会", "上海市金山区财政局"]),
        ("金科规〔2022〕1号由哪些部门牵头？", ["上海市金山区科学技术委员会"]),
        ("Which units are responsible in No. 1 (2022)?",
         ["上海市金山区科学技术委员会", "上海市金山区财政局"]),
        ("哪些文件提到土地价款减免？", ["关于促进高质量发展的实施意见"]),
        ("沪府规〔2021〕9号何时施行？", ["关于促进高质量发展的实施意见"]),
        ("金山区到2024年的企业数量目标是多少？", ["高新技术企业"]),
        ("What are the targets of Jinshan for 2023?", []),
        ("上海有没有研修班？", ["上海"]),
    ],
)  # fmt: skip
def test_ask_answers(store: ox.Store, question: str, expected: list[str]) -> None:
    answer = ask(question, store, VOCABULARY)
    assert answer.understood
    assert sorted(labels(answer)) == sorted(expected)


@pytest.mark.parametrize(
    ("question", "amounts"),
    [
        ("金山区首次认定的奖励是多少？", [200000.0]),
        ("How much is the reward for first recognition in Jinshan?", [200000.0]),
        ("金山区重新认定奖励多少？", [50000.0]),
        ("金山区的认定奖励是多少？", [200000.0, 50000.0]),
        ("北京的认定奖励是多少？", []),
    ],
)
def test_ask_tells_amounts_apart(store: ox.Store, question: str, amounts: list[float]) -> None:
    found = ask(question, store, VOCABULARY).answers
    assert [answer.value["amount"]["value"] for answer in found] == amounts


def test_ask_tells_amount_units_and_place(store: ox.Store) -> None:
    found = ask("金山区首次认定的奖励是多少？由哪些单位负责？", store, VOCABULARY).answers[0]
    assert (found.label, found.state, found.instruments) == (
        "金山区", "district", ("RecognitionReward",),
    )  # fmt: skip
    assert found.value["amount"] == {
        "value": 200000.0, "unit": "CNY", "op": "=", "surface": "20万元",
    }  # fmt: skip
    assert [(unit["surface"], unit["role"]) for unit in found.value["units"]] == [
        ("区科委", "lead"),
        ("区财政局", "responsible"),
    ]
    assert [passage.quote for passage in found.evidence] == ["首次认定的奖励20万元。"]


def test_ask_tells_state_and_source_of_each_city(store: ox.Store) -> None:
    found = {a.label: a for a in ask("哪些城市有土地费用减免？", store, VOCABULARY).answers}
    assert {label: answer.state for label, answer in found.items()} == {
        "北京": "reported",
        "上海": "provided",
        "深圳": "reported",
    }
    assert found["上海"].instruments == ("LandPriceWaiver",)
    assert [e.kind for e in found["北京"].evidence] == ["secondary"]
    own = found["上海"].evidence[0]
    assert (own.kind, own.start, own.end, OPINION[own.start : own.end]) == ("own", 0, 22, own.quote)


def test_ask_shows_a_denial_as_such(store: ox.Store) -> None:
    found = ask("上海有没有研修班？", store, VOCABULARY).answers
    assert [(answer.label, answer.state) for answer in found] == [("上海", "denied")]


@pytest.mark.parametrize(
    "question",
    [
        "今天天气怎么样？",
        "哪些城市有太空电梯补贴？",
        "哪些城市有土地费用减免和太空电梯补贴？",
        "Which cities have land-fee waivers and space elevators?",
        "财政局",
        "金山区有哪些月球政策？",
        "沪府规〔2099〕1号由谁负责？",
        "《不存在的办法》由谁负责？",
        "Which units are responsible for “strengthening space travel” in No. 1 (2022)?",
        "Which units are responsible in No. 7 (2099)?",
        "",
    ],
)
def test_ask_never_guesses(store: ox.Store, question: str) -> None:
    answer = ask(question, store, VOCABULARY)
    assert (answer.understood, answer.answers, answer.sparql) == ({}, (), "")


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("哪些城市有土地减免？", "土地相关费用减免"),
        ("Which cities have fee waiving?", "Land-fee waiver"),
    ],
    ids=["zh", "en"],
)
def test_ask_suggests_the_nearest_concepts(store: ox.Store, question: str, nearest: str) -> None:
    assert nearest in ask(question, store, VOCABULARY).suggestions


def test_ask_as_json_keeps_the_contract(store: ox.Store) -> None:
    found = ask("哪些城市有土地费用减免？", store, VOCABULARY).as_json()
    assert json.loads(json.dumps(found)) == found
    assert found.keys() == {
        "question", "understood", "sparql", "answers", "suggestions", "unknown",
    }  # fmt: skip
    answer = found["answers"][0]
    assert answer.keys() == {"label", "iri", "state", "instruments", "value", "evidence"}
    assert answer["evidence"][0].keys() == {
        "document", "number", "source", "form", "start", "end", "quote", "kind",
    }  # fmt: skip


@pytest.mark.parametrize(
    "question", ["哪些城市有土地费用减免？", "上海相比北京缺什么？", "金山区财政局负责哪几条？"]
)
def test_ask_shows_a_query_that_runs_by_hand(store: ox.Store, question: str) -> None:
    answer = ask(question, store, VOCABULARY)
    solutions = store.query(answer.sparql, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    quotes = {row["quote"].value for row in solutions}
    assert quotes == {e.quote for found in answer.answers for e in found.evidence}


@pytest.mark.parametrize("name", list_templates())
def test_templates_have_a_title_and_are_valid(store: ox.Store, name: str) -> None:
    assert load_template(name).startswith("# ")
    assert Question(name, {}).show().startswith("# ")
    select(store, Question(name, {}).show())


def test_load_template_names_what_there_is() -> None:
    with pytest.raises(QueryError, match="cities"):
        load_template("towns")


def test_question_gives_the_rows_of_all_values(store: ox.Store) -> None:
    one, other = (instrument_iri(i) for i in ("LandPriceWaiver", "ExecutiveTraining"))
    both = Question("cities", {"asked": (one, other)}).run(store)
    parts = [
        row for iri in (one, other) for row in Question("cities", {"asked": (iri,)}).run(store)
    ]
    assert sorted(map(str, both)) == sorted(map(str, parts))


@settings(deadline=None, max_examples=50)
@given(text=st.text(max_size=30))
def test_question_serialises_any_text(store: ox.Store, text: str) -> None:
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert Question("headings", {"text": (ox.Literal(text + "}不存在{"),)}).run(store) == []


def test_question_refuses_what_is_no_iri() -> None:
    with pytest.raises(ValueError, match="IRI"):
        Question("cities", {"asked": ("> } DELETE {",)}).show()


@settings(deadline=None, max_examples=60)
@given(text=st.text(max_size=40))
def test_ask_takes_any_text(store: ox.Store, text: str) -> None:
    assert ask(text, store, VOCABULARY).question == text


def test_ask_finds_the_same_under_another_base() -> None:
    base = "https://example.org/kg/"
    categories = {c.notation: c.id for c in VOCABULARY.concepts.values() if c.notation}
    lines = [
        line
        for extraction in make_extractions()
        for line in write_quads(extraction, categories=categories, base=base)
    ]
    graph = base + "id/graph/vocabulary"
    lines += write_triples(VOCABULARY.triples, graph, base=base)
    moved = ox.Store()
    moved.load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    found = ask("哪些城市有土地费用减免？", moved, VOCABULARY, base=base)
    assert labels(found) == ["北京", "上海", "深圳"]
    assert found.answers[0].iri == place_iri(BEIJING, base=base)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"status": "x/provided", "kind": "k/normative", "seat": SHANGHAI}, "provided"),
        ({"status": "x/provided", "kind": "k/work", "seat": JINSHAN}, "district"),
        ({"status": "x/provided", "kind": "k/work", "seat": SHANGHAI, "strength": "s/explore"},
         "exploratory"),
        ({"status": "x/reported", "kind": "k/report", "seat": SHANGHAI}, "implemented"),
        ({"status": "x/reported", "kind": "k/study", "seat": SHANGHAI}, "reported"),
        ({"status": "x/reported", "kind": "k/study", "distributed": True}, "distributed"),
        ({"status": "x/provided", "kind": "k/law", "seat": "CN"}, "applies"),
        ({"status": "x/lacking", "kind": "k/study"}, "denied"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_row_state_is_that_of_the_comparison(row: dict[str, Any], state: str) -> None:
    assert row_state({"city": SHANGHAI, **row}, VOCABULARY) == state


@pytest.mark.parametrize(
    ("states", "state"),
    [
        ({"provided", "district"}, "provided"),
        ({"exploratory", "district"}, "district"),
        ({"reported", "denied"}, "contested"),
        ({"denied"}, "denied"),
        ({"applies"}, ""),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else value,
)
def test_combine_states_weighs_what_is_said(states: set[str], state: str) -> None:
    assert combine_states(states) == state


@pytest.mark.parametrize(
    ("words", "title", "holds"),
    [
        ("十五条举措", "育苗造林十五条工作举措", True),
        ("工作举措", "育苗造林十五条工作举措", True),
        ("举措十五条", "育苗造林十五条工作举措", False),
    ],
)
def test_matches_title(words: str, title: str, holds: bool) -> None:
    assert matches_title(words, title) is holds


def test_read_wording_keeps_what_stands_in_quotes_and_brackets() -> None:
    wording = read_wording("“不再增收 土地价款”（含下位工具）")
    assert [wording.text[slice(*span)] for span in wording.quotes] == ["不再增收土地价款"]
    assert [wording.text[slice(*span)] for span in wording.asides] == ["含下位工具"]


def test_ask_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, kg.ask; "
        "print([m for m in ('spacy', 'jieba', 'networkx', 'rdflib', 'numpy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


ORIGINALS: list[tuple[str, str, list[str]]] = [
    ("q01", "哪些城市减免城市基础设施和市政公用设施建设费？", ["北京", "深圳"]),
    ("q01-en", "Which cities waive urban-infrastructure and municipal-utility construction fees?",
     ["北京", "深圳"]),
    ("q02", "把“土地相关费用减免”连同其下位工具（含“不再增收土地价款”）算在内，哪些城市有土地费用减免？各依据哪份文件？",
     ["北京", "上海", "深圳"]),
    ("q02-en", "Counting land-fee waivers and their narrower instruments (including “no additional land "
     "price charged”), which cities have one, and according to which documents?",
     ["北京", "上海", "深圳"]),
    ("q05", "哪些城市出台了高新技术企业员工工资应纳税额减免（扣除）政策？", ["北京", "杭州"]),
    ("q05-en", "Which cities have introduced a payroll deduction from taxable income for high-tech "
     "enterprises?", ["北京", "杭州"]),
    ("q13", "金山区十五条举措中，金山税务局负责哪几条？",
     ["8.优化认定服务", "9.加强宣贯培训", "11.落实税收优惠"]),
    ("q13-en", "Which of Jinshan’s fifteen measures is the Jinshan Tax Bureau responsible for?",
     ["8.优化认定服务", "9.加强宣贯培训", "11.落实税收优惠"]),
    ("q16", "金山区财政局是十五条举措中哪几条的责任单位？",
     ["4.促进科技成果转化", "5.推动科技人才聚集", "6.完善科技金融体系", "8.优化认定服务",
      "10.给予高企奖励", "12.加强政策支持"]),
    ("q16-en", "For which of the fifteen measures is the Jinshan District Finance Bureau a responsible unit?",
     ["4.促进科技成果转化", "5.推动科技人才聚集", "6.完善科技金融体系", "8.优化认定服务",
      "10.给予高企奖励", "12.加强政策支持"]),
    ("q18", "浦东新区到2025年的四项企业培育数量目标是什么？",
     ["年均新认定高新技术企业", "科技小巨人（含培育）企业", "专精特新企业", "科创板上市企业"]),
    ("q24", "哪些区的文件提出建立或深化高新技术（优质）企业培育库？", ["浦东新区", "金山区"]),
    ("q24-en", "Which districts’ documents set up or deepen a cultivation pool of (high-tech) enterprises?",
     ["浦东新区", "金山区"]),
]  # fmt: skip


@pytest.mark.originals
@pytest.mark.parametrize(("name", "question", "expected"), ORIGINALS, ids=[o[0] for o in ORIGINALS])
def test_ask_the_originals(
    original_graph: Path, name: str, question: str, expected: list[str]
) -> None:
    answer = ask(question, open_version(original_graph).store(), VOCABULARY)
    assert sorted(labels(answer)) == sorted(expected)


@pytest.mark.originals
def test_ask_the_originals_for_units_amounts_and_documents(original_graph: Path) -> None:
    store = open_version(original_graph).store()
    units = ask("沪府规〔2021〕9号“强化金融服务效能”的责任单位有哪些？", store, VOCABULARY)
    assert [unit.value["units"][0]["surface"] for unit in units.answers] == [
        "市地方金融监管局", "市发展改革委", "市经济信息化委", "市财政局", "市国资委", "市科委",
        "上海科创办", "上海银保监局", "上海证监局",
    ]  # fmt: skip
    reward = ask("金山区首次认定为高新技术企业的奖励是多少？由哪些单位负责？", store, VOCABULARY)
    assert [found.value["amount"]["value"] for found in reward.answers] == [200000.0]
    surfaces = [unit["surface"] for unit in reward.answers[0].value["units"]]
    assert surfaces == ["区科委", "区财政局", "各镇", "园区"]
    for question in (
        "五份材料中哪些提到落实研发费用加计扣除？",
        "Which of the five documents mention implementing the R&D super-deduction?",
    ):
        found = ask(question, store, VOCABULARY).answers
        sources = {passage.source[:3] for answer in found for passage in answer.evidence}
        assert sources == {"001", "002", "003", "004"}


@pytest.mark.originals
def test_ask_is_quick(original_graph: Path) -> None:
    store = open_version(original_graph).store()
    ask("哪些城市有土地费用减免？", store, VOCABULARY)
    started = time.perf_counter()
    ask("上海相比北京缺什么？", store, VOCABULARY)
    assert time.perf_counter() - started < 5
