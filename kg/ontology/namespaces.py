"""IRIs: the base under which everything stands, and the namespaces that are reused."""

from __future__ import annotations

BASE = "https://w3id.org/policykg/"
PK = BASE + "ontology#"
DCTERMS = "http://purl.org/dc/terms/"
ELI = "http://data.europa.eu/eli/ontology#"
PROV = "http://www.w3.org/ns/prov#"
QB = "http://purl.org/linked-data/cube#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SCHEMA = "http://schema.org/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"

PREFIXES = {
    "pk": PK,
    "dcterms": DCTERMS,
    "eli": ELI,
    "prov": PROV,
    "qb": QB,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "skos": SKOS,
    "xsd": XSD,
}


def resource_iri(kind: str, identifier: str, *, base: str = BASE) -> str:
    """Return the IRI of a resource of ``kind``.

    >>> resource_iri("status", "provided")
    'https://w3id.org/policykg/id/status/provided'
    """
    return f"{base}id/{kind}/{identifier}"


def instrument_iri(identifier: str, *, base: str = BASE) -> str:
    """Return the IRI of an instrument id such as ``LandFeeWaiver``."""
    return resource_iri("instrument", identifier, base=base)


def place_iri(code: str, *, base: str = BASE) -> str:
    """Return the IRI of a place by its division code such as ``310000``."""
    return resource_iri("place", code, base=base)


def document_graph(document: str, *, base: str = BASE) -> str:
    """Return the IRI of the named graph that holds a document's triples."""
    return resource_iri("graph/document", document, base=base)


def local_id(iri: object) -> str:
    """Return the id that an IRI ends with, empty for none.

    >>> local_id("https://w3id.org/policykg/id/place/310000"), local_id(None)
    ('310000', '')
    """
    return str(iri or "").rsplit("/", 1)[-1].rsplit("#", 1)[-1]
