"""Figures of whistles: how often they are blown, who comes in time, how departments are graded.

A rate always says what it was counted from. Fewer than 30 are not graded, and nobody is ranked.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from complaints.clockwork import REPORT_IN
from complaints.models import Assist, Case, Clock, Whistle
from complaints.selectors.statistics import clocks_stopped
from complaints.workflow import Text
from foundation.ledger.models import Entry
from foundation.metrics.figure import Figure
from foundation.metrics.memo import remembered
from foundation.metrics.period import Period
from foundation.places.models import Area, Department
from foundation.places.selectors import snapshot, towns

#: Fewer counts than these say nothing about an office.
GRADED_FROM = 30
#: Average grade from which each band begins (one to five), the best first.
BANDS: tuple[tuple[Decimal, Text], ...] = (
    (Decimal("4.5"), _("very good")),
    (Decimal("3.5"), _("good")),
    (Decimal("2.5"), _("fair")),
    (Decimal(0), _("needs work")),
)


def whistle_rate(period: Period) -> Figure:
    """吹哨率: whistles blown in the period ÷ cases accepted in it. Two queries.

    Neither too low nor too high is good, so it has no target (domain §2d).
    """
    blown, accepted = remembered(
        "whistles", period, lambda: (_blown(period).count(), _accepted(period).count())
    )
    return Figure(Decimal(blown), Decimal(accepted), period.horizon)


def _blown(period: Period) -> QuerySet[Whistle]:
    return Whistle.objects.filter(blown_at__gte=period.start_at, blown_at__lt=_end(period))


def _accepted(period: Period) -> QuerySet[Case]:
    return Case.objects.filter(accepted_at__gte=period.start_at, accepted_at__lt=_end(period))


def whistle_rate_in_ledger(period: Period) -> Figure:
    """Count :func:`whistle_rate` from the ledger alone. Two queries that read the whole period."""
    acts = Entry.objects.filter(at__gte=period.start_at, at__lt=_end(period))
    blown = acts.filter(action="case.blow_whistle").count()
    accepted = acts.filter(action="case.accept").count()
    return Figure(Decimal(blown), Decimal(accepted), period.horizon)


def reports_in_time(period: Period) -> Figure:
    """报到及时率: departments that came in time ÷ those whose time was up in the period. One query.

    Whoever never came, or was not waited for, counts by the clock: late, or not at all.
    """
    return clocks_stopped(period, {REPORT_IN}, on_time=True)


def _end(period: Period) -> datetime:
    return min(period.horizon, period.end_at)


def _calls_due(period: Period, prefix: str = "") -> Q:
    due = {
        f"{prefix}code": REPORT_IN,
        f"{prefix}due_at__gte": period.start_at,
        f"{prefix}due_at__lt": _end(period),
    }
    return Q(**due) & ~Q(**{f"{prefix}outcome": Clock.Outcome.VOID})


def _came_in_time(period: Period, prefix: str = "") -> Q:
    met = {f"{prefix}outcome": Clock.Outcome.MET, f"{prefix}stopped_at__lte": period.horizon}
    return Q(**met)


@dataclass(frozen=True)
class TownRow:
    """Whistles and accepted cases of one town or street."""

    town: Area
    whistles: int
    cases: int


@dataclass(frozen=True)
class DepartmentRow:
    """How one department came when it was called, and how streets graded it."""

    department: Department
    due: int
    in_time: int
    grades: int
    points: int

    @property
    def band(self) -> Text:
        """The band of the average grade; '' below thirty grades."""
        if self.grades < GRADED_FROM:
            return ""
        average = Decimal(self.points) / self.grades
        return next(name for least, name in BANDS if average >= least)

    @property
    def average(self) -> Decimal | None:
        """Average grade, one decimal; None without any."""
        if not self.grades:
            return None
        return (Decimal(self.points) / self.grades).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class WhistleTable:
    """Whistles of a period by street and by department, in the order of the register."""

    rate: Figure
    in_time: Figure
    towns: tuple[TownRow, ...]
    departments: tuple[DepartmentRow, ...]


def whistle_table(period: Period) -> WhistleTable:
    """Return everything the overview tells of whistles in ``period``. Six queries."""
    return WhistleTable(
        whistle_rate(period), reports_in_time(period), _town_rows(period), _department_rows(period)
    )


def _town_rows(period: Period) -> tuple[TownRow, ...]:
    """Count by the towns of today's map. Two queries."""
    blown = _by_town(_blown(period), "case__area_path")
    accepted = _by_town(_accepted(period), "area_path")
    return tuple(
        TownRow(town, blown[town.path], accepted[town.path])
        for town in towns()
        if blown[town.path] or accepted[town.path]
    )


def _by_town(rows: QuerySet[Any], path: str) -> Counter[str]:
    """Count ``rows`` by the path of their town; grids are few, so Python sums them up."""
    found: Counter[str] = Counter()
    known = [town.path for town in towns()]
    for where, count in rows.order_by().values_list(path).annotate(count=Count("pk")):
        found.update({town: count for town in known if where.startswith(town)})
    return found


def _department_rows(period: Period) -> tuple[DepartmentRow, ...]:
    """Count calls by their due time and grades by the whistle's. One query."""
    due = _calls_due(period, "clock__")
    blown = Q(whistle__blown_at__gte=period.start_at, whistle__blown_at__lt=_end(period))
    counted = (
        Assist.objects.filter(due | blown, whistle__isnull=False)
        .values("department_id")
        .annotate(
            due=Count("pk", filter=due),
            in_time=Count("pk", filter=due & _came_in_time(period, "clock__")),
            grades=Count("grade", filter=blown),
            points=Sum("grade", filter=blown),
        )
    )
    known = snapshot().departments_by_id
    rows = [
        DepartmentRow(
            known[row["department_id"]],
            row["due"],
            row["in_time"],
            row["grades"],
            row["points"] or 0,
        )
        for row in counted
        if row["department_id"] in known
    ]
    return tuple(sorted(rows, key=lambda row: row.department.code))
