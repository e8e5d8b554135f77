"""Tabulation: the tables that go into a paper, counted over the coded measures of a graph."""

from kg.tabulate.coding import CodeRow, tabulate_codes
from kg.tabulate.crosstab import CrossCell, Crosstab, cross_measures, percent
from kg.tabulate.force import ForceRow, Scores, measure_force, read_scores
from kg.tabulate.lenses import LENSES, Lens, make_lens
from kg.tabulate.pmc import PMC, Score, Variable, read_corrections, read_variables, score_documents

__all__ = [
    "LENSES",
    "PMC",
    "CodeRow",
    "CrossCell",
    "Crosstab",
    "ForceRow",
    "Lens",
    "Score",
    "Scores",
    "Variable",
    "cross_measures",
    "make_lens",
    "measure_force",
    "percent",
    "read_corrections",
    "read_scores",
    "read_variables",
    "score_documents",
    "tabulate_codes",
]
