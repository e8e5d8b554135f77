"""Reading: documents and claims from the triples of the graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files

import pyoxigraph as ox

from kg.compare.records import Claim, Duty, Entry, Sum
from kg.errors import QueryError
from kg.graph.query import select
from kg.model import Evidence, Standing
from kg.ontology import Vocabulary, local_id, place_iri
from kg.states import find_standing

_STEPS = ("", "pk:evidence", "pk:amount", "pk:responsibility")

Pairs = Mapping[str, Mapping[str, Sequence[str]]]

_local = lru_cache(maxsize=4096)(local_id)


def read_pairs(store: ox.Store, base: str, places: Iterable[str] = ()) -> Pairs:
    """Return subject → property (without its namespace) → values as texts.

    With ``places`` (place ids) only measures that name one of them, or that name no city in a
    document of one of them; the documents are all there in any case.
    """
    pairs: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for sparql in (_load_query("documents"), *_list_queries(sorted(set(places)), base)):
        for row in select(store, sparql, base=base):
            found = pairs[str(row["subject"])]
            found.setdefault(_local(str(row["predicate"])), []).append(str(row["object"]))
    return pairs


def _list_queries(places: Sequence[str], base: str) -> Iterator[str]:
    """Yield the queries for all claims, or for those of some places."""
    if not places:
        yield _load_query("claims")
        return
    values = " ".join(f"<{place_iri(place, base=base)}>" for place in places)
    for step in _STEPS:
        pattern = f"?measure {step} ?subject ." if step else "BIND (?measure AS ?subject)"
        yield _load_query("claims-of-places").replace("#places", values).replace("#step", pattern)


def _load_query(name: str) -> str:
    return (files(__package__) / f"{name}.rq").read_text("utf-8")


def read_entries(pairs: Pairs) -> Iterator[Entry]:
    """Yield the documents with the headings of their clauses."""
    headings: dict[str, list[str]] = defaultdict(list)
    for subject in sorted(pairs):
        for document in pairs[subject].get("isPartOf", ()):
            headings[document].extend(pairs[subject].get("heading", ()))
    for subject, found in pairs.items():
        if "documentKind" in found or "source" in found:
            yield Entry(
                iri=subject,
                title=_first(found, "title"),
                number=_first(found, "legislationIdentifier"),
                source=_first(found, "source"),
                form=_first(found, "form"),
                kind=_local(_first(found, "documentKind")),
                level=_first(found, "level"),
                place=_local(_first(found, "spatial")),
                issued=_first(found, "issued"),
                effective=_first(found, "first_date_entry_in_force"),
                expires=_first(found, "date_no_longer_in_force"),
                headings=tuple(headings[subject]),
            )


def read_pair_claims(
    pairs: Pairs, entries: Mapping[str, Entry], vocabulary: Vocabulary
) -> Iterator[Claim]:
    """Yield a claim for each measure, city and instrument, in the order of the measures.

    The city is empty where neither the measure nor its document names a place that is known.
    Raises QueryError for an instrument that the vocabulary lacks.
    """
    for subject in sorted(pairs):
        found = pairs[subject]
        entry = entries.get(_first(found, "document"))
        if entry is None or "instrument" not in found:
            continue
        cities = [_local(city) for city in found.get("city", ())] or [entry.place]
        for city in sorted(set(cities)):
            for instrument in sorted({_local(iri) for iri in found["instrument"]}):
                if instrument not in vocabulary.concepts:
                    raise QueryError(
                        f"the graph names the instrument {instrument}, which the vocabulary lacks;"
                        " rebuild the graph with this vocabulary"
                    )
                yield _read_claim(pairs, subject, entry, city, instrument, vocabulary)


def _read_claim(
    pairs: Pairs, measure: str, entry: Entry, city: str, instrument: str, vocabulary: Vocabulary
) -> Claim:
    found = pairs[measure]
    standing: Standing
    known = city or entry.kind == "study"
    standing = find_standing(entry.kind, entry.place, city, vocabulary) if known else "own"
    places = tuple(sorted({_local(iri) for iri in found.get("place", ())}))
    seat = places[0] if len(places) == 1 else entry.place
    return Claim(
        measure=measure,
        city=city,
        instrument=instrument,
        status=_local(_first(found, "status")),
        basis=_local(_first(found, "basis")),
        strength=_local(_first(found, "strength")),
        distributed=_first(found, "distributed").lower() == "true",
        standing=standing,
        kind=entry.kind,
        level=entry.level,
        district=seat if standing == "own" and seat != city else "",
        document=entry.iri,
        evidence=_read_evidence(pairs, found, entry, standing),
        beneficiaries=tuple(sorted(_local(iri) for iri in found.get("beneficiary", ()))),
        amounts=tuple(_read_sum(pairs[iri]) for iri in _in_order(found.get("amount", ()))),
        units=tuple(_read_duty(pairs, iri) for iri in _in_order(found.get("responsibility", ()))),
        repeats=_first(found, "repeats"),
        object=_first(found, "object"),
        clause=_first(found, "clause"),
        places=places,
        main=_local(_first(found, "mainInstrument")) in (instrument, ""),
    )


def _read_evidence(
    pairs: Pairs, found: Mapping[str, Sequence[str]], entry: Entry, standing: Standing
) -> Evidence:
    place = pairs.get(_first(found, "evidence"), {})
    return Evidence(
        document=entry.title,
        number=entry.number,
        source=entry.source,
        form=entry.form,
        start=int(_first(place, "start") or 0),
        end=int(_first(place, "end") or 0),
        quote=_first(place, "quote"),
        kind=standing,
    )


def _read_sum(found: Mapping[str, Sequence[str]]) -> Sum:
    return Sum(
        value=float(_first(found, "value") or 0),
        unit=_first(found, "unitText"),
        op=_first(found, "operator"),
        surface=_first(found, "surface"),
    )


def _read_duty(pairs: Pairs, iri: str) -> Duty:
    found = pairs[iri]
    return Duty(
        name=_first(found, "resolvedName"),
        surface=_first(found, "surface"),
        role=_local(_first(found, "role")),
    )


def _in_order(iris: Iterable[str]) -> list[str]:
    """Sort numbered resources (…/unit/2 before …/unit/10)."""
    return sorted(set(iris), key=lambda iri: (len(iri), iri))


def _first(found: Mapping[str, Sequence[str]], name: str) -> str:
    return min(found[name]) if found.get(name) else ""
