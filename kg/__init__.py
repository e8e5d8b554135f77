"""Policy documents as a knowledge graph: coded measures with evidence, gaps and overlaps."""

__version__ = "0.1.0"
