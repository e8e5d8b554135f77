"""How fast the explorer's pages come through HTTP, in both languages.

``python benchmarks/pages.py GRAPH`` serves the graph (without one the embedded corpus) on a free
port, waits until its pages are prepared, and prints for each page when its first bytes had come
and when all of it had: median and 95th percentile in milliseconds, on one kept connection by the
standard library's client.  ``first`` is the very first visit, before anything else was asked.  The
pages take turns, so that other work on the machine weighs on all.  One document, place,
instrument and unit stand for their kind; questions and cells are those of the README.
"""

from __future__ import annotations

import http.client
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

ROUNDS = 20
LANGUAGES = ("zh", "en")
QUESTION = quote("哪些城市有土地相关费用减免")
PAGES = (
    "/", f"/ask?q={QUESTION}", "/matrix", "/matrix?category=Location", "/compare",
    "/cell?city=310000&instrument=LandFeeWaiver", "/compare?city=310000&peer=110000&peer=440300",
    "/documents", "/places", "/instruments", "/units", "/graph", "/query", "/downloads",
)  # fmt: skip
LISTS = ("/documents", "/places", "/instruments", "/units")


@contextmanager
def serve(graph: str) -> Iterator[http.client.HTTPConnection]:
    """Serve a graph and connect to it when its pages are prepared."""
    command = [sys.executable, "-m", "kg", "serve", "--port", "0"]
    command += ["--graph", graph] if graph else []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        address = ""
        for line in process.stderr:
            if found := re.search(r"serving on http://([^/\s]+)", line):
                address = found[1]
            if "are prepared" in line:
                break
        log = process.stderr  # read on, or the server's log fills the pipe
        threading.Thread(target=lambda: [None for _ in log], daemon=True).start()
        connection = http.client.HTTPConnection(address)
        try:
            yield connection
        finally:
            connection.close()
            process.terminate()


def visit(connection: http.client.HTTPConnection, path: str) -> tuple[float, float, str]:
    """Return when first bytes and all of a page had come, in milliseconds, and its text."""
    start = time.perf_counter()
    connection.request("GET", path, headers={"Accept": "text/html"})
    response = connection.getresponse()
    body = response.read(1)
    first = time.perf_counter()
    body += response.read()
    end = time.perf_counter()
    if response.status != 200:
        raise SystemExit(f"{path}: status {response.status}")
    return (first - start) * 1000, (end - start) * 1000, body.decode()


def choose_pages(connection: http.client.HTTPConnection) -> list[str]:
    """Return the pages to visit, with one of each kind that the lists lead to."""
    found = list(PAGES)
    for path in LISTS:
        text = visit(connection, path)[2]
        links = re.findall(rf'href="({path}/[^"/?#]+)', text)
        found += dict.fromkeys(links[:1])
        if path == "/documents" and links:
            found.append(f"{links[0]}/text")
    return found


def main() -> None:
    """Print one line a page and language, and the slowest at the end."""
    with serve(sys.argv[1] if len(sys.argv) > 1 else "") as connection:
        paths = choose_pages(connection)
        urls = [
            f"{p}{'&' if '?' in p else '?'}lang={language}" for p in paths for language in LANGUAGES
        ]
        visits = {url: [visit(connection, url)[:2]] for url in urls}
        for _ in range(ROUNDS):
            for url in urls:
                visits[url].append(visit(connection, url)[:2])
    print(f"{'page':58} {'first':>7} {'begins':>7} {'p95':>7} {'whole':>7} {'p95':>7}")
    worst = ("", 0.0)
    for url, times in visits.items():
        begins, ends = (sorted(found) for found in zip(*times[1:], strict=True))
        late = int(ROUNDS * 0.95)
        print(
            f"{url.replace(QUESTION, '…'):58} {times[0][1]:7.1f} {begins[ROUNDS // 2]:7.1f}"
            f" {begins[late]:7.1f} {ends[ROUNDS // 2]:7.1f} {ends[late]:7.1f}"
        )
        worst = max(worst, (url, max(times[0][1], ends[late])), key=lambda item: item[1])
    print(f"slowest, first visits too: {worst[0].replace(QUESTION, '…')} {worst[1]:.1f} ms")


if __name__ == "__main__":
    main()
