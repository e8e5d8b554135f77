"""Intents: which sort of answer a question asks for."""

from __future__ import annotations

from collections.abc import Callable

from kg.ask.readings import Reading
from kg.ontology import Vocabulary

_OBJECT = 4  # characters of words that tell what an amount is for
_SPELLED = 4  # characters of an indicator's name that a question spells out


def choose_intent(reading: Reading, vocabulary: Vocabulary) -> str:
    """Return the first intent whose cues and slots the question holds, empty for none.

    A question for what is lacking is never answered with what is there.
    """
    if _wants_mix(reading, vocabulary):
        return "mix"
    fitting = [intent for intent, fits in _INTENTS.items() if fits(reading)]
    if not fitting and not reading.ignored and not has_cue(*_ASKING, *_AFTER_MORE)(reading):
        fitting = [intent for intent, fits in _BRIEF.items() if fits(reading)]
    if "lack" in reading.cues:
        fitting = [intent for intent in fitting if intent in _ON_LACKS]
    if fitting and _is_open(fitting[0], reading) and reading.ignored:
        return ""
    return fitting[0] if fitting else ""


def _is_open(intent: str, reading: Reading) -> bool:
    """Tell whether an intent would be answered with everything, whatever a word left over means."""
    if intent == "dates":
        return not (reading.instruments or reading.documents)
    return intent in _OPEN or (intent == "status" and not reading.instruments)


def split_instruments(reading: Reading) -> tuple[str, ...]:
    """Return the instruments that a city must not have: after 没有, up to the next 但有."""
    turns = sorted(
        (start, cue) for cue in ("lack", "holding") for start, _ in reading.cues.get(cue, ())
    )
    found = []
    for name, (start, _) in reading.instruments.items():
        before = [cue for position, cue in turns if position < start]
        if before and before[-1] == "lack":
            found.append(name)
    return tuple(found)


def has_cue(*cues: str) -> Callable[[Reading], bool]:
    """Return a test for questions that hold one of some cues."""
    return lambda reading: any(cue in reading.cues for cue in cues)


def _wants_denials(reading: Reading) -> bool:
    checks = has_cue("check")(reading) and not has_cue("clauses", "policies")(reading)
    return bool(reading.places) and has_cue("lack", "advised")(reading) and not checks


def _wants_documents(reading: Reading) -> bool:
    if has_cue("documents")(reading):
        return True
    asks = has_cue("policies")(reading) and not has_cue(*_ASKING)(reading)
    return asks and not (reading.places or reading.documents)


def _names_only_places(reading: Reading) -> bool:
    """Tell whether a question names a place or document and asks for nothing in particular."""
    return bool(reading.places or reading.documents) and not has_cue(*_ASKING)(reading)


def _names_any_place(reading: Reading) -> bool:
    return bool(reading.places or reading.documents or reading.units) or has_cue(*_ASKING)(reading)


def _wants_gaps(reading: Reading) -> bool:
    return has_cue("lack", "surplus", "advised")(reading) and len(reading.places) > 1


def _wants_elsewhere(reading: Reading) -> bool:
    """Tell whether a question asks which cities have what a named city has not."""
    return bool(reading.places) and has_cue("lack", "advised")(reading) and "cities" in reading.cues


def _cited_or_citing(reading: Reading) -> set[str]:
    return {*reading.documents, *reading.works, *reading.places}


def _wants_apart(reading: Reading) -> bool:
    """Tell whether a question asks which cities have one instrument and not another."""
    lacking = split_instruments(reading)
    return "cities" in reading.cues and 0 < len(lacking) < len(reading.instruments)


def _wants_figures(reading: Reading) -> bool:
    if not reading.figures or reading.counted or reading.units:
        return False
    return _is_figure(reading) or not reading.instruments or "amount" not in reading.cues


