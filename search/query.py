"""A question, checked: whatever somebody types is words to look for, never operators."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from search.analysis import Alternative, Analyzer, Group, Term, normalise
from search.records import POINTS

LONGEST = 100
LONGEST_FILTER = 80
PAGE_SIZE = 20
FILTERS = ("kind", "area", "category", "year")
MOST_SCORED_TERMS = 100
LARGEST_SCORE = 10**6
LARGEST_DAY = 4_000_000
CURSOR = re.compile(r"([sr])\.(\d{1,7})\.(\d{1,7})\.(.{1,120})", re.DOTALL)


@dataclass(frozen=True)
class Cursor:
    """The last hit of the page before: its points, its day and its key."""

    score: int
    day: int
    key: str


@dataclass(frozen=True)
class Query:
    """What an engine is asked.

    ``relaxed`` asks for any of the words instead of all of them; ``filters`` holds non-empty
    values of kind, area, category and year only.
    """

    text: str
    groups: tuple[Group, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    cursor: Cursor | None = None
    size: int = PAGE_SIZE
    relaxed: bool = False
    is_cut: bool = False

    def relax(self) -> "Query":
        """Return the same question content with any of its words."""
        return replace(self, relaxed=True)

    def after(self, cursor: Cursor) -> "Query":
        """Return the question for the next page."""
        return replace(self, cursor=cursor)

    def others(self, name: str) -> dict[str, str]:
        """Return the filters except ``name``: what the counts of that facet are taken under."""
        return {key: value for key, value in self.filters.items() if key != name}

    def alternatives(self) -> Iterator[Alternative]:
        for group in self.groups:
            yield from group.alternatives

    def scored_terms(self) -> list[tuple[Term, int]]:
        """Return tier terms with their points, each once, the words themselves before synonyms."""
        scored: dict[Term, int] = {}
        for share, alternative in self._by_share():
            for term in alternative:
                for tier, points in POINTS.items():
                    scored.setdefault(Term(tier + term.text, term.prefix), points // share)
        return list(scored.items())[:MOST_SCORED_TERMS]

    def _by_share(self) -> Iterator[tuple[int, Alternative]]:
        """Words count whole, synonyms half, parts of a compound little: it counts by itself."""
        for group in self.groups:
            yield 1, group.alternatives[0]
        for group in self.groups:
            for alternative in group.alternatives[1:]:
                yield 2 if len(alternative) == 1 else 8, alternative


def parse(
    text: str,
    filters: Mapping[str, str],
    cursor: str,
    *,
    analyzer: Analyzer,
    size: int = PAGE_SIZE,
) -> Query:
    """Return the query of what a reader sent.

    Text past 100 characters is cut (``is_cut``); control characters are blanks; unknown filters and
    a cursor that is not ours are ignored. Never raises for bad input.
    """
    shown = "".join(c if c.isprintable() else " " for c in text[: LONGEST * 10])
    shown = " ".join(shown.split())
    after, relaxed = decode(cursor)
    return Query(
        text=shown[:LONGEST],
        groups=tuple(analyzer.groups(shown[:LONGEST])),
        filters=_filters(filters),
        cursor=after,
        size=size,
        relaxed=relaxed,
        is_cut=len(shown) > LONGEST or len(text) > LONGEST * 10,
    )


def _filters(given: Mapping[str, str]) -> dict[str, str]:
    wanted = {name: (given.get(name) or "")[:LONGEST_FILTER] for name in FILTERS}
    return {n: v for n, v in wanted.items() if v and v.isprintable() and normalise(v).strip()}


def encode(cursor: Cursor, *, relaxed: bool) -> str:
    """Return ``cursor`` as text for an address."""
    raw = f"{'r' if relaxed else 's'}.{cursor.score}.{cursor.day}.{cursor.key}"
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def decode(text: str) -> tuple[Cursor | None, bool]:
    """Return the cursor in ``text`` and whether it belongs to a relaxed question."""
    try:
        padded = text[:400] + "=" * (-len(text[:400]) % 4)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None, False
    match = CURSOR.fullmatch(raw)
    if not match or not raw.isprintable():
        return None, False
    mode, score, day, key = match.groups()
    if int(score) > LARGEST_SCORE or int(day) > LARGEST_DAY:
        return None, False
    return Cursor(int(score), int(day), key), mode == "r"
