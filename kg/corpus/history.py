"""History of a law: who adopted, revised and amended it, as told below its title."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.corpus.grammar import Grammar, compiled


def find_adopter(lines: Iterable[str], grammar: Grammar) -> str:
    """Return the body of the latest step, the one whose text this is; empty where none is told.

    The body that only approves (…批准) what another one adopted is not its issuer.
    """
    steps = [
        (day, found["issuer"])
        for line in lines
        if grammar.search("adoption", line)
        for day, step in _steps(line, grammar)
        if not grammar.search("approval", step) and (found := grammar.search("adopter", step))
    ]
    return max(steps, key=lambda step: step[0], default=("", ""))[1]


def _steps(line: str, grammar: Grammar) -> Iterator[tuple[str, str]]:
    """Yield each step of a history on one line (…通过 …修正): its day, sortable, and its words."""
    dates = list(compiled(grammar.vocabulary.pattern("date")).finditer(line))
    ends = [found.start() for found in dates[1:]] + [len(line)]
    for found, end in zip(dates, ends, strict=True):
        year, month, day = (int(found[k] or found[k + "2"]) for k in "ymd")
        yield f"{year:04}-{month:02}-{day:02}", line[found.start() : end]
