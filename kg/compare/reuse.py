"""Reuse: sentences that documents share nearly word for word, and the words by which they differ."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

import networkx as nx

from kg.compare.citations import Citations
from kg.compare.claims import read_claims
from kg.compare.places import name_place, resolve_place
from kg.compare.records import Claim, Entry, as_json
from kg.model import Evidence
from kg.ontology import Vocabulary

SHINGLE = 5
SHORTEST = 16
SHARED = 0.4
LEAST = 10
LIKENESS = 0.8
COMMON = 50
KEPT = 3
_WORDS = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_")
_NUMBERING = re.compile(r"^\W*\d{1,3}\W+(?=\D)")


@dataclass(frozen=True, slots=True)
class Change:
    """Words by which a later sentence differs from an earlier one: added, removed, or both."""

    removed: str
    added: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a group of like ones, told against the earlier one that it is likest.

    ``date`` is the earliest that its document can have had it, ``latest`` the date of the text at
    hand (they differ in a text that was issued anew after it had entered into force).
    ``relation`` is ``earliest`` (in this corpus, where dates make it certain), ``taken-over``
    (where its document cites that of ``like``), ``similar``, or empty in the first of a group
    whose dates leave the order open.  ``like`` is the source of the earlier sentence,
    ``likeness`` that of the shorter in the longer sentence, 0 to 1 (rapidfuzz.fuzz.partial_ratio
    over letters and digits), ``whole`` that of both as wholes.  ``both_cite`` are documents that
    both rest on, which may be where both have it from.
    """

    document: str
    title: str
    place: str
    date: str
    latest: str
    measure: str
    instruments: tuple[str, ...]
    relation: str
    like: str
    likeness: float
    whole: float
    changes: tuple[Change, ...]
    both_cite: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Reuse:
    """Sentences of different documents that are nearly the same, in the order of their dates."""

    passages: tuple[Passage, ...]

    @property
    def likeness(self) -> float:
        """The likeness of the likest two."""
        return max(passage.likeness for passage in self.passages)


