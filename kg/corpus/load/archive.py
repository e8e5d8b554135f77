"""Word files as archives: their parts, unpacked one by one, without entities and passwords."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

from lxml import etree

from kg.corpus.load.limits import Limits
from kg.corpus.load.recognize import refuse_archive
from kg.errors import CorpusError

_MAIN = ("wordprocessingml", "ms-word")
_BODY = "word/document.xml"


class Archive:
    """The parts of an Office file, unpacked one by one up to a limit."""

    def __init__(self, content: bytes, name: str, limits: Limits) -> None:
        self._name, self._limit = name, limits.part
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OverflowError) as error:
            raise self._damaged(str(error)) from error
        self._names = set(self._zip.namelist())

    def find_main(self) -> str:
        """Return the name of the part with the text."""
        if "[Content_Types].xml" not in self._names:
            refuse_archive(frozenset(self._names), self._name)
        for node in self.read_tree("[Content_Types].xml"):
            kind = node.get("ContentType", "")
            if kind.endswith("main+xml") and any(word in kind for word in _MAIN):
                return str(node.get("PartName", _BODY)).lstrip("/")
        if _BODY in self._names:
            return _BODY
        raise self._unsupported("a spreadsheet, presentation or other Office file")

    def find_part(self, kind: str) -> str:
        """Return the name of the part of a kind, such as ``styles``, that the archive declares.

        Some programs number their parts: ``word/footnotes2.xml``.
        """
        usual = f"word/{kind}.xml"
        if usual not in self._names and "[Content_Types].xml" in self._names:
            for node in self.read_tree("[Content_Types].xml"):
                if node.get("ContentType", "").endswith(f"wordprocessingml.{kind}+xml"):
                    return str(node.get("PartName", usual)).lstrip("/")
        return usual

    def read_tree(self, part: str, *, needed: bool = True) -> Any:
        """Return the root of a part, None where it is missing and not needed."""
        if part not in self._names:
            if needed:
                raise self._damaged(f"it lacks {part}")
            return None
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(self._read(part), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            if getattr(error, "code", 0) == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise self._damaged(f"{part}: {error}") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise CorpusError(
                f"{self._name}: {part} declares entities, which no Word file does",
                reason="unsafe",
                advice="do not trust this file; get it from its publisher",
            )
        return root

    def _read(self, part: str) -> bytes:
        try:
            with self._zip.open(part) as stream:
                content = stream.read(self._limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise self._damaged(f"{part}: {error}") from error
        except RuntimeError as error:  # a part under a password
            raise CorpusError(
                f"{self._name}: {error}", reason="encrypted", advice="save it without a password"
            ) from error
        if len(content) > self._limit:
            raise CorpusError(
                f"{self._name}: {part} unpacks to more than {self._limit:,} bytes",
                reason="too-large",
                advice="split it; a small file that unpacks to so much is not to be trusted (--limit part=BYTES)",
            )
        return content

    def _damaged(self, detail: str) -> CorpusError:
        return CorpusError(
            f"{self._name}: damaged ({detail[:200]})",
            reason="damaged",
            advice="get it again, or open it in Word and save it anew",
        )

    def _unsupported(self, kind: str) -> CorpusError:
        return CorpusError(
            f"{self._name}: {kind}",
            reason="unsupported",
            advice=f"{kind}: save its text as .docx or plain text",
        )


def smallest_docx() -> bytes:
    """Return a Word file with one paragraph."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(_BODY, "<w><body><p><r><t>a</t></r></p></body></w>")
    return stream.getvalue()