def _is_figure(reading: Reading) -> bool:
    """Tell whether the question spells out an indicator of which an instrument is only a part."""
    text = reading.wording.text
    return any(
        text.find(name) <= start and end <= text.find(name) + len(name)
        for name in reading.figures
        if name in text and len(name) >= _SPELLED
        for start, end in reading.instruments.values()
    )


def _wants_mix(reading: Reading, vocabulary: Vocabulary) -> bool:
    """Tell whether a question asks for the measures of several categories, or for their share."""
    whole = all(not vocabulary.concepts[name].broader for name in reading.instruments)
    several = has_cue("split", "portion")(reading) or len(reading.instruments) > 1
    told = has_cue(*_LISTING)(reading) or bool(reading.instruments)
    counts = reading.counted == "measures" or (has_cue("portion")(reading) and told)
    return (
        not reading.ignored
        and counts
        and several
        and whole
        and bool(reading.places or reading.documents)
    )


def _wants_status(reading: Reading) -> bool:
    """Tell whether a question asks what is on trial, or whether something is."""
    either = {"settled", "exploratory"} <= reading.cues.keys()
    asks = either or has_cue("check", "policies", "clauses", "measures", "or")(reading)
    named = bool(reading.places or reading.documents or reading.instruments)
    return (
        has_cue("status")(reading)
        and asks
        and named
        and not has_cue("cities", "documents")(reading)
    )


def choose_standing(reading: Reading) -> str:
    """Return secondary or own where only one of them is asked for."""
    named = [name for name in ("secondary", "own") if name in reading.cues]
    return named[0] if len(named) == 1 else ""


def _names_occasion(reading: Reading) -> bool:
    """Tell whether a question says on what occasion, or for what, a place pays, or asks what it pays at most."""
    ends = has_cue("largest", "smallest")(reading) and not has_cue("portion")(reading)
    told = bool(reading.topics.get("amount-topics")) or bool(name_object("amounts", reading))
    told = told or (ends and not reading.ignored)
    return told and bool(reading.places or reading.documents)


def name_object(intent: str, reading: Reading) -> tuple[str, ...]:
    """Return Chinese words that name nothing known, which an amount must be told of."""
    if intent != "amounts" or reading.instruments:
        return ()
    return tuple(w for w in reading.ignored if len(w) >= _OBJECT and not w.isascii())


def _wants_dates(reading: Reading) -> bool:
    """Tell whether a question asks when; documents in force since a year are asked for otherwise."""
    if "amount" in reading.cues and reading.ignored:
        return False  # what is asked is how much, of something unknown
    valid = has_cue("valid")(reading)
    listed = bool(reading.instruments and reading.years) and has_cue("documents")(reading)
    named = bool(reading.instruments or reading.documents or reading.places)
    asked = has_cue("documents")(reading) and (wants_verdict(reading) or choose_event(reading))
    return has_cue("dates")(reading) and (named or bool(asked)) and (valid or not listed)


def wants_verdict(reading: Reading) -> bool:
    """Tell whether a question asks if documents are in force, with a word for that or with a time.

    A time beside a word for entering into force or ending asks for that day, unless the document
    is named: whether that has happened by then depends on the same dates.
    """
    if "valid" in reading.cues:
        return True
    return bool(reading.span[0]) and (bool(reading.documents) or not choose_event(reading))


def choose_event(reading: Reading) -> str:
    """Return the date that must lie in the time a question names: of entry into force or of end."""
    if "valid" in reading.cues or reading.documents or not reading.span[0]:
        return ""
    dates = {"entering": "effective", "ending": "expires"}
    named = [dates[cue] for cue in dates if cue in reading.cues]
    return named[0] if len(named) == 1 and "documents" in reading.cues else ""


def _wants_holdings(reading: Reading) -> bool:
    """Tell whether a question asks for the documents of a place, or who issued some."""
    if has_cue("secondary", "own")(reading):
        return True
    if "issuer" in reading.cues:
        return bool(reading.documents or reading.places)
    bound = bool(reading.places or reading.period.since or reading.period.before)
    return "documents" in reading.cues and bound and "dates" not in reading.cues


