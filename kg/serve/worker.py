"""A process that answers queries, one after the other, until it is closed or killed.

It reads requests from standard input and writes results to standard output, as frames: one byte
for the kind, four for the length, the content.  It imports pyoxigraph and the standard library
only, so that a new one stands ready within a tenth of a second.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import threading
from collections.abc import Mapping
from typing import IO, Any, BinaryIO, cast

import pyoxigraph as ox

HEAD = struct.Struct("!BI")
REQUEST, DATA, DONE, FAILED, READY = b"QDEFR"
CHUNK = 256 << 10
STACK = 512 << 20  # of address space: only what is used becomes memory
TOO_LARGE, UNWRITABLE = "too-large", "unwritable"
NO_XML = bytes(set(range(32)) - set(b"\t\n\r"))  # XML 1.0 has no place for these characters

RESULTS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
GRAPHS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "trig": ox.RdfFormat.TRIG,
}


class Output:
    """A stream that sends what is written in frames and stops at a size, and at what is no XML."""

    def __init__(self, pipe: BinaryIO, limit: int) -> None:
        self.is_xml = False
        self._pipe, self._limit, self._size = pipe, limit, 0
        self._parts = bytearray()

    def write(self, content: bytes) -> int:
        """Take some of the result; raises OverflowError past the limit.

        Raises ValueError where XML is to be written and has no way to write a character.
        """
        if self.is_xml and (
            len(content.translate(None, NO_XML)) < len(content)
            or b"\xef\xbf\xbe" in content
            or b"\xef\xbf\xbf" in content
        ):
            raise ValueError(UNWRITABLE)
        self._size += len(content)
        if self._size > self._limit:
            raise OverflowError(TOO_LARGE)
        self._parts += content
        if len(self._parts) >= CHUNK:
            self._pipe.write(self._take_frame())
        return len(content)

    def flush(self) -> None:
        """Do nothing: the engine asks for this at the end, where ``end`` sends what is left."""

    def end(self, kind: str) -> None:
        """Send what is left and that this was all, at once, so that the reader wakes up once."""
        done = make_frame(DONE, json.dumps({"kind": kind}).encode())
        self._pipe.write(self._take_frame() + done)

    def _take_frame(self) -> bytes:
        frame = make_frame(DATA, bytes(self._parts))
        self._parts.clear()
        return frame


def make_frame(kind: int, content: bytes) -> bytes:
    """Return a content with its kind and length in front."""
    return HEAD.pack(kind, len(content)) + content


def answer(
    store: ox.Store, prefixes: dict[str, str], request: Mapping[str, Any], pipe: BinaryIO
) -> None:
    """Run one query and send its result, then DONE or FAILED with a JSON object."""
    output = Output(pipe, request["limit"])
    try:
        output.end(_run(store, prefixes, request, output))
    except SyntaxError as error:
        _fail(pipe, "syntax", error)
    except OverflowError as error:
        _fail(pipe, TOO_LARGE, error)
    except (OSError, RuntimeError, ValueError) as error:
        known = (reason for reason in (TOO_LARGE, UNWRITABLE) if reason in str(error))
        _fail(pipe, next(known, "failed"), error)


def _fail(pipe: BinaryIO, reason: str, error: Exception) -> None:
    content = json.dumps({"reason": reason, "message": str(error)}).encode()
    pipe.write(make_frame(FAILED, content))


def _run(
    store: ox.Store, prefixes: dict[str, str], request: Mapping[str, Any], output: Output
) -> str:
    """Write the result in the first format that fits the kind of query; return that kind."""
    dataset: dict[str, Any] = {"use_default_graph_as_union": request["union"]}
    for name in ("default_graph", "named_graphs"):
        if request[name] is not None:
            dataset[name] = [ox.NamedNode(iri) for iri in request[name]]
    result = store.query(request["query"], base_iri=request["base"], prefixes=prefixes, **dataset)
    if isinstance(result, ox.QueryTriples):
        output.is_xml = request["graph"] == "rdfxml"
        shown = prefixes if request["graph"] != "ntriples" else None
        ox.serialize(
            result, cast(IO[bytes], output), format=GRAPHS[request["graph"]], prefixes=shown
        )
        return "graph"
    output.is_xml = request["table"] == "xml"
    result.serialize(cast(IO[bytes], output), format=RESULTS[request["table"]])
    return "boolean" if isinstance(result, ox.QueryBoolean) else "solutions"


def refuse_network() -> bool:
    """Forbid this process new sockets, by a filter in the kernel; False where it has none.

    Queries with SERVICE do not get as far as this; the filter holds where they should.
    """
    import ctypes
    import platform

    known = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
    if sys.platform != "linux" or platform.machine() not in known:
        return False
    arch, socket = known[platform.machine()]
    load, equal, stop = 0x20, 0x15, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | 13  # EACCES
    steps = [
        (load, 0, 0, 4),
        (equal, 1, 0, arch),
        (stop, 0, 0, refuse),
        (load, 0, 0, 0),
        (equal, 0, 1, socket),
        (stop, 0, 0, refuse),
        (equal, 0, 1, 425),  # io_uring_setup, another way to a socket
        (stop, 0, 0, refuse),
        (stop, 0, 0, allow),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    )
    library = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, by_filter = 38, 22, 2
    if library.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    return bool(library.prctl(set_seccomp, by_filter, program, 0, 0) == 0)


def serve(folder: str, prefixes: dict[str, str]) -> None:
    """Answer requests until standard input ends."""
    store = ox.Store.read_only(folder)
    sealed = refuse_network()
    source, pipe = sys.stdin.buffer, os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # nothing but frames may reach the pipe
    pipe.write(make_frame(READY, json.dumps({"sealed": sealed}).encode()))
    while head := source.read(HEAD.size):
        _, length = HEAD.unpack(head)
        answer(store, prefixes, json.loads(source.read(length)), pipe)


if __name__ == "__main__":
    threading.stack_size(STACK)
    thread = threading.Thread(
        target=serve, args=(sys.argv[1], json.loads(sys.argv[2])), daemon=True
    )
    thread.start()
    thread.join()
    os._exit(0)  # the store is read-only: there is nothing to close
