"""What a query may be: refuses federation, updates, foreign graphs, too much depth and length.

The engine would follow SERVICE to any address, has no time-out while it reads a query, and a few
thousand nested brackets or operators end its process.  So a query is looked through before the
engine sees it, as a stream of tokens, which is faster than reading it and needs no stack.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

from kg.serve.lexer import (
    LexicalError,
    Token,
    decode_escapes,
    find_place,
    read_tokens,
)
from kg.serve.settings import Settings

_FORMS = frozenset(("SELECT", "ASK", "CONSTRUCT", "DESCRIBE"))
_UPDATES = frozenset(
    ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")
)
_CHANGING = frozenset(("NOW", "RAND", "UUID", "STRUUID", "BNODE"))
_OPERANDS = frozenset(("variable", "string", "iri", "name", "number", "node", "language"))
_SERVICE = re.compile("service", re.IGNORECASE)
_LOCAL_ESCAPE = re.compile(r"\\(.)")
_UNARY = frozenset(("!", "+", "-", "^"))
_ENDS = frozenset((".", ";", ","))

SERVICE_REFUSED = "SERVICE is refused: queries read this graph, never another server"
UPDATE_REFUSED = "updates are refused: this endpoint is read-only"


class TooLongError(LexicalError):
    """A query that is too long to be looked at."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A query that may be run, with its escapes decoded.

    ``graphs`` and ``named`` are the IRIs of its FROM and FROM NAMED, ``form`` its first word;
    ``steady`` tells that the same version always gives the same answer.
    """

    text: str
    form: str
    graphs: tuple[str, ...]
    named: tuple[str, ...]
    steady: bool


def check_query(
    query: str,
    settings: Settings,
    *,
    prefixes: Mapping[str, str],
    base: str = "",
    known_graphs: Collection[str],
) -> Checked:
    """Look through a query; raises LexicalError, with the place, where it may not be run."""
    text = decode_escapes(query)
    if len(text) > settings.query_limit:
        place = find_place(text, settings.query_limit)
        raise TooLongError(f"the query is longer than {settings.query_limit} characters", place)
    reader = _Reader(text, settings, prefixes, base)
    reader.read()
    for iri, start in (*reader.graphs, *reader.named):
        if iri not in known_graphs:
            reason = f"graph <{iri}> is not in this dataset; nothing is fetched or read from files"
            raise LexicalError(reason, find_place(text, start))
    return Checked(
        text=text,
        form=reader.form,
        graphs=tuple(iri for iri, _ in reader.graphs),
        named=tuple(iri for iri, _ in reader.named),
        steady=reader.steady,
    )


class _Reader:
    """One pass over the tokens of a query."""

    def __init__(
        self, text: str, settings: Settings, prefixes: Mapping[str, str], base: str
    ) -> None:
        self._text, self._settings = text, settings
        self._prefixes = dict(prefixes)
        self._base = base
        self._brackets: list[str] = []
        self._before = self._last = Token("", "", 0)  # the two tokens before the one looked at
        self._operators = self._run = 0
        self._doubtful: Token | None = None
        self._stray: Token | None = None
        self.form = ""
        self.steady = True
        self.graphs: list[tuple[str, int]] = []
        self.named: list[tuple[str, int]] = []

    def read(self) -> None:
        """Read all tokens; raises LexicalError where the query may not be run."""
        checks = {
            "word": self._check_word,
            "name": self._check_name,
            "iri": self._check_iri,
            "open": self._open_bracket,
            "close": self._close_bracket,
            "operator": self._check_operator,
            "mark": self._check_mark,
        }
        limit = self._settings.token_limit
        for count, token in enumerate(read_tokens(self._text), 1):
            if count > limit:
                raise self._refuse(token, f"the query has more than {limit} tokens")
            if token.kind in checks:
                checks[token.kind](token)
            self._before, self._last = self._last, token
        self._check_end()

    def _check_end(self) -> None:
        if self._doubtful is not None and _SERVICE.search(self._text):
            reason = "is this '<' a comparison or does it open an IRI? write a space after it"
            raise self._refuse(self._doubtful, reason)
        if self._brackets:
            end = Token("close", "", len(self._text))
            raise self._refuse(end, f"the query ends, but {self._brackets[-1]!r} is not closed")
        if not self.form:
            reason = "no SELECT, ASK, CONSTRUCT or DESCRIBE stands here"
            raise self._refuse(self._stray or Token("word", "", len(self._text)), reason)

    def _refuse(self, token: Token, reason: str) -> LexicalError:
        return LexicalError(reason, find_place(self._text, token.start))

    def _open_bracket(self, token: Token) -> None:
        self._brackets.append(token.text)
        limit = self._settings.depth_limit
        if len(self._brackets) > limit:
            raise self._refuse(token, f"brackets are nested more than {limit} deep")
        if token.text == "{" and self._follows_service_name():
            raise self._refuse(self._last, SERVICE_REFUSED)

    def _close_bracket(self, token: Token) -> None:
        if not self._brackets or self._brackets.pop() + token.text not in ("{}", "()", "[]"):
            raise self._refuse(token, f"this {token.text!r} closes no bracket")

    def _check_operator(self, token: Token) -> None:
        if token.text in _UNARY:
            self._run = self._run + 1 if self._last.text in _UNARY else 1
            limit = self._settings.depth_limit
            if self._run > limit:
                raise self._refuse(token, f"more than {limit} operators stand in a row")
        if token.text != "^^":
            self._count_operator(token)

    def _check_mark(self, token: Token) -> None:
        """Count a triple pattern that ends here, as another one may follow."""
        if token.text in _ENDS and self._brackets and self._brackets[-1] in "{[":
            self._count_operator(token)

    def _count_operator(self, token: Token) -> None:
        self._operators += 1
        limit = self._settings.operator_limit
        if self._operators > limit:
            raise self._refuse(token, f"the query has more than {limit} operators and patterns")

    def _check_word(self, token: Token) -> None:
        word = token.text.upper()
        if word in _JOINS:
            self._count_operator(token)
        if "SERVICE" in word:
            raise self._refuse(token, SERVICE_REFUSED)
        if word in _CHANGING:
            self.steady = False
        if self._brackets:
            return
        if not self.form and word in _UPDATES:
            raise self._refuse(token, UPDATE_REFUSED)
        if not self.form and word in _FORMS:
            self.form = word
        elif not self.form and word not in ("PREFIX", "BASE"):
            self._stray = self._stray or token

    def _check_name(self, token: Token) -> None:
        """Note a prefix that is declared; refuse one that is not, as FROM:x could be FROM :x."""
        prefix = token.text.partition(":")[0]
        if self._follows("PREFIX"):
            self._prefixes.setdefault(prefix, "")
        elif prefix not in self._prefixes:
            raise self._refuse(token, f"the prefix '{prefix}:' is not declared")
        else:
            self._check_source(token, self._expand)

    def _check_iri(self, token: Token) -> None:
        iri = token.text[1:-1]
        if self._follows("BASE"):
            self._base = urljoin(self._base, iri)
        elif self._before.text.upper() == "PREFIX":
            self._prefixes[self._last.text[:-1]] = urljoin(self._base, iri)
        else:
            self._check_source(token, self._resolve)
        if self._may_compare() and ("'" in iri or "#" in iri):
            self._doubtful = self._doubtful or token

    def _check_source(self, token: Token, read: Callable[[str], str]) -> None:
        """Note the graph where FROM or FROM NAMED stands before."""
        if self._brackets or not self.form:
            return
        if self._follows("FROM"):
            self.graphs.append((read(token.text), token.start))
        elif self._follows("NAMED"):
            self.named.append((read(token.text), token.start))

    def _follows(self, word: str) -> bool:
        return self._last.kind == "word" and self._last.text.upper() == word

    def _follows_service_name(self) -> bool:
        """Tell whether ``SERVICE:x {`` stands here, which an engine may read as SERVICE :x."""
        if self._last.kind != "name" or self._before.text.upper() == "GRAPH":
            return False
        return bool(_SERVICE.search(self._last.text.partition(":")[0]))

    def _may_compare(self) -> bool:
        """Tell whether a ``<`` here could be a comparison: after an operand within parentheses."""
        if not self._brackets or self._brackets[-1] != "(":
            return False
        return self._last.kind in _OPERANDS or self._last.text in (")", "}")

    def _resolve(self, iri: str) -> str:
        return urljoin(self._base, iri[1:-1]) if self._base else iri[1:-1]

    def _expand(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return self._prefixes[prefix] + _LOCAL_ESCAPE.sub(r"\1", local)


_JOINS = frozenset(("UNION", "OPTIONAL", "MINUS", "FILTER", "BIND", "GRAPH", "IN", "SELECT"))
