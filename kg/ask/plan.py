"""The plan of an answer: the intent of a question and the competency question that answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.ask.binding import bind_parameters
from kg.ask.lexicon import Lexicon
from kg.ask.narrow import find_hints, find_wording
from kg.ask.queries import Question
from kg.ask.readings import Reading
from kg.ontology import BASE, Vocabulary, local_id

_SPELLED = 4  # characters of an indicator's name that a question spells out
COUNTY = frozenset({"County", "Zone"})
CITY_TYPES = frozenset({"Municipality", "Prefecture"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked: the intent, the query with its parameters, and what narrows the rows.

    ``home`` is the city that is compared with ``peers`` (place ids); ``words`` are texts of
    which a passage must hold one; with ``any_of`` one of several instruments is enough;
    ``lacking`` are those of the instruments that a city must not have; ``order`` sorts amounts,
    ``complete`` lists what names none as well;
    with ``shared`` every peer must have what the city lacks; ``widened`` names the parameter that was left open because nothing met it;
    ``hints`` are renderings of words that name nothing, of which a target holds the most;
    ``wording`` is a name so particular that only passages that hold it are meant, ``asked`` the
    whole question, cleaned; with ``distinct`` what is said of a group of cities at once is left out,
    with ``total`` the largest of several targets of one name and term stays; with ``held`` what is
    only said to be missing is no answer, with ``trial`` what is beyond trial;
    ``valid`` asks whether a document is in force; ``standing`` is that of the documents asked for,
    ``money`` prefers sums among figures.
    """

    intent: str
    question: Question
    instruments: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    home: str = ""
    peers: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    any_of: bool = False
    with_provinces: bool = False
    counted: str = ""
    lacking: tuple[str, ...] = ()
    order: str = ""
    widened: str = ""
    shared: bool = False
    complete: bool = False
    hints: tuple[tuple[str, ...], ...] = ()
    wording: str = ""
    asked: str = ""
    distinct: bool = False
    total: bool = False
    held: bool = False
    trial: bool = False
    valid: bool = False
    standing: str = ""
    money: bool = False


def make_plan(
    reading: Reading, vocabulary: Vocabulary, *, base: str = BASE, intent: str = ""
) -> Plan | None:
    """Plan the answer to what was read, or to ``intent``; None where it holds no intent."""
    intent = intent or ("mix" if _wants_mix(reading, vocabulary) else choose_intent(reading))
    if not intent:
        return None
    query = _choose_query(intent, reading, vocabulary)
    home, peers = split_cities(reading) if intent in ("gaps", "denials") else ("", ())
    if home and _in_county((home, *peers), vocabulary) and intent == "gaps":
        intent, query = "gaps-of-places", "compare"
    topics = {"targets": "target-topics", "amounts": "amount-topics"}.get(intent, "")
    return Plan(
        intent=intent,
        question=Question(
            query, bind_parameters(intent, query, reading, (home, *peers), vocabulary, base), base
        ),
        instruments=tuple(reading.instruments),
        places=tuple(reading.places),
        home=home,
        peers=peers,
        years=reading.years,
        words=reading.topics.get(topics, ()),
        any_of="or" in reading.cues,
        with_provinces="places" in reading.cues,
        counted=reading.counted,
        lacking=split_instruments(reading) if intent == "apart" else (),
        shared="shared" in reading.cues,
        hints=find_hints(reading, vocabulary) if intent == "targets" else (),
        wording=find_wording(reading, vocabulary) if intent in ("cities", "documents") else "",
        asked=reading.wording.text,
        total="total" in reading.cues,
        held=bool(reading.places) and "mention" not in reading.cues,
        trial="exploratory" in reading.cues and "settled" not in reading.cues,
        valid="valid" in reading.cues,
        standing=_choose_standing(reading),
        money="amount" in reading.cues and not _has("figures", "many")(reading),
        distinct="distinctive" in reading.cues,
        complete=_has("cities", "places", "districts")(reading),
        order=next((name for name in ("largest", "smallest") if name in reading.cues), ""),
    )


def _in_county(codes: Iterable[str], vocabulary: Vocabulary) -> bool:
    return any(vocabulary.places[code].type in COUNTY for code in codes)


def choose_intent(reading: Reading) -> str:
    """Return the first intent whose cues and slots the question holds, empty for none.

    A question for what is lacking is never answered with what is there.
    """
    fitting = [intent for intent, fits in _INTENTS.items() if fits(reading)]
    if not fitting and not reading.ignored and not _has(*_ASKING, *_AFTER_MORE)(reading):
        fitting = [intent for intent, fits in _BRIEF.items() if fits(reading)]
    if "lack" in reading.cues:
        fitting = [intent for intent in fitting if intent in _ON_LACKS]
    if fitting and fitting[0] in _OPEN and reading.ignored:
        return ""
    return fitting[0] if fitting else ""


