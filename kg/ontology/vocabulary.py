"""The vocabulary of the package with folders layered over it, loaded as seldom as can be."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from kg.ontology.assemble import assemble
from kg.ontology.prepared import keep_prepared, read_prepared
from kg.ontology.statements import Contents, read_contents
from kg.ontology.terms import Vocabulary


def load_vocabulary(*folders: Path) -> Vocabulary:
    """Load the shipped vocabulary with ``folders`` layered over it.

    As long as the files say the same, it is the same object: reading them takes a second or two
    on a slow machine.  What was read is kept in the user's cache, from where the next process has
    it in a quarter of that time.  Raises OntologyError naming the file where a folder or file
    cannot be read.
    """
    return _load(read_contents(folders))


@lru_cache(maxsize=2)
def _load(contents: Contents) -> Vocabulary:
    digest = hashlib.sha256()
    for _, content in contents:
        digest.update(content)
    version = digest.hexdigest()[:12]
    vocabulary = read_prepared(contents, version)
    if vocabulary is None:
        vocabulary = assemble(contents, version)
        keep_prepared(vocabulary)
    return vocabulary
