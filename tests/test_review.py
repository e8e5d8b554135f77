"""Tests of corrections: decisions on file, sheets out and in, application in every build."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cli import main
from kg.cli.corrections import choose_file, find_corrections
from kg.errors import GraphError, ReviewError
from kg.graph import check_graph, load_rules, open_version, read_measures, select, write_quads
from kg.model import Extraction, Measure, Span
from kg.ontology import Vocabulary
from kg.review import (
    FILE,
    Anchor,
    Codebook,
    Codes,
    Decision,
    Reviewed,
    Signature,
    UnitCode,
    Whereabouts,
    append_decisions,
    apply_decisions,
    compare_rows,
    digest_decisions,
    read_any_sheet,
    read_decisions,
    read_sheet,
    sample_rows,
    write_decision,
    write_rows,
)
from kg.review.anchors import Text, squeeze
from kg.review.rows import Row

PLAN = """浦江市促进高新技术企业发展若干措施
浦江府发〔2023〕15号
各区人民政府，市政府各部门：
一、加大财政支持
（一）对首次认定的高新技术企业，给予一次性奖励20万元。（责任单位：市科委、市财政局）
（二）支持企业设立研发机构，对符合条件的给予研发费用补助。
二、强化人才保障
（三）为高新技术企业引进的高层次人才提供人才公寓。
三、优化组织服务
（四）建立高新技术企业培育库，实行动态管理。
"""
NOTICE = """上海市静安区关于支持科技企业的通知
静安府发〔2024〕3号
一、对科技型中小企业给予房租补贴。
二、本通知所称企业是指在本市登记的企业。
三、对科技型中小企业给予房租补贴。
"""
REWARD = "对首次认定的高新技术企业，给予一次性奖励20万元。"
HOUSING = "为高新技术企业引进的高层次人才提供人才公寓。"


def kg(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two documents."""
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "plan.txt").write_text(PLAN, encoding="utf-8")
    (documents / "notice.txt").write_text(NOTICE, encoding="utf-8")
    return documents


def anchor_of(raw: str, quote: str, **about: Any) -> Anchor:
    start = raw.index(quote)
    span = Span(start, start + len(quote))
    before, after = Text(raw).describe(span)
    known = {"document": "d", "source": "test.txt", "sha256": "0" * 64, "title": "", "sentence": ""}
    place = {"start": span.start, "end": span.end, "before": before, "after": after}
    return Anchor(quote=quote, **{**known, **place, **about})


def codes_of(measure: Measure) -> Codes:
    return Codes(
        measure.categories,
        measure.instruments,
        tuple(UnitCode(r.name, r.role, r.surface) for r in measure.responsibilities),
        measure.status,
        measure.strength,
        measure.cities,
    )


def measure_at(extraction: Extraction, words: str) -> Measure:
    [found] = [m for m in extraction.measures if words in m.span.of(extraction.document.raw)]
    return found


def decide(extraction: Extraction, words: str, **changes: Any) -> Decision:
    """Return a decision that changes the only measure that holds these words."""
    measure = measure_at(extraction, words)
    raw, document = extraction.document.raw, extraction.document
    anchor = replace(
        anchor_of(raw, measure.span.of(raw)),
        document=document.id,
        sentence=measure.key.partition("-")[0],
    )
    old = codes_of(measure)
    on = "2026-11-26T10:00:00Z"
    return Decision("change", anchor, old, replace(old, **changes), "Li Lei", on, "by the text")


# Decisions on file

texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
all_codes = st.builds(
    Codes,
    st.lists(texts, max_size=2).map(tuple),
    st.lists(texts, max_size=2).map(tuple),
    st.lists(
        st.builds(UnitCode, texts, st.sampled_from(["lead", "support"]), texts), max_size=2
    ).map(tuple),
    st.just("provided"),
    st.just("grant"),
    st.just(()),
)
anchors = st.builds(
    Anchor,
    texts,
    texts,
    texts,
    texts,
    st.integers(0, 99),
    st.integers(0, 99),
    texts,
    texts,
    texts,
    texts,
)
decisions = st.one_of(
    st.builds(
        Decision,
        st.just("change"),
        anchors,
        all_codes,
        all_codes,
        st.just("甲"),
        st.just("2026-11-26"),
        texts,
    ),
    st.builds(
        Decision,
        st.just("add"),
        anchors,
        st.none(),
        all_codes,
        st.just("b"),
        st.just("2026-11-25"),
        texts,
    ),
    st.builds(
        Decision,
        st.just("delete"),
        anchors,
        all_codes,
        st.none(),
        st.just("b"),
        st.just("2026-11-26T10:00:00Z"),
        texts,
    ),
)


