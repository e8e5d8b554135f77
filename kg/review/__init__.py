"""Review: corrections by hand out and in, and agreement between coders."""

from kg.review.annotation import read_any_sheet, write_doccano, write_label_studio
from kg.review.apply import apply_decisions
from kg.review.cells import Finding, Written
from kg.review.changes import Change, Reviewed, Signature, compare_rows
from kg.review.codebook import Codebook
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
from kg.review.rows import Row, list_measures, list_sentences, sample_rows
from kg.review.sheets import read_sheet, write_rows, write_sheet
from kg.review.status import LOST, Standing, read_built, read_status
from kg.review.refi import write_project
from kg.review.triples import write_decisions
