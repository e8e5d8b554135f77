"""Figures: precision, recall and F1 of a coding sheet, end to end and over matched pairs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kg.evaluate.gold import Coded, GoldDocument
from kg.model import Span

Groups = Mapping[Span, Sequence[Coded]]
LABELS: dict[str, Callable[[Coded], Iterable[str]]] = {
    "categories": lambda line: line.categories,
    "instruments": lambda line: line.instruments,
    "cities": lambda line: line.cities,
    "units": lambda line: line.units,
}


@dataclass(slots=True)
class Score:
    """True positives, false positives, false negatives, and what follows from them."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def add(self, gold: set[object], found: set[object]) -> None:
        """Count the labels of one unit."""
        self.tp += len(gold & found)
        self.fp += len(found - gold)
        self.fn += len(gold - found)

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return round(self.tp / (self.tp + self.fp), 3) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of what there is that was found."""
        return round(self.tp / (self.tp + self.fn), 3) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, unrounded ones, to three decimals."""
        both = 2 * self.tp + self.fp + self.fn
        return round(2 * self.tp / both, 3) if both and self.tp else 0.0


@dataclass(slots=True)
class Share:
    """How many of how many."""

    right: int = 0
    of: int = 0

    def add(self, right: bool) -> None:
        """Count one case."""
        self.of += 1
        self.right += right

    @property
    def value(self) -> float:
        """The share, to three decimals."""
        return round(self.right / self.of, 3) if self.of else 0.0