@settings(max_examples=60, deadline=None)
@given(found=st.lists(decisions, max_size=5))
def test_decisions_survive_the_file(
    found: list[Decision], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("file") / FILE
    append_decisions(path, found[:2])
    append_decisions(path, found)
    kept = read_decisions([path])
    assert set(kept) == set(found)
    assert list(kept) == sorted(set(found), key=lambda d: (d.on, d.id))
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(reversed(lines)), encoding="utf-8")
    assert read_decisions([path]) == kept


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("<<<<<<< HEAD\n", "merge was left undone"),
        ("{}\n", "no decision"),
        ("not JSON\n", "no decision"),
        ("[1]\n", "no decision"),
    ],
    ids=["conflict", "empty", "text", "list"],
)
def test_read_decisions_names_the_bad_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / FILE
    path.write_text("\n" + line, encoding="utf-8")
    with pytest.raises(ReviewError, match=rf"{FILE}:2: .*{message}"):
        read_decisions([path])


def test_read_decisions_refuses_a_line_altered_by_hand(tmp_path: Path) -> None:
    path = tmp_path / FILE
    decision = Decision("delete", anchor_of(PLAN, REWARD), Codes(), None, "Li", "2026-11-26")
    path.write_text(write_decision(decision).replace('"Li"', '"Han"'), encoding="utf-8")
    with pytest.raises(ReviewError, match=rf"{FILE}:1: the line was altered"):
        read_decisions([path])


def test_append_keeps_what_stands_there_and_mends_a_missing_line_end(tmp_path: Path) -> None:
    path = tmp_path / FILE
    one = Decision("delete", anchor_of(PLAN, REWARD), Codes(), None, "Li", "2026-11-26")
    path.write_text(write_decision(one).rstrip("\n"), encoding="utf-8")
    assert append_decisions(path, [one]) == 0
    assert append_decisions(path, [one, replace(one, by="Han"), replace(one, by="Han")]) == 1
    text = path.read_text(encoding="utf-8")
    assert text.startswith(write_decision(one))
    assert text.endswith("\n")
    assert [d.by for d in read_decisions([path])] in (["Li", "Han"], ["Han", "Li"])


# Anchors

SENTENCES = [
    "对企业给予奖励二十万元。",
    "支持设立研发机构若干家。",
    "建立培育库并实行管理。",
    "𬭁金属产业园减免土地价款。",
]
layouts = st.lists(st.sampled_from(["", "\n", " ", "\r\n\r\n", "\u200b", "\u3000", "\ufeff"]))


@settings(max_examples=150, deadline=None)
@given(
    order=st.permutations(range(len(SENTENCES))),
    wanted=st.integers(0, len(SENTENCES) - 1),
    gaps=layouts,
    inner=st.integers(1, 9),
    inserted=st.text(max_size=30),
)
def test_anchor_follows_its_sentence(
    order: list[int], wanted: int, gaps: list[str], inner: int, inserted: str
) -> None:
    anchor = anchor_of("".join(SENTENCES), SENTENCES[wanted])
    gaps = [*gaps, *[""] * len(SENTENCES)]
    pieces = [gaps[n] + SENTENCES[i] for n, i in enumerate(order)]
    raw = inserted + "".join(pieces)
    head = SENTENCES[wanted][:inner]
    raw = raw.replace(head, head + (gaps[0] or "\n"), 1)
    found = Text(raw).locate(anchor)
    assert found is not None
    assert squeeze(found.span.of(raw)) == SENTENCES[wanted]
    assert not found.edited


def test_anchor_tells_equal_sentences_by_their_context() -> None:
    twice = "一、引才：给予住房补贴若干元。二、引企：给予住房补贴若干元。"
    words = "给予住房补贴若干元。"
    second = replace(anchor_of(twice, words), start=25, before="引企：", after="")
    moved = "引企：给予住房补贴若干元。" + "别的。" * 20 + "引才：给予住房补贴若干元。"
    found = Text(moved).locate(second)
    assert found is not None
    assert found.span.start == 3


