"""The trained models: whole numbers, whatever stands beside a sentence and in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kg.corpus import read_document
from kg.extract import Extractor, shipped_weights
from kg.extract.gate import BUCKETS, DOUBTED, REJECTED, Gate, hash_characters
from kg.extract.judge import Columns, Judge, Reading, Task, context_values
from kg.extract.network import BAGS, Network, Sentence, whole_network
from kg.extract.weights import Linear, Weights, read_weights, write_weights
from kg.model import Document, Source
from kg.ontology import Vocabulary

_NAMES = tuple(f"w={letter}" for letter in "abcdefgh") + tuple(f"title={x}" for x in "abc")
_COLUMNS = ("measure", "is:TaxRelief|财政", "any:财政", "main:财政", "strength:grant")


def _network(width: int = 5) -> Network:
    random = np.random.default_rng(3)
    shapes = {
        "direct": (len(_NAMES), len(_COLUMNS)),
        "embedding": (len(_NAMES), width),
        "bags": (len(BAGS), width, width),
        "hidden": (width, width),
        "last": (width, len(_COLUMNS)),
        "biases": (2 * width + len(_COLUMNS),),
    }
    index = {name: row for row, name in enumerate(_NAMES)}
    return whole_network(index, _COLUMNS, {n: random.normal(size=s) for n, s in shapes.items()})


_SENTENCES = st.builds(
    Sentence,
    st.lists(st.sampled_from([*_NAMES[8:], "title=unknown"]), max_size=4).map(tuple),
    st.lists(st.sampled_from([*_NAMES[:8], "w=unknown"]), max_size=9),
)


@given(st.lists(_SENTENCES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_scores_depend_neither_on_company_nor_on_order(sentences: list[Sentence], random) -> None:  # type: ignore[no-untyped-def]
    network = _network()
    together = network.scores(sentences)
    for sentence, row in zip(sentences, together, strict=True):
        own = list(sentence.own)
        random.shuffle(own)
        again = network.scores([Sentence(tuple(reversed(sentence.place)), own + own)])
        assert again[0].tolist() == row.tolist()


def test_scores_follow_the_formula() -> None:
    network = _network(width=2)
    sentence = Sentence(("title=a",), ["w=b"])
    rows = [network.index["title=a"], network.index["w=b"]]
    level = np.rint(network.embedding[rows].sum(axis=0) * (3 / np.sqrt(2)) * 2)
    word = np.rint(network.embedding[network.index["w=a"]] * 3.0 * 2)
    before, within, after = np.split(network.biases.astype(float), [2, 4])
    one = np.rint(np.maximum(level * 256 + word @ network.bags[2] + before, 0) / 256)
    two = np.rint(np.maximum(one @ network.hidden + within, 0) / 256) + one
    direct = network.direct[rows].sum(axis=0)
    expected = np.rint((two @ network.last + after) * (100 / 65536) + direct)
    assert network.scores([sentence])[0].tolist() == expected.tolist()


def test_no_sentence_gives_no_row() -> None:
    assert _network().scores([]).shape == (0, len(_COLUMNS))


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    gate = Gate(random.integers(-300, 300, BUCKETS).astype(np.int16), -40)
    weights = Weights(
        gate, _network(), {"bias": 0.5}, Linear({"a": 3}), Linear({"b": -2}), 0.35,
        frozenset({"创新券"}), "abc", {"seed": 0},
    )  # fmt: skip
    write_weights(weights, tmp_path / "w.npz")
    again = read_weights(tmp_path / "w.npz")
    sentence = Sentence(("title=a",), ["w=b", "w=c"])
    assert again.sentence.scores([sentence]).tolist() == _network().scores([sentence]).tolist()
    assert np.array_equal(again.gate.weights, gate.weights)
    assert (again.gate.bias, again.known, again.version) == (-40, {"创新券"}, "abc")
    assert (again.keep, again.main, again.context) == (weights.keep, weights.main, {"bias": 0.5})


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_the_gate_scores_each_text_by_itself(texts: list[str]) -> None:
    random = np.random.default_rng(7)
    gate = Gate(random.integers(-300, 300, BUCKETS).astype(np.int16), 11)
    buckets, starts = hash_characters(texts)
    assert (len(starts), len(buckets)) == (len(texts), 2 * sum(len(text) + 1 for text in texts))
    assert gate.scores(texts).tolist() == [int(gate.scores([text])[0]) for text in texts]


def test_the_gate_lets_more_pass_where_more_looks_like_measures() -> None:
    weights = np.zeros(BUCKETS, np.int16)
    for text, other, weight in (("甲", "乙", 60), ("乙", "甲", -100)):
        weights[np.setdiff1d(hash_characters([text])[0], hash_characters([other])[0])] = weight
    gate = Gate(weights, 0)
    many, few = ["甲"] * 9 + ["乙"], ["乙"] * 10
    assert gate.scores(["甲", "乙"]).tolist() == [120, -200]
    assert (gate.levels(many)[-1] > REJECTED, gate.levels(few)[-1] > REJECTED) == (True, False)


def test_a_name_that_the_gate_never_saw_is_read(vocabulary: Vocabulary) -> None:
    shipped = shipped_weights()
    assert shipped is not None
    closed = replace(shipped, gate=Gate(np.zeros(BUCKETS, np.int16), -30000))
    text = "某市若干措施\n一、支持创新\n市政府设立创新券，支持企业购买服务。\n"
    document = read_document(Source("t.txt", "0" * 64, text), vocabulary)

    def read(weights: Weights, document: Document) -> int:
        return len(Extractor(vocabulary, judge=Judge(weights)).read(document)[0])

    assert read(closed, document) == 0
    assert read(replace(closed, known=closed.known - {"创新券"}), document) == 1


def test_what_the_gate_doubts_is_read_closely_where_it_names_or_supports_something(
    vocabulary: Vocabulary,
) -> None:
    shipped = shipped_weights()
    assert shipped is not None
    weights = np.zeros(BUCKETS, np.int16)
    weights[np.setdiff1d(hash_characters(["奖"])[0], hash_characters(["甲"])[0])] = 300
    doubting = replace(shipped, gate=Gate(weights, DOUBTED))
    texts = (
        "市政府设立创新券，供企业购买服务。",
        "支持企业到市外参观。",
        "企业应当在门口摆放两盆花。",
        "到2025年，全市绿地达到300公顷。",
    )
    source = Source(
        "t.txt", "0" * 64, "某市若干措施\n一、正文\n" + "\n".join(texts) + "\n奖其首位得主。" * 4
    )
    extractor = Extractor(vocabulary, judge=Judge(doubting))
    document = read_document(source, vocabulary)
    candidates, readings = extractor.read(document)
    assert [c.sentence.text for c in candidates[:4]] == list(texts)
    assert [c.doubtful for c in candidates] == [False, False, True, True, *[False] * 4]
    assert [bool(r.words) for r in readings] == [not c.doubtful for c in candidates]
    (goal,) = extractor.code(document, readings).goals
    assert [t.value for t in goal.targets] == [300]


def test_what_does_not_speak_of_measures_is_not_read(
    vocabulary: Vocabulary, read: Callable[[str], Document]
) -> None:
    document = read("某市地名条例\n第一条 本条例自公布之日起施行，由市人大常委会负责解释。\n")
    assert Extractor(vocabulary).read(document)[0] == []


def _readings(*measures: int) -> list[Reading]:
    scores = [np.array([m, 0, 0, 0, 0], np.int32) for m in measures]
    return [Reading(Task("给予奖励。", ()), scores=row) for row in scores]


def test_a_sentence_among_measures_is_likelier_one_than_the_same_among_none() -> None:
    columns = Columns.of(_COLUMNS)
    among = context_values(_readings(900, 900, 900, 0, 900, 900, 900, *[-900] * 9), columns)
    apart = context_values(_readings(*[900] * 6, *[-900] * 4, 0, *[-900] * 5), columns)
    assert among["near"][3] > 0.99 > 0.01 > apart["near"][10]
    assert among["share"][3] == apart["share"][10]


def test_beyond_the_ends_of_a_document_its_mean_stands() -> None:
    columns = Columns.of(_COLUMNS)
    alone = context_values(_readings(0), columns)
    assert alone["near"].tolist() == alone["share"].tolist() == [0.5]
    assert context_values([], columns) == {}
