"""Review: corrections by hand out and in, and agreement between coders."""

from kg.review.annotation import read_any_sheet, write_doccano, write_label_studio
from kg.review.apply import Whereabouts, apply_decisions, digest_decisions
from kg.review.cells import Finding, Written
from kg.review.changes import Change, Reviewed, Signature, compare_rows
from kg.review.codebook import Codebook
from kg.review.coders import (
    Comparison,
    list_adjudication,
    list_agreement,
    list_disagreements,
    pair_rows,
)
from kg.review.decisions import (
    FILE,
    Anchor,
    Codes,
    Decision,
    UnitCode,
    append_decisions,
    read_decisions,
    write_decision,
)
from kg.review.gold import (
    list_cities,
    list_training,
    make_gold_rows,
    read_gold_sheet,
    write_gold,
    write_lines,
)
from kg.review.refi import write_project
from kg.review.rows import Row, list_measures, list_sentences, read_sources, sample_rows
from kg.review.sheets import read_sheet, write_rows, write_sheet
from kg.review.status import LOST, Standing, read_built, read_status
from kg.review.triples import write_decisions

__all__ = [
    "FILE",
    "LOST",
    "Anchor",
    "Change",
    "Codebook",
    "Codes",
    "Comparison",
    "Decision",
    "Finding",
    "Reviewed",
    "Row",
    "Signature",
    "Standing",
    "UnitCode",
    "Whereabouts",
    "Written",
    "append_decisions",
    "apply_decisions",
    "compare_rows",
    "digest_decisions",
    "list_adjudication",
    "list_agreement",
    "list_cities",
    "list_disagreements",
    "list_measures",
    "list_sentences",
    "list_training",
    "make_gold_rows",
    "pair_rows",
    "read_any_sheet",
    "read_built",
    "read_decisions",
    "read_gold_sheet",
    "read_sheet",
    "read_sources",
    "read_status",
    "sample_rows",
    "write_decision",
    "write_decisions",
    "write_doccano",
    "write_gold",
    "write_label_studio",
    "write_lines",
    "write_project",
    "write_rows",
    "write_sheet",
]
