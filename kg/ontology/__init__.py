"""The vocabulary: namespaces, and what the Turtle files of ``ontology/`` say."""

from kg.ontology.categories import list_categories
from kg.ontology.namespaces import (
    BASE,
    PK,
    document_graph,
    instrument_iri,
    local_id,
    place_iri,
    resource_iri,
)
from kg.ontology.statements import read_statements, shipped_folder
from kg.ontology.terms import Concept, Place, Unit, UnitKind, Vocabulary
from kg.ontology.vocabulary import load_vocabulary

__all__ = [
    "BASE",
    "PK",
    "Concept",
    "Place",
    "Unit",
    "UnitKind",
    "Vocabulary",
    "document_graph",
    "instrument_iri",
    "list_categories",
    "load_vocabulary",
    "local_id",
    "place_iri",
    "read_statements",
    "resource_iri",
    "shipped_folder",
]
