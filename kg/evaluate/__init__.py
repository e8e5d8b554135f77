"""Evaluation: a coding sheet against a gold standard, with baselines and the worst errors."""

from kg.evaluate.baseline import code_by_keywords, code_by_majority
from kg.evaluate.figures import Figures, Score, evaluate_sheet
from kg.evaluate.gold import Coded, GoldDocument, make_gold, read_gold, read_sheet
from kg.evaluate.ratchet import (
    Change,
    compare_figures,
    plain_figures,
    read_ratchet,
    write_ratchet,
)

__all__ = [
    "Change",
    "Coded",
    "Figures",
    "GoldDocument",
    "Score",
    "code_by_keywords",
    "code_by_majority",
    "compare_figures",
    "evaluate_sheet",
    "make_gold",
    "plain_figures",
    "read_gold",
    "read_ratchet",
    "read_sheet",
    "write_ratchet",
]
