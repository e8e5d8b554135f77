"""REFI-QDA: a coded version as a project that NVivo, MAXQDA and ATLAS.ti open.

A project is a zip archive of ``project.qde`` (XML, namespace ``urn:QDA-XML:project:1.0``) and the
plain texts in ``sources/``; positions are Unicode code points from 0, the end excluded (REFI-QDA
standard 1.5, qdasoftware.org).
"""

from __future__ import annotations

import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from kg import __version__
from kg.graph import Version
from kg.ontology import Concept, Vocabulary
from kg.review.annotation import show_text
from kg.review.codebook import Codebook
from kg.review.decisions import Codes
from kg.review.rows import Row, group_rows

NAMESPACE = "urn:QDA-XML:project:1.0"

_MADE = "2000-01-01T00:00:00Z"  # the same version gives the same file
_COLOURS = ("#7A9E7E", "#C27D54", "#5B84B1", "#B07AA1", "#D0A33F", "#6C8E9A", "#8A7F73", "#9A6C6C")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Element = ElementTree.Element


def write_project(
    path: Path, rows: Sequence[Row], version: Version, vocabulary: Vocabulary
) -> None:
    """Write measures as a project: codes by category and instrument, selections, texts.

    Each selection carries its instruments, status and strength; units and confidence stand in its
    description; who decided is its coder.  The same version gives the same bytes.
    """
    book = Codebook(vocabulary)
    project = ElementTree.Element(
        "Project",
        {
            "xmlns": NAMESPACE,
            "name": path.stem,
            "origin": f"kg {__version__}",
            "creatingUserGUID": make_guid("person", ""),
            "creationDateTime": _MADE,
        },
    )
    _add_users(project, rows)
    _add_codes(project, vocabulary, book)
    sources = ElementTree.SubElement(project, "Sources")
    texts = {}
    for sha256, group in group_rows(rows).items():
        guid = make_guid("source", sha256)
        texts[f"sources/{guid}.txt"] = show_text(version.text(sha256))
        _add_source(sources, guid, group)
    ElementTree.indent(project)
    content = ElementTree.tostring(project, encoding="utf-8", xml_declaration=True)
    _write_archive(path, {"project.qde": content, **{n: t.encode() for n, t in texts.items()}})


def make_guid(kind: str, name: str) -> str:
    """Return the GUID of a thing: the same one in every export."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://w3id.org/policykg/id/{kind}/{name}"))


def _write_archive(path: Path, files: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    clean = {name: _NOT_XML.sub(" ", value) for name, value in attributes.items()}
    return ElementTree.SubElement(parent, tag, clean)


def _describe(parent: Element, text: str) -> None:
    if text:
        ElementTree.SubElement(parent, "Description").text = _NOT_XML.sub(" ", text)


def _add_users(project: Element, rows: Iterable[Row]) -> None:
    users = _add(project, "Users")
    _add(users, "User", guid=make_guid("person", ""), name=f"kg {__version__}")
    for name in sorted({_coder(row) for row in rows} - {""}):
        _add(users, "User", guid=make_guid("person", name), name=name)


def _coder(row: Row) -> str:
    """Return the last person who decided, empty for the machine."""
    return row.decided.rpartition("；")[2].rsplit(" ", 2)[0]


def _add_codes(project: Element, vocabulary: Vocabulary, book: Codebook) -> None:
    """Write the codebook: instruments below their categories, then status and strength."""
    codes = _add(_add(project, "CodeBook"), "Codes")
    children: dict[str, list[Concept]] = {}
    for concept in vocabulary.concepts.values():
        children.setdefault(concept.broader, []).append(concept)
    for number, top in enumerate(children.get("", ())):
        _add_concept(codes, top, children, _COLOURS[number % len(_COLOURS)])
    for scheme, labels in (("status", book.statuses), ("strength", book.strengths)):
        guid = make_guid("scheme", scheme)
        group = _add(codes, "Code", guid=guid, name=scheme, isCodable="false")
        for code, zh in labels.items():
            guid = make_guid(scheme, code)
            _add(group, "Code", guid=guid, name=f"{zh} {code}", isCodable="true")


def _add_concept(
    parent: Element, concept: Concept, children: Mapping[str, Sequence[Concept]], colour: str
) -> None:
    name = concept.notation or concept.zh
    guid = make_guid("instrument", concept.id)
    code = _add(
        parent, "Code", guid=guid, name=f"{name} {concept.id}", isCodable="true", color=colour
    )
    _describe(code, concept.definition)
    for child in children.get(concept.id, ()):
        _add_concept(code, child, children, colour)


def _add_source(sources: Element, guid: str, rows: Sequence[Row]) -> None:
    first = rows[0]
    source = _add(
        sources,
        "TextSource",
        guid=guid,
        name=first.title or first.source,
        plainTextPath=f"internal://{guid}.txt",
        creatingUser=make_guid("person", ""),
        creationDateTime=_MADE,
    )
    _describe(source, f"{first.source}, SHA-256 {first.sha256}")
    for row in rows:
        if row.codes:
            _add_selection(source, row, row.codes)


def _add_selection(source: Element, row: Row, codes: Codes) -> None:
    user = make_guid("person", _coder(row))
    selection = _add(
        source,
        "PlainTextSelection",
        guid=make_guid("selection", row.id),
        name="".join(row.text.split())[:40],
        startPosition=str(row.start),
        endPosition=str(row.end),
        creatingUser=user,
        creationDateTime=_MADE,
    )
    _describe(selection, "；".join(f"{unit.name} ({unit.role})" for unit in codes.units))
    for kind, code in _list_codes(codes):
        coding = _add(
            selection,
            "Coding",
            guid=make_guid("coding", f"{row.id}/{kind}/{code}"),
            creatingUser=user,
            creationDateTime=_MADE,
        )
        _add(coding, "CodeRef", targetGUID=make_guid(kind, code))


def _list_codes(codes: Codes) -> Iterator[tuple[str, str]]:
    yield from (("instrument", instrument) for instrument in codes.instruments)
    yield "status", codes.status
    yield "strength", codes.strength
