"""What other offices have to do with a case: who was called, who has finished, who is late."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.inputs import WHISTLE_REASONS
from complaints.models import Assist, Case, Whistle
from complaints.selectors.conflicts import refuse_accused
from complaints.workflow import Text
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
    refuse_accused(case, called, field="departments")
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
    rows = Assist.objects.filter(case=case).select_related("department", "clock", "reported_in_by")
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


def late_calls(now: datetime) -> Q:
    """Match cases with a called department that has not reported in by its time. Few rows."""
    silent = Assist.objects.filter(is_open=True, whistle__isnull=False, reported_in_at=None)
    return Q(pk__in=silent.filter(clock__due_at__lte=now).values("case_id"))
