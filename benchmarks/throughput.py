"""Text to canonical N-Quads against jieba.cut: process CPU of both over the same texts.

usage: python benchmarks/throughput.py DOCUMENTS.jsonl.gz [NUMBER]

The file holds one JSON object with a ``text`` a line.  Start-up (imports, dictionaries) is
measured apart.  Memory is the peak of the process after a tenth and after all documents.
"""

from __future__ import annotations

import gzip
import json
import logging
import resource
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path


def read_texts(path: Path, number: int) -> Iterator[tuple[str, str]]:
    """Yield (id, text) of the first ``number`` documents."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, number):
            row = json.loads(line)
            yield row["id"], row["text"]


def peak() -> int:
    """Return the peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure and print one line per figure."""
    path, number = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 300
    texts = list(read_texts(path, number))
    characters = sum(len(text) for _, text in texts)

    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    begin = time.process_time()
    for _, text in texts:
        for _ in jieba.cut(text):
            pass
    plain = time.process_time() - begin

    begin = time.process_time()
    from kg.corpus import read_document
    from kg.errors import CorpusError
    from kg.extract import Extractor
    from kg.graph import write_quads
    from kg.model import Source
    from kg.ontology import load_vocabulary

    vocabulary = load_vocabulary()
    extractor = Extractor(vocabulary)
    categories = {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
    warm = Source("warm.txt", "0" * 64, "一、支持企业创新。")
    extractor.extract(read_document(warm, vocabulary))
    start_up = time.process_time() - begin

    spent = {"read": 0.0, "extract": 0.0, "write": 0.0}
    quads = measures = bad = 0
    memory = 0
    for position, (name, text) in enumerate(texts):
        try:
            t0 = time.process_time()
            document = read_document(Source(name, "0" * 64, text), vocabulary)
            t1 = time.process_time()
            extraction = extractor.extract(document)
            t2 = time.process_time()
            quads += len(write_quads(extraction, categories=categories))
            t3 = time.process_time()
        except CorpusError:
            bad += 1
            continue
        spent["read"] += t1 - t0
        spent["extract"] += t2 - t1
        spent["write"] += t3 - t2
        measures += len(extraction.measures)
        if position == number // 10:
            memory = peak()
    ours = sum(spent.values())
    print(f"documents {len(texts)} ({bad} unreadable), {characters} characters")
    print(f"jieba.cut {plain:.2f} s; start-up {start_up:.2f} s")
    print(f"text to N-Quads {ours:.2f} s " + str({k: round(v, 2) for k, v in spent.items()}))
    print(f"ratio {ours / plain:.2f}; {measures} measures, {quads} quads")
    print(f"peak memory {memory} MB after a tenth, {peak()} MB at the end")


if __name__ == "__main__":
    main()
