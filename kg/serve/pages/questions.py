"""Ask: a question in words, its answers with evidence, and the query that gave them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from starlette.responses import Response

from kg.ask import Answer, Lexicon, ask, load_lexicon
from kg.serve.pages.names import Names
from kg.serve.pages.render import FOLDER
from kg.serve.pages.view import View
from kg.serve.published import Published

LONGEST = 300
_KEPT = 256
_PLACES = ("places", "city", "peers", "silent", "without_documents")
_UNTOLD = ("intent", "instruments", "vocabulary", "shared")


@cache
def load_examples() -> dict[str, list[str]]:
    """Return the example questions by language."""
    content = (FOLDER / "messages" / "examples.json").read_text(encoding="utf-8")
    found: dict[str, list[str]] = json.loads(content)["questions"]
    return found


def show_answer(view: View) -> Response:
    """Answer the question in the parameter ``q``, or offer examples."""
    question = " ".join(view.request.query_params.get("q", "").split())[:LONGEST]
    answer = answer_question(view.published, question) if question else None
    found = [(one, view.cards(one.evidence)) for one in answer.answers] if answer else []
    return view.render(
        "ask.html",
        question=question,
        answer=answer,
        found=found,
        told=tell_reading(answer, view.names) if answer else [],
        evidence=sum(len(cards) for _, cards in found),
        examples=load_examples()[view.names.language],
        longest=LONGEST,
        show_value=show_value,
    )


def tell_reading(answer: Answer, names: Names) -> list[tuple[str, list[str]]]:
    """Return what a question was understood to name and which of its words were not used, by sort."""
    told = []
    for name, value in answer.understood.items():
        if name in _UNTOLD or not value:
            continue
        values = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
        told.append((name, [_name_value(name, one, names) for one in values]))
    return told


def _name_value(name: str, value: str, names: Names) -> str:
    if name == "beneficiaries":
        return names.term(name, value)
    return names.place_named(value) if name in _PLACES else value


def answer_question(published: Published, question: str) -> Answer:
    """Answer a question; what was asked of this version before is at hand."""
    kept: dict[str, Answer] = published.notes.setdefault("answers", {})
    if question not in kept:
        if len(kept) >= _KEPT:
            kept.clear()
        kept[question] = ask(
            question,
            published.store,
            published.vocabulary,
            base=published.base,
            lexicon=_load_lexicon(published),
        )
    return kept[question]


def _load_lexicon(published: Published) -> Lexicon:
    """Return the names that questions are read by, loaded once from a version."""
    if "lexicon" not in published.notes:
        published.notes["lexicon"] = load_lexicon(
            published.store, published.vocabulary, base=published.base
        )
    found: Lexicon = published.notes["lexicon"]
    return found


def show_value(value: Any) -> str:
    """Write a value of an answer as one text.

    >>> show_value([{"surface": "20万元", "value": 200000.0, "unit": "CNY", "op": "="}])
    '20万元'
    """
    if isinstance(value, dict):
        if value.get("surface"):
            parts = [value.get("indicator"), value.get("name") or value["surface"]]
            parts += [value["surface"]] if value.get("indicator") else []
        else:
            parts = list(value.values())
        texts = (show_value(part) for part in parts)
        return " ".join(dict.fromkeys(text for text in texts if text))
    if isinstance(value, list | tuple):
        return "、".join(filter(None, map(show_value, value)))
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value)
