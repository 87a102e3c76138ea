"""What other offices have to do with a case: who was called, who has finished, who is late."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Avg, Count, Q
from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.inputs import WHISTLE_REASONS
from complaints.models import Assist, Case, Whistle
from complaints.workflow import Text
from foundation.metrics.period import Period
from foundation.places.models import Department
from foundation.places.selectors import department_by_code


def called_departments(case: Case, codes: str) -> list[Department]:
    """Return the departments written as "a,b"; the owner itself is never called. No query.

    Raises InvalidInput when one is not in use or none is left.
    """
    found = [department_by_code(code) for code in dict.fromkeys(codes.split(","))]
    called = [d for d in found if d is not None and d.pk != case.owner_department_id]
    if None in found or not called:
        raise InvalidInput(_("Choose at least one other department."), field="departments")
    return called


def open_tasks_of(case: Case) -> int:
    """Return how many sub-tasks (not calls of a whistle) are open. One query."""
    return Assist.objects.filter(case=case, is_open=True, whistle=None).count()


@dataclass(frozen=True)
class WhistleView:
    """A whistle with its departments in the order of their calls."""

    whistle: Whistle
    kind: Text
    assists: tuple[Assist, ...]

    @property
    def is_open(self) -> bool:
        return self.whistle.ended_at is None

    @property
    def reported(self) -> int:
        return sum(assist.reported_in_at is not None for assist in self.assists)


@dataclass(frozen=True)
class Shares:
    """Everything other offices have to do with a case."""

    whistles: tuple[WhistleView, ...] = ()
    tasks: tuple[Assist, ...] = ()
    mine: frozenset[int] = field(default_factory=frozenset)

    @property
    def is_empty(self) -> bool:
        return not self.whistles and not self.tasks


def shares_of(case: Case, departments: Collection[int] = ()) -> Shares:
    """Return whistles and sub-tasks of ``case``; ``mine`` are ids of ``departments``' open shares.

    Two queries.
    """
    rows = Assist.objects.filter(case=case).select_related("department", "clock")
    assists = list(rows.order_by("asked_at", "id"))
    whistles = Whistle.objects.filter(case=case)
    views = [
        WhistleView(
            whistle,
            WHISTLE_REASONS.get(whistle.kind, whistle.kind),
            tuple(a for a in assists if a.whistle_id == whistle.pk),
        )
        for whistle in whistles
    ]
    tasks = tuple(a for a in assists if a.whistle_id is None)
    mine = frozenset(a.pk for a in assists if a.is_open and a.department_id in departments)
    return Shares(tuple(views), tasks, mine)


@dataclass(frozen=True)
class WhistleFigures:
    """Whistles of a period: how many, on how many accepted cases, and how departments came."""

    whistles: int
    cases: int
    called: int
    reported: int
    in_time: int
    graded: int
    average: float | None


def whistle_figures(period: Period) -> WhistleFigures:
    """Return 吹哨率 (whistles ÷ accepted cases) and 报到 figures of ``period``. Three queries."""
    blown = Whistle.objects.filter(blown_at__gte=period.start_at, blown_at__lt=period.end_at)
    accepted = Case.objects.filter(accepted_at__gte=period.start_at, accepted_at__lt=period.end_at)
    calls = Assist.objects.filter(whistle__in=blown).aggregate(
        called=Count("pk"),
        reported=Count("pk", filter=Q(reported_in_at__isnull=False)),
        in_time=Count("pk", filter=Q(clock__outcome="met")),
        graded=Count("grade"),
        average=Avg("grade"),
    )
    return WhistleFigures(whistles=blown.count(), cases=accepted.count(), **calls)
