"""What time does to requests: receipt counts as confirmed, corrections lapse, opinions end."""

from datetime import datetime

from django.db import transaction

from cms.inforequest_errors import RequestError
from cms.inforequest_workflow import State
from cms.models import InfoRequest, RequestClock
from cms.performer import SYSTEM
from cms.services.inforequest_clocks import recount
from cms.services.inforequest_record import record
from cms.services.inforequests import perform

#: State → what happens when its deadline passes without an act. No request waits for ever.
WHEN_OVER = {
    State.SUBMITTED: ("confirm", {}),
    State.AWAITING_CORRECTION: ("lapse", {}),
    State.CONSULTING: ("record_opinion", {"opinion": "no_answer"}),
}


def act_on_passed_deadlines(*, now: datetime, limit: int = 500) -> int:
    """Apply what follows from passed deadlines, dated at the deadline itself. Idempotent.

    A receipt that nobody confirmed counts from the end of its time (no office can put the clock
    off); an applicant who does not correct gives up (Art 30); silence of others ends the pause
    (Art 32). One transaction a request.
    """
    waiting = InfoRequest.objects.filter(
        is_open=True, state__in=list(WHEN_OVER), due_at__lt=now
    ).order_by("due_at")[:limit]
    done = 0
    for request in list(waiting):
        action, data = WHEN_OVER[State(request.state)]
        try:
            perform(
                request_id=request.pk, action=action, by=SYSTEM, data=data,
                version=request.version, at=request.due_at,
            )  # fmt: skip
        except RequestError:
            continue  # somebody acted meanwhile
        done += 1
    return done


def recount_deadlines(*, since: datetime, until: datetime, at: datetime) -> int:
    """Count running deadlines anew after the working calendar changed; returns how many moved."""
    clocks = RequestClock.objects.filter(
        outcome=RequestClock.Outcome.RUNNING, started_at__lte=until, due_at__gte=since
    )
    return sum(_recount(pk, at) for pk in list(clocks.values_list("pk", flat=True)))


def _recount(pk: int, at: datetime) -> bool:
    with transaction.atomic():
        clock = RequestClock.objects.get(pk=pk)
        request = InfoRequest.objects.select_for_update().get(pk=clock.request_id)
        before = clock.due_at
        recount(clock)
        if clock.due_at == before or clock.outcome != RequestClock.Outcome.RUNNING:
            return False
        clock.save()
        request.due_at = clock.due_at if request.due_at == before else request.due_at
        if request.answer_due_at == before:
            request.answer_due_at = clock.due_at
        request.version += 1
        request.save()
        data = {"clocks": {clock.code: clock.due_at.isoformat()}}
        record(request, "recount", SYSTEM, at=at, source=request.state, data=data)
    return True
