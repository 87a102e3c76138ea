"""Reads of the public result list: by month, by area, paged by key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet

from cms.models import PublishedResult
from foundation.places.models import Area
from foundation.places.selectors import area_by_code, towns

PAGE_SIZE = 40


@dataclass(frozen=True)
class Month:
    """A month of the list (its first day, local calendar) and how many results it holds."""

    first: date
    count: int

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class ResultRow:
    """One row as it is printed; ``position`` is the row's number within its month and filter."""

    position: int
    result: PublishedResult


@dataclass(frozen=True)
class ResultList:
    """One page of one month.

    ``months`` runs from the newest to the oldest without gaps, so that an empty month can say
    "none this month". ``after`` is the key of the next page, '' on the last one.
    """

    month: Month | None
    months: list[Month]
    areas: list[Area]
    area: Area | None
    rows: list[ResultRow]
    after: str

    def _neighbour(self, step: int) -> Month | None:
        if self.month is None:
            return None
        index = self.months.index(self.month) + step
        return self.months[index] if 0 <= index < len(self.months) else None

    @property
    def newer(self) -> Month | None:
        return self._neighbour(-1)

    @property
    def older(self) -> Month | None:
        return self._neighbour(1)


def published() -> QuerySet[PublishedResult]:
    """Results that the public may read, newest first, with their area."""
    return PublishedResult.objects.filter(live=True).select_related("area")


def latest_results(count: int = 4) -> list[PublishedResult]:
    """The newest published results. 1 query."""
    return list(published()[:count])


def _first_days(newest: date, oldest: date) -> Iterator[date]:
    day = newest
    while day >= oldest:
        yield day
        day = date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def months_of(area: Area | None = None) -> list[Month]:
    """All months from the newest to the oldest published result, empty ones included. 1 query.

    The span is the whole list's, whatever the filter: an area may well have an empty month.
    """
    wanted = Q(area=area) if area else Q()
    counted = {
        row["month"]: row["count"]
        for row in PublishedResult.objects.filter(live=True)
        .order_by("month")
        .values("month")
        .annotate(count=Count("pk", filter=wanted))
    }
    if not counted:
        return []
    return [Month(day, counted.get(day, 0)) for day in _first_days(max(counted), min(counted))]


def _after(key: str) -> Q:
    """The filter for rows behind ``key`` ("position,2026-10-03,17"); none for a malformed key."""
    parts = key.split(",")
    try:
        _, day, pk = int(parts[0]), date.fromisoformat(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return Q()
    return Q(closed_on__gt=day) | Q(closed_on=day, pk__gt=pk)


def _start(key: str) -> int:
    head = key.split(",")[0]
    return int(head) if head.isascii() and head.isdigit() and len(head) < 8 and _after(key) else 0


def result_list(*, month: date | None = None, area_code: str = "", after: str = "") -> ResultList:
    """Return one page of the list; an unknown month shows the newest. At most 4 queries.

    Rows are in the order in which cases were closed, numbered from 1 within the month, as in the
    list that the city publishes.
    """
    area = area_by_code(area_code) if area_code else None
    months = months_of(area)
    chosen = next((m for m in months if m.first == month), months[0] if months else None)
    if chosen is None:
        return ResultList(None, [], towns(), area, [], "")
    query = published().filter(month=chosen.first).filter(_after(after))
    if area is not None:
        query = query.filter(area=area)
    found = list(query.order_by("closed_on", "pk")[: PAGE_SIZE + 1])
    start = _start(after)
    rows = [ResultRow(start + n, r) for n, r in enumerate(found[:PAGE_SIZE], start=1)]
    last = rows[-1] if len(found) > PAGE_SIZE else None
    key = f"{last.position},{last.result.closed_on},{last.result.pk}" if last else ""
    return ResultList(chosen, months, towns(), area, rows, key)
