"""Everyday wordings of questions, colloquial and official."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.ask import ask
from kg.graph import open_version
from kg.ontology import Vocabulary


@pytest.fixture(scope="module")
def store(embedded_graph: Path) -> ox.Store:
    return open_version(embedded_graph).store()


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("浦东人才工作谁挑头？", {"intent": "units", "roles": ["lead"]}),
        ("浦东人才工作谁打配合？", {"intent": "units", "roles": ["support"]}),
        ("浦东科技金融谁说了算？", {"intent": "units"}),
        ("金山的创新券谁来抓？", {"intent": "units"}),
        ("金山区财政局要干什么？", {"intent": "clauses"}),
        ("金山区财政局的职责是什么？", {"intent": "clauses"}),
        ("金山区财政局负责哪几条？", {"intent": "clauses"}),
        ("高新技术企业从外地搬到金山能拿多少钱？", {"instruments": ["RelocationReward"]}),
        ("高企落户金山给多少钱？", {"instruments": ["RelocationReward"]}),
        ("在金山刚评上高企给多少钱？", {"instruments": ["RecognitionReward"]}),
        ("金山育苗造林十五条还管用吗？", {"intent": "dates"}),
        ("沪府规〔2021〕9号过期没有？", {"intent": "dates"}),
        ("沪府规〔2021〕9号是谁发的？", {"intent": "holdings"}),
        ("沪府规〔2021〕9号讲了什么？", {"intent": "policies"}),
        ("浦东有什么措施是面向高校师生和科研人员的？",
         {"intent": "measures", "beneficiaries": ["University", "ResearchStaff"]}),
        ("浦东给高校哪些支持？", {"intent": "measures", "beneficiaries": ["University"]}),
        ("科研人员在浦东能享受什么政策？", {"intent": "measures", "beneficiaries": ["ResearchStaff"]}),
        ("金山对高企有哪些优惠？", {"intent": "policies"}),
        ("上海比北京缺什么？", {"intent": "gaps", "city": "上海"}),
        ("与北京相比上海缺什么？", {"intent": "gaps", "city": "上海"}),
        ("上海与北京相比缺什么？", {"intent": "gaps", "city": "上海"}),
        ("上海相对深圳的短板是什么？", {"intent": "gaps", "city": "上海"}),
        ("北京有哪些政策上海没有？", {"intent": "gaps", "city": "上海"}),
        ("上海应该出台哪些政策？", {"intent": "denials"}),
        ("哪个城市缺研修班？", {"intent": "lacking"}),
        ("金山发不发创新券？", {"intent": "check"}),
        ("上海有购房补贴没有？", {"intent": "check"}),
        ("金山的政策以哪类为主？", {"intent": "mix"}),
        ("浦东正在探索什么？", {"intent": "status"}),
        ("深圳有哪些别处没有的政策？", {"intent": "only"}),
        ("上海高企总数是多少？", {"intent": "figures"}),
        ("北京政府采购要给中小企业留多大份额？", {"instruments": ["ProcurementSetAside"]}),
    ],
)  # fmt: skip
def test_everyday_wordings_are_understood(
    store: ox.Store, vocabulary: Vocabulary, question: str, expected: dict[str, Any]
) -> None:
    understood = ask(question, store, vocabulary).understood
    assert {name: understood.get(name) for name in expected} == expected
