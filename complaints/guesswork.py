"""Guess the kind of a problem from its text: naive Bayes over hashed n-grams.

Pure: counts come in, shares come out. N-grams are pairs and triples of characters. Own work of
forty lines instead of a library: see ADR 0009.
"""

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from complaints.likeness import normalised

BUCKETS = 1 << 16
#: Reserved features of a category: texts taught, and features in all of them together.
TEXTS, TOTAL = BUCKETS, BUCKETS + 1
#: A keyword of the pack counts as if it had stood in so many taught texts.
SEED = 10
SMOOTHING = 1.0
#: What a category without a text may be taught about: keeps small ones from winning by silence.
VOCABULARY = 400
#: Above 1 it makes the shares more modest.
TEMPERATURE = 1.0
LONGEST = 4000

Counts = Mapping[int, Mapping[int, float]]


@dataclass(frozen=True)
class Guess:
    """A category by id, and its share of the likelihood (0–1)."""

    category: int
    share: float


def features(text: str, key: bytes) -> frozenset[int]:
    """Return the buckets of the text's pairs and triples of characters, hashed with ``key``."""
    plain = normalised(text[:LONGEST])
    grams = {plain[at : at + size] for size in (2, 3) for at in range(len(plain) - size + 1)}
    return frozenset(_bucket(gram, key) for gram in grams)


def _bucket(gram: str, key: bytes) -> int:
    digest = hashlib.blake2b(gram.encode(), digest_size=4, key=key).digest()
    return int.from_bytes(digest) % BUCKETS


def seeds(keywords: Mapping[int, Iterable[str]], key: bytes) -> dict[int, dict[int, float]]:
    """Return what the categories' keywords teach, as counts by category and feature."""
    taught: dict[int, dict[int, float]] = {}
    for category, words in keywords.items():
        counts: dict[int, float] = defaultdict(float)
        for word in words:
            for feature in features(word, key):
                counts[feature] += SEED
                counts[TOTAL] += SEED
        taught[category] = dict(counts)
    return taught


def guess(found: Iterable[int], learned: Counts, seeded: Counts) -> list[Guess]:
    """Return the categories by likelihood, the likeliest first; none when no feature is known.

    Features that no category knows say nothing and are left out.
    """
    both = {
        category: (learned.get(category, {}), seeded.get(category, {}))
        for category in {*learned, *seeded}
    }
    known = [f for f in found if any(f in one or f in other for one, other in both.values())]
    if not known:
        return []
    scores = {category: _score(known, *counts) for category, counts in both.items()}
    best = max(scores.values())
    weights = {c: math.exp((score - best) / TEMPERATURE) for c, score in scores.items()}
    whole = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return [Guess(category, weight / whole) for category, weight in ranked]


def _score(
    known: Iterable[int], learned: Mapping[int, float], seeded: Mapping[int, float]
) -> float:
    total = learned.get(TOTAL, 0) + seeded.get(TOTAL, 0) + SMOOTHING * VOCABULARY
    prior = math.log(1 + learned.get(TEXTS, 0))
    return prior + sum(
        math.log((learned.get(f, 0) + seeded.get(f, 0) + SMOOTHING) / total) for f in known
    )
