"""Comparison: claims projected to networkx, cell states, coverage, gaps and overlaps."""

from kg.compare.cells import Cell, claim_state, decide_state, read_cells
from kg.compare.claims import Claim, Entry, project_claims, read_claims
from kg.compare.coverage import find_coverage
from kg.compare.gaps import Gap, Gaps, find_gaps
from kg.compare.links import link_documents
from kg.compare.overlaps import Overlap, Overlaps, find_overlaps
from kg.compare.places import resolve_place
from kg.model import Evidence

__all__ = [
    "Cell",
    "Claim",
    "Entry",
    "Evidence",
    "Gap",
    "Gaps",
    "Overlap",
    "Overlaps",
    "claim_state",
    "decide_state",
    "find_coverage",
    "find_gaps",
    "find_overlaps",
    "link_documents",
    "project_claims",
    "read_cells",
    "read_claims",
    "resolve_place",
]
