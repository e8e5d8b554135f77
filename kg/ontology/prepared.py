"""What was read of a vocabulary, kept in the user's cache for the next process.

Reading 57,000 statements takes a third of the time of a short command; what they come to is read
in a quarter of that.  The cache may be deleted at any time, and nothing fails where it cannot be
written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from kg import APP
from kg.ontology.statements import Contents
from kg.ontology.terms import Concept, Place, Unit, UnitKind, Vocabulary

KEPT = 8  # vocabularies: the shipped one, with a few folders over it, before and after a change
_CODE = ("assemble.py", "namespaces.py", "prepared.py", "statements.py", "terms.py")


def read_prepared(contents: Contents, version: str) -> Vocabulary | None:
    """Return the vocabulary that was made of ``contents`` by this very code, None for none."""
    try:
        return _restore(json.loads(_locate(version).read_bytes()), contents, version)
    except (OSError, ValueError, TypeError, LookupError):  # none there, or none that is whole
        return None


def _restore(said: Any, contents: Contents, version: str) -> Vocabulary:
    return Vocabulary(
        version=version,
        concepts={row[0]: Concept(*_freeze(row)) for row in said["concepts"]},
        places={row[0]: Place(*_freeze(row)) for row in said["places"]},
        unit_kinds={row[0]: UnitKind(*_freeze(row)) for row in said["unit_kinds"]},
        units={row[0]: Unit(*_freeze(row)) for row in said["units"]},
        schemes={
            scheme: {name: _freeze(labels) for name, labels in concepts.items()}
            for scheme, concepts in said["schemes"].items()
        },
        patterns=said["patterns"],
        orders=said["orders"],
        members={region: tuple(codes) for region, codes in said["members"].items()},
        contents=contents,
    )


def keep_prepared(vocabulary: Vocabulary) -> None:
    """Keep a vocabulary for ``read_prepared``; where the cache cannot be written, do nothing."""
    said = {
        "concepts": _list_rows(vocabulary.concepts.values()),
        "places": _list_rows(vocabulary.places.values()),
        "unit_kinds": _list_rows(vocabulary.unit_kinds.values()),
        "units": _list_rows(vocabulary.units.values()),
        "schemes": vocabulary.schemes,
        "patterns": vocabulary.patterns,
        "orders": vocabulary.orders,
        "members": vocabulary.members,
    }
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    try:
        path = _locate(vocabulary.version)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(f".{os.getpid()}")
        written.write_text(text, encoding="utf-8")
        written.replace(path)
        _drop_oldest(path.parent)
    except OSError:  # a home that is read-only or full: the files are read each time
        return


def _locate(version: str) -> Path:
    """Return where a vocabulary is kept: by what its files say and by the code that reads them."""
    digest = hashlib.sha256(version.encode())
    for name in _CODE:
        digest.update(Path(__file__).with_name(name).read_bytes())
    return user_cache_path(APP) / f"vocabulary-{digest.hexdigest()[:16]}.json"


def _drop_oldest(folder: Path) -> None:
    kept = sorted(folder.glob("vocabulary-*"), key=lambda path: -path.stat().st_mtime)
    for path in kept[KEPT:]:
        path.unlink(missing_ok=True)


def _list_rows(items: Iterable[Any]) -> list[list[Any]]:
    return [[getattr(item, field.name) for field in fields(item)] for item in items]


def _freeze(values: list[Any]) -> tuple[Any, ...]:
    """Return lists of lists as tuples of tuples."""
    return tuple([_freeze(value) if isinstance(value, list) else value for value in values])
