"""The clock behind a case's due time: from when and by which limit, the same on every page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from complaints.models import Case, Clock
from foundation.worktime.selectors import remaining_working_days

STARTED, LIMIT = "clock_started_at", "clock_limit"


@dataclass(frozen=True)
class Deadline:
    """The running clock that a due time comes from; all moments aware."""

    due_at: datetime | None = None
    started_at: datetime | None = None
    limit: str = ""

    @property
    def working_days(self) -> int | None:
        """Working days left now, if the limit counts those. No query with a warm calendar."""
        return working_days_left(self.limit, self.due_at, timezone.now())


def working_days_left(limit: str, due: datetime | None, now: datetime) -> int | None:
    """Return the working days left for a limit such as ``5wd``.

    None when the limit counts otherwise, when no full day is left, and when it is over. No query
    with a warm calendar.
    """
    if not limit.endswith("wd") or due is None or due <= now:
        return None
    return remaining_working_days(now, due) or None


def with_clock(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Let each case bring start and limit of its clock along, in the same statement."""
    running = Clock.objects.filter(
        case=OuterRef("pk"), due_at=OuterRef("due_at"), outcome=Clock.Outcome.RUNNING
    ).order_by("-started_at", "-id")
    return cases.annotate(
        **{
            STARTED: Subquery(running.values("started_at")[:1]),
            LIMIT: Subquery(running.values("limit")[:1]),
        }
    )


def clock_of(case: Case) -> tuple[datetime | None, str]:
    """Return start and limit of the clock that ``case`` brought along :func:`with_clock`."""
    return case.__dict__[STARTED], case.__dict__[LIMIT] or ""


def deadline_of(case: Case) -> Deadline:
    """Return the deadline of ``case``. No query if it came :func:`with_clock`, else one."""
    if not case.is_open:
        return Deadline()
    if STARTED in case.__dict__:
        return Deadline(case.due_at, case.__dict__[STARTED], case.__dict__[LIMIT] or "")
    found = with_clock(Case.objects.filter(pk=case.pk)).values_list(STARTED, LIMIT).first()
    started, limit = found or (None, "")
    return Deadline(case.due_at, started, limit or "")