@pytest.mark.parametrize(
    ("now", "edited"),
    [
        ("对首次认定的高新技术企业，给予一次性奖励30万元。", True),
        ("对首次认定的高新技术企业，按规定给予一次性奖励20万元。", True),
        ("对首次认定的高新技术企业给予税收优惠。", None),
        ("别的句子，说的是别的事情，与此无关。", None),
    ],
    ids=["number", "words", "another", "gone"],
)
def test_anchor_follows_small_edits_only(now: str, edited: bool | None) -> None:
    text = Text(now, [(Span(0, len(now)), now)])
    found = text.locate(anchor_of(PLAN, REWARD))
    assert (found.edited if found else None) is edited
    assert text.locate(anchor_of(PLAN, REWARD), exact=True) is None


def test_anchor_refuses_to_choose_between_two_edits() -> None:
    one = "对首次认定的高新技术企业，给予一次性奖励30万元。"
    two = "对首次认定的高新技术企业，给予一次性奖励40万元。"
    raw = one + two
    spans = [(Span(0, len(one)), one), (Span(len(one), len(raw)), two)]
    anchor = replace(anchor_of(PLAN, REWARD), before="", after="")
    assert Text(raw, spans).locate(anchor) is None


# Application

Extract = Callable[[str], Extraction]


def test_change_overrules_the_machine_and_says_who(
    extract: Extract, vocabulary: Vocabulary
) -> None:
    extraction = extract(PLAN)
    lead = (UnitCode("市财政局", "lead", "市财政局"), UnitCode("市科学技术局", "support"))
    decision = decide(extraction, REWARD, instruments=("RDSubsidy",), status="reported", units=lead)
    changed = apply_decisions(extraction, [decision], vocabulary)
    measure = measure_at(changed, REWARD)
    assert measure.instruments == ("RDSubsidy",)
    assert measure.status == "reported"
    assert (measure.responsibilities[0].name, measure.responsibilities[0].role) == (
        "市财政局",
        "lead",
    )
    assert measure.responsibilities[1].role == "support"
    assert measure.responsibilities[1].unit
    assert measure.strength == measure_at(extraction, REWARD).strength
    assert measure.decisions == (decision.id,)
    assert [(d.outcome, d.by) for d in changed.decisions] == [("applied", "Li Lei")]
    others = [m for m in changed.measures if m.key != measure.key]
    assert others == [m for m in extraction.measures if m.key != measure.key]
    lines = write_quads(changed, categories=categories_of(vocabulary))
    assert check_graph(lines, load_rules()) == []
    assert any('#decidedBy> "Li Lei"' in line and "/measure/" in line for line in lines)


def categories_of(vocabulary: Vocabulary) -> dict[str, str]:
    return {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}


def test_delete_and_add(extract: Extract, vocabulary: Vocabulary) -> None:
    extraction = extract(PLAN)
    gone = replace(decide(extraction, HOUSING), action="delete", new=None)
    words = "各区人民政府，市政府各部门："
    codes = Codes(("组织",), ("TrainingForApplicants",), (), "provided", "support", ())
    place = replace(anchor_of(PLAN, words), document=extraction.document.id)
    added = Decision("add", place, None, codes, "Han", "2026-11-26")
    changed = apply_decisions(extraction, [added, gone], vocabulary)
    quotes = [m.span.of(PLAN) for m in changed.measures]
    assert words in quotes
    assert not [q for q in quotes if HOUSING in q]
    assert measure_at(changed, words).instruments == ("TrainingForApplicants",)
    assert {d.outcome for d in changed.decisions} == {"applied"}
    lines = write_quads(changed, categories=categories_of(vocabulary))
    assert check_graph(lines, load_rules()) == []