def describe_plan(plan: Plan, reading: Reading, lexicon: Lexicon) -> dict[str, Any]:
    """Say what was understood: the intent and the names in its slots, places by short name.

    ``ignored`` are words, and a year where it plays no part, that changed nothing.
    """
    places = lexicon.vocabulary.places
    bound = plan.question.parameters
    dated = {name for name in ("since", "before", "when") if name in bound}
    unused = reading.years if plan.intent != "targets" and not dated else ()
    names = {
        "intent": plan.intent,
        "instruments": list(plan.instruments),
        "places": [places[code].zh for code in plan.places],
        "units": [lexicon.unit_name(iri) for iri in reading.units],
        "documents": [lexicon.document_name(iri) for iri in reading.documents],
        "clauses": list(dict.fromkeys(reading.headings[iri] for iri in reading.clauses)),
        "years": list(reading.years) if plan.intent == "targets" else [],
        "words": list(plan.words),
        "city": places[plan.home].zh if plan.home else "",
        "peers": [places[code].zh for code in plan.peers],
        "counted": plan.counted,
        "shared": plan.shared and plan.intent == "gaps",
        "not": list(plan.lacking),
        "order": plan.order if plan.intent == "amounts" else "",
        "roles": [local_id(role) for role in bound.get("role", ())],
        "widened": plan.widened,
        "figures": [str(_text(name)) for name in bound.get("indicator", ())],
        "cited": [str(_text(name)) for name in bound.get("work", ())],
        **{name: _text(bound[name][0]) for name in sorted(dated)},
        "undated": "only"
        if "undated" in bound
        else "left out"
        if dated & {"since", "before"}
        else "",
        "left_out": "instruments of national competence" if plan.intent == "gaps" else "",
        "wording": plan.wording,
        "ignored": [word for word in (*reading.ignored, *unused) if word not in plan.words],
        "vocabulary": lexicon.vocabulary.version,
    }
    return {name: found for name, found in names.items() if found}


def _text(value: str | ox.Literal) -> str:
    return value.value if isinstance(value, ox.Literal) else value


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


def split_cities(reading: Reading) -> tuple[str, tuple[str, ...]]:
    """Tell the city that lacks something from its peers (place ids).

    上海与北京相比缺, 上海相比北京缺, 与北京相比，上海缺 and 北京有而上海没有 all ask what 上海
    lacks: the city nearest before the word for lacking; where 相比 stands in between and no
    comma parts it from that city, the first one.
    """
    spots = reading.places
    places = sorted(spots, key=lambda code: spots[code])
    if "surplus" in reading.cues:
        return places[-1], tuple(places[:-1])
    lack = min(end for cue in ("lack", "advised") for _, end in reading.cues.get(cue, ()))
    before = [code for code in places if spots[code][0] < lack] or places
    home = _find_learner(before, reading) or before[-1]
    for start, end in reading.cues.get("against", ()):
        between = reading.wording.text[end : spots[home][0]]
        parted = "," in between or "，" in between
        if spots[before[0]][0] < start < lack and not (start < spots[home][0] and parted):
            home = before[0]
    return home, tuple(code for code in places if code != home)


def _find_learner(before: list[str], reading: Reading) -> str:
    """Return the city before the word for those of whom it should learn: 上海 in 上海应向北京学什么."""
    if "advised" not in reading.cues:
        return ""
    for start, _ in reading.cues.get("towards", ()):
        ahead = [code for code in before if reading.places[code][0] < start]
        if ahead and len(ahead) < len(before):
            return ahead[-1]
    return ""


def _has(*cues: str) -> Callable[[Reading], bool]:
    return lambda reading: any(cue in reading.cues for cue in cues)


def _wants_denials(reading: Reading) -> bool:
    checks = _has("check")(reading) and not _has("clauses", "policies")(reading)
    return bool(reading.places) and _has("lack", "advised")(reading) and not checks


def _wants_documents(reading: Reading) -> bool:
    if _has("documents")(reading):
        return True
    asks = _has("policies")(reading) and not _has(*_ASKING)(reading)
    return asks and not (reading.places or reading.documents)


def _names_only_places(reading: Reading) -> bool:
    """Tell whether a question names a place or document and asks for nothing in particular."""
    return bool(reading.places or reading.documents) and not _has(*_ASKING)(reading)


def _names_any_place(reading: Reading) -> bool:
    return bool(reading.places or reading.documents or reading.units) or _has(*_ASKING)(reading)


def _wants_gaps(reading: Reading) -> bool:
    return _has("lack", "surplus", "advised")(reading) and len(reading.places) > 1


def _wants_elsewhere(reading: Reading) -> bool:
    """Tell whether a question asks which cities have what a named city has not."""
    return bool(reading.places) and _has("lack", "advised")(reading) and "cities" in reading.cues


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
    several = _has("split", "portion")(reading) or len(reading.instruments) > 1
    told = _has(*_LISTING)(reading) or bool(reading.instruments)
    counts = reading.counted == "measures" or (_has("portion")(reading) and told)
    return counts and several and whole and bool(reading.places or reading.documents)


