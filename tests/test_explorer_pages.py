"""What the explorer keeps, sends and refuses: pages by version, files, results as networks, errors."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from starlette.testclient import TestClient

from kg.ontology import Vocabulary
from kg.serve import Settings, make_app
from kg.serve.pages.kept import MOST_BYTES, Page, Shelf
from kg.serve.pages.render import LANGUAGES, load_messages
from tests.serving import describe_documents, publish_triples

HTML = {"Accept": "text/html"}
CITY = "https://w3id.org/policykg/id/place/310000"


@pytest.fixture(scope="module")
def client(
    tmp_path_factory: pytest.TempPathFactory, vocabulary: Vocabulary
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("few")
    publish_triples(folder, describe_documents(6, "几份文件"))
    with TestClient(make_app(folder, vocabulary, Settings(quick=1))) as client:
        yield client


def test_page_is_asked_for_again_with_its_tag(client: TestClient) -> None:
    first = client.get("/matrix?lang=zh")
    tag = first.headers["etag"]
    again = client.get("/matrix?lang=zh", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert not again.content
    assert client.get("/matrix?lang=en").headers["etag"] != tag


def test_page_of_one_language_is_not_sent_in_the_other(client: TestClient) -> None:
    for language in LANGUAGES:
        page = client.get("/places", headers={"Accept-Language": language}).text
        assert load_messages(language)["nav_places"] in page


def test_shelf_forgets_the_page_not_asked_for_longest() -> None:
    shelf = Shelf()
    third = MOST_BYTES // 3 + 1
    for name in ("a", "b"):
        shelf.add(name, Page({}, bytes(third), b"", name))
    assert shelf.find("a") is not None
    shelf.add("c", Page({}, bytes(third), b"", "c"))
    assert list(shelf.pages) == ["a", "c"]
    assert shelf.size == 2 * third


def test_file_of_a_page_is_asked_for_once(client: TestClient) -> None:

    links = re.findall(r'(?:src|href)="(/static/[^"]+)"', client.get("/graph").text)
    assert len(links) == 4
    for link in links:
        assert "immutable" in client.get(link).headers["cache-control"]
        assert "immutable" not in client.get(link.partition("?")[0]).headers["cache-control"]
    assert client.get("/static/../app.py").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/documents/none", 404),
        ("/nowhere", 404),
        ("/id/place/none", 404),
        ("/compare.csv?city=none", 400),
        ("/downloads/exe", 404),
        ("/downloads/report.exe", 404),
    ],
)
def test_error_is_a_page_for_people_and_a_line_for_programs(
    client: TestClient, path: str, status: int, language: str
) -> None:
    page = client.get(path, headers={**HTML, "Accept-Language": language})
    assert page.status_code == status
    assert load_messages(language)[f"error_{status}"] in page.text
    assert load_messages(language)["what_now"] in page.text
    line = client.get(path)
    assert line.status_code == status
    assert line.headers["content-type"].startswith("text/plain")
    assert len(line.text.splitlines()) == 1


def test_codebook_lists_every_instrument(client: TestClient, vocabulary: Vocabulary) -> None:
    text = client.get("/downloads/codebook.csv").content.decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows.keys() == vocabulary.concepts.keys()
    assert rows["LandFeeWaiver"]["measures"] == "2"
    assert rows["LandFeeWaiver"]["zh"] == vocabulary.concepts["LandFeeWaiver"].zh


def test_report_that_cannot_be_written_says_why(tmp_path: Path, vocabulary: Vocabulary) -> None:
    publish_triples(tmp_path, ["<urn:a> <urn:b> <urn:c>"])
    with TestClient(make_app(tmp_path, vocabulary, Settings(quick=1))) as client:
        response = client.get("/downloads/report.html", headers=HTML)
    assert response.status_code == 422, response.text
    assert load_messages("zh")["error_422"] in response.text


def test_workbook_is_written_once_for_its_cities(tmp_path: Path, vocabulary: Vocabulary) -> None:
    here, there = describe_documents(3, "此地"), describe_documents(3, "彼地", place="110000")
    publish_triples(tmp_path, [*here, *there])
    with TestClient(make_app(tmp_path, vocabulary, Settings(quick=1))) as client:
        first = client.get("/downloads/workbook.xlsx?city=310000&peer=110000")
        assert first.status_code == 200
        assert "xl/workbook.xml" in ZipFile(io.BytesIO(first.content)).namelist()
        assert "310000" in first.headers["content-disposition"]
        again = client.get("/downloads/workbook.xlsx?peer=110000&city=310000&lang=en")
        assert again.content == first.content


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT ?m ?i {{ ?m pk:instrument ?i ; pk:city <{CITY}> }}",
        f"CONSTRUCT {{ ?m pk:instrument ?i }} {{ ?m pk:instrument ?i ; pk:city <{CITY}> }}",
    ],
    ids=["select", "construct"],
)
def test_result_of_a_query_is_drawn(client: TestClient, query: str) -> None:
    content = client.get("/graph/content.json", params={"query": query, "lang": "en"}).json()
    assert len(content["edges"]) == 6
    assert len(content["nodes"]) == 9
    labels = {node["label"] for node in content["nodes"]}
    assert "几份文件" in labels  # measures go by their words
    pages = {node["page"].partition("?")[0].partition("/text")[0] for node in content["nodes"]}
    assert f"/documents/{0:012x}" in pages
    assert len({(node["x"], node["y"]) for node in content["nodes"]}) == 9


def test_description_of_a_node_expands_it(client: TestClient) -> None:
    measure = f"https://w3id.org/policykg/id/document/{0:012x}/measure/a-1"
    content = client.get("/graph/content.json", params={"around": measure}).json()
    found = {node["id"] for node in content["nodes"]}
    assert {measure, CITY} <= found
    assert client.get("/graph/content.json?around=urn:none").status_code == 404


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("ASK { ?s ?p ?o }", 422, "yes or no"),
        ("SELECT ?s { ?s a pk:None }", 422, "links no two"),
        ("SELECT ?s { ?s ?p", 400, "line 1"),
        ("SELECT * { SERVICE <http://a.example/> { ?s ?p ?o } }", 400, "SERVICE"),
    ],
)
def test_query_that_cannot_be_drawn_says_why(
    client: TestClient, query: str, status: int, words: str
) -> None:
    response = client.get("/graph/content.json", params={"query": query})
    assert (response.status_code, words in response.text) == (status, True), response.text


def test_new_version_is_served_with_its_own_pages(tmp_path: Path, vocabulary: Vocabulary) -> None:
    import time

    publish_triples(tmp_path, describe_documents(2, "第一版"))
    settings = Settings(quick=1, refresh=0.1)
    with TestClient(make_app(tmp_path, vocabulary, settings)) as client:
        assert "第一版" in client.get("/documents").text
        publish_triples(tmp_path, describe_documents(3, "第二版"))
        end = time.monotonic() + 30
        while "第二版" not in (page := client.get("/documents").text):
            assert "第一版" in page
            assert time.monotonic() < end
            time.sleep(0.05)


def test_for_whom_and_where_was_looked_are_told(
    embedded_graph: Path, vocabulary: Vocabulary
) -> None:
    with TestClient(make_app(embedded_graph, vocabulary, Settings(quick=1))) as client:
        asked = {"q": "哪些措施面向外资企业？", "lang": "zh"}
        page = client.get("/ask", params=asked).text
        assert ">外资研发中心</b>" in page
        assert ">ForeignEnterprise<" not in page
        asked = {"q": "金山区有没有人才公寓？", "lang": "zh"}
        assert "已查文件" in client.get("/ask", params=asked).text
