"""The explorer's pages: in every language, with hostile texts, and in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from kg.ontology import Vocabulary
from kg.serve import Settings, make_app
from kg.serve.pages.render import LANGUAGES, load_messages
from tests.serving import describe_documents, publish_triples

HOSTILE = "<script>alert(\"x\")</script>\n'引号' & <b>"
QUESTION = "哪些城市有土地相关费用减免"
PAGES = (
    "/", "/ask", f"/ask?q={QUESTION}", "/ask?q=天气怎么样", "/matrix", "/matrix?category=Location",
    "/matrix?category=Fiscal&all=1", "/cell?city=310000&instrument=LandFeeWaiver", "/compare",
    "/compare?city=310000&peer=110000&peer=440300", "/documents", "/instruments", "/places",
    "/units", "/places/310000", "/instruments/LandFeeWaiver", "/graph", "/query", "/downloads",
)  # fmt: skip


@pytest.fixture(scope="module")
def client(embedded_graph: Path, vocabulary: Vocabulary) -> Iterator[TestClient]:
    with TestClient(make_app(embedded_graph, vocabulary, Settings(quick=1))) as client:
        yield client


def test_messages_have_the_same_names_in_both_languages() -> None:
    assert load_messages("zh").keys() == load_messages("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_page_answers_in_the_language_asked_for(
    client: TestClient, path: str, language: str
) -> None:
    response = client.get(path + ("&" if "?" in path else "?") + f"lang={language}")
    assert response.status_code == 200
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in response.text
    assert load_messages(language)["nav_matrix"] in response.text


def test_every_link_of_the_pages_leads_somewhere(client: TestClient) -> None:
    import re

    links: set[str] = set()
    for path in (*PAGES, "/units"):
        links |= set(re.findall(r'(?:href|src)="(/[^"#]*)', client.get(path).text))
    assert len(links) > 100
    kinds: dict[str, list[str]] = {}
    for link in sorted(links):
        kinds.setdefault(link.split("?")[0].split("/")[1], []).append(link.replace("&amp;", "&"))
    for found in kinds.values():
        for link in found[:12]:
            assert client.get(link, headers={"Accept": "text/html"}).status_code == 200, link


@pytest.mark.parametrize(
    "path", ["/documents/none", "/documents/none/text", "/units/none", "/places/0", "/cell", "/downloads/exe"]
)  # fmt: skip
def test_page_of_nothing_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_comparison_downloads_hold_what_the_page_shows(client: TestClient) -> None:
    asked = "?city=310000&peers=110000,440300"
    found = client.get(f"/compare.json{asked}").json()
    table = client.get(f"/compare.csv{asked}").text
    assert found["gaps"]["city"] == "上海"
    assert found["gaps"]["gaps"]
    assert all(g["label"] in table for g in found["gaps"]["gaps"])


def test_question_that_is_not_understood_offers_examples(client: TestClient) -> None:
    page = client.get("/ask?q=天气怎么样&lang=zh").text
    assert load_messages("zh")["not_understood"] in page
    assert QUESTION in page


def test_hostile_texts_are_shown_as_text(tmp_path: Path, vocabulary: Vocabulary) -> None:
    publish_triples(tmp_path, describe_documents(2, HOSTILE))
    paths = (
        f"/documents/{0:012x}", f"/documents/{0:012x}/text", "/documents", "/places/310000",
        "/cell?city=310000&instrument=LandFeeWaiver", f"/ask?q={quote(HOSTILE)}", f"/query?query={quote(HOSTILE)}",
    )  # fmt: skip
    with TestClient(make_app(tmp_path, vocabulary, Settings(quick=1))) as client:
        for path in paths:
            page = client.get(path).text
            assert "alert(" in page, path
            assert "<script>alert" not in page, path
            assert "<b>" not in page, path


def test_hostile_source_is_shown_as_text(tmp_path: Path, vocabulary: Vocabulary) -> None:
    from kg.cli.composition import Order, compose_build

    source, out = tmp_path / "texts", tmp_path / "graph"
    source.mkdir()
    text = f"上海市人民政府关于若干措施的通知\n\n{HOSTILE}\n\n对首次认定的高新技术企业给予20万元奖励{HOSTILE}。\n"
    (source / "a.txt").write_text(text, encoding="utf-8")
    compose_build(Order(paths=(source,), out=out))
    with TestClient(make_app(out, vocabulary, Settings(quick=1))) as client:
        import re

        link = re.findall(r"/documents/[0-9a-f]+/text", client.get("/documents").text)[0]
        page = client.get(link).text
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_cards_name_the_cities_of_a_study(client: TestClient) -> None:
    page = client.get("/instruments/InfrastructureFeeWaiver?lang=en").text
    assert '<span class="tag">Beijing</span>' in page
    assert '<span class="tag">北京</span>' in client.get(
        "/instruments/InfrastructureFeeWaiver?lang=zh"
    ).text  # fmt: skip


def test_lists_are_written_as_the_language_does(client: TestClient) -> None:
    links = "Infrastructure-fee waiver</a>, <a"
    assert links in client.get("/instruments/LandFeeWaiver?lang=en").text
    assert "</a>、<a" in client.get("/instruments/LandFeeWaiver?lang=zh").text
    answer = client.get(f"/ask?q={QUESTION}&lang=en").text
    assert "<dt>Districts</dt><dd>Pudong</dd>" in answer


def test_columns_of_numbers_have_heads_of_their_own(client: TestClient) -> None:
    for path in ("/places", "/units", "/documents"):
        page = client.get(f"{path}?lang=zh").text
        assert "措施数</th>" in page
        assert "条措施</th>" not in page


def test_matrix_names_the_categories_in_the_order_of_the_taxonomy(client: TestClient) -> None:
    import re

    found = re.findall(r'href="[^"]*category=(\w+)', client.get("/matrix?lang=zh").text)
    order = ["Organisation", "Fiscal", "Technology", "Talent", "Demand", "Location"]
    assert list(dict.fromkeys(found)) == order


def test_a_dense_network_begins_with_one_category(client: TestClient) -> None:
    first = client.get("/graph?lang=en").text
    (category,) = re.findall(r'<option value="(\w+)" selected', first)
    content = client.get("/graph/content.json", params={"category": category}).json()
    assert 0 < len(content["edges"]) <= 400
    whole = client.get("/graph?category=&lang=en").text
    assert not re.findall(r'<option value="\w+" selected', whole)
