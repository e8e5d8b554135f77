"""Tables: units at work together, codes, cross tables, policy force, the PMC index."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.compare.units import compare_units, find_leads, link_units, profile_units, rank_units
from kg.errors import QueryError
from kg.graph import (
    Coding,
    open_version,
    read_aims,
    read_codings,
    read_documents,
    read_measures,
    without_repeats,
)
from kg.ontology import Vocabulary
from kg.tabulate import (
    LENSES,
    cross_measures,
    make_lens,
    measure_force,
    read_corrections,
    read_variables,
    score_documents,
    tabulate_codes,
)
from kg.tabulate.coding import read_ordinal

pytestmark = pytest.mark.usefixtures("codings_once")

PUDONG, JINSHAN = "310115", "310116"

POLICY_DOCUMENTS = {
    "沪府规〔2021〕9号", "金科规〔2022〕1号", "浦科经委〔2023〕68号", "皖政办秘〔2021〕82号",
    "皖开放办〔2022〕6号", "上海市促进科技成果转化条例", "上海市推进科技创新中心建设条例",
    "上海市科学技术进步条例", "上海市浦东新区促进张江生物医药产业创新高地建设规定",
    "北京国际科技创新中心建设条例", "北京市促进中小企业发展条例", "北京市促进科技成果转化条例",
    "中关村国家自主创新示范区条例", "深圳经济特区人工智能产业促进条例",
    "深圳经济特区细胞和基因产业促进条例", "杭州市科学技术进步条例", "浙江省促进科技成果转化条例",
}  # fmt: skip


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def codings(embedded_graph: Path) -> tuple[Coding, ...]:
    return read_codings(open_version(embedded_graph))


@pytest.fixture(scope="module")
def own(codings: tuple[Coding, ...]) -> tuple[Coding, ...]:
    return tuple(c for c in without_repeats(codings) if c.is_own)


def test_codings_say_what_the_sheet_says(embedded_graph: Path, codings: tuple[Coding, ...]) -> None:
    sheet = {row["id"]: row for row in read_measures(open_version(embedded_graph))}
    assert set(sheet) == {coding.measure for coding in codings}
    for coding in codings:
        row = sheet[coding.measure]
        assert (coding.evidence.start, coding.evidence.quote) == (row["start"], row["text"])
        assert list(coding.instruments) == row["instruments"]
        assert [duty.surface for duty in coding.duties] == [u["surface"] for u in row["units"]]


# Units


def test_a_unit_is_counted_by_role(own: tuple[Coding, ...], vocabulary: Vocabulary) -> None:
    profiles = {p.name: p for p in profile_units(own, vocabulary)}
    planning = profiles["上海市浦东新区规划和自然资源局"]
    assert planning.lead == 4
    assert planning.function == "LandPlanning"
    assert planning.categories[0][0] == "区位"
    assert {task.clause[-6:] for task in planning.tasks if task.role == "lead"} == {"强化空间赋能"}


def test_the_network_counts_shared_measures_once(
    own: tuple[Coding, ...], codings: tuple[Coding, ...], vocabulary: Vocabulary
) -> None:
    network = link_units(codings, vocabulary)
    assert nx.utils.graphs_equal(network, link_units(own, vocabulary))
    for one, other, about in network.edges(data=True):
        shared = {c.measure for c in own if {one, other} <= {duty.unit for duty in c.duties}}
        assert set(about["measures"].split()) == shared
        assert about["weight"] == len(shared)


def test_ranks_are_the_same_whatever_the_order(
    own: tuple[Coding, ...], vocabulary: Vocabulary
) -> None:
    ranks = rank_units(link_units(own, vocabulary))
    assert ranks == rank_units(link_units(tuple(reversed(own)), vocabulary))
    assert {rank.community for rank in ranks} == set(range(1, 1 + max(r.community for r in ranks)))
    assert all(0 <= rank.betweenness <= 1 and 0 <= rank.degree <= 1 for rank in ranks)
    jinshan = {r.community for r in ranks if r.jurisdiction == JINSHAN}
    assert len(jinshan) == 1
    assert rank_units(nx.Graph()) == ()


def test_credit_is_led_by_another_function_in_jinshan(
    own: tuple[Coding, ...], vocabulary: Vocabulary
) -> None:
    found = {c.instrument: c for c in compare_units(own, [PUDONG, JINSHAN], vocabulary)}
    credit = found["CreditSupport"]
    assert not credit.same
    assert [side.functions for side in credit.sides] == [("FinancialRegulation",), ("Science",)]
    assert all(side.tasks for side in credit.sides)
    assert found["RecognitionReward"].same


def test_where_no_role_is_told_the_first_unit_leads(own: tuple[Coding, ...]) -> None:
    jinshan = [c for c in own if c.seat == JINSHAN and len(c.duties) > 1]
    assert all(find_leads(c) == c.duties[:1] for c in jinshan)
    pudong = next(c for c in own if c.seat == PUDONG and {d.role for d in c.duties} >= {"lead"})
    assert all(duty.role == "lead" for duty in find_leads(pudong))


def test_units_writes_the_network(embedded_graph: Path, tmp_path: Path) -> None:
    for name, read in (("units.graphml", nx.read_graphml), ("units.gexf", nx.read_gexf)):
        run("units", "--network", "--out", tmp_path / name, "--graph", embedded_graph)
        network = read(tmp_path / name)
        assert all("community" in about for _, about in network.nodes(data=True))
    told = json.loads(run("units", "--network", "--graph", embedded_graph, "--json"))
    assert len(told["units"]) == len(network)
    assert len(told["links"]) == network.number_of_edges()
    compared = run("units", "--compare", "浦东新区,金山区", "--graph", embedded_graph, "--csv")
    assert compared.startswith("instrument,category,same function,浦东新区,")
    assert "leads" in run("units", "--roles", "--graph", embedded_graph)


# Codes


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("二、", "2"),
        ("（十二）", "12"),
        ("第二十三条", "23"),
        ("18、", "18"),
        ("◆", "0"),
        ("", "0"),
    ],
)
def test_read_ordinal(number: str, digits: str) -> None:
    assert read_ordinal(number) == digits


def test_codes_are_unique_and_repeats_point_to_codes(
    codings: tuple[Coding, ...], vocabulary: Vocabulary
) -> None:
    rows = tabulate_codes(codings, vocabulary)
    codes = {row.code for row in rows}
    assert len(codes) == len(rows) == len(codings)
    assert {row.repeats for row in rows if row.repeats} <= codes
    task = next(row for row in rows if row.evidence.quote.startswith("(59)"))
    clause = next(row for row in rows if row.code == task.repeats)
    assert task.code.endswith("-T-59-1")
    assert clause.code.split("-")[1:3] == ["2", "4.18"]


# Cross tables


@pytest.mark.parametrize("columns", ["stage", "beneficiary", "strength"])
@pytest.mark.parametrize("rows", list(LENSES))
def test_cross_tables_count_each_measure_once(
    own: tuple[Coding, ...], vocabulary: Vocabulary, rows: str, columns: str
) -> None:
    row_lens, column_lens = make_lens(rows, vocabulary), make_lens(columns, vocabulary)
    table = cross_measures(own, row_lens, column_lens)
    assert table.n == len(own)
    counts = Counter(
        (r, c)
        for coding in own
        for r in row_lens.classify(coding) or ("-",)
        for c in column_lens.classify(coding) or ("-",)
    )
    assert {(cell.row, cell.column): cell.n for cell in table.cells} == counts
    for (row, _), total in zip(table.rows, table.row_totals, strict=True):
        held = {m for cell in table.cells if cell.row == row for m in cell.measures}
        assert total == len(held)
    assert all(cell.percent == round(100 * cell.n / table.n, 1) for cell in table.cells)


def test_every_instrument_has_a_side_of_rothwell_and_zegveld(vocabulary: Vocabulary) -> None:
    lens = make_lens("rothwell", vocabulary)
    assert set(lens.classes) == {"Supply", "Environment", "Demand"}


def test_a_lens_that_is_none_is_named(vocabulary: Vocabulary) -> None:
    with pytest.raises(QueryError, match="rothwell"):
        make_lens("colour", vocabulary)


# Policy force


def test_force_is_rank_times_class(own: tuple[Coding, ...], vocabulary: Vocabulary) -> None:
    rows = {r.name: r for r in measure_force(own, make_lens("document", vocabulary), vocabulary)}
    assert set(rows) == POLICY_DOCUMENTS
    opinion = rows["沪府规〔2021〕9号"]
    assert (opinion.rank, opinion.document_class, opinion.force) == (4, 3, 12)
    held = [c for c in own if c.measure in opinion.measures]
    scores = {"require": 5, "grant": 5, "implement": 4, "support": 3, "encourage": 2, "explore": 1}
    assert opinion.total == 12 * sum(scores[c.strength] for c in held)


def test_scores_are_changed_in_a_folder(embedded_graph: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.ttl").write_text(
        "<https://w3id.org/policykg/id/document-class/normative> "
        "<https://w3id.org/policykg/ontology#value> 10 .",
        encoding="utf-8",
    )
    arguments = ("force", "--graph", embedded_graph, "--json")
    before = {r["name"]: r["force"] for r in json.loads(run(*arguments))["rows"]}
    told = json.loads(run(*arguments, "--ontology", tmp_path))
    after = {r["name"]: r["force"] for r in told["rows"]}
    assert told["scores"]["classes"]["normative"] == 10
    assert after["沪府规〔2021〕9号"] == 40
    assert after["浦科经委〔2023〕68号"] == before["浦科经委〔2023〕68号"]


# PMC


def test_pmc_is_the_sum_of_means(
    embedded_graph: Path, codings: tuple[Coding, ...], vocabulary: Vocabulary
) -> None:
    store = open_version(embedded_graph).store()
    found = score_documents(codings, read_documents(store), vocabulary, aims=read_aims(store))
    assert {pmc.number or pmc.title for pmc in found} == POLICY_DOCUMENTS
    parents = {variable.id: variable.parent for variable in read_variables(vocabulary)}
    for pmc in found:
        values: dict[str, list[float]] = {}
        for score in pmc.scores:
            values.setdefault(parents[score.variable], []).append(score.value)
        assert pmc.most == len(values) == 10
        assert pmc.index == pytest.approx(sum(sum(v) / len(v) for v in values.values()), abs=0.01)
    jinshan = next(pmc for pmc in found if pmc.number.startswith("金科规"))
    scores = {score.variable: score.value for score in jinshan.scores}
    assert (scores["X2-3"], scores["X3-4"], scores["X7-1"], scores["X8-2"]) == (1, 1, 1, 1)
    assert scores["X9-2"] == 0


def test_pmc_takes_values_set_by_hand(embedded_graph: Path, tmp_path: Path) -> None:
    printed = run("pmc", "--inputs", "--csv", "--graph", embedded_graph)
    rows = list(csv.DictReader(io.StringIO(printed)))
    edited = tmp_path / "scores.csv"

    def save(value: str) -> None:
        wanted = next(r for r in rows if r["variable"] == "X3-1")
        wanted["value"] = value
        with edited.open("w", encoding="utf-8", newline="") as output:
            writer = csv.DictWriter(output, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    plain = json.loads(run("pmc", "--graph", embedded_graph, "--json"))["documents"]
    save("0")
    same = json.loads(run("pmc", "--graph", embedded_graph, "--scores", edited, "--json"))
    assert same["documents"] == plain
    save("1")
    told = json.loads(run("pmc", "--graph", embedded_graph, "--scores", edited, "--json"))
    changed = {d["source"]: d for d in told["documents"]}[rows[0]["source"]]
    before = {d["source"]: d for d in plain}[rows[0]["source"]]
    assert changed["index"] == pytest.approx(before["index"] + 0.25, abs=0.011)
    assert [s["variable"] for s in changed["scores"] if s["by_hand"]] == ["X3-1"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("source,variable\na,X1-1\n", "no column value"),
        ("source,variable,value\na,X99-1,1\n", "line 2: no sub-variable"),
        ("source,variable,value\na,X1-1,yes\n", "line 2: 'yes' is no number"),
        ("source,variable,value\na,X1-1,2\n", "not between 0 and 1"),
    ],
)
def test_corrections_that_cannot_be_are_named(
    tmp_path: Path, vocabulary: Vocabulary, text: str, complaint: str
) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError, match=complaint):
        read_corrections(path, vocabulary)


@pytest.mark.parametrize(
    "arguments",
    [
        ("coding", "--document", "浦科经委"),
        ("crosstab", "--rows", "stip", "--columns", "beneficiary", "--place", "金山区"),
        ("force", "--by", "category"),
        ("pmc",),
        ("pmc", "--inputs"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_tables_print_in_three_ways(embedded_graph: Path, arguments: tuple[str, ...]) -> None:
    assert run(*arguments, "--graph", embedded_graph).strip()
    assert json.loads(run(*arguments, "--graph", embedded_graph, "--json"))["vocabulary"]
    rows = list(csv.reader(io.StringIO(run(*arguments, "--graph", embedded_graph, "--csv"))))
    assert len(rows) > 1
    assert len({len(row) for row in rows}) == 1
