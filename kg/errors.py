"""The error tree: every failure a user can meet, with a message that says what to do."""

from __future__ import annotations


class KGError(Exception):
    """Base of all errors that the command line reports as one line.

    The message names the file, line or term concerned and what to do about it.
    """


class CorpusError(KGError):
    """A document cannot be read; ``reason`` is the class of the failure, ``advice`` what to do."""

    def __init__(self, message: str, *, reason: str = "unreadable", advice: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.advice = advice


class OntologyError(KGError):
    """The vocabulary is missing, malformed or contradicts itself."""


class GraphError(KGError):
    """A graph folder is missing, incomplete or of an unknown format."""


class QueryError(KGError):
    """A question or a SPARQL query cannot be answered as it stands."""


class ReviewError(KGError):
    """A corrections file or a coder's sheet cannot be taken as it stands."""
