"""The graph: N-Quads of each document, validation, versions on disk, queries, exports."""

from kg.graph.cells import count_cells, write_cells
from kg.graph.check import Rules, Violation, check_graph, load_rules
from kg.graph.codings import Coding, Quantity, read_codings, without_repeats
from kg.graph.difference import Difference, compare_versions
from kg.graph.directory import collect_units, write_directory
from kg.graph.export import FORMATS, export_graph
from kg.graph.goals import Aim, read_aims
from kg.graph.lock import lock_folder, refuse_held
from kg.graph.nquads import write_quads, write_triples
from kg.graph.observations import read_contradictions, read_observations
from kg.graph.prune import Pruned, prune_versions
from kg.graph.query import run_query, select
from kg.graph.shards import write_shards
from kg.graph.sheet import read_documents, read_measures
from kg.graph.staging import Origin, Staging, stage_locked, stage_version
from kg.graph.units import NamedUnit, read_units, write_addition, write_additions
from kg.graph.validate import load_shapes, validate_graph
from kg.graph.verify import Damage, require_whole, verify_version
from kg.graph.version import Version, list_versions, open_version, switch_version

__all__ = [
    "FORMATS",
    "Aim",
    "Coding",
    "Damage",
    "Difference",
    "NamedUnit",
    "Origin",
    "Pruned",
    "Quantity",
    "Rules",
    "Staging",
    "Version",
    "Violation",
    "check_graph",
    "collect_units",
    "compare_versions",
    "count_cells",
    "export_graph",
    "list_versions",
    "load_rules",
    "load_shapes",
    "lock_folder",
    "open_version",
    "prune_versions",
    "read_aims",
    "read_codings",
    "read_contradictions",
    "read_documents",
    "read_measures",
    "read_observations",
    "read_units",
    "refuse_held",
    "require_whole",
    "run_query",
    "select",
    "stage_locked",
    "stage_version",
    "switch_version",
    "validate_graph",
    "verify_version",
    "without_repeats",
    "write_addition",
    "write_additions",
    "write_cells",
    "write_directory",
    "write_quads",
    "write_shards",
    "write_triples",
]
