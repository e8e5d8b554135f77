"""Wording: what readers see in Chinese and English, from the catalogue ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Words(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


@cache
def load_words() -> Mapping[str, Mapping[str, Words]]:
    """Return table → key → words of the catalogue."""
    content = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return {
        table: {key: Words(*pair) for key, pair in entries.items()}
        for table, entries in content.items()
    }


def say(table: str, key: str) -> Words:
    """Return the words for a key; the key itself where the catalogue lacks it.

    >>> say("states", "denied").en, say("states", "new-state").zh
    ('denied', 'new-state')
    """
    return load_words()[table].get(key, Words(key, key))
