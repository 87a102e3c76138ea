"""From a public projection to what every engine stores.

Ranking must not change while somebody pages through results, so it may not depend on the rest of
the index. ``terms`` therefore carries the weight of every token as tiers, worked out with BM25's
formula for saturation and length at a fixed average length (Robertson & Zaragoza 2009, k1 = 1.2,
b = 0.75): the plain token, ``t:`` for the title, ``s:`` and ``f:`` where the token is frequent for
the length of the text. All engines add up the same POINTS, so they agree on the order.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date

from search.analysis import Analyzer
from search.registry import Projection

BODY_LENGTH = 100_000
FACET_LENGTH = 80
AVERAGE_LENGTH = 120
K1 = 1.2
B = 0.75
STRONG = 1.0
FREQUENT = 1.5

TITLE_TIER = "t:"
STRONG_TIER = "s:"
FREQUENT_TIER = "f:"
# A word of the title outweighs anything in the text; a synonym counts half of the word itself.
POINTS = {TITLE_TIER: 60, "": 20, STRONG_TIER: 10, FREQUENT_TIER: 10}


@dataclass(frozen=True)
class Record:
    """One document as engines store it. ``day`` is an ordinal, 0 when the object has no date."""

    key: str
    kind: str
    object_id: str
    title: str = ""
    body: str = ""
    url: str = ""
    area: str = ""
    category: str = ""
    year: str = ""
    day: int = 0
    terms: str = ""
    checksum: str = ""
    is_removed: bool = False

    @property
    def date(self) -> Date | None:
        return Date.fromordinal(self.day) if self.day else None


def record_of(projection: Projection, analyzer: Analyzer) -> Record:
    """Return the record of ``projection``. Text past 100,000 characters is left out."""
    title, body = _clean(projection.title), _clean(projection.body[:BODY_LENGTH])
    day = projection.day
    record = Record(
        key=projection.key,
        kind=projection.kind,
        object_id=projection.id,
        title=title,
        body=body,
        url=_clean(projection.url),
        area=_clean(projection.facets.get("area") or "")[:FACET_LENGTH],
        category=_clean(projection.facets.get("category") or "")[:FACET_LENGTH],
        year=str(day.year) if day else "",
        day=day.toordinal() if day else 0,
        terms=" ".join(_terms(analyzer.tokens(title), analyzer.tokens(body))),
    )
    return Record(**{**record.__dict__, "checksum": _checksum(record)})


def removed(kind: str, object_id: str) -> Record:
    """Return the mark that an object is gone; it carries no content."""
    return Record(f"{kind}:{object_id}", kind, object_id, is_removed=True)


def _clean(text: object) -> str:
    """PostgreSQL and JSON refuse NUL and lone surrogates; a page may still hold them."""
    return str(text).replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _terms(title: list[str], body: list[str]) -> Iterable[str]:
    counts = Counter(body)
    norm = K1 * (1 - B + B * len(body) / AVERAGE_LENGTH)
    terms: dict[str, None] = {}
    for token in title:
        terms[token] = terms[TITLE_TIER + token] = None
    for token, count in counts.items():
        terms[token] = None
        impact = count * (K1 + 1) / (count + norm)
        if impact >= STRONG:
            terms[STRONG_TIER + token] = None
        if impact >= FREQUENT:
            terms[FREQUENT_TIER + token] = None
    return terms


def _checksum(record: Record) -> str:
    """SHA-256 over everything stored, terms included: a new dictionary makes records stale."""
    content = json.dumps(record.__dict__, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()
