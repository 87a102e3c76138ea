"""Reads of the catalogue of duties: the rate, the tree of items, who is behind, what is overdue.

The rate is on time ÷ due: of the duties whose day has passed those that were published by then.
What did not arise (declared by its day) is in neither; late publications are shown apart and stay
late. Sums come from the tallies, so ten million duties cost what some hundred rows cost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import ExtractMonth
from django.utils import timezone

from cms.models import CatalogueHead, CatalogueItem, Duty, DutyState, DutyTally
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period
from foundation.places.models import Department

PAGE_SIZE = 40
OVERDUE_SHOWN = 20


@dataclass(frozen=True)
class Standing:
    """How a set of duties stands. ``whole`` = due and arisen; ``pending`` are not due yet."""

    part: int = 0
    whole: int = 0
    late: int = 0
    none: int = 0
    pending: int = 0

    @property
    def overdue(self) -> int:
        return self.whole - self.part - self.late

    def __add__(self, other: "Standing") -> "Standing":
        return Standing(
            self.part + other.part,
            self.whole + other.whole,
            self.late + other.late,
            self.none + other.none,
            self.pending + other.pending,
        )


@dataclass(frozen=True)
class ItemRow:
    """One item of the tree with its standing in the year."""

    item: CatalogueItem
    standing: Standing


@dataclass
class HeadRow:
    """One head of the tree."""

    head: CatalogueHead
    items: list[ItemRow] = field(default_factory=list)

    @property
    def standing(self) -> Standing:
        return sum((row.standing for row in self.items), Standing())


@dataclass(frozen=True)
class DepartmentRow:
    department: Department
    standing: Standing


@dataclass(frozen=True)
class MonthRow:
    """One month's standing and its bar in a chart of 12 (user units, 20 wide, 100 high)."""

    month: date
    standing: Standing

    @property
    def share(self) -> int | None:
        """On time in percent, rounded down; None when nothing was due."""
        return 100 * self.standing.part // self.standing.whole if self.standing.whole else None

    @property
    def x(self) -> int:
        return (self.month.month - 1) * 24 + 4

    @property
    def y(self) -> int:
        return 100 - (self.share or 0)


@dataclass(frozen=True)
class Catalogue:
    """All that the page of the catalogue shows for one year."""

    year: int
    years: list[int]
    standing: Standing
    heads: list[HeadRow]
    departments: list[DepartmentRow]
    months: list[MonthRow]
    overdue: list[Duty]
    as_of: date


def _sums(today: date) -> dict[str, Sum]:
    due, later = Q(due_on__lt=today), Q(due_on__gte=today)
    return {
        "part": Sum("on_time", filter=due, default=0),
        "whole": Sum(F("total") - F("none"), filter=due, default=0),
        "late_sum": Sum("late", filter=due, default=0),
        "none_sum": Sum("none", filter=due, default=0),
        "pending": Sum(F("total") - F("none") - F("on_time"), filter=later, default=0),
    }


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(row["part"], row["whole"], row["late_sum"], row["none_sum"], row["pending"])


def _tallies(year: int) -> QuerySet[DutyTally]:
    return DutyTally.objects.filter(due_on__range=(date(year, 1, 1), date(year, 12, 31)))


def catalogue(*, year: int | None = None, today: date | None = None) -> Catalogue:
    """Return the catalogue of one year (by due day), the current one by default. 7 queries."""
    today = today or timezone.localdate()
    years = _years(today)
    year = year if year in years else min(max(years), today.year)
    by_pair = list(_tallies(year).values("item", "department").annotate(**_sums(today)))
    heads = _heads(by_pair)
    return Catalogue(
        year=year,
        years=years,
        standing=sum((head.standing for head in heads), Standing()),
        heads=heads,
        departments=_departments(by_pair),
        months=_months(year, today),
        overdue=list(overdue(today)[:OVERDUE_SHOWN]),
        as_of=today,
    )


def _years(today: date) -> list[int]:
    ends = DutyTally.objects.aggregate(first=Min("due_on"), last=Max("due_on"))
    first, last = ends["first"] or today, ends["last"] or today
    return list(range(max(last.year, today.year), first.year - 1, -1))


def _heads(by_pair: Iterable[Mapping[str, Any]]) -> list[HeadRow]:
    sums: dict[int, Standing] = {}
    for row in by_pair:
        sums[row["item"]] = sums.get(row["item"], Standing()) + _standing(row)
    heads = {head.pk: HeadRow(head) for head in CatalogueHead.objects.order_by("order")}
    items = CatalogueItem.objects.select_related("department").order_by("order")
    for item in items.filter(Q(is_active=True) | Q(pk__in=list(sums))):
        heads[item.head_id].items.append(ItemRow(item, sums.get(item.pk, Standing())))
    return [head for head in heads.values() if head.items]


def _departments(by_pair: Iterable[Mapping[str, Any]]) -> list[DepartmentRow]:
    sums: dict[int, Standing] = {}
    for row in by_pair:
        key = row["department"]
        sums[key] = sums.get(key, Standing()) + _standing(row)
    found = Department.objects.filter(pk__in=list(sums)).order_by("code")
    return [DepartmentRow(department, sums[department.pk]) for department in found]


def _months(year: int, today: date) -> list[MonthRow]:
    rows = _tallies(year).values(month=ExtractMonth("due_on")).annotate(**_sums(today))
    found = {row["month"]: _standing(row) for row in rows.order_by("month")}
    last = today.month if year == today.year else 12
    return [
        MonthRow(date(year, month, 1), found.get(month, Standing())) for month in range(1, last + 1)
    ]


def overdue(today: date) -> QuerySet[Duty]:
    """Open duties whose day has passed, the longest overdue first."""
    late = Duty.objects.filter(state=DutyState.OPEN, due_on__lt=today)
    return late.select_related("item", "department", "enterprise").order_by("due_on", "pk")


def disclosure_figure(period: Period) -> Figure:
    """On time ÷ due of duties whose day lies in ``period`` and before its horizon. 1 query.

    Evidence that is lost later takes a duty's mark away for ever: the figure of a past month may
    fall, and the fall is published as a correction.
    """
    until = min(period.end, timezone.localdate(period.horizon))
    sums = DutyTally.objects.filter(due_on__gte=period.start, due_on__lt=until).aggregate(
        part=Sum("on_time", default=0), whole=Sum(F("total") - F("none"), default=0)
    )
    return Figure(Decimal(sums["part"]), Decimal(sums["whole"]), period.horizon)