def test_decision_outlives_a_machine_that_finds_nothing(
    extract: Extract, vocabulary: Vocabulary
) -> None:
    """A new version of the program misses the measure: the decision puts it back."""
    extraction = extract(PLAN)
    decision = decide(extraction, REWARD, instruments=("RDSubsidy",))
    blind = replace(extraction, measures=())
    changed = apply_decisions(blind, [decision], vocabulary)
    [measure] = changed.measures
    assert measure.instruments == ("RDSubsidy",)
    assert measure.key == measure_at(extraction, REWARD).key
    assert measure.span == measure_at(extraction, REWARD).span
    assert [d.outcome for d in changed.decisions] == ["restored"]


def test_undecided_fields_stay_the_machine_s(extract: Extract, vocabulary: Vocabulary) -> None:
    """A new version codes the strength otherwise: only what a person decided is kept."""
    extraction = extract(PLAN)
    decision = decide(extraction, REWARD, instruments=("RDSubsidy",))
    newer = replace(
        extraction,
        measures=tuple(replace(m, strength="explore") for m in extraction.measures),
    )
    measure = measure_at(apply_decisions(newer, [decision], vocabulary), REWARD)
    assert (measure.instruments, measure.strength) == (("RDSubsidy",), "explore")
    confirmed = replace(decision, action="confirm")
    measure = measure_at(apply_decisions(newer, [confirmed], vocabulary), REWARD)
    assert (measure.instruments, measure.strength) == (("RDSubsidy",), decision.new.strength)  # type: ignore[union-attr]


def test_later_decision_overrules_an_earlier_one(extract: Extract, vocabulary: Vocabulary) -> None:
    extraction = extract(PLAN)
    first = decide(extraction, REWARD, instruments=("RDSubsidy",))
    second = replace(decide(extraction, REWARD, instruments=("InterestSubsidy",)), by="Han")
    changed = apply_decisions(extraction, [first, second], vocabulary)
    assert measure_at(changed, REWARD).instruments == ("InterestSubsidy",)
    assert [d.outcome for d in changed.decisions] == ["superseded", "applied"]
    assert measure_at(changed, REWARD).decisions == (second.id,)


def test_decision_whose_sentence_is_gone_is_lost(extract: Extract, vocabulary: Vocabulary) -> None:
    decision = decide(extract(PLAN), REWARD, instruments=("RDSubsidy",))
    shorter = extract(PLAN.replace(REWARD, ""))
    changed = apply_decisions(shorter, [decision], vocabulary)
    assert changed.measures == shorter.measures
    assert [d.outcome for d in changed.decisions] == ["lost"]
    assert (
        check_graph(write_quads(changed, categories=categories_of(vocabulary)), load_rules()) == []
    )


def test_decision_of_another_document_does_nothing(
    extract: Extract, vocabulary: Vocabulary
) -> None:
    extraction = extract(PLAN)
    decision = decide(extraction, REWARD, instruments=("RDSubsidy",))
    other = replace(
        decision, anchor=replace(decision.anchor, document="x", source="y", sha256="1" * 64)
    )
    assert apply_decisions(extraction, [other], vocabulary) is extraction


def test_digest_tells_which_documents_a_new_decision_concerns() -> None:
    place = anchor_of(PLAN, REWARD, document="d1", source="a.txt", sha256="1" * 64)
    one = Decision("delete", place, Codes(), None, "Li", "2026-11-26")
    two = replace(one, anchor=replace(place, document="d2", source="b.txt", sha256="2" * 64))
    first = Whereabouts("d1", "3" * 64, "moved.txt")
    assert digest_decisions([two], first) == ""
    assert digest_decisions([one, two], first) == digest_decisions([one], first) != ""
    again = replace(one, by="Han")
    assert digest_decisions([one, again], first) != digest_decisions([one], first)
    for where in (("x", "1" * 64, "x"), ("x", "x", "a.txt"), ("x", "x", "x", "1" * 64)):
        assert digest_decisions([one], Whereabouts(*where)) != ""


