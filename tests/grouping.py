"""Which tests run in one process: those of a module whose fixtures are dear."""

from __future__ import annotations

from pathlib import Path

# What the fixtures of these modules make (servers, a browser, graphs, projections) is made once
# if all of their tests run in one process.
TOGETHER = frozenset(
    {
        "test_ask", "test_browser", "test_claims", "test_cluster", "test_explorer",
        "test_explorer_pages", "test_hostile", "test_promises", "test_report",
        "test_review_originals", "test_serve", "test_serve_connection", "test_serve_endpoint",
        "test_stores",
    }
)  # fmt: skip


def find_group(nodeid: str) -> str:
    """Return the name of the group that a test runs with: its module's, or its own alone.

    >>> find_group("tests/test_hostile.py::test_nothing_found_is_lost")
    'tests/test_hostile.py'
    >>> find_group("tests/test_docs.py::test_links_of_a_page_lead_to_files[README.md]")
    'tests/test_docs.py::test_links_of_a_page_lead_to_files[README.md]'
    """
    module = nodeid.split("::", 1)[0]
    return module if Path(module).stem in TOGETHER else nodeid
