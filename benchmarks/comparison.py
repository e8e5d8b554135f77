"""Matrix, gaps and overlaps over a generated corpus: seconds and peak memory of each.

usage: python benchmarks/comparison.py [PLACES [INSTRUMENTS [MEASURES [--store]]]]

Without numbers 300 places × 120 instruments × 1,000,000 measures are made, which have a place, an
instrument and a status, spread unevenly by a fixed seed.  Making and loading them is measured
apart.  With ``--store`` they are written as RDF to a store on disk first, and gaps and overlaps
read from there only what concerns the places compared.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import networkx as nx
import pyoxigraph as ox

from kg.compare import find_gaps, find_matrix, find_overlaps, project_claims
from kg.compare.claims import add_claim
from kg.compare.records import Claim, Entry
from kg.model import Evidence
from kg.ontology import BASE, Vocabulary, load_vocabulary

STATUSES = ("provided",) * 17 + ("reported", "lacking", "recommended")


def choose_places(vocabulary: Vocabulary, number: int) -> list[str]:
    """Return the ids of the first cities."""
    types = ("Municipality", "Prefecture")
    return sorted(p.code for p in vocabulary.places.values() if p.type in types)[:number]


def draw_measures(
    places: list[str], instruments: list[str], number: int
) -> Iterator[tuple[int, str, str, str]]:
    """Yield (number, place, instrument, status); every place lacks about a third of all."""
    source = random.Random(1)
    held = {p: source.sample(instruments, len(instruments) * 2 // 3) for p in places}
    for n in range(number):
        place = source.choice(places)
        yield n, place, source.choice(held[place]), source.choice(STATUSES)


def make_projection(
    measures: Iterator[tuple[int, str, str, str]], places: list[str], vocabulary: Vocabulary
) -> nx.DiGraph:
    """Make the projection in memory; each place has a document of its own, and a study tells."""
    entries = {p: _make_entry(f"d/{p}", "normative", p) for p in places}
    study = _make_entry("d/study", "study", "")
    claims = nx.DiGraph(
        documents={e.iri: e for e in (*entries.values(), study)}, as_of=None, level="",
        selection=(), undated=(), version=vocabulary.version, categories=(), statuses={},
    )  # fmt: skip
    passages = {
        (entry.iri, kind): Evidence(entry.title, "", entry.source, "original", 0, 1, "", kind)
        for entry, kind in ((*((e, "own") for e in entries.values()), (study, "secondary")))
    }
    for n, place, instrument, status in measures:
        own = status == "provided"
        entry, standing = (entries[place], "own") if own else (study, "secondary")
        claim = Claim(
            measure=f"m/{n}", city=place, instrument=instrument, status=status, basis="",
            strength="implement", distributed=False, standing=standing, kind=entry.kind,
            level="city", district="", document=entry.iri,
            evidence=passages[entry.iri, standing],
        )  # fmt: skip
        add_claim(claims, claim, vocabulary)
    return claims


def _make_entry(iri: str, kind: str, place: str) -> Entry:
    return Entry(
        iri, iri, "", f"{iri}.txt", "original", kind, "city", place, "2020-01-01", "", "", ()
    )


def write_store(
    measures: Iterator[tuple[int, str, str, str]], places: list[str], folder: Path
) -> ox.Store:
    """Write the measures as RDF to a store on disk, in pieces."""
    pk, dcterms = f"{BASE}ontology#", "http://purl.org/dc/terms/"
    store = ox.Store(str(folder))
    lines = []
    for name, kind, place in (*((p, "normative", p) for p in places), ("study", "study", "")):
        s = f"<{BASE}id/document/{name}>"
        kinds = f"<{BASE}id/document-kind/{kind}>"
        lines.append(f"{s} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{pk}Document> .\n")
        lines.append(f'{s} <{pk}source> "{name}.txt" .\n{s} <{pk}documentKind> {kinds} .\n')
        if place:
            lines.append(f"{s} <{dcterms}spatial> <{BASE}id/place/{place}> .\n")
    for n, place, instrument, status in measures:
        s = f"<{BASE}id/document/x/measure/{n}>"
        document = place if status == "provided" else "study"
        lines.append(
            f"{s} <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{pk}Measure> .\n"
            f"{s} <{pk}city> <{BASE}id/place/{place}> .\n"
            f"{s} <{pk}instrument> <{BASE}id/instrument/{instrument}> .\n"
            f"{s} <{pk}status> <{BASE}id/status/{status}> .\n"
            f"{s} <{pk}document> <{BASE}id/document/{document}> .\n"
        )
        if len(lines) >= 20_000:
            store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
            lines.clear()
    store.bulk_load("".join(lines).encode(), format=ox.RdfFormat.N_TRIPLES)
    store.flush()
    return store


def peak() -> int:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(name: str, run: Callable[[], object]) -> float:
    """Run, print seconds (by the clock and of the processor) and peak memory; return the CPU time."""
    begin, busy = time.perf_counter(), time.process_time()
    result = run()
    clock, spent = time.perf_counter() - begin, time.process_time() - busy
    print(f"{name:<40} {clock:6.2f} s, CPU {spent:6.2f} s, peak {peak()} MB, {result}", flush=True)
    return spent


def main() -> None:
    """Make the measures, run the analyses and print the figures."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    count, wide, number = (*numbers, *(300, 120, 1_000_000)[len(numbers) :])
    vocabulary = load_vocabulary()
    places = choose_places(vocabulary, count)
    instruments = sorted(c.id for c in vocabulary.concepts.values() if c.broader)[:wide]
    measures = draw_measures(places, instruments, number)
    city, peers = places[0], places[1:4]
    print(f"{len(places)} places, {len(instruments)} instruments, {number} measures")
    if "--store" in sys.argv:
        with tempfile.TemporaryDirectory() as folder:
            _run_from_store(measures, places, vocabulary, Path(folder))
        return
    found: dict[str, nx.DiGraph] = {}

    def load() -> str:
        found["claims"] = make_projection(measures, places, vocabulary)
        return f"{found['claims'].number_of_edges()} cells"

    measure("making the projection (apart)", load)
    claims = found["claims"]
    spent = measure("matrix", lambda: f"{len(find_matrix(claims, vocabulary).rows)} rows")
    spent += measure(
        "gaps of one city against all others",
        lambda: f"{len(find_gaps(claims, city, places[1:], vocabulary=vocabulary).gaps)} gaps",
    )
    measure(
        "gaps of one city against three (apart)",
        lambda: f"{len(find_gaps(claims, city, peers, vocabulary=vocabulary).gaps)} gaps",
    )
    spent += measure(
        "overlaps of one city with three",
        lambda: (
            f"{len(find_overlaps(claims, city, *peers, vocabulary=vocabulary).overlaps)} overlaps"
        ),
    )
    print(f"together CPU {spent:.2f} s, peak {peak()} MB")


def _run_from_store(
    measures: Iterator[tuple[int, str, str, str]],
    places: list[str],
    vocabulary: Vocabulary,
    folder: Path,
) -> None:
    stores: list[ox.Store] = []

    def load() -> str:
        stores.append(write_store(measures, places, folder))
        return f"{len(stores[0])} triples"

    measure("writing the store (apart)", load)
    compared = places[:4]

    def gaps() -> str:
        claims = project_claims(stores[0], vocabulary, places=compared)
        found = find_gaps(claims, compared[0], compared[1:], vocabulary=vocabulary)
        return f"{len(found.gaps)} gaps"

    def overlaps() -> str:
        claims = project_claims(stores[0], vocabulary, places=compared)
        return f"{len(find_overlaps(claims, *compared, vocabulary=vocabulary).overlaps)} overlaps"

    measure("gaps of one city, projection included", gaps)
    measure("overlaps of four, projection included", overlaps)


if __name__ == "__main__":
    main()
