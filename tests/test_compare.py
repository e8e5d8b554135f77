"""Comparison: states of cells, gaps and overlaps, on claims made by hand and on the originals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.compare import (
    Claim,
    Entry,
    Evidence,
    Gap,
    claim_state,
    decide_state,
    find_coverage,
    find_gaps,
    find_overlaps,
    link_documents,
    project_claims,
    read_cells,
    resolve_place,
)
from kg.compare.claims import add_claim, read_claims
from kg.compare.records import Duty, Sum
from kg.compare.selection import in_force
from kg.errors import QueryError
from kg.graph import open_version, write_quads, write_triples
from kg.model import Amount, Clause, Document, Extraction, Measure, Responsibility, Span
from kg.ontology import Vocabulary, load_vocabulary
from kg.states import BASES, POSITIVE

SHANGHAI, BEIJING, SHENZHEN, HANGZHOU = "310000", "110000", "440300", "330100"
JINSHAN, ZHEJIANG, COUNTRY = "310116", "330000", "CN"
VOCABULARY = load_vocabulary()

PAPER = Entry(
    "d/paper", "比较研究", "", "paper.txt", "original", "study", "", SHANGHAI, "", "", "", ()
)
OPINION = Entry(
    "d/opinion", "关于促进高质量发展的意见", "沪府规〔2021〕9号", "opinion.txt", "original",
    "normative", "city", SHANGHAI, "2021-07-23", "2021-09-01", "", ("提高土地资源配置效率",),
)  # fmt: skip
PLAN = Entry(
    "d/plan", "十五条工作举措", "金科规〔2022〕1号", "plan.txt", "original",
    "work", "district", JINSHAN, "2022-07-08", "2022-07-08", "2024-05-14", ("给予高企奖励",),
)  # fmt: skip
ENTRIES = {entry.iri: entry for entry in (PAPER, OPINION, PLAN)}


def claim(
    city: str,
    instrument: str,
    *,
    status: str = "reported",
    document: Entry = PAPER,
    number: int = 1,
    strength: str = "implement",
    basis: str = "",
    distributed: bool = False,
    amounts: tuple[Sum, ...] = (),
) -> Claim:
    """Make a claim whose evidence is the given sentence of its document."""
    standing = "secondary" if document.kind == "study" else "own"
    quote = f"{document.title}第{number}句"
    return Claim(
        measure=f"{document.iri}/measure/{number}",
        city=city,
        instrument=instrument,
        status=status,
        basis=basis,
        strength=strength,
        distributed=distributed,
        standing=standing,  # type: ignore[arg-type]
        kind=document.kind,
        level=document.level,
        district=document.place if standing == "own" and document.place != city else "",
        document=document.iri,
        evidence=Evidence(
            document.title, document.number, document.source, document.form,
            number * 10, number * 10 + 9, quote, standing,  # type: ignore[arg-type]
        ),
        amounts=amounts,
    )  # fmt: skip


def network(claims: Iterable[Claim], entries: dict[str, Entry] = ENTRIES) -> nx.DiGraph:
    """Make a projection of claims."""
    found = nx.DiGraph(
        documents=entries, as_of=None, undated=(), version="v", categories=("区位",), statuses={}
    )
    for item in claims:
        add_claim(found, item, VOCABULARY)
    return found


LAND = (
    claim(BEIJING, "InfrastructureFeeWaiver", number=1),
    claim(SHENZHEN, "InfrastructureFeeWaiver", number=1),
    claim(SHANGHAI, "InfrastructureFeeWaiver", number=2, status="recommended", basis="differs"),
    claim(SHANGHAI, "LandPriceWaiver", status="provided", document=OPINION, strength="grant"),
)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "provided"),
        ({"strength": "explore"}, "exploratory"),
        ({"district": JINSHAN}, "district"),
        ({"district": JINSHAN, "strength": "explore"}, "exploratory"),
        ({"kind": "report", "status": "reported"}, "implemented"),
        ({"kind": "report"}, "implemented"),
        ({"status": "reported"}, "implemented"),
        ({"standing": "secondary", "status": "reported"}, "reported"),
        ({"standing": "secondary", "distributed": True}, "distributed"),
        ({"standing": "superior"}, "applies"),
        ({"status": "lacking", "standing": "secondary"}, "denied"),
        ({"status": "recommended", "standing": "secondary"}, "denied"),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(map(str, value)) or "own",
)
def test_claim_state_follows_document_status_and_wording(
    changes: dict[str, object], state: str
) -> None:
    own = claim(SHANGHAI, "LandPriceWaiver", status="provided", document=OPINION)
    assert claim_state(replace(own, **changes)) == state  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("states", "covered", "state"),
    [
        ({"provided", "exploratory", "reported"}, True, "provided"),
        ({"district", "exploratory"}, True, "district"),
        ({"exploratory", "implemented"}, True, "exploratory"),
        ({"implemented", "reported"}, True, "implemented"),
        ({"reported", "distributed"}, True, "reported"),
        ({"distributed"}, True, "distributed"),
        ({"denied"}, False, "denied"),
        ({"denied", "distributed"}, False, "contested"),
        ({"denied", "provided"}, True, "contested"),
        (set(), True, "not-found"),
        (set(), False, "no-coverage"),
        ({"applies"}, False, "no-coverage"),
    ],
    ids=lambda value: "+".join(sorted(value)) or "none" if isinstance(value, set) else str(value),
)
def test_decide_state_weighs_what_is_said(states: set[str], covered: bool, state: str) -> None:
    assert decide_state(states, covered=covered) == state


@given(states=st.sets(st.sampled_from((*POSITIVE, "applies")), min_size=1))
def test_decide_state_contests_every_positive_that_is_denied(states: set[str]) -> None:
    held = bool(states - {"applies"})
    assert decide_state({*states, "denied"}, covered=True) == ("contested" if held else "denied")


def test_read_cells_rolls_up_positives_but_no_denials() -> None:
    cells = read_cells(network(LAND), VOCABULARY, SHANGHAI)
    assert cells["LandPriceWaiver"].state == "provided"
    assert cells["LandFeeWaiver"].state == "provided"
    assert cells["LandSupport"].state == "provided"
    assert cells["InfrastructureFeeWaiver"].state == "denied"
    assert cells["LandFeeWaiver"].denials == ()


def test_read_cells_names_the_districts_that_alone_provide() -> None:
    found = network([claim(SHANGHAI, "RecognitionReward", status="provided", document=PLAN)])
    cell = read_cells(found, VOCABULARY, SHANGHAI)["RecognitionReward"]
    assert (cell.state, cell.districts) == ("district", (JINSHAN,))


def test_read_cells_lists_a_superior_document_as_applying() -> None:
    law = Entry("d/law", "浙江省条例", "", "law.txt", "original", "law", "province", ZHEJIANG,
                "2017-01-01", "", "", ())  # fmt: skip
    own = claim(ZHEJIANG, "TechTransfer", status="provided", document=law)
    cells = read_cells(network([own], {law.iri: law}), VOCABULARY, HANGZHOU)
    assert cells["TechTransfer"].state == "no-coverage"
    assert [c.document for c in cells["TechTransfer"].applies] == ["d/law"]


def test_find_coverage_reads_the_scope_and_not_what_was_found() -> None:
    found = network([claim(SHANGHAI, "TalentReward", status="provided", document=OPINION)])
    assert find_coverage(found, VOCABULARY, SHANGHAI) == {"Location": ("d/opinion",)}


def test_find_coverage_takes_a_comprehensive_title_for_all_categories() -> None:
    entry = replace(OPINION, title="关于加快高新技术企业发展的若干意见")
    found = network([], {entry.iri: entry})
    assert set(find_coverage(found, VOCABULARY, SHANGHAI)) == {
        c.id for c in VOCABULARY.concepts.values() if not c.broader
    }


def test_find_gaps_grades_and_shows_what_the_city_has_instead() -> None:
    found = find_gaps(network(LAND), "上海", ["北京", "深圳"], vocabulary=VOCABULARY)
    assert [gap.instrument for gap in found.gaps] == ["InfrastructureFeeWaiver"]
    gap = found.gaps[0]
    assert (gap.grade, gap.category) == ("denied", "区位")
    assert [(held.city, held.state) for held in gap.held_by] == [
        ("北京", "reported"),
        ("深圳", "reported"),
    ]
    assert [near.instrument for near in gap.own_related] == ["LandPriceWaiver"]
    assert [(d.basis, d.evidence.start) for d in gap.denials] == [("differs", 20)]


@pytest.mark.parametrize(
    ("more", "grade"),
    [
        ([], "no-coverage"),
        ([claim(SHANGHAI, "TalentTraining", status="provided", document=OPINION)], None),
        (
            [
                claim(SHANGHAI, "TalentTraining", status="provided", document=OPINION),
                claim(SHANGHAI, "TalentTraining", status="lacking", number=3),
            ],
            "contested",
        ),
    ],
    ids=["nothing", "provided", "provided-and-lacking"],
)
def test_find_gaps_lists_what_the_city_provides_only_when_contested(
    more: list[Claim], grade: str | None
) -> None:
    claims = [claim(BEIJING, "TalentTraining"), *more]
    gaps = find_gaps(network(claims), "上海", ["北京"], vocabulary=VOCABULARY).gaps
    assert [gap.grade for gap in gaps] == ([grade] if grade else [])


def test_find_gaps_tells_not_found_where_the_category_is_covered() -> None:
    claims = [claim(BEIJING, "LandSubsidy")]
    gaps = find_gaps(network(claims), "上海", ["北京"], vocabulary=VOCABULARY).gaps
    assert [(gap.instrument, gap.grade) for gap in gaps] == [("LandSubsidy", "not-found")]


@pytest.mark.parametrize("instrument", ["RDSuperDeduction", "Talent"], ids=["national", "category"])
def test_find_gaps_leaves_out(instrument: str) -> None:
    found = find_gaps(
        network([claim(BEIJING, instrument)]), "上海", ["北京"], vocabulary=VOCABULARY
    )
    assert found.gaps == ()


def test_find_gaps_ranks_by_peers_and_wording() -> None:
    claims = [
        claim(BEIJING, "TalentReward", number=1, strength="support"),
        claim(BEIJING, "CitizenTreatment", number=2, strength="grant"),
        claim(BEIJING, "InnovationVoucher", number=3, strength="explore"),
        claim(SHENZHEN, "InnovationVoucher", number=3, strength="explore"),
    ]
    gaps = find_gaps(network(claims), "上海", ["北京", "深圳"], vocabulary=VOCABULARY).gaps
    assert [g.instrument for g in gaps] == ["InnovationVoucher", "CitizenTreatment", "TalentReward"]


def test_find_gaps_as_json_keeps_the_contract() -> None:
    found = find_gaps(network(LAND), "上海", ["北京"], vocabulary=VOCABULARY).as_json()
    assert json.loads(json.dumps(found)) == found
    assert {"city", "peers", "as_of", "documents", "gaps"} <= found.keys()
    gap = found["gaps"][0]
    assert {"instrument", "category", "grade", "held_by", "own_related", "denials"} <= gap.keys()
    passage = {"document", "number", "source", "form", "start", "end", "quote", "kind"}
    assert gap["held_by"][0]["evidence"][0].keys() == passage
    assert gap["denials"][0].keys() == passage | {"basis"}


def test_find_gaps_does_not_depend_on_the_order_of_claims() -> None:
    wanted = find_gaps(network(LAND), "上海", ["北京", "深圳"], vocabulary=VOCABULARY)
    for order in permutations(LAND):
        assert find_gaps(network(order), "上海", ["北京", "深圳"], vocabulary=VOCABULARY) == wanted


def test_find_overlaps_keeps_the_amount_of_a_district_with_the_district() -> None:
    sum_of = Sum(200000.0, "CNY", "=", "20万元")
    claims = [
        claim(BEIJING, "RecognitionReward"),
        claim(SHANGHAI, "RecognitionReward", number=2),
        claim(SHANGHAI, "RecognitionReward", status="provided", document=PLAN, amounts=(sum_of,)),
    ]
    found = find_overlaps(network(claims), "上海", "北京", vocabulary=VOCABULARY).overlaps
    assert [overlap.instrument for overlap in found] == ["RecognitionReward"]
    sides = [(s.city, s.place, s.level, s.state, s.amounts) for s in found[0].sides]
    assert sides == [
        ("北京", "北京", "city", "reported", ()),
        ("上海", "上海", "city", "reported", ()),
        ("上海", "金山区", "district", "district", (sum_of,)),
    ]


def test_find_overlaps_meets_at_the_nearest_broader_instrument() -> None:
    found = find_overlaps(network(LAND), "上海", "北京", vocabulary=VOCABULARY).overlaps
    assert [overlap.instrument for overlap in found] == ["LandFeeWaiver"]
    assert [side.instruments for side in found[0].sides] == [
        ("InfrastructureFeeWaiver",),
        ("LandPriceWaiver",),
    ]


CLAIMS = st.builds(
    claim,
    st.sampled_from([SHANGHAI, BEIJING]),
    st.sampled_from(
        ["InfrastructureFeeWaiver", "LandPriceWaiver", "LandFeeWaiver", "TalentReward"]
    ),
    status=st.sampled_from(["provided", "reported", "lacking", "recommended"]),
    document=st.sampled_from([PAPER, OPINION]),
    number=st.integers(1, 5),
    strength=st.sampled_from(["grant", "explore"]),
)


@settings(deadline=None, max_examples=60)
@given(claims=st.lists(CLAIMS, max_size=8))
def test_find_overlaps_is_symmetric(claims: list[Claim]) -> None:
    found = network(claims)
    one = find_overlaps(found, "上海", "北京", vocabulary=VOCABULARY)
    other = find_overlaps(found, "北京", "上海", vocabulary=VOCABULARY)
    assert one == other


@settings(deadline=None, max_examples=60)
@given(claims=st.lists(CLAIMS, max_size=8))
def test_gaps_and_overlaps_part_what_a_peer_has(claims: list[Claim]) -> None:
    found = network(claims)
    gaps = {g.instrument for g in find_gaps(found, "上海", ["北京"], vocabulary=VOCABULARY).gaps}
    cells = read_cells(found, VOCABULARY, SHANGHAI)
    assert all(not cells[i].held or cells[i].state == "contested" for i in gaps)
    assert all(read_cells(found, VOCABULARY, BEIJING)[i].held for i in gaps)


@pytest.mark.parametrize(
    ("name", "code"),
    [("上海", SHANGHAI), ("上海市", SHANGHAI), ("Shanghai", SHANGHAI), ("310116", JINSHAN)],
)
def test_resolve_place_takes_names_and_ids(name: str, code: str) -> None:
    assert resolve_place(VOCABULARY, name) == code


@pytest.mark.parametrize("name", ["上河", "朝阳区"], ids=["unknown", "several"])
def test_resolve_place_refuses(name: str) -> None:
    with pytest.raises(QueryError):
        resolve_place(VOCABULARY, name)


@pytest.mark.parametrize(
    ("entry", "date", "counts"),
    [
        (PLAN, "", True),
        (PLAN, "2022-07-08", True),
        (PLAN, "2024-05-14", True),
        (PLAN, "2024-05-15", False),
        (PLAN, "2022-07-07", False),
        (OPINION, "2021-08-01", False),
        (OPINION, "2030-01-01", True),
        (PAPER, "2000-01-01", True),
    ],
)
def test_in_force_follows_entry_into_force_and_end(entry: Entry, date: str, counts: bool) -> None:
    assert in_force(entry, date) is counts


def make_store(vocabulary: Vocabulary) -> ox.Store:
    """Make the graph of one district document with one measure that names an amount."""
    raw = "给予高企奖励。对首次认定的给予20万元奖励。"
    document = Document(
        id="0123456789ab", source="plan.txt", sha256="0" * 64, form="original", digest_of="",
        title="十五条工作举措", number="金科规〔2022〕1号", issuer="区科委", issued="2022-07-08",
        effective="2022-07-08", expires="2024-05-14", expires_basis="stated", place=JINSHAN,
        level="district", kind="work", raw=raw,
        clauses=(Clause("10.", "给予高企奖励", Span(0, 22), 0, None),),
    )  # fmt: skip
    measure = Measure(
        key="aaaaaaaaaaaa-1", span=Span(7, 22), clause=0, places=(JINSHAN,), cities=(SHANGHAI,),
        categories=("财政",), instruments=("RecognitionReward", "SpecialFund"), status="provided",
        basis="", strength="grant", beneficiaries=("HighTechEnterprise",),
        responsibilities=(
            Responsibility("310116-FinanceBureau", "上海市金山区财政局", "区财政局", "responsible"),
        ),
        amounts=(Amount(200000, "CNY", "=", "20万元"),),
    )  # fmt: skip
    categories = {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
    lines = write_quads(Extraction(document, (measure,), (), (), ()), categories=categories)
    store = ox.Store()
    store.load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    graph = "https://w3id.org/policykg/id/graph/vocabulary"
    store.load(
        "".join(write_triples(vocabulary.triples, graph)).encode(), format=ox.RdfFormat.N_QUADS
    )
    return store


@pytest.fixture(scope="module")
def store() -> ox.Store:
    return make_store(VOCABULARY)


def test_project_claims_makes_an_edge_for_each_city_and_instrument(store: ox.Store) -> None:
    claims = project_claims(store, VOCABULARY)
    found = sorted(read_claims(claims, SHANGHAI), key=lambda c: c.instrument)
    assert [c.instrument for c in found] == ["RecognitionReward", "SpecialFund"]
    first = found[0]
    assert (first.standing, first.district, first.kind) == ("own", JINSHAN, "work")
    assert first.amounts == (Sum(200000.0, "CNY", "=", "20万元"),)
    assert first.units == (Duty("上海市金山区财政局", "区财政局", "responsible"),)
    assert first.beneficiaries == ("HighTechEnterprise",)
    assert first.evidence.quote == "对首次认定的给予20万元奖励。"
    assert (first.evidence.start, first.evidence.end) == (7, 22)
    assert claims.graph["documents"][first.document].headings == ("给予高企奖励",)


def test_project_claims_counts_what_is_in_force(store: ox.Store) -> None:
    assert project_claims(store, VOCABULARY, as_of="2023-01-01").number_of_edges() == 2
    assert project_claims(store, VOCABULARY, as_of="2025-01-01").number_of_edges() == 0
    with pytest.raises(QueryError, match="2024-05-14"):
        project_claims(store, VOCABULARY, as_of="2023")


def test_project_claims_refuses_an_instrument_the_vocabulary_lacks(store: ox.Store) -> None:
    concepts = {k: c for k, c in VOCABULARY.concepts.items() if k != "SpecialFund"}
    with pytest.raises(QueryError, match="SpecialFund"):
        project_claims(store, replace(VOCABULARY, concepts=concepts))


def test_link_documents_links_city_instrument_and_document(store: ox.Store) -> None:
    links = link_documents(project_claims(store, VOCABULARY), VOCABULARY, cities=["上海"])
    kinds = sorted(kind for _, kind in links.nodes(data="kind"))
    assert kinds == ["document", "instrument", "instrument", "place"]
    assert links.nodes["RecognitionReward"]["category"] == "财政"
    assert [links[SHANGHAI]["RecognitionReward"][k]["status"] for k in [""]] == ["district"]


@pytest.mark.originals
def test_gaps_of_the_originals(original_graph: Path, originals: Path) -> None:
    claims = project_claims(open_version(original_graph).store(), VOCABULARY)
    found = {g.instrument: g for g in find_gaps(
        claims, "上海", ["北京", "深圳"], vocabulary=VOCABULARY
    ).gaps}  # fmt: skip
    bases = {"ExecutiveTraining": {"lacks"}, "PayrollTaxRelief": {"lacks"}}
    for instrument in ("InfrastructureFeeWaiver", "CitizenTreatment", "HomePurchaseSubsidy"):
        bases[instrument] = {"differs", "should-adopt"}
    for instrument, wanted in bases.items():
        gap = found[instrument]
        assert gap.grade == "denied"
        assert wanted & {denial.basis for denial in gap.denials}
        for evidence in (*(denial.evidence for denial in gap.denials), *_show_held(gap)):
            raw = (originals / evidence.source).read_bytes().decode()
            assert raw[evidence.start : evidence.end] == evidence.quote
            assert len(evidence.quote) > 20
    near = [related.instrument for related in found["InfrastructureFeeWaiver"].own_related]
    assert near == ["LandPriceWaiver"]
    own = {
        instrument
        for claim in read_claims(claims, SHANGHAI)
        if claim.standing == "own" and claim.status not in BASES
        for instrument in VOCABULARY.ancestors(claim.instrument)
    }
    assert len(own) > 40
    assert {i for i in found.keys() & own if found[i].grade != "contested"} == set()


def _show_held(gap: Gap) -> list[Evidence]:
    assert gap.held_by
    return [evidence for holding in gap.held_by for evidence in holding.evidence]


@pytest.mark.originals
def test_amounts_of_the_originals_stay_with_their_district(original_graph: Path) -> None:
    claims = project_claims(open_version(original_graph).store(), VOCABULARY)
    cells = read_cells(claims, VOCABULARY, SHANGHAI)
    with_amount = [c for c in cells["RecognitionReward"].positives if c.amounts]
    assert {c.district for c in with_amount} == {JINSHAN}
    assert 200000.0 in {amount.value for c in with_amount for amount in c.amounts}
