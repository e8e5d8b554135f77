"""Numbers: digits with a scale (3.5万), Chinese numerals (五十万), fractions (百分之三十)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache


def read_digits(digits: str, scale: str, scales: Mapping[str, float]) -> float:
    """Return the value of ``digits`` times its scale.

    >>> read_digits("1,200.5", "万", {"万": 10000.0})
    12005000.0
    >>> read_digits("1,0 00", "", {})
    1000.0
    """
    return round(float(re.sub("[,， ]", "", digits)) * scales.get(scale, 1.0), 6)


@lru_cache(maxsize=4096)
def read_numeral(numeral: str, one: str) -> float | None:
    """Return the value of a Chinese numeral, None where it is none; ``one`` is 一.

    A numeral may leave out its first 一 (百万).

    >>> read_numeral("五十万", "一"), read_numeral("百万", "一"), read_numeral("万千", "一")
    (500000.0, 1000000.0, None)
    """
    from cn2an import cn2an

    for text in (numeral, one + numeral):
        try:
            return float(cn2an(text, "smart"))
        except ValueError:
            continue
    return None


def read_share(found: re.Match[str], one: str) -> float | None:
    """Return in percent what a match with whole and part, or share and base, says."""
    whole, part = (
        (found["whole"], found["part"]) if found["whole"] else (found["base"], found["share"])
    )
    values = [
        float(text) if text[0].isdigit() else read_numeral(text, one) for text in (whole, part)
    ]
    if values[0] is None or values[1] is None or not values[0]:
        return None
    return round(100 * values[1] / values[0], 6)