@dataclass(slots=True)
class Figures:
    """All figures over the documents compared; ``classes`` are per instrument."""

    scores: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    shares: dict[str, Share] = field(default_factory=lambda: defaultdict(Share))
    classes: dict[str, Score] = field(default_factory=lambda: defaultdict(Score))
    confusion: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[tuple[str, Coded]] = field(default_factory=list)
    extra: list[tuple[str, Coded]] = field(default_factory=list)
    differing: list[tuple[str, Coded, Coded]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the figures by the names of the scoring contract."""
        rows: dict[str, object] = {
            name: {"p": s.precision, "r": s.recall, "f1": s.f1, "tp": s.tp, "fp": s.fp, "fn": s.fn}
            for name, s in self.scores.items()
        }
        return {**rows, **{name: share.value for name, share in self.shares.items()}}


def evaluate_sheet(
    gold: Sequence[GoldDocument],
    sheet: Mapping[str, Sequence[Coded]],
    *,
    strict: bool = False,
    figures: Figures | None = None,
) -> Figures:
    """Compare a sheet (see ``read_sheet``) with the gold standard.

    A found and a coded measure match where they share at least half of the shorter one, one
    to one, the best overlap first; with ``strict`` only equal spans match.  Labels are counted
    over all measures, so that a missed measure costs its labels too; ``…_given`` counts over
    matched pairs.  ``figures`` adds to figures had before.
    """
    result = figures or Figures()
    for document in gold:
        found = [line for line in _lines_of(document, sheet) if document.covers(line.span)]
        if document.plainly:
            found = [line.labels() for line in found]
        _compare(document.key, _group(document.lines), _group(found), result, strict=strict)
    return result


def _lines_of(document: GoldDocument, sheet: Mapping[str, Sequence[Coded]]) -> list[Coded]:
    if document.key in sheet:
        return list(sheet[document.key])
    names = [name for name in sheet if len(name) != 64 and name.startswith(document.key)]
    return [line for name in names for line in sheet[name]]


def _group(lines: Iterable[Coded]) -> Groups:
    groups: dict[Span, list[Coded]] = {}
    for line in lines:
        groups.setdefault(line.span, []).append(line)
    return groups


def match_spans(found: Sequence[Span], gold: Sequence[Span], *, strict: bool) -> dict[Span, Span]:
    """Return gold span → found span, one to one, the best overlap first."""
    candidates = []
    for p in found:
        for g in gold:
            shared = min(p.end, g.end) - max(p.start, g.start)
            least = min(p.end - p.start, g.end - g.start)
            if shared > 0 and shared >= 0.5 * least and (not strict or p == g):
                candidates.append((shared / max(p.end - p.start, g.end - g.start), p, g))
    candidates.sort(key=lambda candidate: -candidate[0])
    pairs: dict[Span, Span] = {}
    taken: set[Span] = set()
    for _, p, g in candidates:
        if g not in pairs and p not in taken:
            pairs[g] = p
            taken.add(p)
    return pairs


def _compare(key: str, gold: Groups, found: Groups, figures: Figures, *, strict: bool) -> None:
    pairs = match_spans(list(found), list(gold), strict=strict)
    taken = set(pairs.values())
    measure = figures.scores["measure"]
    measure.tp += len(pairs)
    measure.fp += len(found) - len(pairs)
    measure.fn += len(gold) - len(pairs)
    for name, read in LABELS.items():
        _compare_labels(name, read, gold, found, pairs, figures)
    _compare_classes(gold, found, pairs, figures)
    _compare_pairs(gold, found, pairs, figures)
    _compare_claims(gold, found, pairs, figures)
    figures.missed += [(key, gold[g][0]) for g in gold if g not in pairs]
    figures.extra += [(key, found[p][0]) for p in found if p not in taken]
    figures.differing += [
        (key, gold[g][0], found[p][0])
        for g, p in pairs.items()
        if _union(gold[g], LABELS["instruments"]) != _union(found[p], LABELS["instruments"])
    ]


def _union(lines: Sequence[Coded], read: Callable[[Coded], Iterable[object]]) -> set[object]:
    return {value for line in lines for value in read(line)}


def _damaged(lines: Sequence[Coded]) -> bool:
    return any(line.damaged for line in lines)


def _compare_labels(
    name: str,
    read: Callable[[Coded], Iterable[str]],
    gold: Groups,
    found: Groups,
    pairs: Mapping[Span, Span],
    figures: Figures,
) -> None:
    overall, given = figures.scores[name], figures.scores[f"{name}_given"]
    for g, lines in gold.items():
        if name == "units" and _damaged(lines):
            continue
        mine = _union(found[pairs[g]], read) if g in pairs else set()
        overall.add(_union(lines, read), mine)
        if g in pairs:
            given.add(_union(lines, read), mine)
    for p in found.keys() - set(pairs.values()):
        overall.fp += len(_union(found[p], read))


def _compare_classes(
    gold: Groups, found: Groups, pairs: Mapping[Span, Span], figures: Figures
) -> None:
    read = LABELS["instruments"]
    for g, lines in gold.items():
        theirs = _union(lines, read)
        mine = _union(found[pairs[g]], read) if g in pairs else set()
        for instrument in theirs | mine:
            figures.classes[str(instrument)].add({instrument} & theirs, {instrument} & mine)
    for p in found.keys() - set(pairs.values()):
        for instrument in _union(found[p], read):
            figures.classes[str(instrument)].fp += 1


def _first(lines: Sequence[Coded], read: Callable[[Coded], Sequence[str]]) -> str:
    return next((read(line)[0] for line in lines if read(line)), "")


def _compare_pairs(
    gold: Groups, found: Groups, pairs: Mapping[Span, Span], figures: Figures
) -> None:
    names, amounts = figures.shares["unit_names_recall"], figures.scores["amounts"]
    for g, lines in gold.items():
        mine = found[pairs[g]] if g in pairs else ()
        if not _damaged(lines):
            wanted = _union(lines, lambda line: line.names)
            have = _union(mine, lambda line: line.called)
            names.right += len(wanted & have)
            names.of += len(wanted)
        amounts.add(_union(lines, lambda x: x.amounts), _union(mine, lambda x: x.amounts))
    for g, p in pairs.items():
        theirs, ours = gold[g], found[p]
        main = _first(theirs, lambda x: x.categories), _first(ours, lambda x: x.categories)
        figures.shares["primary_category_acc"].add(main[0] == main[1])
        figures.confusion[main] += 1
        same = {x.status for x in theirs} == {x.status for x in ours}
        figures.shares["status_acc"].add(same)
        strength = next((x.strength for x in theirs if x.strength), "")
        if strength:
            said = next((x.strength for x in ours if x.strength), "")
            figures.shares["strength_acc"].add(strength == said.replace("require", "implement"))


def _compare_claims(
    gold: Groups, found: Groups, pairs: Mapping[Span, Span], figures: Figures
) -> None:
    """Count facts (unit, city, instrument, status)."""
    back = {p: g for g, p in pairs.items()}

    def facts(groups: Groups, place: Callable[[Span], Span]) -> set[object]:
        return {
            (place(span), city, instrument, line.status)
            for span, lines in groups.items()
            for line in lines
            for city in line.cities
            for instrument in line.instruments
        }

    figures.scores["claims"].add(
        facts(gold, lambda span: span), facts(found, lambda span: back.get(span, span))
    )
