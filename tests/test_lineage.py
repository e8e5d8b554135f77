"""Lineage: reuse of sentences, citations, diffusion."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from comparing import BEIJING, HANGZHOU, JINSHAN, SHANGHAI, VOCABULARY, document, project, say
from hypothesis import given
from hypothesis import strategies as st

from kg.compare import (
    Citations,
    Cited,
    draw_cascade,
    find_changes,
    find_citations,
    find_diffusion,
    find_overlaps,
    find_reuse,
    project_claims,
)
from kg.errors import QueryError
from kg.graph import open_version
from kg.model import Citation, Document, Extraction, Span

OLD = document("甲市意见", SHANGHAI, issued="2021-07-23")
NEW = document("乙市计划", BEIJING, issued="2023-05-08")
SAID = "对入驻孵化基地的初创团队减免三年房租并提供一对一的创业辅导服务"
SAID_AGAIN = "(12) 对入驻孵化基地和众创空间的初创团队，减免三年房租，并提供一对一的创业辅导服务。"


def citations(*rows: Cited) -> Citations:
    return Citations(None, "", (), 0, (), "v", rows, (), ())


def cite(citing: str, cited: str, title: str = "某法") -> Cited:
    evidence = say(OLD, "RentRelief").evidence
    return Cited(citing, citing, title, "", cited, "title" if cited else "", (), evidence)


def relations(*rows: Cited, new: str = SAID_AGAIN, **changes: str) -> list[str]:
    """Return how the sentences of two documents stand to each other, in the order of dates."""
    later = replace(NEW, **changes)
    claims = project([say(OLD, "RentRelief", SAID), say(later, "RentRelief", new)], OLD, later)
    found = find_reuse(claims, citations(*rows), vocabulary=VOCABULARY)
    return [passage.relation for reuse in found.reuses for passage in reuse.passages]


def test_find_reuse_tells_the_earliest_and_the_words_added() -> None:
    claims = project([say(OLD, "RentRelief", SAID), say(NEW, "RentRelief", SAID_AGAIN)], OLD, NEW)
    [reuse] = find_reuse(claims, citations(), vocabulary=VOCABULARY).reuses
    first, second = reuse.passages
    assert (first.place, first.relation) == ("上海", "earliest")
    assert (second.place, second.relation, second.like) == ("北京", "similar", "甲市意见.txt")
    assert [(change.removed, change.added) for change in second.changes] == [("", "和众创空间")]


def test_find_reuse_says_taken_over_only_where_the_later_cites_the_earlier() -> None:
    assert relations() == ["earliest", "similar"]
    assert relations(cite(NEW.iri, OLD.iri)) == ["earliest", "taken-over"]
    assert relations(cite(OLD.iri, NEW.iri)) == ["earliest", "similar"]


def test_find_reuse_names_what_both_cite() -> None:
    claims = project([say(OLD, "RentRelief", SAID), say(NEW, "RentRelief", SAID_AGAIN)], OLD, NEW)
    rows = citations(cite(NEW.iri, ""), cite(OLD.iri, ""))
    [reuse] = find_reuse(claims, rows, vocabulary=VOCABULARY).reuses
    assert reuse.passages[1].both_cite == ("某法",)


@pytest.mark.parametrize(
    "changes",
    [
        {"issued": ""},
        {"issued": "2021-07-23"},
        {"effective": "2017-10-01", "issued": "2023-05-08"},
    ],
    ids=["undated", "same-day", "issued-anew"],
)
def test_find_reuse_leaves_the_earliest_open_where_dates_do(changes: dict[str, str]) -> None:
    assert "earliest" not in relations(**changes)


def test_find_reuse_passes_over_other_sentences_and_studies() -> None:
    other = "市、区人民政府应当加强对科技服务平台的统筹并在资金和用地上给予支持"
    assert relations(new=other) == []
    assert relations(kind="study") == []


def test_find_reuse_of_places_wants_a_sentence_of_each() -> None:
    claims = project([say(OLD, "RentRelief", SAID), say(NEW, "RentRelief", SAID_AGAIN)], OLD, NEW)
    for places, count in ((["上海", "北京"], 1), (["上海", "杭州"], 0)):
        found = find_reuse(claims, citations(), vocabulary=VOCABULARY, places=places)
        assert len(found.reuses) == count


@given(st.text("甲乙丙丁", max_size=12), st.text("甲乙丙丁", max_size=12))
def test_find_changes_accounts_for_every_character(earlier: str, later: str) -> None:
    changes = find_changes(earlier, later)
    assert (changes == ()) is (earlier == later)
    removed, added = (sum(len(getattr(c, n)) for c in changes) for n in ("removed", "added"))
    assert len(earlier) - removed == len(later) - added >= 0


def cited_store() -> ox.Store:
    """Make a graph of four documents: two are cited (by number and by title), one citation dangles."""
    from kg.graph import write_quads

    def make(id: str, title: str, number: str, *cites: Citation) -> Extraction:
        found = Document(
            id=id, source=f"{id}.txt", sha256=id[0] * 64, form="original", digest_of="",
            title=title, number=number, issuer="", issued="2020-01-01", effective="", expires="",
            expires_basis=None, place=SHANGHAI, level="city", kind="normative",
            raw="依照《甲条例》、《乙办法》（沪府规〔2020〕1号）和《丙法》制定。", cites=cites,
        )  # fmt: skip
        return Extraction(found, (), (), (), ())

    span = Span(0, 5)
    documents = (
        make("aaaaaaaaaaaa", "关于印发《甲条例》的通知", ""),
        make("bbbbbbbbbbbb", "另一个名称", "沪府规〔2020〕1号"),
        make("cccccccccccc", "丙办法", ""),
        make(
            "dddddddddddd", "丁细则", "", Citation("甲条例", "", span),
            Citation("乙办法", "沪府规〔2020〕１号", span), Citation("丙法", "", span),
        ),
    )  # fmt: skip
    store = ox.Store()
    for extraction in documents:
        lines = "".join(write_quads(extraction, categories={}))
        store.load(lines.encode(), format=ox.RdfFormat.N_QUADS)
    return store


def test_find_citations_resolves_by_number_and_title_and_lists_the_rest() -> None:
    store = cited_store()
    claims = project_claims(store, VOCABULARY)
    found = find_citations(store, claims, VOCABULARY)
    assert {(row.title, row.resolved_by, row.cited[-12:]) for row in found.citations} == {
        ("甲条例", "title", "aaaaaaaaaaaa"),
        ("乙办法", "number", "bbbbbbbbbbbb"),
        ("丙法", "", ""),
    }
    assert [(d.title, d.cited_by) for d in found.dangling] == [("丙法", ("丁细则",))]
    assert found.isolated == ("丙办法",)


def test_draw_cascade_points_from_the_citing_to_the_cited() -> None:
    store = cited_store()
    claims = project_claims(store, VOCABULARY)
    cascade = draw_cascade(find_citations(store, claims, VOCABULARY), claims)
    assert nx.is_directed_acyclic_graph(cascade)
    kinds = sorted(cascade.nodes[node]["kind"] for _, node in cascade.edges)
    assert kinds == ["dangling", "document", "document"]


FIRST = document("先", HANGZHOU, issued="2012-03-01")
SECOND = document("后", SHANGHAI, issued="2020-05-01", effective="2017-06-01")
DISTRICT = document("区", JINSHAN, issued="2016-01-01")
TOLD = document("论文", SHANGHAI, "study", issued="2001-01-01")
REPORT = document("总结", SHANGHAI, "report", issued="2002-01-01")
ADOPTIONS = (
    say(SECOND, "RentRelief", start=1),
    say(FIRST, "RentRelief", start=2),
    say(TOLD, "RentRelief", city=BEIJING, start=3),
    say(REPORT, "RentRelief", start=4),
    say(DISTRICT, "RecognitionReward", start=5),
)


def test_find_diffusion_orders_places_by_their_first_own_document() -> None:
    claims = project(ADOPTIONS, FIRST, SECOND, DISTRICT, TOLD, REPORT)
    found = find_diffusion(claims, VOCABULARY, at_least=2).adoptions
    assert [(a.place, a.date, a.order, a.revised) for a in found] == [
        ("杭州", "2012-03-01", 1, False),
        ("上海", "2017-06-01", 2, True),
    ]


def test_find_diffusion_names_the_district_that_was_first() -> None:
    claims = project(ADOPTIONS, FIRST, SECOND, DISTRICT, TOLD, REPORT)
    found = find_diffusion(claims, VOCABULARY, instruments=["RecognitionReward"]).adoptions
    assert [(a.place, a.authority, a.state) for a in found] == [("上海", "金山区", "district")]


def test_find_diffusion_refuses_an_unknown_instrument() -> None:
    with pytest.raises(QueryError, match="Nothing"):
        find_diffusion(project(()), VOCABULARY, instruments=["Nothing"])


@pytest.mark.originals
def test_reuse_of_the_originals_finds_the_land_price_clause(original_graph: Path) -> None:
    store = open_version(original_graph).store()
    claims = project_claims(store, VOCABULARY)
    cited = find_citations(store, claims, VOCABULARY)
    found = find_reuse(claims, cited, vocabulary=VOCABULARY)
    [land] = [r for r in found.reuses if "土地价款" in r.passages[0].evidence.quote]
    city, district = land.passages
    assert (city.place, city.relation, city.date) == ("上海", "earliest", "2021-07-23")
    assert (district.place, district.relation) == ("浦东新区", "similar")
    assert "和仓储" in {change.added for change in district.changes}


@pytest.mark.originals
def test_overlap_of_districts_keeps_amount_and_exploring_apart(original_graph: Path) -> None:
    claims = project_claims(open_version(original_graph).store(), VOCABULARY)
    found = find_overlaps(claims, "金山区", "浦东新区", vocabulary=VOCABULARY).overlaps
    [reward] = [overlap for overlap in found if overlap.instrument == "RecognitionReward"]
    sides = {side.place: side for side in reward.sides}
    assert {amount.value for amount in sides["金山区"].amounts} == {50000.0, 200000.0}
    assert sides["浦东新区"].amounts == ()
    assert any("复审补贴" in part for part in sides["浦东新区"].explored)
    assert sides["金山区"].explored == ()
