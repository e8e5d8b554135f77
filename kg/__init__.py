"""Policy documents as a knowledge graph: coded measures with evidence, gaps and overlaps."""

__version__ = "0.1.0"

APP = "policykg"  # name of its folders among the user's data and caches
