"""Loading, and the ten most used queries (and two that the cells make needless): Oxigraph on disk beside rdflib in memory.

usage: python benchmarks/stores.py GRAPH [--oxigraph-only]

GRAPH is a folder that ``kg build`` made.  Every query runs once to warm up, then its median of
five is printed, by the clock and in CPU time.  rdflib gets the same triples in one graph; a query
that takes longer than a minute there is stopped.
"""

from __future__ import annotations

import resource
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pyoxigraph as ox

from kg.ask.queries import Question
from kg.graph import open_version, select
from kg.graph.loading import load_store
from kg.graph.query import make_prefixes
from kg.ontology import BASE, resource_iri

ROUNDS, LIMIT = 5, 60
SHANGHAI, BEIJING = resource_iri("place", "310000"), resource_iri("place", "110000")
TALENT, LAND = (resource_iri("instrument", name) for name in ("Talent", "LandFeeWaiver"))
QUERIES = {
    "look-up: a concept by its name": 'SELECT ?i { ?i skos:prefLabel "购房补贴"@zh }',
    "look-up: all that is said of one": f"SELECT ?p ?o {{ <{LAND}> ?p ?o }}",
    "cities with an instrument": Question("cities", {"asked": (LAND,)}).show(),
    "units of a field": Question("units", {"asked": (TALENT,), "place": (SHANGHAI,)}).show(),
    "amounts of an instrument": Question("amounts", {"asked": (LAND,)}).show(),
    "gaps of a city against one": Question(
        "gaps", {"home": (SHANGHAI,), "city": (BEIJING,)}
    ).show(),
    "what only one city has": Question("only", {"city": (SHANGHAI,)}).show(),
    "aggregate: measures by city and instrument": (
        "SELECT ?city ?instrument (SUM(?measures) AS ?n)"
        " { ?cell pk:cellCity ?city ; pk:cellInstrument ?instrument ; pk:measures ?measures }"
        " GROUP BY ?city ?instrument"
    ),
    "aggregate: cities with each instrument": (
        "SELECT ?instrument (COUNT(?city) AS ?n) { ?city pk:hasInstrument ?instrument }"
        " GROUP BY ?instrument"
    ),
    "aggregate: instruments that peers have and a city has not": (
        "SELECT ?instrument (COUNT(?city) AS ?n) { ?city pk:hasInstrument ?instrument"
        f" MINUS {{ <{SHANGHAI}> pk:hasInstrument ?instrument }} }} GROUP BY ?instrument"
    ),
    "without cells: measures by city and instrument": (
        "SELECT ?city ?instrument (COUNT(DISTINCT ?m) AS ?n)"
        " { ?m pk:city ?city ; pk:instrument ?instrument } GROUP BY ?city ?instrument"
    ),
    "without cells: measures by category and status": (
        "SELECT ?category ?status (COUNT(*) AS ?n)"
        " { ?m pk:category ?category ; pk:status ?status } GROUP BY ?category ?status"
    ),
}


def measure(run: Callable[[], int]) -> tuple[float, float, int]:
    """Return the medians of clock and CPU in milliseconds, and the number of rows."""
    rows = run()
    clock, busy = [], []
    for _ in range(ROUNDS):
        begin, spent = time.perf_counter(), time.process_time()
        run()
        clock.append((time.perf_counter() - begin) * 1000)
        busy.append((time.process_time() - spent) * 1000)
    return statistics.median(clock), statistics.median(busy), rows


def stop(_signal: int, _frame: FrameType | None) -> None:
    """End what takes too long."""
    raise TimeoutError


def peak() -> int:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def load_rdflib(quads: Path):  # type: ignore[no-untyped-def]
    """Load the triples of all graphs into one graph of rdflib's, in memory."""
    import rdflib

    graph = rdflib.Graph()
    with open(quads, encoding="utf-8") as lines:
        triples = "".join(f"{line[: line.rindex(' <')]} .\n" for line in lines)
    graph.parse(data=triples, format="nt")
    return graph


def measure_oxigraph(store: ox.Store) -> dict[str, tuple[float, float, int]]:
    """Run the queries on a store."""
    return {
        name: measure(lambda text=text: len(list(select(store, text, base=BASE))))  # type: ignore[misc]
        for name, text in QUERIES.items()
    }


def measure_rdflib(graph) -> dict[str, tuple[float, float, int] | None]:  # type: ignore[no-untyped-def]
    """Run the queries on a graph of rdflib's; None where one takes too long."""
    found: dict[str, tuple[float, float, int] | None] = {}
    prefixes = make_prefixes(BASE)
    signal.signal(signal.SIGALRM, stop)
    for name, text in QUERIES.items():
        signal.alarm(LIMIT)
        try:
            found[name] = measure(lambda text=text: len(graph.query(text, initNs=prefixes)))  # type: ignore[misc]
        except TimeoutError:
            found[name] = None
        finally:
            signal.alarm(0)
    return found


def main() -> None:
    """Load, run and print."""
    version = open_version(Path(sys.argv[1]))
    print(f"{version.manifest['triples']} triples")
    with tempfile.TemporaryDirectory() as folder:
        spent = time.process_time()
        load_store(Path(folder) / "store", version.quads, version.read_index())
        print(f"load, Oxigraph on disk: CPU {time.process_time() - spent:.1f} s, peak {peak()} MB")
    ours = measure_oxigraph(version.store())
    theirs: dict[str, tuple[float, float, int] | None] = {}
    if "--oxigraph-only" not in sys.argv:
        spent = time.process_time()
        graph = load_rdflib(version.quads)
        print(f"load, rdflib in memory: CPU {time.process_time() - spent:.1f} s, peak {peak()} MB")
        theirs = measure_rdflib(graph)
    for name, (clock, busy, rows) in ours.items():
        other = theirs.get(name)
        beside = f"rdflib {other[0]:9.1f} ms, CPU {other[1]:9.1f}" if other else "rdflib: none"
        print(f"{name:58} {clock:8.1f} ms, CPU {busy:8.1f}, {rows:6} rows; {beside}", flush=True)


if __name__ == "__main__":
    main()
