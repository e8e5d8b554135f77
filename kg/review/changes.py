"""Changes: what a coder's sheet decides, held against the graph and the decisions before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kg.graph import Version
from kg.model import Action, Span
from kg.ontology import BASE, Vocabulary
from kg.review.anchors import CONTEXT, Text, squeeze
from kg.review.cells import Finding, Written
from kg.review.codebook import Codebook
from kg.review.decisions import Anchor, Codes, Decision
from kg.review.rows import Row, list_measures, read_sources


@dataclass(frozen=True, slots=True)
class Signature:
    """Who decides, when (UTC), and why where a row does not say."""

    by: str
    on: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A decision that a row makes, with what is odd about it."""

    number: int
    decision: Decision
    note: str = ""

    def describe(self, book: Codebook) -> Iterator[dict[str, Any]]:
        """Yield a row for each field that changes, or one for the whole measure."""
        decision = self.decision
        about = {
            "row": self.number,
            "action": decision.action,
            "text": squeeze(decision.anchor.quote),
            "source": decision.anchor.source,
        }
        old, new = decision.old, decision.new
        if old is None or new is None or decision.action == "confirm":
            codes = new or old
            shown = _show(codes, "instruments", book) if codes else ""
            change = {"field": "measure", "old": "" if new else shown, "new": shown if new else ""}
            yield {**about, **change, "note": self.note}
            return
        for name in decision.fields:
            change = {"field": name, "old": _show(old, name, book), "new": _show(new, name, book)}
            yield {**about, **change, "note": self.note}


def _show(codes: Codes, name: str, book: Codebook) -> str:
    value = getattr(codes, name)
    if name == "units":
        return book.write_units(value)
    if name == "cities":
        return book.write_cities(value)
    return value if isinstance(value, str) else " ".join(value)


class Reviewed:
    """A version as it stands with all decisions made so far, also those not built yet."""

    def __init__(
        self,
        version: Version,
        vocabulary: Vocabulary,
        decisions: Iterable[Decision] = (),
        *,
        base: str = BASE,
    ) -> None:
        self.version = version
        self.book = Codebook(vocabulary)
        self.rows = {row.id: row for row in list_measures(version, base=base)}
        self.sources = dict(read_sources(version, base=base))
        self._decisions: dict[tuple[str, str], list[Decision]] = {}
        for decision in decisions:
            self._decisions.setdefault(_key(decision.anchor), []).append(decision)
        self._texts: dict[str, Text] = {}

    def text(self, sha256: str) -> Text:
        """Return a source's text."""
        if sha256 not in self._texts:
            self._texts[sha256] = Text(self.version.text(sha256))
        return self._texts[sha256]

    def codes(self, row: Row) -> Codes | None:
        """Return the coding of a measure after all decisions, None where it is to be deleted."""
        codes = row.codes
        for decision in self._decisions.get(_key(self.anchor(row)), ()):
            if not _is_about(decision, row):
                continue
            if decision.new is None or codes is None:
                codes = decision.new
            else:
                new = {name: getattr(decision.new, name) for name in decision.fields}
                codes = replace(codes, **new)
        return codes

    def anchor(self, row: Row) -> Anchor:
        """Return where a row stands: its document, its words and those around them."""
        before, after = self.text(row.sha256).describe(Span(row.start, row.end))
        return Anchor(
            document=row.document,
            source=row.source,
            sha256=row.sha256,
            title=row.title,
            start=row.start,
            end=row.end,
            sentence=row.id.rpartition("/")[2].partition("-")[0],
            quote=row.text,
            before=before[-CONTEXT:],
            after=after[:CONTEXT],
        )

    def is_added(self, anchor: Anchor, codes: Codes) -> bool:
        """Tell whether this very measure was added before."""
        found = self._decisions.get(_key(anchor), ())
        return any(d.action == "add" and d.new and not d.new.differing(codes) for d in found)


def _key(anchor: Anchor) -> tuple[str, str]:
    return anchor.document, squeeze(anchor.quote)


def _is_about(decision: Decision, row: Row) -> bool:
    """Tell equal sentences of a document apart by place, parts of one by their cities."""
    moved = decision.anchor.sha256 != row.sha256
    codes = decision.old or decision.new
    same = row.codes is not None and codes is not None and codes.cities == row.codes.cities
    return same and (moved or decision.anchor.start == row.start)


def compare_rows(
    rows: Iterable[Written], reviewed: Reviewed, signature: Signature, *, overrule: bool = False
) -> tuple[list[Change], list[Finding]]:
    """Return what the rows change, and what is wrong with the others.

    A cell counts as edited where it differs from what stood there when the sheet was written, so
    that an old sheet undoes nothing.  Where somebody decided otherwise meanwhile the row is a
    finding, unless ``overrule``.
    """
    changes: list[Change] = []
    findings: list[Finding] = []
    seen: dict[str, int] = {}
    for row in rows:
        found: Change | Finding | None
        if row.id and row.id in seen:
            found = Finding(row.number, f"the same measure as row {seen[row.id]}; keep one of them")
        else:
            found = _compare_row(row, reviewed, signature, overrule=overrule)
        seen[row.id or f"row {row.number}"] = row.number
        if isinstance(found, Finding):
            findings.append(found)
        elif found is not None:
            changes.append(found)
    return changes, findings


