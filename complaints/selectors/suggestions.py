"""The kind of problem that a report's words speak of, as far as the house has learned."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from complaints.guesswork import TEXTS, TOTAL, Counts, features, guess, seeds
from complaints.models import Case, Category, TermCount
from complaints.selectors.rules import categories, category_by_id, rules
from foundation.vault.crypto import keyed_hash

#: Below this share nothing is said: a wrong hint costs more than none.
SURE_ENOUGH = 0.4


@dataclass(frozen=True)
class Suggestion:
    """A category and how likely it is; never applied by itself."""

    category: Category
    share: float
    is_new: bool = True

    @property
    def percent(self) -> int:
        return min(99, round(100 * self.share))


def suggested_kind(case: Case) -> Suggestion | None:
    """Return the likeliest kind of a report by its words; None when that is not clear. One query.

    ``is_new`` says whether the case is not filed under it yet.
    """
    return suggest(case.description, case.category_id)


def suggest(text: str, current: int | None = None) -> Suggestion | None:
    """Return the likeliest kind of ``text``. One query, none for an empty text."""
    found = features_of(text)
    if not found:
        return None
    guesses = guess(found, _learned(found), _seeds())
    category = category_by_id(guesses[0].category) if guesses else None
    if category is None or guesses[0].share < SURE_ENOUGH:
        return None
    return Suggestion(category, guesses[0].share, is_new=category.pk != current)


def features_of(text: str) -> frozenset[int]:
    """Return the hashed features of a text. No query."""
    return features(text, _key())


@cache
def _key() -> bytes:
    return bytes.fromhex(keyed_hash("kind-features", "v1"))[:32]


def _learned(found: frozenset[int]) -> Counts:
    rows = TermCount.objects.filter(feature__in=[*found, TEXTS, TOTAL], count__gt=0)
    known: dict[int, dict[int, float]] = defaultdict(dict)
    for category, feature, count in rows.values_list("category_id", "feature", "count"):
        if category_by_id(category) is not None:
            known[category][feature] = count
    return known


#: The seeds of the pack's present version.
_seeded: dict[str, Any] = {}


def _seeds() -> Counts:
    version = rules().version
    if _seeded.get("version") != version or "counts" not in _seeded:
        words = {c.pk: [c.name, *c.keywords] for c in categories() if c.keywords}
        _seeded.update(version=version, counts=seeds(words, _key()))
    counts: Counts = _seeded["counts"]
    return counts
