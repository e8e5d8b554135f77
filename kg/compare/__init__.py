"""Comparison: claims projected to networkx, cell states, gaps, overlaps, mixes, lineage."""

from kg.compare.cells import Cell, claim_state, read_cells, read_place_claims, read_states
from kg.compare.citations import Citations, Cited, Dangling, draw_cascade, find_citations
from kg.compare.claims import project_claims, read_claims
from kg.compare.coverage import find_coverage
from kg.compare.diffusion import Adoption, Diffusion, find_diffusion
from kg.compare.gaps import Gap, Gaps, find_gaps
from kg.compare.lenses import LENSES, Group, Lens, load_lens
from kg.compare.links import link_documents
from kg.compare.matrix import Column, Matrix, MatrixCell, Row, find_matrix
from kg.compare.mix import Balance, Mix, PlaceMix, Share, YearMix, find_mix, measure_spread
from kg.compare.mixclaims import MixClaim, find_mix_claims
from kg.compare.networks import (
    describe_nodes,
    project_bipartite,
    project_reuse,
    project_similarity,
    write_network,
)
from kg.compare.overlaps import Overlap, Overlaps, Side, find_overlaps
from kg.compare.pairing import Difference, Item, Pairing
from kg.compare.places import name_place, resolve_peers, resolve_place
from kg.compare.records import Claim, Entry
from kg.compare.reuse import Change, Passage, Reuse, Reuses, find_changes, find_reuse
from kg.compare.sources import Counted, list_sources
from kg.model import Evidence
from kg.states import decide_state

__all__ = [
    "LENSES",
    "Adoption",
    "Balance",
    "Cell",
    "Change",
    "Citations",
    "Cited",
    "Claim",
    "Column",
    "Counted",
    "Dangling",
    "Difference",
    "Diffusion",
    "Entry",
    "Evidence",
    "Gap",
    "Gaps",
    "Group",
    "Item",
    "Lens",
    "Matrix",
    "MatrixCell",
    "Mix",
    "MixClaim",
    "Overlap",
    "Overlaps",
    "Pairing",
    "Passage",
    "PlaceMix",
    "Reuse",
    "Reuses",
    "Row",
    "Share",
    "Side",
    "YearMix",
    "claim_state",
    "decide_state",
    "describe_nodes",
    "draw_cascade",
    "find_changes",
    "find_citations",
    "find_coverage",
    "find_diffusion",
    "find_gaps",
    "find_matrix",
    "find_mix",
    "find_mix_claims",
    "find_overlaps",
    "find_reuse",
    "link_documents",
    "list_sources",
    "load_lens",
    "measure_spread",
    "name_place",
    "project_bipartite",
    "project_claims",
    "project_reuse",
    "project_similarity",
    "read_cells",
    "read_claims",
    "read_place_claims",
    "read_states",
    "resolve_peers",
    "resolve_place",
    "write_network",
]