# Sheets


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph that no test changes."""
    place = tmp_path_factory.mktemp("review")
    (place / "plan.txt").write_text(PLAN, encoding="utf-8")
    (place / "notice.txt").write_text(NOTICE, encoding="utf-8")
    kg("build", place, "--out", place / "graph")
    return place / "graph"


@pytest.fixture(scope="module")
def reviewed(graph: Path, vocabulary: Vocabulary) -> Reviewed:
    """The graph as it stands before any decision."""
    return Reviewed(open_version(graph), vocabulary)


@pytest.fixture
def built(folder: Path, tmp_path: Path) -> Path:
    """The graph of the folder."""
    graph = tmp_path / "graph"
    kg("build", folder, "--out", graph)
    return graph


def edit_workbook(
    path: Path, edits: dict[str, dict[str, str]], added: dict[str, str] | None = None
) -> None:
    """Edit the rows whose text holds the key."""
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.worksheets[0]
    columns = {str(cell.value).split()[0]: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        text = str(sheet.cell(row, columns["text"]).value)
        for words, cells in edits.items():
            if words in text:
                for name, value in cells.items():
                    sheet.cell(row, columns[name]).value = value or None
    if added:
        row = sheet.max_row + 1
        for name, value in added.items():
            sheet.cell(row, columns[name]).value = value
    workbook.save(path)


def sheet_rows(graph: Path) -> dict[str, dict[str, Any]]:
    rows = read_measures(open_version(graph))
    return {"".join(str(row["text"]).split()): row for row in rows}


def test_corrections_survive_rebuild_moved_paragraph_and_lost_sentence(
    folder: Path, built: Path, tmp_path: Path
) -> None:
    """The whole way: export, edit, import, build; move the text; lose a sentence."""
    sheet, kept = tmp_path / "sheet.xlsx", folder / FILE
    kg("review", "export", sheet, "--graph", built)
    edit_workbook(
        sheet,
        {
            REWARD: {
                "instrument_1": "RDSubsidy",
                "units": "市财政局 (lead)",
                "reason": "see title",
            },
            HOUSING: {"verdict": "delete"},
        },
        {
            "verdict": "add",
            "text": "二、本通知所称企业是指在本市登记的企业。",
            "source": "notice.txt",
            "instrument_1": "TrainingForApplicants",
        },
    )
    dry = kg(
        "review",
        "import",
        sheet,
        "--by",
        "Li Lei",
        "--dry-run",
        "--corrections",
        kept,
        "--graph",
        built,
    )
    assert "change instruments" in dry.output
    assert not kept.exists()
    kg("review", "import", sheet, "--by", "Li Lei", "--corrections", kept, "--graph", built)
    assert len(kept.read_text(encoding="utf-8").splitlines()) == 3
    again = kg("review", "import", sheet, "--by", "Li Lei", "--corrections", kept, "--graph", built)
    assert "0 stored" in again.output

    kg("build", folder, "--out", built)
    check_decided(built)
    rows = sheet_rows(built)

    moved = PLAN.replace("一、加大财政支持\n", "").replace(
        "三、优化组织服务\n", "三、优化组织服务\n一、加大财政支持\n"
    )
    lines = moved.splitlines()
    paragraph = next(line for line in lines if REWARD in line)
    lines.remove(paragraph)
    (folder / "plan.txt").write_text("\n".join([*lines, "以下为补充内容。", paragraph]), "utf-8")
    kg("build", folder, "--out", built)
    check_decided(built)
    assert sheet_rows(built)[REWARD]["start"] != rows[REWARD]["start"]
    status = json.loads(kg("review", "status", "--json", "--graph", built).output)
    assert {row["outcome"] for row in status} == {"applied"}
    assert [row["moved"] for row in status if REWARD in row["text"]] == [True]

    (folder / "plan.txt").write_text(PLAN.replace(REWARD, ""), "utf-8")
    assert "1 of 3 corrections hold nowhere" in kg("build", folder, "--out", built).output
    lost = kg("review", "status", "--lost", "--graph", built, code=1)
    assert "the sentence is gone" in lost.output
    assert "1 lost" in lost.output


def check_decided(graph: Path) -> None:
    rows = sheet_rows(graph)
    assert rows[REWARD]["instruments"] == ["RDSubsidy"]
    assert rows[REWARD]["categories"] == ["财政"]
    assert [(u["name"], u["role"]) for u in rows[REWARD]["units"]] == [
        ("浦江市财政局", "lead")
    ] or [(u["surface"], u["role"]) for u in rows[REWARD]["units"]] == [("市财政局", "lead")]
    assert [(d["by"], d["action"]) for d in rows[REWARD]["decided"]] == [("Li Lei", "change")]
    assert not [text for text in rows if HOUSING in text]
    added = rows["二、本通知所称企业是指在本市登记的企业。"]
    assert added["instruments"] == ["TrainingForApplicants"]
    assert added["cities"] == ["上海"]
    assert [d["action"] for d in added["decided"]] == ["add"]
    found = select(
        open_version(graph).store(),
        'SELECT ?reason WHERE { ?m a pk:Measure ; pk:decision ?d . ?d pk:reason ?reason ; prov:wasAssociatedWith/skos:prefLabel "Li Lei" }',
    )
    assert [row["reason"] for row in found] == ["see title"]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"instrument_1": "NoSuchThing"}, "no instrument 'NoSuchThing'"),
        ({"instrument_1": "奖励"}, "no instrument '奖励'"),
        ({"instrument_1": "", "instrument_2": ""}, "no instrument; choose one"),
        ({"category_1": "经济"}, "no category '经济'"),
        ({"status": "maybe"}, "no status 'maybe'"),
        ({"verdict": "remove"}, "no verdict 'remove'"),
        ({"units": "市科委 (boss)"}, "no role 'boss'"),
        ({"text": "另一句话。"}, "the words were changed"),
        ({"instrument_1": "=1+1"}, "formula"),
        ({"id": ""}, "no id"),
        ({"origin": "{}"}, "origin was altered"),
        ({"status": "lacking"}, "without a city"),
    ],
)
def test_import_refuses_nonsense_with_its_row(
    reviewed: Reviewed, tmp_path: Path, cells: dict[str, str], message: str
) -> None:
    sheet = tmp_path / "sheet.xlsx"
    write_rows(sheet, list(reviewed.rows.values()), reviewed.book, blind=False)
    edit_workbook(sheet, {HOUSING: cells})
    rows, unread = read_sheet(sheet, reviewed.book)
    _, findings = compare_rows(rows, reviewed, Signature("Li", "2026-11-26"))
    [finding] = [*unread, *findings]
    assert message in finding.message
    number = 2 + [HOUSING in row.text for row in reviewed.rows.values()].index(True)
    assert finding.number == number


def test_import_stores_nothing_where_a_row_is_wrong(graph: Path, tmp_path: Path) -> None:
    sheet, kept = tmp_path / "sheet.xlsx", tmp_path / FILE
    kg("review", "export", sheet, "--graph", graph)
    edit_workbook(sheet, {HOUSING: {"status": "maybe"}, REWARD: {"verdict": "delete"}})
    result = kg(
        "review", "import", sheet, "--by", "Li", "--corrections", kept, "--graph", graph, code=1
    )
    assert re.search(rf"{sheet}:\d+: no status 'maybe'; choose one of provided", result.output)
    assert "nothing was stored" in result.output
    assert not kept.exists()


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".jsonl"])
def test_sheet_that_nobody_edited_changes_nothing(
    reviewed: Reviewed, tmp_path: Path, suffix: str
) -> None:
    sheet = tmp_path / f"sheet{suffix}"
    write_rows(sheet, list(reviewed.rows.values()), reviewed.book, blind=False)
    rows, findings = read_sheet(sheet, reviewed.book)
    assert (len(rows), findings) == (len(reviewed.rows), [])
    assert compare_rows(rows, reviewed, Signature("Li", "2026-11-26")) == ([], [])


def test_csv_saved_by_a_chinese_spreadsheet_is_read(reviewed: Reviewed, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    write_rows(sheet, list(reviewed.rows.values()), reviewed.book, blind=False)
    sheet.write_bytes(sheet.read_text(encoding="utf-8-sig").encode("gb18030"))
    rows, findings = read_sheet(sheet, reviewed.book)
    assert compare_rows(rows, reviewed, Signature("Li", "2026-11-26")) == ([], [])
    assert [row.text for row in rows] == [row.text for row in reviewed.rows.values()]
    assert findings == []


def test_coding_sheet_of_export_can_be_imported(reviewed: Reviewed, tmp_path: Path) -> None:
    """The plain coding sheet (kg export) is a form of sheet, too."""
    sheet = tmp_path / "coding.jsonl"
    found = list(read_measures(reviewed.version))
    for row in found:
        if REWARD in row["text"]:
            row |= {"instruments": ["RDSubsidy"], "reason": "why not"}
    sheet.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    rows, findings = read_sheet(sheet, reviewed.book)
    changes, more = compare_rows(rows, reviewed, Signature("Li", "2026-11-26"))
    assert [*findings, *more] == []
    [decision] = [change.decision for change in changes]
    assert (decision.by, decision.why, decision.fields) == ("Li", "why not", ("instruments",))


def test_old_sheet_does_not_undo_what_others_decided(
    graph: Path, vocabulary: Vocabulary, reviewed: Reviewed, tmp_path: Path
) -> None:
    def decide_by_sheet(cells: dict[str, str], state: Reviewed, **how: bool) -> Any:
        sheet = tmp_path / "sheet.xlsx"
        write_rows(sheet, list(reviewed.rows.values()), reviewed.book, blind=False)
        edit_workbook(sheet, {REWARD: cells})
        rows, _ = read_sheet(sheet, reviewed.book)
        return compare_rows(rows, state, Signature("Han", "2026-11-26"), **how)

    [first], _ = decide_by_sheet({"instrument_1": "RDSubsidy"}, reviewed)
    state = Reviewed(open_version(graph), vocabulary, [first.decision])
    assert decide_by_sheet({"instrument_1": "RDSubsidy"}, state) == ([], [])
    [second], _ = decide_by_sheet({"strength": "support"}, state)
    assert second.decision.fields == ("strength",)
    assert second.decision.new.instruments == ("RDSubsidy",)
    changes, [clash] = decide_by_sheet({"instrument_1": "InterestSubsidy"}, state)
    assert changes == []
    assert "changed since the sheet was written" in clash.message
    [third], _ = decide_by_sheet({"instrument_1": "InterestSubsidy"}, state, overrule=True)
    assert third.decision.new.instruments == ("InterestSubsidy",)


def make_graph(folder: Path, corrections: list[Path]) -> None:
    """Write what a build leaves, as far as it tells of corrections."""
    version = folder / "versions" / "0123456789abcdef"
    version.mkdir(parents=True)
    (folder / "CURRENT").write_text(f"{version.name}\n", encoding="utf-8")
    manifest = {"format": 0, "corrections": list(map(str, corrections))}
    (version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def test_build_never_forgets_corrections(tmp_path: Path) -> None:
    """A build that is told nothing keeps the corrections of the graph before, or says so."""
    kept, documents, graph = tmp_path / "kept.jsonl", tmp_path / "documents", tmp_path / "graph"
    documents.mkdir()
    assert find_corrections([documents], [], graph) == ()
    make_graph(graph, [kept])
    with pytest.raises(GraphError, match=r"kept.jsonl: the corrections of the graph .* are gone"):
        find_corrections([documents], [], graph)
    assert find_corrections([documents], [], graph, ignore=True) == ()
    kept.touch()
    assert find_corrections([documents], [], graph) == (kept,)
    (documents / FILE).touch()
    assert find_corrections([documents], [], graph) == (documents / FILE,)
    assert find_corrections([documents], [kept], graph) == (kept, documents / FILE)
    assert choose_file(graph, None) == kept
    with pytest.raises(GraphError, match="say with --corrections FILE"):
        choose_file(documents, None)


# Samples and cells


def make_rows(sizes: dict[int, int]) -> list[Row]:
    return [
        Row(f"{d}-{n}", str(d), f"{d}.txt", "0" * 64, "", "", n, n + 1, "x")
        for d, size in sizes.items()
        for n in range(size)
    ]


@settings(max_examples=80, deadline=None)
@given(
    sizes=st.dictionaries(st.integers(0, 5), st.integers(1, 70), min_size=1),
    share=st.sampled_from([0.1, 0.15, 0.2, 1.0]),
    seed=st.integers(0, 9),
)
def test_sample_is_stratified_and_reproducible(
    sizes: dict[int, int], share: float, seed: int
) -> None:
    rows = make_rows(sizes)
    drawn = sample_rows(rows, share, seed)
    counts = {d: sum(row.document == str(d) for row in drawn) for d in sizes}
    for document, size in sizes.items():
        assert max(1, int(size * share)) <= counts[document] <= int(size * share) + 1
    assert len(drawn) == max(
        round(share * len(rows)), sum(max(1, int(s * share)) for s in sizes.values())
    )
    assert drawn == [row for row in rows if row in drawn]
    assert {r.id for r in sample_rows(rows[::-1], share, seed)} == {r.id for r in drawn}


def test_samples_of_two_seeds_differ() -> None:
    rows = make_rows({1: 200})
    assert sample_rows(rows, 0.1, 1) != sample_rows(rows, 0.1, 2)


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_cells_hold_no_formula_and_come_back(
    vocabulary: Vocabulary, tmp_path: Path, suffix: str
) -> None:
    book, path = Codebook(vocabulary), tmp_path / f"sheet{suffix}"
    nasty = [
        "=1+1",
        "+86",
        "-x",
        "@a",
        "\tq",
        "'quoted'",
        '=HYPERLINK("http://x")',
        "=cmd|' /C'!A0",
    ]
    rows = [
        Row(
            f"i{n}",
            "d",
            text,
            "0" * 64,
            text,
            text,
            n,
            n + 1,
            text,
            Codes(("财政",), ("RDSubsidy",)),
        )
        for n, text in enumerate(nasty)
    ]
    write_rows(path, rows, book, blind=False)
    if suffix == ".csv":
        for line in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()):
            assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@", "\t"))]
    else:
        sheet = openpyxl.load_workbook(path).worksheets[0]
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
        assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    found, findings = read_sheet(path, book)
    assert findings == []
    assert [row.text.strip() for row in found] == [text.strip() for text in nasty]
    assert [row.codes for row in found] == [row.codes for row in rows]


def test_workbook_has_dropdowns(reviewed: Reviewed, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.xlsx"
    write_rows(sheet, list(reviewed.rows.values()), reviewed.book, blind=False)
    workbook = openpyxl.load_workbook(sheet)
    rules = workbook.worksheets[0].data_validations.dataValidation
    assert len({rule.formula1 for rule in rules}) == 5
    titles = [str(cell.value).split()[0] for cell in workbook.worksheets[0][1]]
    chosen = ("verdict", "category", "instrument", "status", "strength")
    assert len(rules) == sum(title.startswith(chosen) for title in titles)
    hidden = workbook.worksheets[1]
    assert hidden.sheet_state == "hidden"
    assert "RDSubsidy" in " ".join(str(cell.value) for cell in hidden["C"])
    again = tmp_path / "again.xlsx"
    write_rows(again, list(reviewed.rows.values()), reviewed.book, blind=False)
    assert again.read_bytes() == sheet.read_bytes()


def test_read_sheet_says_what_is_no_sheet(reviewed: Reviewed, tmp_path: Path) -> None:
    for name, content, message in [
        ("a.xlsx", b"no zip", "no workbook"),
        ("a.csv", "文本,什么\n1,2\n".encode(), "no column 'text'"),
        ("b.csv", b"\xff\xff\xff", "neither UTF-8 nor GB18030"),
        ("a.json", b"{", "no JSON"),
        ("a.ods", b"", "give a file that ends in"),
    ]:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(ReviewError, match=message):
            read_any_sheet(path, reviewed)


def test_incremental_build_with_corrections_equals_a_full_one(folder: Path, tmp_path: Path) -> None:
    """New decisions read only their document again; taking them back gives the first version."""

    def build(out: str, *options: object) -> tuple[str, int]:
        graph = tmp_path / out
        report = json.loads(kg("build", folder, "--out", graph, "--json", *options).output)
        return report["version"], report["read"]

    first, _ = build("grown")
    sheet, kept = tmp_path / "sheet.csv", folder / FILE
    kg("review", "export", sheet, "--graph", tmp_path / "grown")
    lines = sheet.read_text(encoding="utf-8-sig").splitlines()
    lines = [line.replace(",", "delete,", 1) if REWARD in line else line for line in lines]
    sheet.write_text("\n".join(lines), encoding="utf-8")
    kg(
        "review",
        "import",
        sheet,
        "--by",
        "Li",
        "--corrections",
        kept,
        "--graph",
        tmp_path / "grown",
    )
    corrected, read = build("grown")
    assert corrected != first
    assert read == 1
    assert build("grown") == (corrected, 0)
    assert build("fresh") == (corrected, 2)
    kept.unlink()
    assert build("grown", "--no-corrections") == (first, 1)
