"""The wording of a question: one cleaned text, with what stands in quotes and in brackets."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MASK = "\0"  # stands for a character that is taken
_OPENING_QUOTES = "“「『《〈«"
_CLOSING_QUOTES = "”」』》〉»"
_PLAIN = re.compile(r"[\u3400-\u9fff]+|[A-Za-z]+(?: [A-Za-z]+)*")
_WORD = re.compile(r"[a-z0-9&]+")
_SPELLINGS = (  # endings that are written in two ways, and the one that stands for both
    ("ization", "isation"),
    ("izing", "ising"),
    ("ized", "ised"),
    ("izer", "iser"),
    ("ize", "ise"),
    ("yze", "yse"),
    ("yzed", "ysed"),
    ("ogue", "og"),
    ("amme", "am"),
    ("tre", "ter"),
    ("our", "or"),
    ("cence", "cense"),
    ("fence", "fense"),
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A cleaned text; spans are half-open ranges of it.

    ``quotes`` are what stood in quotation marks or title marks, ``asides`` in brackets.
    """

    text: str
    quotes: tuple[tuple[int, int], ...]
    asides: tuple[tuple[int, int], ...]

    def words(self) -> list[tuple[str, int, int]]:
        """Return the English words and numbers, in the singular and one spelling, with their spans."""
        return [
            (to_plain(found[0]), found.start(), found.end()) for found in _WORD.finditer(self.text)
        ]

    def in_aside(self, start: int, end: int) -> bool:
        """Tell whether a span lies within brackets."""
        return any(first <= start and end <= last for first, last in self.asides)


def read_wording(question: str) -> Wording:
    """Clean a question or a label: one width, lower case, no brackets, quotes or idle spaces.

    >>> read_wording("沪府规〔２０２１〕9号“强化金融服务效能”").text
    '沪府规20219号强化金融服务效能'
    >>> read_wording("Land-fee waivers (R&D)?").text
    'land fee waivers r&d?'
    """
    text: list[str] = []
    spans: dict[str, list[tuple[int, int]]] = {"quote": [], "aside": []}
    opened: list[tuple[str, int]] = []
    straight = False
    source = _join_words(unicodedata.normalize("NFKC", question).lower())
    if not any(_classify(character, False)[0] for character in set(source)):
        return Wording(source, (), ())
    for character in source:
        kind, closes = _classify(character, straight)
        if character == '"':
            straight = not straight
        if not kind:
            text.append(character)
        elif closes:
            while opened:
                found, start = opened.pop()
                if found == kind:
                    spans[kind].append((start, len(text)))
                    break
        else:
            opened.append((kind, len(text)))
    return Wording("".join(text), tuple(spans["quote"]), tuple(spans["aside"]))


@lru_cache(maxsize=1 << 15)
def clean_label(label: str) -> str:
    """Clean a label the way a question is cleaned."""
    if _PLAIN.fullmatch(label):
        return label.lower()
    return read_wording(label).text.strip()


def to_singular(word: str) -> str:
    """Return the singular of an English word, by its ending.

    >>> [to_singular(w) for w in ("cities", "waivers", "glasses", "process", "r&d")]
    ['city', 'waiver', 'glass', 'process', 'r&d']
    """
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@lru_cache(maxsize=1 << 14)
def to_plain(word: str) -> str:
    """Return an English word in the singular, in one spelling for Britain and America.

    What it returns is there to be compared, not to be shown.

    >>> [to_plain(word) for word in ("centers", "programmes", "labour", "digitization")]
    ['center', 'program', 'labor', 'digitisation']
    """
    singular = to_singular(word)
    for british, american in _SPELLINGS:
        if len(singular) > len(british) + 1 and singular.endswith(british):
            return singular[: -len(british)] + american
    return singular


def to_stem(word: str) -> str:
    """Return what English words of one family share, by their ending.

    >>> to_stem("waiver") == to_stem("waiving") == to_stem("waive")
    True
    >>> to_stem("subsidise") == to_stem("subsidising") == to_stem("subsidy")
    True
    """
    for ending in ("ising", "izing", "ised", "ized", "ise", "ize", "ing", "er", "ed", "e", "y"):
        if len(word) - len(ending) >= 4 and word.endswith(ending):
            return word[: -len(ending)]
    return word


def _join_words(text: str) -> str:
    """Drop spaces between Chinese characters, part hyphenated English words."""
    spaced = re.sub(r"(?<=[a-z0-9])[-‐‑–—/](?=[a-z])", " ", text)
    single = re.sub(r"\s+", " ", spaced).strip()
    return re.sub(r" (?=[\u2e80-\uffef])|(?<=[\u2e80-\uffef]) ", "", single)


@lru_cache(maxsize=1 << 14)
def _classify(character: str, straight: bool) -> tuple[str, bool]:
    if character in _OPENING_QUOTES or (character == '"' and not straight):
        return "quote", False
    if character in _CLOSING_QUOTES or character == '"':
        return "quote", True
    category = unicodedata.category(character)
    if category in ("Ps", "Pe"):
        return "aside", category == "Pe"
    return "", False
