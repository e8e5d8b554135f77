"""Citations: documents of the graph in the manner of GB/T 7714—2015 and as BibTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from kg.report.wording import say

Row = Mapping[str, Any]
STYLES = ("gbt7714", "bibtex")
_SPECIAL = re.compile(r"([&%$#_{}])")


def cite_document(row: Row, style: str = "gbt7714", *, key: str = "") -> str:
    """Return the citation of a row of ``read_documents``.

    GB/T 7714 gives issuer, title with number, type of document ([R] for reports, [Z] for all
    others: the graph does not know where a document was published), date of signing, and marks
    a digest as such; an unknown issuer is left out, an unknown date is told ([日期不详]).
    ``key`` is the key of the BibTeX entry.
    Raises ValueError for another style.
    """
    if style == "gbt7714":
        return _cite_gbt(row)
    if style == "bibtex":
        return _cite_bibtex(row, key or make_keys([row])[0])
    raise ValueError(f"no style {style!r}; there are: {', '.join(STYLES)}")


def make_keys(rows: Iterable[Row]) -> list[str]:
    """Return keys for BibTeX entries: file name and year, numbered where they would be equal.

    >>> make_keys([{"source": "plan.txt", "issued": "2023-07-07"}, {"source": "a/plan.txt"}])
    ['plan2023', 'plan']
    """
    keys: list[str] = []
    for row in rows:
        stem = str(row["source"]).rsplit("/", 1)[-1].rsplit(".", 1)[0]
        word = re.sub(r"[^a-z0-9-]+", "-", stem.lower()).strip("-") or "document"
        key = word + str(row.get("issued") or "")[:4]
        taken = sum(known == key or known.startswith(key + ":") for known in keys)
        keys.append(f"{key}:{taken + 1}" if taken else key)
    return keys


def _cite_gbt(row: Row) -> str:
    title = row["title"] or row["source"]
    number = f": {row['number']}" if row["number"] else ""
    mark = "R" if row["kind"] == say("citations", "report").zh else "Z"
    date = f"({row['issued']})" if row["issued"] else say("citations", "undated").zh
    parts = [row["issuer"], f"{title}{number}[{mark}]", date]
    if row["form"] == "digest":
        parts.append(say("citations", "digest").zh)
    return ". ".join(filter(None, parts)) + "."


def _cite_bibtex(row: Row, key: str) -> str:
    fields = {
        "author": f"{{{_escape(row['issuer'])}}}" if row["issuer"] else "",
        "title": f"{{{_escape(row['title'] or row['source'])}}}",
        "number": _escape(row["number"] or ""),
        "year": str(row["issued"] or "")[:4],
        "date": row["issued"] or "",
        "type": _escape(row["kind"]),
        "note": _escape(say("citations", "digest").zh) if row["form"] == "digest" else "",
        "language": "chinese",
    }
    lines = (f"  {name} = {{{value}}}," for name, value in fields.items() if value)
    return "\n".join([f"@misc{{{key},", *lines, "}"])


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text.replace("\\", r"\textbackslash "))
