"""Names of places, instruments and coded values in the language of a page, from the vocabulary."""

from __future__ import annotations

from dataclasses import dataclass

from kg.ontology import Vocabulary

SYMBOLS = {
    "provided": "●",
    "district": "◐",
    "exploratory": "◔",
    "implemented": "■",
    "reported": "○",
    "distributed": "◌",
    "contested": "◆",
    "denied": "✕",
    "not-found": "–",
    "no-coverage": "·",
    "applies": "▽",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Looks up names; what the vocabulary lacks goes by its id."""

    vocabulary: Vocabulary
    language: str

    def place(self, code: str) -> str:
        """Return the short name of a place."""
        found = self.vocabulary.places.get(code)
        return code if found is None else self._choose(found.zh, found.en)

    def place_named(self, zh: str) -> str:
        """Return the name of a place that is known by its Chinese short name."""
        found = (p for p in self.vocabulary.places.values() if p.zh == zh)
        return next((self._choose(place.zh, place.en) for place in found), zh)

    def instrument(self, identifier: str) -> str:
        """Return the name of an instrument or a category."""
        found = self.vocabulary.concepts.get(identifier)
        return identifier if found is None else self._choose(found.zh, found.en)

    def term(self, scheme: str, identifier: str) -> str:
        """Return the name of a coded value, such as a state."""
        labels = self.vocabulary.schemes.get(scheme, {}).get(identifier, ())
        fitting = (text for text, language in labels if language == self.language)
        return next(fitting, identifier)

    def state(self, state: str) -> str:
        """Return the name of the state of a cell."""
        return self.term("state", state)

    def symbol(self, state: str) -> str:
        """Return the sign that stands for a state beside its colour."""
        return SYMBOLS.get(state, "")

    def category(self, notation: str) -> str:
        """Return the id of a category by its Chinese short name."""
        found = (c.id for c in self.vocabulary.concepts.values() if c.notation == notation)
        return next((identifier for identifier in found), notation)

    def short(self, category: str) -> str:
        """Return the short name of a category: 区位, or the first word of the English name."""
        found = self.vocabulary.concepts.get(category)
        if found is None:
            return category
        return found.notation if self.language == "zh" else found.en.partition(" ")[0]

    def _choose(self, zh: str, en: str) -> str:
        return en or zh if self.language == "en" else zh
