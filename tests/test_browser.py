"""The explorer in a real browser: speed, errors, accessibility, the ways through it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.serving import describe_documents, publish_triples, run_server
from tests.test_explorer import PAGES, QUESTION

NUMBER = "沪府规〔2021〕9号"
FIRST_CONTENT = 300  # ms
SERVED = 100  # ms until all of a page has arrived
TRIES = 9  # with growing pauses: other work on the machine is not the page's
MISSING = "/documents/none"
DRAWN = "/graph?query=" + quote(
    "SELECT ?m ?i { ?m pk:instrument ?i ; pk:city <https://w3id.org/policykg/id/place/110000> }"
)

WORD = "data:text/html,<p>word</p>"
IDLE = 130  # milliseconds that one word takes on an idle machine, at most
LATE = {"/graph": "#network[data-drawn]", "/query": "#results > *"}  # what scripts bring


def _find_chromium() -> str:
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


def _missing() -> str:
    """Return what a browser test lacks here, empty for nothing."""
    if not _find_chromium():
        return "Debian's package chromium"
    for package in ("playwright", "axe_playwright_python"):
        if find_spec(package) is None:
            return f"the Python package {package}; install the extra 'browser'"
    return ""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium; skips where there is none, fails where KG_REQUIRE_BROWSER asks for it."""
    if missing := _missing():
        if os.environ.get("KG_REQUIRE_BROWSER"):
            pytest.fail(f"browser tests need {missing}")
        pytest.skip(f"browser tests need {missing}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_find_chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        yield browser
        browser.close()


class Tab:
    """A page of the browser that notes what was asked for and what went wrong."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def measure(self, url: str) -> tuple[float, float]:
        """Open a page; return in milliseconds when it had arrived and when it showed something."""
        self.page.goto(url, wait_until="load")
        arrived = "performance.getEntriesByType('navigation')[0].responseEnd"
        painted = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
        for _ in range(100):
            if found := self.page.evaluate(painted):
                return float(self.page.evaluate(arrived)), float(found)
            self.page.wait_for_timeout(20)
        return float(self.page.evaluate(arrived)), 9e9

    def wait_until_shown(self, url: str) -> None:
        """Open a page until it is as quick as it must be; fails where it never is.

        On a busy machine the browser takes longer for any page: what one word takes there right
        after, beyond what it takes on an idle machine, is not counted.
        """
        times: list[tuple[float, float, float]] = []
        for number in range(TRIES):
            self.page.wait_for_timeout(min(2000, 300 * number))
            served, shown = self.measure(url)
            late = shown >= FIRST_CONTENT
            busy = max(0.0, self.measure(WORD)[1] - IDLE) if late else 0.0
            if late:
                self.page.goto(url, wait_until="load")
            times.append((served, shown, busy))
            if (
                min(t[0] for t in times) < SERVED
                and min(t[1] - t[2] for t in times) < FIRST_CONTENT
            ):
                return
        pytest.fail(
            f"{url}: arrived and shown after, of that for want of a free machine: {times} ms"
        )


@pytest.fixture
def tab(chromium: Any) -> Iterator[Tab]:
    context = chromium.new_context(viewport={"width": 1360, "height": 900}, locale="zh-CN")
    yield Tab(context.new_page())
    context.close()


@pytest.fixture(scope="module")
def site(original_graph: Path) -> Iterator[str]:
    """The address of a server over the originals, with its pages prepared."""
    with run_server("--graph", str(original_graph)) as server:
        server.wait_for("are prepared")
        yield server.url


def _load_axe() -> str:
    folder = Path(str(find_spec("axe_playwright_python").submodule_search_locations[0]))  # type: ignore[union-attr, index]
    return (folder / "axe.min.js").read_text(encoding="utf-8")


def _check_access(page: Any) -> list[tuple[str, str]]:
    """Return the serious violations that axe finds in the page: rule and first element."""
    page.evaluate(_load_axe())
    found = page.evaluate(
        "axe.run({ resultTypes: ['violations'] }).then((r) => r.violations.map((v) => [v.id, v.impact, v.nodes[0].html]))"
    )
    return [(rule, html) for rule, impact, html in found if impact in ("serious", "critical")]


def _list_paths(page: Any, site: str) -> list[str]:
    """Return the pages that are looked at, a document and its text among them."""
    page.goto(f"{site}/documents")
    reader = page.locator("td a[href$='/text']").first.get_attribute("href")
    return [*PAGES, MISSING, DRAWN, reader, reader.removesuffix("/text")]


def test_axe_reports_what_is_not_accessible(tab: Tab, site: str) -> None:
    tab.page.goto(f"{site}/downloads")
    assert _check_access(tab.page) == []
    tab.page.evaluate(
        "document.querySelector('main').append("
        "Object.assign(new Image(), { src: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=' }))"
    )
    assert [rule for rule, _ in _check_access(tab.page)] == ["image-alt"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_in_a_browser(tab: Tab, site: str, language: str) -> None:
    """Each page: nothing from outside, no error, first content in 300 ms, accessible."""
    tab.page.set_extra_http_headers({"Accept-Language": language})
    for path in _list_paths(tab.page, site):
        tab.requests.clear()
        tab.complaints.clear()
        tab.wait_until_shown(site + path)
        for kind, ready in LATE.items():
            if path.startswith(kind):
                tab.page.locator(ready).first.wait_for()
        if path != MISSING:  # the browser complains of the 404 itself
            assert tab.complaints == [], path
        assert [url for url in tab.requests if not url.startswith((site, "data:"))] == [], path
        assert _check_access(tab.page) == [], path


@pytest.mark.parametrize("path", PAGES)
def test_page_fits_a_telephone(tab: Tab, site: str, path: str) -> None:
    tab.page.set_viewport_size({"width": 390, "height": 844})
    tab.page.goto(site + path)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_two_clicks_from_the_question_to_the_words(tab: Tab, site: str) -> None:
    page = tab.page
    page.goto(f"{site}/?lang=zh")
    page.get_by_role("link", name=QUESTION).click()
    card = page.locator(".card").filter(has_text=NUMBER).first
    expected = card.locator("a.words").inner_text().strip("“”")
    card.locator("a.words").click()
    marked = page.locator("mark:target")
    assert NUMBER in page.locator("p.about").first.inner_text()
    assert "".join(marked.inner_text().split()) == expected
    top = marked.evaluate("(mark) => mark.getBoundingClientRect().top")
    assert 0 < top < page.evaluate("innerHeight")
    assert page.locator(".coding.active").is_visible()


def test_query_page_shows_table_bars_and_picture(tab: Tab, site: str) -> None:
    page = tab.page
    page.goto(f"{site}/query")
    rows = page.locator("#results tbody tr")
    rows.first.wait_for()
    page.locator("[data-view=chart]").click()
    assert page.locator("#results svg rect").count() == 5
    page.locator("[data-view=table]").click()
    assert rows.count() == 5
    page.locator("#query").fill("SELECT ?m ?i { ?m pk:instrument ?i } LIMIT 20")
    page.locator("#query").press("Control+Enter")
    page.locator("#drawing").click()
    page.wait_for_url("**/graph?*")
    page.locator("#network[data-drawn]").wait_for()
    assert page.locator("#list li").count() > 10


def test_query_page_shows_why_a_query_is_refused(tab: Tab, site: str) -> None:
    tab.page.goto(f"{site}/query?query=" + quote("SELECT ?s WHERE { ?s ?p }"))
    tab.page.locator("#results .error").wait_for()
    assert "line 1" in tab.page.locator("#results").inner_text()


@pytest.mark.parametrize("path", ["/graph?city=110000", DRAWN], ids=["filter", "query"])
def test_node_is_expanded_where_it_stands(tab: Tab, site: str, path: str) -> None:
    page = tab.page
    page.goto(site + path + "&lang=en")
    page.locator("#network[data-drawn]").wait_for()
    before = int(page.locator("#note").inner_text().split()[0])
    page.locator("#list summary").click()
    names = page.locator("#list button")
    for number in range(names.count()):
        names.nth(number).click()
        page.get_by_role("button", name="Expand here").click()
        page.wait_for_load_state("networkidle")
        if int(page.locator("#note").inner_text().split()[0]) > before:
            return
    pytest.fail("no node has more links than those shown")


def test_error_page_says_what_to_do(tab: Tab, site: str) -> None:
    response = tab.page.goto(f"{site}{MISSING}?lang=zh")
    assert response.status == 404
    tab.page.locator("main li a").first.click()
    assert tab.page.url.startswith(f"{site}/documents")


def test_two_thousand_nodes_are_drawn_in_two_seconds(tab: Tab, tmp_path: Path) -> None:
    import httpx2 as httpx

    publish_triples(tmp_path, describe_documents(2100, "文件"))
    with run_server("--graph", str(tmp_path)) as server:
        server.wait_for("are prepared")
        content = httpx.get(f"{server.url}/graph/content.json", timeout=10).json()
        assert len(content["nodes"]) == 2000
        assert content["left_out"] > 0
        times = []
        while len(times) < TRIES and min(times, default=9e9) >= 2000:
            tab.page.wait_for_timeout(500 * len(times))
            tab.page.goto(f"{server.url}/graph?category=")
            tab.page.locator("#network[data-drawn]").wait_for(timeout=20_000)
            times.append(int(tab.page.locator("#network").get_attribute("data-drawn")))
        assert min(times) < 2000, times