def _compare_row(
    row: Written, reviewed: Reviewed, signature: Signature, *, overrule: bool
) -> Change | Finding | None:
    if row.verdict == "add" or (not row.id and row.verdict == "measure"):
        return _add(row, reviewed, signature)
    if row.verdict in ("measure", "none"):
        return Finding(
            row.number,
            f"{row.verdict!r} belongs into a blind sheet; compare two of them with kg review agree",
        )
    if not row.id:
        return Finding(row.number, "no id; choose the verdict add where the row adds a measure")
    known = reviewed.rows.get(row.id)
    if known is None:
        return _explain_missing(row)
    if row.text and squeeze(row.text) != squeeze(known.text):
        return Finding(row.number, "the words were changed; restore them, only codes are edited")
    current = reviewed.codes(known)
    if row.verdict == "delete":
        return None if current is None else _change(row, known, current, None, reviewed, signature)
    if current is None:
        return Finding(row.number, "deleted by a decision before; choose add to bring it back")
    return _edit(row, known, current, reviewed, signature, overrule=overrule)


def _explain_missing(row: Written) -> Finding | None:
    """Say nothing of a row that changes nothing or deletes what is gone."""
    edited = row.origin is None or row.codes is None or row.origin.differing(row.codes)
    if row.verdict == "delete" or (not row.verdict and not edited):
        return None
    return Finding(row.number, "no such measure in this graph; export a new sheet and decide there")


def _edit(
    row: Written,
    known: Row,
    current: Codes,
    reviewed: Reviewed,
    signature: Signature,
    *,
    overrule: bool,
) -> Change | Finding | None:
    base = row.origin or current
    codes = row.codes or base
    wrong = _find_nonsense(codes, reviewed.book)
    if wrong:
        return Finding(row.number, wrong)
    edited = base.differing(codes)
    clash = [
        name
        for name in edited
        if name in base.differing(current) and name in current.differing(codes)
    ]
    if clash and not overrule:
        return Finding(
            row.number,
            f"{', '.join(clash)} changed since the sheet was written; export a new one, or take "
            "--overrule",
        )
    new = replace(current, **{name: getattr(codes, name) for name in edited})
    if row.verdict == "confirm" or current.differing(new):
        return _change(row, known, current, new, reviewed, signature)
    return None


def _change(
    row: Written,
    known: Row,
    old: Codes,
    new: Codes | None,
    reviewed: Reviewed,
    signature: Signature,
) -> Change:
    action: Action = "change" if new is not None else "delete"
    if row.verdict == "confirm":
        action = "confirm"
    decision = Decision(
        action,
        reviewed.anchor(known),
        old,
        new,
        signature.by,
        signature.on,
        row.why or signature.why,
    )
    return Change(row.number, decision, reviewed.book.check(new) if new else "")


def _find_nonsense(codes: Codes, book: Codebook) -> str:
    if not codes.instruments:
        return "no instrument; choose one, or delete the measure with the verdict delete"
    if codes.status in ("lacking", "recommended") and not codes.cities:
        return f"status {codes.status} without a city; name the city that it is said of"
    return "" if codes.categories else "no category; choose one"


def _add(row: Written, reviewed: Reviewed, signature: Signature) -> Change | Finding | None:
    """Make the decision that adds a measure, where the graph has none at its words."""
    if row.codes is None:
        return Finding(row.number, "a new measure needs an instrument; choose one")
    wrong = _find_nonsense(row.codes, reviewed.book)
    source = _choose_source(row, reviewed.sources)
    if wrong or isinstance(source, Finding):
        return source if isinstance(source, Finding) else Finding(row.number, wrong)
    about = reviewed.sources[source]
    span = _find_words(row, reviewed.text(about["sha256"]))
    if isinstance(span, Finding):
        return span
    here = [r for r in reviewed.rows.values() if r.source == source and _overlap(r, span)]
    codes = _default_cities(row.codes, source, reviewed)
    place = Row(
        id="",
        document=about["document"],
        source=source,
        sha256=about["sha256"],
        title=about["title"],
        clause="",
        start=span.start,
        end=span.end,
        text=span.of(reviewed.text(about["sha256"]).raw),
    )
    anchor = reviewed.anchor(place)
    if reviewed.is_added(anchor, codes):
        return None
    for other in here:
        current = reviewed.codes(other)
        if current is not None and set(current.cities) == set(codes.cities):
            return Finding(row.number, f"a measure already, {other.id}; change that row instead")
    why = row.why or signature.why
    decision = Decision("add", anchor, None, codes, signature.by, signature.on, why)
    return Change(row.number, decision, reviewed.book.check(codes))


def _choose_source(row: Written, sources: Mapping[str, Any]) -> str | Finding:
    if row.source in sources:
        return row.source
    named = [source for source, about in sources.items() if about["sha256"] == row.sha256]
    named = named or [source for source in sources if row.source and source.endswith(row.source)]
    if len(named) == 1:
        return named[0]
    return Finding(
        row.number, f"no document {row.source!r} in this graph; copy the source of a row of it"
    )


def _find_words(row: Written, text: Text) -> Span | Finding:
    spans = list(text.find(row.text))
    if row.start is not None and len(spans) > 1:
        spans = [span for span in spans if span.start == row.start] or spans
    if len(spans) == 1:
        return spans[0]
    if not spans:
        return Finding(row.number, "these words are not in the document; copy them from its text")
    return Finding(
        row.number,
        f"these words stand in {len(spans)} places; take the whole sentence, or give its start: "
        + ", ".join(str(span.start) for span in spans[:5]),
    )


def _overlap(row: Row, span: Span) -> bool:
    shared = min(row.end, span.end) - max(row.start, span.start)
    return shared > 0 and 2 * shared >= min(row.end - row.start, span.end - span.start)


def _default_cities(codes: Codes, source: str, reviewed: Reviewed) -> Codes:
    """Return the codes with the cities that the document's other measures have, where none given."""
    if codes.cities:
        return codes
    common: Sequence[str] = ()
    others = [r.codes.cities for r in reviewed.rows.values() if r.source == source and r.codes]
    if others and all(cities == others[0] for cities in others):
        common = others[0]
    return replace(codes, cities=tuple(common))
