"""A changed calendar moves running deadlines, each move with its entry in the ledger."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils.timezone import localdate, make_aware

from complaints.clockwork import OVERALL
from complaints.models import Case, Clock
from complaints.workflow import STATES, State
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.worktime.services import deadline

BATCH = 200
DAY = timedelta(days=1)


def recompute_deadlines(*, first: date, last: date) -> int:
    """Compute the running clocks again that touch the days ``first``–``last`` (district's dates).

    Each case is locked and written in a transaction of its own; nothing is written when a deadline
    stays. Idempotent. Returns how many clocks moved.
    """
    return sum(_recompute_case(pk, first, last) for pk in _touched_cases(first, last))


def _touched_cases(first: date, last: date) -> Iterator[int]:
    """Yield ids of cases with a running clock around those days, in batches by key."""
    after = 0
    running = Clock.objects.filter(
        outcome=Clock.Outcome.RUNNING,
        started_at__lt=_midnight(last + DAY),
        due_at__gte=_midnight(first - DAY),
    )
    while True:
        batch = list(
            running.filter(case_id__gt=after)
            .order_by("case_id")
            .values_list("case_id", flat=True)
            .distinct()[:BATCH]
        )
        yield from batch
        if len(batch) < BATCH:
            return
        after = batch[-1]


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


@transaction.atomic
def _recompute_case(pk: int, first: date, last: date) -> int:
    case = Case.objects.select_for_update().get(pk=pk)
    moved = [
        clock
        for clock in Clock.objects.filter(case=case, outcome=Clock.Outcome.RUNNING)
        if _touches(clock, first, last) and _move(case, clock)
    ]
    if not moved:
        return 0
    for clock in moved:
        clock.save(update_fields=["due_at", "explanation", "version"])
    case.version += 1
    case.save(update_fields=["due_at", "handling_due_at", "version"])
    append(
        stream=case.stream,
        action="case.deadlines_moved",
        actor=Actor.system("calendar"),
        data={
            "number": case.number,
            "version": case.version,
            "clocks": {clock.code: clock.due_at.isoformat() for clock in moved},
        },
    )
    return len(moved)


def _touches(clock: Clock, first: date, last: date) -> bool:
    return localdate(clock.started_at) <= last and localdate(clock.due_at) + DAY >= first


def _move(case: Case, clock: Clock) -> bool:
    """Give ``clock`` its new deadline, and the case what it shows of it; False if it stays."""
    fresh = deadline(clock.started_at, clock.limit)
    if fresh.due == clock.due_at:
        return False
    was = clock.due_at
    clock.due_at, clock.explanation = fresh.due, fresh.explanation()
    clock.version += 1
    if clock.code in OVERALL and case.handling_due_at == was:
        case.handling_due_at = fresh.due
    if case.due_at == was and _shown(case, clock):
        case.due_at = fresh.due
    return True


def _shown(case: Case, clock: Clock) -> bool:
    code = STATES[State(case.state)].clock
    return clock.code == code or (code in OVERALL and clock.code in OVERALL)
