"""A Virtuoso for tests: one of its own, in a folder of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest


def find_free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        return int(server.getsockname()[1])


@contextmanager
def run_virtuoso(folder: Path, *allowed: Path) -> Iterator[tuple[str, int]]:
    """Run a Virtuoso that may read some folders; yields its address and its SQL port.

    Skips the test where there is none.
    """
    if shutil.which("virtuoso-t") is None or shutil.which("isql-vt") is None:
        pytest.skip("no Virtuoso here: apt-get install virtuoso-opensource-7")
    port, web = find_free_port(), find_free_port()
    folder.mkdir()
    (folder / "virtuoso.ini").write_text(
        "[Database]\nDatabaseFile=v.db\nErrorLogFile=v.log\nLockFile=v.lck\nTransactionFile=v.trx\n"
        "xa_persistent_file=v.pxa\n[TempDatabase]\nDatabaseFile=t.db\nTransactionFile=t.trx\n"
        f"[Parameters]\nServerPort=127.0.0.1:{port}\nDisableUnixSocket=1\nNumberOfBuffers=20000\n"
        f"MaxDirtyBuffers=15000\nDirsAllowed={', '.join(map(str, ('.', *allowed)))}\n"
        f"[SPARQL]\nResultSetMaxRows=1000000\n[HTTPServer]\nServerPort=127.0.0.1:{web}\nServerRoot=.\n",
        encoding="utf-8",
    )
    command, quiet = (
        ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"],
        subprocess.DEVNULL,
    )
    process = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
    url = f"http://127.0.0.1:{web}"
    try:
        for _ in range(600):
            assert process.poll() is None, "Virtuoso has ended"
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, port
    finally:
        process.terminate()
        process.wait(30)