@dataclass(frozen=True, slots=True)
class Reuses:
    """All sentences that documents share, with the base that they rest on.

    ``sentences`` counts those that were compared; ``digests`` the documents among those compared
    that are digests, whose words are not the document's own.
    """

    as_of: str | None
    level: str
    selection: tuple[str, ...]
    documents: int
    undated: tuple[str, ...]
    version: str
    sentences: int
    digests: int
    reuses: tuple[Reuse, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the reuses as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        return found


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    claim: Claim
    instruments: tuple[str, ...]
    entry: Entry

    @property
    def date(self) -> str:
        return min(filter(None, (self.entry.issued, self.entry.effective)), default="")

    @property
    def latest(self) -> str:
        return self.entry.issued or self.entry.effective


def find_reuse(
    claims: nx.DiGraph,
    citations: Citations,
    *,
    vocabulary: Vocabulary,
    places: Sequence[str] = (),
    likeness: float = LIKENESS,
) -> Reuses:
    """Find measures of different documents whose sentences are nearly the same.

    Sentences are compared by letters and digits alone, without their numbering.  Two of at least
    ``SHORTEST`` characters are candidates where they share ``SHARED`` of the shorter one's
    shingles of ``SHINGLE`` characters, and ``LEAST`` in any case (shingles of more than
    ``COMMON`` sentences are passed over), and near where the shorter one is found in the longer one with ``likeness``.  Near ones form a
    group.  With ``places`` (ids or names) only groups with a sentence of each of these are
    given.  Studies, which quote, are left out.  Linear in the shingles.  Raises QueryError for an
    unknown place.
    """
    wanted = {resolve_place(vocabulary, place) for place in places}
    sentences = list(_read_sentences(claims))
    near = nx.Graph()
    for one, other, degree, whole in _find_near(sentences, likeness):
        near.add_edge(one, other, likeness=degree, whole=whole)
    groups = [
        sorted(group, key=lambda n: (sentences[n].date or "9", sentences[n].entry.source, n))
        for group in nx.connected_components(near)
    ]
    cites = _index_citations(citations)
    reuses = [
        Reuse(tuple(_describe_group(group, sentences, near, cites, vocabulary)))
        for group in groups
        if all(any(_is_of(sentences[n], p, vocabulary) for n in group) for p in wanted)
    ]
    reuses.sort(key=lambda r: (-r.likeness, r.passages[0].evidence.source, r.passages[0].measure))
    compared = {sentence.entry.iri: sentence.entry.form for sentence in sentences}
    return Reuses(
        as_of=claims.graph["as_of"],
        level=claims.graph.get("level", ""),
        selection=claims.graph.get("selection", ()),
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        sentences=len(sentences),
        digests=sum(form == "digest" for form in compared.values()),
        reuses=tuple(reuses),
    )


def _read_sentences(claims: nx.DiGraph) -> Iterator[_Sentence]:
    """Yield each sentence once, those that a table repeats left out, in a fixed order."""
    found: dict[tuple[str, int, int], list[Claim]] = defaultdict(list)
    places = sorted(node for node, kind in claims.nodes(data="kind") if kind == "place")
    placed = (claim for place in places for claim in read_claims(claims, place))
    for claim in chain(placed, claims.graph.get("placeless", ())):
        if claim.kind != "study" and not claim.repeats:
            key = (claim.document, claim.evidence.start, claim.evidence.end)
            found[key].append(claim)
    for key in sorted(found):
        first = min(found[key], key=lambda claim: (claim.measure, claim.instrument))
        text = bare_sentence(first.evidence.quote)
        if len(text) >= SHORTEST:
            instruments = tuple(sorted({claim.instrument for claim in found[key]}))
            yield _Sentence(text, first, instruments, claims.graph["documents"][first.document])


def bare_sentence(quote: str) -> str:
    """Return the letters and digits of a sentence without its numbering.

    >>> bare_sentence("(59) 存量工业和仓储用地，容积率２．０以上")
    '存量工业和仓储用地容积率2.0以上'
    """
    plain = unicodedata.normalize("NFKC", "".join(quote.split()))
    return _WORDS.sub("", _NUMBERING.sub("", plain))


def _find_near(
    sentences: Sequence[_Sentence], likeness: float
) -> Iterator[tuple[int, int, float, float]]:
    from rapidfuzz import fuzz

    for (one, other), shared in sorted(_count_shared(sentences).items()):
        a, b = sentences[one].text, sentences[other].text
        if shared >= max(LEAST, SHARED * (min(len(a), len(b)) - SHINGLE + 1)):
            degree = fuzz.partial_ratio(a, b) / 100
            if degree >= likeness:
                yield one, other, degree, fuzz.ratio(a, b) / 100


def _count_shared(sentences: Sequence[_Sentence]) -> Counter[tuple[int, int]]:
    """Count the shingles that two sentences of different documents share."""
    index: dict[str, set[int]] = defaultdict(set)
    for number, sentence in enumerate(sentences):
        for start in range(len(sentence.text) - SHINGLE + 1):
            index[sentence.text[start : start + SHINGLE]].add(number)
    shared: Counter[tuple[int, int]] = Counter()
    for found in index.values():
        if 1 < len(found) <= COMMON:
            for pair in combinations(sorted(found), 2):
                if sentences[pair[0]].entry.iri != sentences[pair[1]].entry.iri:
                    shared[pair] += 1
    return shared


def _is_of(sentence: _Sentence, place: str, vocabulary: Vocabulary) -> bool:
    return place in vocabulary.place_chain(sentence.entry.place)


def _index_citations(citations: Citations) -> dict[str, dict[str, str]]:
    """Map a document to what it cites: the IRI where the corpus holds it, else the title."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in citations.citations:
        found[row.citing][row.cited or row.title] = row.title
    return found


def _describe_group(
    group: Sequence[int],
    sentences: Sequence[_Sentence],
    near: nx.Graph,
    cites: Mapping[str, Mapping[str, str]],
    vocabulary: Vocabulary,
) -> Iterator[Passage]:
    for position, number in enumerate(group):
        earlier = [other for other in group[:position] if near.has_edge(number, other)]
        sentence = sentences[number]
        if not earlier:
            others = [sentences[n] for n in group if n != number]
            first = position == 0 and _is_earliest(sentence, others)
            yield _describe(sentence, "earliest" if first else "", vocabulary)
            continue
        links = near[number]
        like = max(earlier, key=lambda other: (links[other]["likeness"], links[other]["whole"]))
        yield _compare(sentence, sentences[like], links[like], cites, vocabulary)


def _is_earliest(sentence: _Sentence, others: Iterable[_Sentence]) -> bool:
    """Tell whether the dates leave no doubt: the text at hand is older than all others can be."""
    return bool(sentence.date) and all(
        other.date and sentence.latest < other.date for other in others
    )


def _describe(sentence: _Sentence, relation: str, vocabulary: Vocabulary, **more: Any) -> Passage:
    found = {
        "like": "",
        "likeness": 0.0,
        "whole": 0.0,
        "changes": (),
        "both_cite": (),
        **more,
    }
    return Passage(
        document=sentence.entry.iri,
        title=sentence.entry.name,
        place=name_place(vocabulary, sentence.entry.place),
        date=sentence.date,
        latest=sentence.latest,
        measure=sentence.claim.measure,
        instruments=sentence.instruments,
        relation=relation,
        evidence=sentence.claim.evidence,
        **found,
    )


def _compare(
    later: _Sentence,
    earlier: _Sentence,
    link: Mapping[str, float],
    cites: Mapping[str, Mapping[str, str]],
    vocabulary: Vocabulary,
) -> Passage:
    mine, theirs = cites.get(later.entry.iri, {}), cites.get(earlier.entry.iri, {})
    taken = earlier.entry.iri in mine and bool(earlier.date) and earlier.date <= later.latest
    return _describe(
        later,
        "taken-over" if taken else "similar",
        vocabulary,
        like=earlier.entry.source,
        likeness=round(link["likeness"], 2),
        whole=round(link["whole"], 2),
        changes=find_changes(earlier.text, later.text),
        both_cite=tuple(mine[key] for key in sorted(mine.keys() & theirs.keys())),
    )


def find_changes(earlier: str, later: str) -> tuple[Change, ...]:
    """Return what must be removed and added, in order, to make one text of another.

    Changes with fewer than ``KEPT`` characters between them are told as one.

    >>> find_changes("存量工业用地经批准", "存量工业和仓储用地经批准")
    (Change(removed='', added='和仓储'),)
    """
    from rapidfuzz.distance import Indel

    changes = [Change("", "")]
    kept = ""
    for code in Indel.opcodes(earlier, later):
        removed = earlier[code.src_start : code.src_end]
        if code.tag == "equal":
            kept = removed
            continue
        last = changes[-1]
        if len(kept) >= KEPT or not (last.removed or last.added):
            changes.append(Change("", ""))
        else:
            changes[-1] = Change(last.removed + kept, last.added + kept)
        last, kept = changes[-1], ""
        added = later[code.dest_start : code.dest_end] if code.tag != "delete" else ""
        removed = removed if code.tag != "insert" else ""
        changes[-1] = Change(last.removed + removed, last.added + added)
    return tuple(change for change in changes if change.removed or change.added)
