"""What the catalogue of open data says of each dataset: who, how often, and whether kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from itertools import islice

from django.core.cache import cache
from django.utils import timezone

from foundation.metrics import datasets
from foundation.metrics.dataset_files import cell
from foundation.metrics.dataset_query import rows_of
from foundation.metrics.datasets import Dataset, Filters, Row
from foundation.metrics.timeliness import Timeliness, timeliness
from foundation.places.models import Department
from foundation.places.selectors import current_district

SAMPLE = 20
#: The catalogue may be this old (seconds); files and pages of a dataset ask anew.
STATES_KEPT = 60


@dataclass(frozen=True)
class Publisher:
    """Who answers for a dataset; ``phone`` is a public one, '' when the district has none."""

    code: str
    name: str
    phone: str


@dataclass(frozen=True)
class Entry:
    """A dataset as the catalogue shows it."""

    dataset: Dataset
    publisher: Publisher
    updated_at: datetime | None
    timeliness: Timeliness

    @property
    def formats(self) -> tuple[tuple[str, str], ...]:
        code = self.dataset.code
        return (("CSV", f"/data/{code}.csv"), ("JSON", f"/data/{code}.json"))


@dataclass(frozen=True)
class SampleRow:
    """One row for people: texts, choices in words."""

    cells: tuple[str, ...]


@dataclass(frozen=True)
class DatasetView:
    """Everything the page of a dataset shows. ``covers``: first and last day, or None."""

    entry: Entry
    sample: tuple[SampleRow, ...]
    has_more: bool
    covers: tuple[date, date] | None


def dataset_by_code(code: str) -> Dataset | None:
    """Return the dataset of this code. No query."""
    return datasets.active().datasets.get(code)


def entries() -> list[Entry]:
    """Every dataset in order. 1 query when states are known (at most a minute old), plus cache."""
    found = datasets.active().ordered()
    states = _states(found)
    publishers = _publishers(found)
    return [_entry(one, publishers[one.publisher], states[one.code]) for one in found]


def entry_of(found: Dataset) -> Entry:
    """One dataset, as it stands now. 1–2 queries."""
    return _entry(found, _publishers([found])[found.publisher], found.updated_at())


def _states(found: list[Dataset]) -> Mapping[str, datetime | None]:
    """When each was last changed. The cache holds moments only, nothing of any row."""
    key = f"open-data:{','.join(one.code for one in found)}"
    key = f"open-data:{sha256(key.encode()).hexdigest()[:20]}"
    states: dict[str, datetime | None] | None = cache.get(key)
    if states is None:
        states = {one.code: one.updated_at() for one in found}
        cache.set(key, states, STATES_KEPT)
    return states


def _entry(found: Dataset, publisher: Publisher, updated_at: datetime | None) -> Entry:
    stands = timeliness(found.frequency, updated_at, timezone.localdate())
    return Entry(found, publisher, updated_at, stands)


def _publishers(found: list[Dataset]) -> dict[str, Publisher]:
    """Publishers by code; an unknown one is the district itself, with its first hotline."""
    district = current_district()
    phone = district.hotlines[0].number if district.hotlines else ""
    itself = Publisher("", district.full_name or district.name, phone)
    codes = {one.publisher for one in found if one.publisher}
    rows = Department.objects.filter(code__in=codes) if codes else ()
    known = {row.code: Publisher(row.code, row.name, row.phone or phone) for row in rows}
    return {one.publisher: known.get(one.publisher, itself) for one in found}


def dataset_view(found: Dataset, filters: Filters) -> DatasetView:
    """Work out the page of a dataset: its first rows under ``filters``. Queries: its own, +2."""
    rows = list(islice(rows_of(found, filters), SAMPLE + 1))
    return DatasetView(
        entry_of(found),
        tuple(_shown(found, row) for row in rows[:SAMPLE]),
        len(rows) > SAMPLE,
        found.covers() if found.covers else None,
    )


def _shown(found: Dataset, row: Row) -> SampleRow:
    return SampleRow(
        tuple(
            str(column.choices.get(str(value), "")) or cell(value)
            for column, value in zip(found.columns, row, strict=True)
        )
    )


def etag_of(found: Dataset, filters: Filters, updated_at: datetime | None, kind: str) -> str:
    """Return a quoted weak tag of what a file would hold now. Queries: those of ``mark``.

    Weak, because the same rows may be compressed differently on the way.
    """
    parts = (
        found.code,
        kind,
        updated_at.isoformat() if updated_at else "",
        found.mark() if found.mark else "",
        repr(filters),
        repr([column.code for column in found.columns]),
    )
    return f'W/"{sha256("|".join(parts).encode()).hexdigest()[:32]}"'
