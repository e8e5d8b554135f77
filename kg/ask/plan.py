"""The plan of an answer: the intent of a question and the competency question that answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pyoxigraph as ox

from kg.ask.binding import bind_parameters
from kg.ask.intents import (
    choose_event,
    choose_intent,
    choose_standing,
    has_cue,
    name_object,
    split_instruments,
    wants_verdict,
)
from kg.ask.lexicon import Lexicon
from kg.ask.narrow import find_hints, find_narrower_names, find_wording
from kg.ask.queries import Question
from kg.ask.readings import Period, Reading, overlaps
from kg.ask.receivers import name_receivers
from kg.ontology import BASE, Vocabulary, local_id

# Which words of a question narrow the rows of an intent, and which intents answer with dates anyway
_TOPICS = {
    "targets": "target-topics",
    "amounts": "amount-topics",
    "compare": "amount-topics",
    "status": "amount-topics",
}
_DATED = frozenset({"dates", "documents", "holdings"})
_CLOSE = frozenset({"amounts", "units"})
_WORDED = frozenset({"amounts", "check", "cities", "documents", "policies", "units"})
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
    ``valid`` asks whether a document is in force in ``span``, ``event`` which of its days lies in
    ``period``, ``chosen`` which of the documents it is; ``standing`` is that of the documents asked for,
    ``money`` prefers sums among figures, and numbers to ranks unless these are asked for (``ranked``);
    with ``dated`` the dates of the documents belong to the answers, with ``joint`` a passage that
    carries all of several instruments is preferred; ``aims`` are the names of targets that are meant,
    ``told`` words of which a passage must hold one, ``rendered`` groups of words, by their entry in
    the glossary, of which it holds one each, or of as many as any passage; with ``worded`` they are
    all that tells what is asked for;
    ``narrower`` are instruments called by a name of something narrower, with the words of which a
    passage about them must hold one; ``uncovered`` are the places of which the graph knows nothing.
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
    span: tuple[str, str] = ("", "")
    event: str = ""
    period: Period = field(default_factory=Period)
    chosen: bool = False
    standing: str = ""
    money: bool = False
    ranked: bool = False
    dated: bool = False
    joint: bool = False
    aims: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    rendered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    worded: bool = False
    narrower: tuple[tuple[str, tuple[str, ...]], ...] = ()
    uncovered: tuple[str, ...] = ()


def make_plan(
    reading: Reading, vocabulary: Vocabulary, *, base: str = BASE, intent: str = ""
) -> Plan | None:
    """Plan the answer to what was read, or to ``intent``; None where it holds no intent."""
    intent = intent or choose_intent(reading, vocabulary)
    if not intent:
        return None
    query = _choose_query(intent, reading, vocabulary)
    home, peers = split_cities(reading) if intent in ("gaps", "denials") else ("", ())
    if home and _in_county((home, *peers), vocabulary) and intent == "gaps":
        intent, query = "gaps-of-places", "compare"
    topics = _TOPICS.get(intent, "")
    narrower = find_narrower_names(reading, vocabulary)
    plan = Plan(
        intent=intent,
        question=Question(
            query, bind_parameters(intent, query, reading, (home, *peers), vocabulary, base), base
        ),
        instruments=tuple(reading.instruments),
        places=tuple(reading.places),
        home=home,
        peers=peers,
        years=reading.years,
        words=()
        if reading.aims
        else reading.topics.get(topics, ()) or name_object(intent, reading),
        any_of="or" in reading.cues,
        with_provinces="places" in reading.cues,
        counted=reading.counted,
        lacking=split_instruments(reading) if intent == "apart" else (),
        shared="shared" in reading.cues,
        hints=find_hints(reading, vocabulary) if intent == "targets" and not reading.aims else (),
        wording=find_wording(reading, vocabulary, closely=intent in _CLOSE)
        if intent in _WORDED and ("mention" in reading.cues or not narrower)
        else "",
        asked=reading.wording.text,
        total="total" in reading.cues,
        held=bool(reading.places) and "mention" not in reading.cues,
        trial="exploratory" in reading.cues and "settled" not in reading.cues,
        valid=wants_verdict(reading),
        span=reading.span,
        event=choose_event(reading),
        period=reading.period,
        chosen=has_cue("documents", "policies")(reading) and not reading.documents,
        standing=choose_standing(reading),
        ranked="rank" in reading.cues,
        dated="dates" in reading.cues and intent not in _DATED,
        aims=reading.aims,
        told=tuple(reading.told),
        rendered=dict(reading.rendered),
        worded=reading.worded,
        narrower=narrower,
        joint=not has_cue("and", "or")(reading),
        money="amount" in reading.cues and not has_cue("figures", "many")(reading),
        distinct="distinctive" in reading.cues,
        complete=has_cue("cities", "places", "districts")(reading),
        order=next((name for name in ("largest", "smallest") if name in reading.cues), ""),
    )
    return None if _drops_all(plan, reading) else plan


def _drops_all(plan: Plan, reading: Reading) -> bool:
    """Tell whether all targets would be the answer although words say which, and none was understood."""
    told = plan.instruments or plan.words or plan.hints or plan.aims or plan.told
    return plan.intent == "targets" and bool(reading.ignored) and not (told or reading.units)


def _in_county(codes: Iterable[str], vocabulary: Vocabulary) -> bool:
    return any(vocabulary.places[code].type in COUNTY for code in codes)


def describe_plan(plan: Plan, reading: Reading, lexicon: Lexicon) -> dict[str, Any]:
    """Say what was understood: the intent and the names in its slots, places by short name.

    ``ignored`` are words, and a year where it plays no part, that changed nothing.
    """
    places = lexicon.vocabulary.places
    bound = plan.question.parameters
    dated = {name for name in ("since", "before", "when") if name in bound}
    timed = plan.intent == "dates" and (plan.valid or bool(plan.event))
    unused = list(reading.years) if plan.intent != "targets" and not (dated or timed) else []
    if "beneficiary" not in bound:
        unused += name_receivers(reading, lexicon.vocabulary)
    names = {
        "intent": plan.intent,
        "instruments": [] if plan.worded else list(plan.instruments),
        "places": [places[code].zh for code in plan.places],
        "units": [lexicon.unit_name(iri) for iri in reading.units],
        "documents": [lexicon.document_name(iri) for iri in reading.documents],
        "clauses": list(dict.fromkeys(reading.headings[iri] for iri in reading.clauses)),
        "years": list(reading.years) if plan.intent == "targets" else [],
        "words": list(
            dict.fromkeys((*plan.words, *plan.told, *chain.from_iterable(plan.rendered.values())))
        ),
        "aims": list(plan.aims) if plan.intent == "targets" else [],
        "beneficiaries": [local_id(name) for name in bound.get("beneficiary", ())],
        "city": places[plan.home].zh if plan.home else "",
        "peers": [places[code].zh for code in plan.peers],
        "counted": plan.counted,
        "shared": plan.shared and plan.intent == "gaps",
        "not": list(plan.lacking),
        "order": plan.order if plan.intent == "amounts" else "",
        "roles": [
            name
            for name in map(local_id, bound.get("role", ()))
            if name != "responsible" or "lone" not in bound
        ],
        "counted_as_lead": "units responsible alone" if "lone" in bound else "",
        "sole": "sole" in bound,
        "widened": plan.widened,
        "figures": [str(_text(name)) for name in bound.get("indicator", ())],
        "cited": [str(_text(name)) for name in bound.get("work", ())],
        **{name: _text(bound[name][0]) for name in sorted(dated)},
        **(_describe_time(plan) if timed else {}),
        "undated": "only"
        if "undated" in bound
        else "left out"
        if dated & {"since", "before"}
        else "",
        "left_out": "instruments of national competence" if plan.intent == "gaps" else "",
        "without_documents": [places[code].zh for code in plan.uncovered],
        "wording": "、".join(words[0] for _, words in plan.narrower) or plan.wording,
        "ignored": [word for word in (*reading.ignored, *unused) if word not in plan.words],
        "vocabulary": lexicon.vocabulary.version,
    }
    return {name: found for name, found in names.items() if found}


def _describe_time(plan: Plan) -> dict[str, str]:
    """Say which time a question about dates is answered for; today where it names none."""
    if plan.event:
        return {"event": plan.event, "since": plan.period.since, "before": plan.period.before}
    return {"on": " to ".join(dict.fromkeys(plan.span)) or "today"}


def _text(value: str | ox.Literal) -> str:
    return value.value if isinstance(value, ox.Literal) else value


def split_cities(reading: Reading) -> tuple[str, tuple[str, ...]]:
    """Tell the city that lacks something from its peers (place ids).

    上海与北京相比缺, 上海相比北京缺, 与北京相比，上海缺 and 北京有而上海没有 all ask what 上海
    lacks: the city nearest before the word for lacking; where 相比 stands in between and no
    comma parts it from that city, the first one.  absent from Shanghai names it afterwards.
    """
    spots = reading.places
    places = sorted(spots, key=lambda code: spots[code])
    if "surplus" in reading.cues:
        return places[-1], tuple(places[:-1])
    after = [end for _, end in reading.cues.get("lacked", ())]
    lacking = [code for code in places if after and spots[code][0] >= min(after)]
    if lacking:
        return lacking[0], tuple(code for code in places if code != lacking[0])
    lacks = [spot for cue in ("lack", "advised") for spot in reading.cues.get(cue, ())]
    lack = min(end for _, end in lacks)
    standard = {
        code
        for code in places
        for start, end in reading.cues.get("against", ())
        if start <= spots[code][0] and spots[code][1] <= end and not overlaps((start, end), lacks)
    }
    known = [code for code in places if code not in standard] or places
    before = [code for code in known if spots[code][0] < lack] or known
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


def _choose_query(intent: str, reading: Reading, vocabulary: Vocabulary) -> str:
    if intent == "check":
        types = {vocabulary.places[code].type for code in reading.places}
        return "policies" if types & COUNTY else "cities"
    if intent == "districts-without":
        return "districts"
    if intent in ("listing", "mix", "status"):
        return "measures"
    return "cities" if intent in ("lacking", "elsewhere", "apart") else intent
