"""Groups of rows: what the rows of a query that belong to one answer say together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kg.ask.lexicon import Lexicon
from kg.ask.queries import Row
from kg.ask.states import find_city, row_standing, row_state
from kg.model import Evidence, join_lines
from kg.ontology import local_id
from kg.states import combine_states


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with the lexicon that names what their IRIs stand for."""

    rows: tuple[Row, ...]
    lexicon: Lexicon

    def split(self, name: str, other: str = "") -> dict[str, Group]:
        """Group by a column, in the order of the rows; ``other`` serves where it is empty."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            key = row_text(row, name) or (row_text(row, other) if other else "")
            if key:
                found[key].append(row)
        return {key: Group(tuple(rows), self.lexicon) for key, rows in found.items()}

    def keep(self, fits: Callable[[Row], bool]) -> Group:
        """Return the rows that fit."""
        return Group(tuple(filter(fits, self.rows)), self.lexicon)

    def text(self, name: str) -> str:
        """Return a column of the first row as text, empty where it is unbound."""
        return row_text(self.rows[0], name)

    def texts(self, name: str) -> list[str]:
        """Return a column of the rows as texts, each once, without the empty ones."""
        return list(dict.fromkeys(filter(None, (row_text(row, name) for row in self.rows))))

    def states(self) -> set[str]:
        """Return the states that the rows give one by one."""
        return {row_state(row, self.lexicon.vocabulary) for row in self.rows}

    def state(self) -> str:
        """Return the state that the rows give together."""
        return combine_states(self.states())

    def title(self) -> str:
        """Return the title of the document, else its number or file."""
        return self.text("title") or self.text("number") or self.text("source")

    def instruments(self) -> tuple[str, ...]:
        """Return the ids of the instruments."""
        return tuple(
            dict.fromkeys(filter(None, (local_id(r.get("instrument")) for r in self.rows)))
        )

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the passages, each once, a document's own words first."""
        found = dict.fromkeys(self._read_evidence(row) for row in self.rows)
        return tuple(sorted(found, key=lambda passage: passage.kind != "own"))

    def documents(self) -> list[dict[str, str]]:
        """Return the documents by title and number."""
        found = dict.fromkeys((row_text(r, "title"), row_text(r, "number")) for r in self.rows)
        return [{"title": title, "number": number} for title, number in found]

    def districts(self) -> list[str]:
        """Name the districts whose own documents are among the rows."""
        found = {
            row_text(row, "seat")
            for row in self.rows
            if find_city(row, self.lexicon.vocabulary) != local_id(row.get("seat"))
            and row_standing(row, self.lexicon.vocabulary) == "own"
        }
        return [self.lexicon.place_name(seat) for seat in sorted(found - {""})]

    def units(self) -> list[dict[str, str]]:
        """Return the responsible units by full name, name as written and role."""
        found = dict.fromkeys(
            (row_text(r, "unit"), row_text(r, "surface"), local_id(r.get("role")))
            for r in self.rows
            if r.get("unit")
        )
        return [
            {"name": self.lexicon.unit_name(unit), "surface": surface, "role": role}
            for unit, surface, role in found
        ]

    def clauses(self) -> list[dict[str, str]]:
        """Return the clauses by document, number and heading."""
        found = dict.fromkeys(
            (row_text(r, "title"), row_text(r, "clauseNumber"), row_text(r, "heading"))
            for r in self.rows
            if r.get("clause")
        )
        return [{"document": d, "number": n, "heading": h} for d, n, h in found]

    def amounts(self) -> list[dict[str, Any]]:
        """Return the amounts, each once; money in yuan."""
        found = {row_text(row, "amount"): row for row in self.rows if row.get("amount")}
        return [
            {
                "value": row["value"],
                "unit": row_text(row, "unitText"),
                "op": row_text(row, "operator"),
                "surface": row_text(row, "amountSurface"),
            }
            for row in found.values()
        ]

    def beneficiaries(self) -> list[str]:
        """Name the beneficiaries."""
        labels = self.lexicon.vocabulary.schemes.get("beneficiaries", {})
        found = dict.fromkeys(local_id(r.get("beneficiary")) for r in self.rows)
        return [next((text for text, _ in labels.get(n, ())), n) for n in found if n]

    def nearest_place(self) -> str:
        """Name the place that is named most precisely."""
        chain = self.lexicon.vocabulary.place_chain
        places = sorted({row_text(row, "place") for row in self.rows} - {""})
        return self.lexicon.place_name(
            max(places, key=lambda iri: len(chain(local_id(iri))), default="")
        )

    def _read_evidence(self, row: Row) -> Evidence:
        standing = row_standing(row, self.lexicon.vocabulary)
        return Evidence(
            document=row_text(row, "title"),
            number=row_text(row, "number"),
            source=row_text(row, "source"),
            form=row_text(row, "form"),
            start=int(row_text(row, "start") or 0),
            end=int(row_text(row, "end") or 0),
            quote=row_text(row, "quote"),
            kind="secondary" if standing == "secondary" else "own",
        )


def row_text(row: Row, name: str) -> str:
    """Return a column of a row as text, empty where it is unbound or missing."""
    value = row.get(name)
    return "" if value is None else str(value)


def holds_any(text: str, words: Iterable[str]) -> bool:
    """Tell whether a text holds one of some words, line breaks and spaces aside."""
    joined = join_lines(text)
    return any(word in joined for word in words)
