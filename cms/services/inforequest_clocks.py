"""Clocks of a request: start, pause, run on, stop. Limits are law (cms.inforequest_workflow)."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Case, F, Value, When

from cms.inforequest_workflow import CLOCKS
from cms.models import InfoRequest, RequestClock
from foundation.worktime.services import Pause, deadline

Outcome = RequestClock.Outcome


def start_clock(request: InfoRequest, code: str, *, at: datetime, limit: str = "") -> RequestClock:
    """Start a clock of ``request``; ``limit`` replaces the usual one. One insert."""
    spec = CLOCKS[code]
    due = deadline(at, limit or spec.limit)
    return RequestClock.objects.create(
        request=request,
        code=code,
        limit=limit or spec.limit,
        legal_basis=spec.legal_basis,
        started_at=at,
        due_at=due.due,
        explanation=due.explanation(),
    )


def pauses_of(clock: RequestClock) -> list[Pause]:
    """Return the clock's ended pauses."""
    return [Pause(*(datetime.fromisoformat(moment) for moment in pair)) for pair in clock.pauses]


def recount(clock: RequestClock) -> None:
    """Compute deadline and explanation anew, pauses left out; the caller saves."""
    fresh = deadline(clock.started_at, clock.limit, pauses_of(clock))
    clock.due_at, clock.explanation = fresh.due, fresh.explanation()


def _running(request: InfoRequest, codes: Collection[str]) -> list[RequestClock]:
    found = RequestClock.objects.filter(
        request=request, code__in=list(codes), outcome=Outcome.RUNNING
    )
    return list(found.select_for_update())


def pause_clocks(request: InfoRequest, codes: Collection[str], *, at: datetime) -> None:
    """Let running clocks stand still. One statement."""
    RequestClock.objects.filter(
        request=request, code__in=list(codes), outcome=Outcome.RUNNING, paused_at=None
    ).update(paused_at=at)


def resume_clocks(
    request: InfoRequest, codes: Collection[str], *, at: datetime
) -> list[RequestClock]:
    """Let paused clocks run on: the time of the pause does not count. Returns them."""
    clocks = [clock for clock in _running(request, codes) if clock.paused_at]
    for clock in clocks:
        assert clock.paused_at is not None  # noqa: S101 - chosen so
        if at > clock.paused_at:
            clock.pauses.append([clock.paused_at.isoformat(), at.isoformat()])
        clock.paused_at = None
        recount(clock)
        clock.save()
    return clocks


def stop_clocks(
    request: InfoRequest, codes: Collection[str], *, at: datetime, void: bool = False
) -> None:
    """Stop running clocks: in time or late, or without meaning (``void``). One statement."""
    verdict = Case(
        When(due_at__gte=at, then=Value(str(Outcome.MET))),
        # What stands still when it ends was in time if its pause began in time.
        When(due_at__gte=F("paused_at"), then=Value(str(Outcome.MET))),
        default=Value(str(Outcome.LATE)),
    )
    RequestClock.objects.filter(
        request=request, code__in=list(codes), outcome=Outcome.RUNNING
    ).update(stopped_at=at, outcome=Outcome.VOID if void else verdict)
