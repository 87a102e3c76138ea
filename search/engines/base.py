"""What every engine can do. The same contract tests run against all of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from search.query import Cursor, Query
from search.records import Record


@dataclass(frozen=True)
class Stamp:
    """A number for a write, taken BEFORE the object is read, and the generations to write to."""

    version: int
    generations: tuple[int, ...]


@dataclass(frozen=True)
class Hit:
    """One found record with its points (records.POINTS)."""

    record: Record
    score: int

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.score, self.record.day, self.record.key)


@dataclass(frozen=True)
class FacetCount:
    """How many documents a value would give, under all filters except the facet's own."""

    value: str
    count: int


Facets = Mapping[str, Sequence[FacetCount]]


@dataclass(frozen=True)
class Page:
    """Hits by points, then newest, then key; facets by name (kind, area, category, year)."""

    hits: Sequence[Hit]
    facets: Facets
    has_more: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether nothing matched, whatever the filters."""
        return not self.hits and not any(self.facets.values())


class Engine(Protocol):
    """An index of records.

    All methods raise ``EngineUnavailable`` when the engine is down or too slow. Writes are
    idempotent and ordered by their stamp: an older one never overwrites a newer one, whichever
    comes last.
    """

    name: str

    def stamp(self) -> Stamp:
        """Take the next number (one statement). Take it before reading what is to be written."""

    def write(self, records: Sequence[Record], stamp: Stamp) -> None:
        """Store records, marks of removal among them, in all generations of the stamp."""

    def search(self, query: Query) -> Page:
        """Answer a question with at least one group."""

    def rebuild(self, batches: Iterable[Sequence[Record]]) -> int:
        """Fill a new generation, then switch to it; searches and writes go on meanwhile.

        ``batches`` is read lazily, a stamp being taken before each. Returns how many records were
        written. Raises ``RebuildSuperseded`` when another rebuild began later.
        """

    def count(self) -> int:
        """How many records the active generation holds."""

    def checksums(self, keys: Sequence[str]) -> dict[str, str]:
        """Return key → checksum of those keys that the active generation holds."""

    def ids(self, *, size: int = 500) -> Iterator[Sequence[str]]:
        """Yield the keys of the active generation in batches, by key."""

    def refresh(self) -> None:
        """Make all writes so far visible to searches (nothing to do for most engines)."""
