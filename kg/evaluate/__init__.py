"""Evaluation: a coding sheet against a gold standard, with baselines and the worst errors."""

from kg.evaluate.baseline import code_by_keywords, code_by_majority
from kg.evaluate.figures import Figures, Score, evaluate_sheet
from kg.evaluate.gold import Coded, GoldDocument, read_gold, read_sheet

__all__ = [
    "Coded",
    "Figures",
    "GoldDocument",
    "Score",
    "code_by_keywords",
    "code_by_majority",
    "evaluate_sheet",
    "read_gold",
    "read_sheet",
]
