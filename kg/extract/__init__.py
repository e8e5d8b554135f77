"""Extraction: sentences become measures with instruments, units, amounts and claims."""

from kg.extract.assemble import Extractor
from kg.extract.pipeline import make_pipeline
from kg.extract.weights import shipped_weights

__all__ = ["Extractor", "make_pipeline", "shipped_weights"]