def _wants_received(reading: Reading) -> bool:
    """Tell whether a question asks for the measures that are for somebody."""
    return bool(reading.receivers) and has_cue(*_LISTING)(reading)


def _wants_check(reading: Reading) -> bool:
    """Tell whether a question asks if there is something; how many there are is another question."""
    counts = has_cue("many", "figures")(reading) and not reading.counted
    named = bool(reading.instruments) and _names_only_places(reading)
    return has_cue("check")(reading) and named and not counts


def _wants_clauses(reading: Reading) -> bool:
    if "targets" in reading.cues and "responsible" not in reading.cues:
        return False
    if has_cue("clauses", "policies")(reading):
        return True
    return has_cue("responsible", "measures")(reading) and "units" not in reading.cues


_LISTING = ("clauses", "measures", "policies")
_ASKING = ("amount", "cities", "dates", "districts", "documents", "places", "targets", "units")
_OPEN = frozenset({"policies", "gaps", "denials", "compare", "only", "measures"})
_ON_LACKS = frozenset({"gaps", "denials", "elsewhere", "lacking", "apart", "districts-without"})
_INTENTS: dict[str, Callable[[Reading], bool]] = {
    "citations": lambda r: has_cue("cites")(r) and not r.instruments and bool(_cited_or_citing(r)),
    "clauses": lambda r: bool(r.units) and _wants_clauses(r),
    "status": lambda r: _wants_status(r),
    "gaps": lambda r: _wants_gaps(r) and not has_cue("cities")(r),
    "denials": lambda r: _wants_denials(r) and not has_cue("cities", "districts")(r),
    "apart": lambda r: _wants_apart(r) and not r.places,
    "elsewhere": lambda r: _wants_elsewhere(r) and bool(r.instruments),
    "lacking": lambda r: (
        has_cue("lack")(r) and has_cue("cities", "places")(r) and bool(r.instruments)
    ),
    "districts-without": lambda r: (
        has_cue("lack")(r) and has_cue("districts")(r) and bool(r.instruments)
    ),
    "compare": lambda r: len(r.places) > 1 and has_cue("compare")(r) and "lack" not in r.cues,
    "only": lambda r: (
        len(r.places) == 1 and has_cue("only")(r) and not has_cue("cities", "units")(r)
    ),
    "measures": lambda r: (
        _wants_received(r)
        or (has_cue("measures")(r) and bool(r.instruments or r.places or r.documents))
    ),
    "targets": lambda r: has_cue("targets")(r) and bool(r.places or r.documents or r.units),
    "figures": _wants_figures,
    "amounts": lambda r: has_cue("amount")(r) and (bool(r.instruments) or _names_occasion(r)),
    "cities": lambda r: has_cue("cities", "places")(r) and bool(r.instruments),
    "districts": lambda r: has_cue("districts")(r) and bool(r.instruments),
    "units": lambda r: has_cue("units")(r) and bool(r.instruments or r.clauses or r.documents),
    "subjects": lambda r: has_cue("cities")(r) and bool(r.documents) and not r.instruments,
    "holdings": lambda r: not r.instruments and _wants_holdings(r),
    "dates": _wants_dates,
    "documents": lambda r: bool(r.instruments) and _wants_documents(r),
    "listing": lambda r: has_cue("clauses")(r) and bool(r.instruments) and not _names_any_place(r),
    "policies": lambda r: (
        has_cue("policies", "clauses")(r)
        and _names_only_places(r)
        and not has_cue("figures", "issuer")(r)
    ),
    "check": lambda r: _wants_check(r),
}

# What a question means that names things without asking anything: keywords
_BRIEF: dict[str, Callable[[Reading], bool]] = {
    "check": lambda r: bool(r.instruments and r.places),
    "measures": lambda r: bool(r.instruments and r.documents),
    "cities": lambda r: bool(r.instruments),
}
_AFTER_MORE = ("figures", "many", "compare", "lack", "advised", "responsible", "cites", "only")