def _wants_status(reading: Reading) -> bool:
    """Tell whether a question asks what is on trial, or whether something is."""
    asks = _has("check", "policies", "clauses", "measures", "or")(reading)
    named = bool(reading.places or reading.documents or reading.instruments)
    return _has("status")(reading) and asks and named and not _has("cities", "documents")(reading)


def _choose_standing(reading: Reading) -> str:
    """Return secondary or own where only one of them is asked for."""
    named = [name for name in ("secondary", "own") if name in reading.cues]
    return named[0] if len(named) == 1 else ""


def _names_occasion(reading: Reading) -> bool:
    """Tell whether a question says on what occasion a place pays, without saying what for."""
    return bool(reading.topics.get("amount-topics")) and bool(reading.places or reading.documents)


def _wants_holdings(reading: Reading) -> bool:
    """Tell whether a question asks for the documents of a place, or who issued some."""
    if _has("secondary", "own")(reading):
        return True
    if "issuer" in reading.cues:
        return bool(reading.documents or reading.places)
    bound = bool(reading.places or reading.period.since or reading.period.before)
    return "documents" in reading.cues and bound and "dates" not in reading.cues


def _wants_clauses(reading: Reading) -> bool:
    if "targets" in reading.cues and "responsible" not in reading.cues:
        return False
    if _has("clauses", "policies")(reading):
        return True
    return _has("responsible", "measures")(reading) and "units" not in reading.cues


_LISTING = ("clauses", "measures", "policies")
_ASKING = ("amount", "cities", "dates", "districts", "documents", "places", "targets", "units")
_OPEN = frozenset({"policies", "gaps", "denials", "compare", "only", "measures"})
_ON_LACKS = frozenset({"gaps", "denials", "elsewhere", "lacking", "apart", "districts-without"})
_INTENTS: dict[str, Callable[[Reading], bool]] = {
    "citations": lambda r: _has("cites")(r) and not r.instruments and bool(_cited_or_citing(r)),
    "clauses": lambda r: bool(r.units) and _wants_clauses(r),
    "status": lambda r: _wants_status(r),
    "gaps": lambda r: _wants_gaps(r) and not _has("cities")(r),
    "denials": lambda r: _wants_denials(r) and not _has("cities", "districts")(r),
    "apart": lambda r: _wants_apart(r) and not r.places,
    "elsewhere": lambda r: _wants_elsewhere(r) and bool(r.instruments),
    "lacking": lambda r: _has("lack")(r) and _has("cities", "places")(r) and bool(r.instruments),
    "districts-without": lambda r: _has("lack")(r) and _has("districts")(r) and bool(r.instruments),
    "compare": lambda r: len(r.places) > 1 and _has("compare")(r) and "lack" not in r.cues,
    "only": lambda r: len(r.places) == 1 and _has("only")(r) and not _has("cities", "units")(r),
    "measures": lambda r: _has("measures")(r) and bool(r.instruments or r.places or r.documents),
    "targets": lambda r: _has("targets")(r) and bool(r.places or r.documents or r.units),
    "figures": _wants_figures,
    "amounts": lambda r: _has("amount")(r) and (bool(r.instruments) or _names_occasion(r)),
    "cities": lambda r: _has("cities", "places")(r) and bool(r.instruments),
    "districts": lambda r: _has("districts")(r) and bool(r.instruments),
    "units": lambda r: _has("units")(r) and bool(r.instruments or r.clauses or r.documents),
    "subjects": lambda r: _has("cities")(r) and bool(r.documents) and not r.instruments,
    "holdings": lambda r: not r.instruments and _wants_holdings(r),
    "dates": lambda r: _has("dates")(r) and bool(r.instruments or r.documents or r.places),
    "documents": lambda r: bool(r.instruments) and _wants_documents(r),
    "listing": lambda r: _has("clauses")(r) and bool(r.instruments) and not _names_any_place(r),
    "policies": lambda r: _has("policies", "clauses")(r) and _names_only_places(r),
    "check": lambda r: _has("check")(r) and bool(r.instruments) and _names_only_places(r),
}

# What a question means that names things without asking anything: keywords
_BRIEF: dict[str, Callable[[Reading], bool]] = {
    "check": lambda r: bool(r.instruments and r.places),
    "measures": lambda r: bool(r.instruments and r.documents),
    "cities": lambda r: bool(r.instruments),
}
_AFTER_MORE = ("figures", "many", "compare", "lack", "advised", "responsible", "cites", "only")


def _choose_query(intent: str, reading: Reading, vocabulary: Vocabulary) -> str:
    if intent == "check":
        types = {vocabulary.places[code].type for code in reading.places}
        return "policies" if types & COUNTY else "cities"
    if intent == "districts-without":
        return "districts"
    if intent in ("listing", "mix", "status"):
        return "measures"
    return "cities" if intent in ("lacking", "elsewhere", "apart") else intent
