"""A folder of hostile, broken and odd files, each with what must become of it.

Nothing of it is kept: every file is made when the tests run.  A readable file grants a sum of its
own, so that the coding sheet tells whether its text was read: nothing lost, nothing invented, and
nothing read that no reader of the document would see.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HIDDEN = 8888
"""Ten thousands of yuan that stand where no reader sees them: in no measure may they be found."""

Maker = Callable[[int], bytes]
Placer = Callable[[bytes], None]


@dataclass(frozen=True)
class Case:
    """One file and its outcome: the sum in a measure, a class of refusal, or why it is skipped.

    ``make`` returns the content for the sum that it must grant; ``place`` makes what is no usual
    file at the path it is given.  ``measures`` is false where the text grants nothing.
    """

    name: bytes
    make: Maker | None = None
    place: Placer | None = None
    reason: str = ""
    skipped: str = ""
    measures: bool = True
    note: str = ""
    slow: bool = False


@dataclass
class Collection:
    """The cases in order."""

    cases: list[Case]

    def add(
        self,
        name: str | bytes,
        make: Maker | bytes | str | None = None,
        *,
        place: Placer | None = None,
        reason: str = "",
        skipped: str = "",
        measures: bool = True,
        note: str = "",
        slow: bool = False,
    ) -> None:
        """Add a case; content that is no function is taken as it is."""
        content = make.encode() if isinstance(make, str) else make
        maker = (lambda _, content=content: content) if isinstance(content, bytes) else content
        raw = name if isinstance(name, bytes) else os.fsencode(name)
        self.cases.append(Case(raw, maker, place, reason, skipped, measures, note, slow))


def granting(amount: int) -> str:
    """Return the sentence that grants ``amount`` times ten thousand yuan."""
    return f"对首次认定的高新技术企业，给予一次性{amount}万元奖励。"


def paragraphs(amount: int) -> list[str]:
    """Return a short document that grants the sum."""
    return [
        f"某某市关于支持企业创新的第{amount}号意见",
        "一、加大财政支持",
        f"（一）给予认定奖励。{granting(amount)}（责任单位：市科技局、财政局）",
        "（二）开展申报培训。各区组织企业参加。",
    ]


def plain(amount: int) -> str:
    """Return the document as plain text."""
    return "\n\n".join(paragraphs(amount)) + "\n"


def collect() -> list[Case]:
    """Return all cases; the sum that a case grants is 11 plus its place in the list."""
    from tests.hostile import pages, pdfs, places, texts, words

    collection = Collection([])
    for module in (texts, pages, words, pdfs, places):
        module.add_cases(collection)
    return collection.cases


def sum_of(index: int) -> int:
    """Return the ten thousands of yuan that the case at ``index`` grants."""
    return 11 + index


def write_folder(folder: Path, cases: list[Case], *, slow: bool = False) -> dict[str, Case]:
    """Make the files of the cases, return them by the names that the report shows."""
    from kg.corpus.find import show_name

    made: dict[str, Case] = {}
    for index, case in enumerate(cases):
        if case.slow and not slow:
            continue
        path = os.path.join(os.fsencode(folder), case.name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if case.place is not None:
            case.place(path)
        if case.make is not None:
            with open(path, "wb") as file:
                file.write(case.make(sum_of(index)))
        made[show_name(os.fsdecode(case.name))] = case
    return made
