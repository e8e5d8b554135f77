"""Statements of studies held against own documents: verdicts, their bases, and the paper's list."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.compare.statements import Dated
from kg.compare.verdicts import VERDICTS, Verdict, check_claims
from kg.extract.remarks import compile_remarks
from kg.graph import open_version
from kg.model import Document
from kg.ontology import Vocabulary

SHANGHAI = "310000"
STUDY = (
    "甲市培育政策研究\n\n【摘要】：本文比较上海与杭州的政策。\n\n一、上海与杭州的比较\n\n"
    "2022年，两市各有举措。杭州发放科技创新券，上海缺乏科技创新券政策。"
    "上海缺乏员工工资应纳税额减免政策。上海缺乏房租减免政策。\n"
)
OWN = (
    "上海市人民政府关于促进高新技术企业发展的若干措施\n\n沪府规〔{year}〕3号\n\n各区人民政府：\n\n"
    "一、重点措施\n\n（一）发放科技创新券。对高新技术企业发放科技创新券。（责任单位：市科委）\n\n"
    "上海市人民政府\n{year}年3月1日\n"
)
# What the paper says in its chapters 二 and 三 that Shanghai lacks, differs in or should adopt, and
# where it sees Shanghai behind: read sentence by sentence.  Offsets, digest of the words, kind,
# instrument, verdict, basis.
PAPER = (
    (4029, 4111, "e62901938c1d", "differs", "ExecutiveTraining", "confirmed", "not-found"),
    (4111, 4196, "92f246aff61c", "differs", "PayrollTaxRelief", "confirmed", "not-found"),
    (4246, 4360, "484c61b243a8", "differs", "CitizenTreatment", "confirmed", "not-found"),
    (4246, 4360, "484c61b243a8", "differs", "HomePurchaseSubsidy", "confirmed", "not-found"),
    (
        4402,
        4478,
        "3d5e988c047d",
        "should-adopt",
        "InfrastructureFeeWaiver",
        "confirmed",
        "not-found",
    ),
    (4899, 4922, "5702d8daa28c", "outcome", "", "not-comparable", "state"),
    (5033, 5095, "6f2fe831d9af", "outcome", "", "not-comparable", "state"),
    (5635, 5675, "f0f338eb730d", "should-adopt", "RDSubsidy", "not-comparable", "degree"),
    (5756, 5810, "ab831114cab5", "should-adopt", "PolicyDevelopment", "not-comparable", "general"),
    (5756, 5810, "ab831114cab5", "should-adopt", "PolicyPublicity", "addressed-later", "later"),
    (5756, 5810, "ab831114cab5", "should-adopt", "TalentRecruitment", "addressed-later", "later"),
    (5847, 5952, "c965819478ea", "differs", "DedicatedBody", "confirmed", "not-found"),
    (5952, 6030, "371fed47dc0e", "differs", "SocialCapitalPartnership", "addressed-later", "later"),
    (6030, 6114, "bb82af4f3724", "differs", "TieredCultivation", "addressed-later", "later"),
    (6201, 6305, "3164955a3f69", "should-adopt", "LandAllocation", "confirmed", "not-found"),
    (6201, 6305, "3164955a3f69", "should-adopt", "LandRevenueReward", "confirmed", "not-found"),
    (7476, 7547, "8d9f06767b07", "outcome", "", "not-comparable", "state"),
    (7567, 7607, "2accb87c34e9", "outcome", "", "not-comparable", "share"),
    (7607, 7647, "93ee47f1d643", "lacks", "Demand", "not-comparable", "category"),
    (7607, 7647, "93ee47f1d643", "lacks", "Organisation", "not-comparable", "category"),
    (7607, 7647, "93ee47f1d643", "lacks", "Talent", "not-comparable", "category"),
    (7647, 7746, "e69717dcd87b", "lacks", "", "not-comparable", "unnamed"),
    (7647, 7746, "e69717dcd87b", "differs", "InfrastructureFeeWaiver", "confirmed", "not-found"),
    (7746, 7803, "c5f86e1877c3", "lacks", "ExecutiveTraining", "confirmed", "not-found"),
    (7803, 7848, "d0d7369cf525", "lacks", "PayrollTaxRelief", "confirmed", "not-found"),
    (7848, 7879, "e3ddda7ce1f9", "lacks", "ThinkTankSupport", "confirmed", "not-found"),
    (7879, 7948, "25beba5189fe", "differs", "CitizenTreatment", "confirmed", "not-found"),
    (7879, 7948, "25beba5189fe", "differs", "HomePurchaseSubsidy", "confirmed", "not-found"),
    (7948, 8004, "749a75dfc0fa", "differs", "ProcurementScoring", "not-comparable", "no-coverage"),
    (8023, 8058, "d55505501330", "outcome", "", "not-comparable", "state"),
    (8058, 8166, "b68a134d5265", "lacks", "AdvisoryService", "addressed-later", "later"),
    (8166, 8258, "c12ee6476301", "outcome", "", "not-comparable", "state"),
    (8322, 8365, "c9346caf1633", "outcome", "", "not-comparable", "state"),
    (8365, 8406, "096a6aaf5ba6", "outcome", "", "not-comparable", "state"),
    (8406, 8442, "7e115027ac15", "outcome", "", "not-comparable", "state"),
    (8442, 8478, "254a8d15172b", "should-adopt", "TechTransfer", "not-comparable", "degree"),
    (8478, 8558, "351f15b8b697", "lacks", "TechTransfer", "not-comparable", "degree"),
    (8558, 8665, "c5c1924d76a6", "outcome", "", "not-comparable", "state"),
    (8729, 8773, "fe3d91947ac5", "outcome", "", "not-comparable", "state"),
    (8773, 8835, "4cc8b1e89488", "outcome", "", "not-comparable", "state"),
    (8835, 8879, "69f73453bbfe", "lacks", "TalentRecruitment", "not-comparable", "degree"),
    (8879, 8937, "b9e240f5d9a0", "lacks", "", "not-comparable", "unnamed"),
    (8937, 8994, "0b016fc86e00", "lacks", "TalentRecruitment", "not-comparable", "degree"),
    (9054, 9103, "5bd452e4eba1", "outcome", "", "not-comparable", "state"),
    (9103, 9138, "2efce401a5a6", "outcome", "", "not-comparable", "state"),
    (9138, 9186, "539b634f0b23", "outcome", "", "not-comparable", "state"),
    (9188, 9226, "0db459dd4da9", "outcome", "", "not-comparable", "state"),
    (9226, 9267, "69260436698e", "outcome", "", "not-comparable", "state"),
    (9267, 9307, "a9b256ff4931", "should-adopt", "TieredCultivation", "not-comparable", "degree"),
    (9352, 9370, "ec578452eed6", "outcome", "", "not-comparable", "state"),
    (9370, 9407, "38273ac41e12", "outcome", "", "not-comparable", "state"),
    (9407, 9471, "6cfa9f66b412", "outcome", "", "not-comparable", "state"),
    (9471, 9530, "8fc3cc74bc75", "outcome", "", "not-comparable", "state"),
    (9530, 9584, "2156f56baab7", "lacks", "ServiceAgencyRegulation", "not-comparable", "degree"),
)


def run(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result.stdout


def check(
    folder: Path, vocabulary: Vocabulary, year: int, said: str = "", study: str = STUDY
) -> dict[str, Verdict]:
    source = folder / "in"
    source.mkdir()
    (source / "study.txt").write_text(study, encoding="utf-8")
    (source / "own.txt").write_text(OWN.format(year=year), encoding="utf-8")
    run("build", source, "--out", folder / "graph")
    found = check_claims(open_version(folder / "graph"), vocabulary, city=SHANGHAI, said=said)
    return {v.statement.instrument: v for v in found if v.statement.kind == "lacks"}


@pytest.mark.parametrize(
    ("year", "said", "verdict", "basis"),
    [
        (2021, "", "contradicted", "provided"),
        (2022, "", "contradicted", "provided"),
        (2023, "", "addressed-later", "later"),
        (2023, "2023-06-30", "contradicted", "provided"),
        (2023, "2023-02-28", "addressed-later", "later"),
    ],
    ids=["earlier", "same-year", "later", "study-dated-after", "study-dated-before"],
)
def test_a_lack_is_judged_by_the_dates_of_own_documents(
    tmp_path: Path, vocabulary: Vocabulary, year: int, said: str, verdict: str, basis: str
) -> None:
    found = check(tmp_path, vocabulary, year, said)["InnovationVoucher"]
    assert (found.verdict, found.basis) == (verdict, basis)
    assert found.own
    assert found.own[0].extent == "city"
    assert "科技创新券" in found.own[0].evidence.quote
    assert found.own[0].measure.startswith("https://w3id.org/policykg/id/document/")


def test_what_is_nowhere_confirms_a_lack_with_the_documents_that_cover_it(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    found = check(tmp_path, vocabulary, 2021)
    payroll = found["PayrollTaxRelief"]
    assert (payroll.verdict, payroll.basis) == ("confirmed", "not-found")
    assert payroll.documents == ("沪府规〔2021〕3号",)
    assert not payroll.own


def test_the_date_of_a_study_is_the_latest_year_it_tells_of(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    found = check(tmp_path, vocabulary, 2021)["InnovationVoucher"]
    assert found.statement.said == Dated("2022", "told")


@pytest.mark.parametrize(
    ("one", "other", "before"),
    [
        ("2020", "2020", True),
        ("2020-12-31", "2020", True),
        ("2021-01-01", "2020", False),
        ("2020", "2020-06-01", False),
    ],
)
def test_a_year_stands_for_its_end(one: str, other: str, before: bool) -> None:
    assert Dated(one, "stated").is_before(Dated(other, "told")) is before


def test_without_dates_a_lack_is_not_judged(tmp_path: Path, vocabulary: Vocabulary) -> None:
    study = STUDY.replace("2022年，", "")
    found = check(tmp_path, vocabulary, 2021, study=study)["InnovationVoucher"]
    assert (found.verdict, found.basis) == ("not-comparable", "undated")
    assert found.own


def test_undated_precedes_nothing() -> None:
    assert not Dated().is_before(Dated("2020", "told"))


ADVICE = (
    "甲市培育政策研究\n\n【摘要】：本文比较上海与杭州的政策。\n\n一、现状\n\n2022年，两市各有举措。\n\n"
    "二、对策建议\n\n（一）完善政策\n\n{advice}\n"
)


def check_advice(
    folder: Path, vocabulary: Vocabulary, advice: str, own: str = OWN
) -> dict[str, Verdict]:
    source = folder / "in"
    source.mkdir()
    (source / "study.txt").write_text(ADVICE.format(advice=advice), encoding="utf-8")
    (source / "own.txt").write_text(own.format(year=2021), encoding="utf-8")
    run("build", source, "--out", folder / "graph")
    found = check_claims(open_version(folder / "graph"), vocabulary, city=SHANGHAI)
    return {v.statement.instrument: v for v in found if v.statement.kind == "should-adopt"}


def test_advice_to_adopt_what_the_city_had_is_unsupported_not_refuted(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    found = check_advice(tmp_path, vocabulary, "上海可以借鉴发放科技创新券的政策。")
    verdict = found["InnovationVoucher"]
    assert (verdict.verdict, verdict.basis) == ("unsupported", "already-held")
    assert "科技创新券" in verdict.own[0].evidence.quote


def test_advice_for_more_of_a_thing_is_not_comparable(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    found = check_advice(tmp_path, vocabulary, "上海应进一步增加科技创新券的发放。")
    verdict = found["InnovationVoucher"]
    assert (verdict.verdict, verdict.basis) == ("not-comparable", "degree")


def test_an_aspect_is_answered_by_its_own_words_beside_better_ones(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    own = OWN.replace(
        "对高新技术企业发放科技创新券。", "总结推广先进经验，营造支持创新的良好氛围。"
    )
    found = check_advice(tmp_path, vocabulary, "上海可以营造创新氛围，吸引人才。", own)[
        "PolicyPublicity"
    ]
    assert (found.verdict, found.basis) == ("unsupported", "already-held")
    assert "氛围" in found.own[0].evidence.quote


def test_other_words_of_an_instrument_do_not_answer_an_aspect(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    own = OWN.replace("对高新技术企业发放科技创新券。", "总结推广先进经验。")
    found = check_advice(tmp_path, vocabulary, "上海可以营造创新氛围，吸引人才。", own)[
        "PolicyPublicity"
    ]
    assert (found.verdict, found.basis) == ("confirmed", "not-found")


@pytest.mark.parametrize(
    ("lack", "basis"),
    [("上海缺乏房租减免政策。", "not-found"), ("上海的房租减免政策较为缺乏。", "degree")],
    ids=["plain", "softened"],
)
def test_a_softened_lack_is_one_of_degree(
    tmp_path: Path, vocabulary: Vocabulary, lack: str, basis: str
) -> None:
    study = STUDY.replace("上海缺乏房租减免政策。", lack)
    assert check(tmp_path, vocabulary, 2021, study=study)["RentRelief"].basis == basis


@pytest.mark.parametrize(
    ("text", "defines"),
    [
        ("转化指为提高生产力所作的后续开发。", True),
        ("本办法所称创新券，是指由市科委发放的凭证。", True),
        ("（二）技术转移是指技术从一方到另一方。", True),
        ("指导企业建设研发机构。", False),
        ("市科委指定服务机构，按年度指标兑现。", False),
        ("对企业给予指导，支持其以技术入股。", False),
    ],
)
def test_a_definition_provides_nothing(text: str, defines: bool, vocabulary: Vocabulary) -> None:
    assert bool(re.search(vocabulary.pattern("definition"), text)) is defines


@pytest.fixture(scope="module")
def paper(original_graph: Path, vocabulary: Vocabulary) -> tuple[Verdict, ...]:
    return check_claims(open_version(original_graph), vocabulary, city=SHANGHAI)


@pytest.mark.originals
def test_every_statement_of_the_paper_is_found_with_its_verdict(
    paper: tuple[Verdict, ...],
) -> None:
    found = [
        (
            v.statement.evidence.start,
            v.statement.evidence.end,
            hashlib.sha256(v.statement.evidence.quote.encode()).hexdigest()[:12],
            v.statement.kind,
            v.statement.instrument,
            v.verdict,
            v.basis,
        )
        for v in paper
        if 3691 <= v.statement.evidence.start < 9587 and v.statement.kind != "has"
    ]
    assert found == list(PAPER)


@pytest.mark.originals
def test_the_share_of_two_categories_is_shown_beside_ours_and_not_refuted(
    paper: tuple[Verdict, ...],
) -> None:
    share = next(v for v in paper if v.statement.evidence.start == 7567)
    assert (share.verdict, share.basis) == ("not-comparable", "share")
    assert share.beside.startswith("财政 + 科技: ")
    assert "sentences" in share.beside


@pytest.mark.originals
def test_the_nearest_own_measure_stands_beside_a_lack(paper: tuple[Verdict, ...]) -> None:
    waiver = next(v for v in paper if v.statement.instrument == "InfrastructureFeeWaiver")
    assert waiver.related[0].instrument == "LandPriceWaiver"
    assert waiver.related[0].evidence.number == "沪府规〔2021〕9号"


def test_claims_prints_counts_json_and_csv(embedded_graph: Path) -> None:
    arguments = ("claims", "--city", "上海", "--kind", "lacks", "--graph", embedded_graph)
    told = json.loads(run(*arguments, "--json"))
    assert set(told["counts"]) == set(VERDICTS)
    assert sum(told["counts"].values()) == len(told["claims"]) > 5
    training = next(
        c for c in told["claims"] if c["statement"]["instrument"] == "ExecutiveTraining"
    )
    assert training["verdict"] == "confirmed"
    assert training["statement"]["measure"]
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--csv"))))
    assert len(rows) == len(told["claims"])
    assert f"{len(rows)} statements: " in run(*arguments)


def test_claims_refuses_what_is_no_date(embedded_graph: Path) -> None:
    result = CliRunner().invoke(
        main, ["claims", "--said", "last year", "--graph", str(embedded_graph)]
    )
    assert result.exit_code == 1
    assert "write it as" in result.output


def test_the_digest_tells_the_same_lacks(embedded_graph: Path, vocabulary: Vocabulary) -> None:
    found = check_claims(open_version(embedded_graph), vocabulary, city=SHANGHAI)
    denied = {v.statement.instrument for v in found if v.statement.kind != "has"}
    told = {row[4] for row in PAPER if row[4] and row[6] == "not-found"}
    assert told - {"PolicyPublicity"} <= denied
    assert [v.basis for v in found].count("share") == 1


def test_what_is_named_nowhere_decides_nothing(
    embedded_graph: Path, vocabulary: Vocabulary
) -> None:
    found = check_claims(open_version(embedded_graph), vocabulary)
    decided = [v for v in found if v.verdict != "not-comparable" and v.own]
    assert decided
    assert all(text.label and text.extent != "mention" for v in decided for text in v.own)


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("杭州的技术合同成交额是上海的2.5倍。", [("outcome", "", "是上海的2.5倍")]),
        ("上海的技术合同成交额是杭州的2.5倍。", []),
        ("上海的技术合同成交额是上年的2.5倍。", []),
        ("上海企业申报认定时缺少指导。", [("lacks", "AdvisoryService", "缺少指导")]),
    ],
    ids=["several-times-ours", "several-times-theirs", "several-times-last-year", "thing-lacked"],
)
def test_a_remark_tells_what_is_wanting(
    read: Callable[[str], Document],
    vocabulary: Vocabulary,
    sentence: str,
    told: list[tuple[str, str, str]],
) -> None:
    text = f"甲市培育政策研究\n\n【摘要】：本文比较上海与杭州的政策。\n\n一、问题\n\n{sentence}\n"
    document = replace(read(text), kind="study", place=SHANGHAI)
    found = compile_remarks(vocabulary).read(document)
    assert [(r.kind, "".join(r.instruments), r.cue) for r in found] == told


def test_a_general_lack_beside_a_named_one_is_told_of_its_own(
    tmp_path: Path, vocabulary: Vocabulary
) -> None:
    study = STUDY.replace(
        "上海缺乏房租减免政策。", "上海细节性政策不足，也缺乏杭州的房租减免政策。"
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "study.txt").write_text(study, encoding="utf-8")
    run("build", tmp_path / "in", "--out", tmp_path / "graph")
    found = check_claims(open_version(tmp_path / "graph"), vocabulary, city=SHANGHAI)
    general = [v for v in found if v.statement.kind == "lacks" and not v.statement.instrument]
    assert [(v.statement.cue, v.basis) for v in general] == [("政策不足", "unnamed")]
