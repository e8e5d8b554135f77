"""Selection: which documents count, by date, level, class, form or name."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from kg.compare.records import Entry
from kg.errors import QueryError
from kg.ontology import Vocabulary
from kg.states import ENACTED

LEVELS = ("national", "province", "city", "district")
FORMS = ("original", "digest")


def select_entries(
    entries: Iterable[Entry],
    vocabulary: Vocabulary,
    *,
    as_of: str | None = None,
    documents: Sequence[str] = (),
) -> dict[str, Entry]:
    """Return by IRI the documents that count.

    Each of ``documents`` is a class (``law``, ``normative``, 法规 …; ``official`` are all but
    studies), a level, a form, or a part of the title, number or file.  Several of one sort are
    alternatives, those of different sorts restrict each other.  Raises QueryError for a date
    that is none, and for words that no document of the graph bears out.
    """
    found = list(entries)
    date = check_date(as_of)
    by_sort: dict[str, list[Callable[[Entry], bool]]] = defaultdict(list)
    for words in documents:
        sort, fits = _read_words(words.strip(), vocabulary)
        if not any(map(fits, found)):
            raise QueryError(_explain(words, found, vocabulary))
        by_sort[sort].append(fits)
    return {
        entry.iri: entry
        for entry in found
        if in_force(entry, date)
        and all(any(fits(entry) for fits in tests) for tests in by_sort.values())
    }


def in_force(entry: Entry, date: str) -> bool:
    """Tell whether a document counts at an ISO date; at an empty date every document does.

    >>> plan = Entry("", "", "", "", "", "work", "", "", "2022-07-08", "", "2024-05-14", ())
    >>> in_force(plan, "2023-01-01"), in_force(plan, "2025-01-01")
    (True, False)
    """
    if not date or not entry.start:
        return not date or not entry.expires or date <= entry.expires
    ended = entry.kind in ENACTED and entry.expires and entry.expires < date
    return entry.start <= date and not ended


def check_date(as_of: str | None) -> str:
    """Return an ISO date as it is, empty for none; QueryError for what is no date."""
    if not as_of:
        return ""
    try:
        return datetime.date.fromisoformat(as_of).isoformat()
    except ValueError as error:
        raise QueryError(f"{as_of!r} is no date; write it as 2024-05-14") from error


def check_level(level: str) -> str:
    """Return a level of government as it is, empty for none; QueryError for what is none."""
    if level and level not in LEVELS:
        raise QueryError(f"no level {level!r}; there are: {', '.join(LEVELS)}")
    return level


def _read_words(words: str, vocabulary: Vocabulary) -> tuple[str, Callable[[Entry], bool]]:
    """Return what sort of choice the words make, and the test for it."""
    kinds = _name_kinds(vocabulary)
    if words in kinds:
        return "kind", lambda entry: entry.kind in kinds[words]
    if words in LEVELS:
        return "level", lambda entry: entry.level == words
    if words in FORMS:
        return "form", lambda entry: entry.form == words
    return "name", lambda entry: any(
        words in text for text in (entry.title, entry.number, entry.source)
    )


def _name_kinds(vocabulary: Vocabulary) -> Mapping[str, frozenset[str]]:
    """Map what a class of documents may be called to the ids of the classes meant."""
    schemes = vocabulary.schemes["document-kinds"]
    names = {kind: frozenset({kind}) for kind in schemes}
    for kind, labels in schemes.items():
        names |= {text: frozenset({kind}) for text, _ in labels[:2]}
    return {**names, "official": frozenset(schemes) - {"study"}}


def _explain(words: str, entries: Iterable[Entry], vocabulary: Vocabulary) -> str:
    kinds = sorted({entry.kind for entry in entries} - {""})
    return (
        f"no document is or is called {words!r}; name a class (official, {', '.join(kinds)}), a level"
        f" ({', '.join(LEVELS)}), a form ({', '.join(FORMS)}) or part of a title, number or file"
    )
