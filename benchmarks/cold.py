"""How long ``kg ask`` takes from a cold start to its answer, on a graph that is built.

usage: python benchmarks/cold.py [GRAPH] [--rounds N]

Each question is asked by a process of its own, as a user types it; without GRAPH of the embedded
corpus, which is built first where it is not yet.  Prints the least, the median and the most
seconds, and whether the process loaded spaCy or jieba.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

QUESTIONS = (
    "哪些城市有土地相关费用减免？",
    "Which cities have land-fee waivers?",
    "浦东新区的人才措施由哪些单位负责？",
    "上海缺少哪些北京和深圳都有的措施？",
    "高新技术企业首次认定奖励多少？",
)
HEAVY = ("spacy", "jieba")
_WHICH = "import sys; from kg.cli import main\ntry: main()\nexcept SystemExit: pass\n"
_LOADED = f"print([n for n in {HEAVY} if n in sys.modules], file=sys.stderr)"


def ask(question: str, graph: list[str]) -> float:
    """Return the seconds that a process took to answer."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "kg", "ask", question, *graph]
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def list_loaded(question: str, graph: list[str]) -> str:
    """Return which of the heavy packages a process loaded for an answer."""
    command = [sys.executable, "-c", _WHICH + _LOADED, "ask", question, *graph]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr.strip()


def main() -> None:
    """Ask all questions and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("graph", nargs="?")
    parser.add_argument("--rounds", type=int, default=10)
    asked = parser.parse_args()
    graph = ["--graph", asked.graph] if asked.graph else []
    ask(QUESTIONS[0], graph)
    for question in QUESTIONS:
        took = sorted(ask(question, graph) for _ in range(asked.rounds))
        told = f"{took[0]:.2f}–{statistics.median(took):.2f}–{took[-1]:.2f} s"
        print(f"{told}  loaded {list_loaded(question, graph)}  {question}")


if __name__ == "__main__":
    main()
