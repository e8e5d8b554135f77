"""Segmentation: a spaCy tokenizer over jieba with the vocabulary's own words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from spacy.tokens import Doc
from spacy.vocab import Vocab

Cut = Callable[[str], Iterable[str]]


class JiebaTokenizer:
    """Cut a text into words; every character of the text is in exactly one word.

    ``engine`` is ``rjieba`` (the same algorithm in Rust) or ``jieba``; both get the
    vocabulary's words in a dictionary of their own, never in the process-wide one.
    """

    def __init__(self, vocab: Vocab, words: Iterable[str], *, engine: str = "rjieba") -> None:
        self.vocab = vocab
        self.cut = _rjieba(words) if engine == "rjieba" else _jieba(words)

    def __call__(self, text: str) -> Doc:
        """Return the document of words."""
        words = list(self.cut(text))
        return Doc(self.vocab, words=words, spaces=[False] * len(words))

    def to_bytes(self, **_: Any) -> bytes:
        """Return nothing: the words come from the vocabulary."""
        return b""

    def from_bytes(self, _: bytes, **__: Any) -> JiebaTokenizer:
        """Return itself."""
        return self


def _rjieba(words: Iterable[str]) -> Cut:
    import rjieba

    segmenter = rjieba.Jieba()
    for word in words:
        segmenter.add_word(word, None, None)
    return lambda text: segmenter.cut(text, True)


def _jieba(words: Iterable[str]) -> Cut:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    segmenter = jieba.Tokenizer()
    for word in words:
        segmenter.add_word(word)
    return lambda text: segmenter.lcut(text)
