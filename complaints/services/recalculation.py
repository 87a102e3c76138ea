"""A changed calendar moves running deadlines, each move with its entry in the ledger."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate, make_aware

from complaints.clockwork import EXTENSION, OVERALL, PART, REPORT_IN
from complaints.models import Case, Clock
from complaints.services.clocks import RECOUNTED, cap_share, pauses_of, recount
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
    # An extension begins at an end that may itself move.
    begun = Q(started_at__lt=_midnight(last + DAY)) | Q(code=EXTENSION)
    running = Clock.objects.filter(
        begun, outcome=Clock.Outcome.RUNNING, due_at__gte=_midnight(first - DAY)
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
    clocks = list(Clock.objects.filter(case=case).order_by("started_at", "id"))
    moved = [
        clock
        for clock in clocks
        if clock.outcome == Clock.Outcome.RUNNING
        and _touches(clock, first, last)
        and _move(case, clock, clocks)
    ]
    if not moved:
        return 0
    for clock in moved:
        clock.save(update_fields=[*RECOUNTED, "started_at"])
    case.version += 1
    case.save(update_fields=["due_at", "handling_due_at", "version"])
    append(
        stream=case.stream,
        action="case.deadlines_moved",
        actor=Actor.system("calendar"),
        data={
            "number": case.number,
            "version": case.version,
            "clocks": {_name(clock): clock.due_at.isoformat() for clock in moved},
        },
    )
    return len(moved)


def _name(clock: Clock) -> str:
    """What the ledger calls the clock: each called department has its own."""
    assist = getattr(clock, "assist", None) if clock.code == REPORT_IN else None
    return f"{REPORT_IN}:{assist.pk}" if assist else clock.code


def _touches(clock: Clock, first: date, last: date) -> bool:
    has_begun = clock.code == EXTENSION or localdate(clock.started_at) <= last
    return has_begun and localdate(clock.due_at) + DAY >= first


def _move(case: Case, clock: Clock, clocks: Sequence[Clock]) -> bool:
    """Give ``clock`` its new deadline, and the case what it shows of it; False if it stays."""
    was = clock.due_at
    if clock.code == EXTENSION:
        clock.started_at = _end_before(clock, clocks)
    recount(clock)
    if clock.code == PART:
        cap_share(clock, case)
    if clock.due_at == was:
        return False
    if clock.code in OVERALL and case.handling_due_at == was:
        case.handling_due_at = clock.due_at
    if case.due_at == was and _shown(case, clock):
        case.due_at = clock.due_at
    return True


def _end_before(extension: Clock, clocks: Sequence[Clock]) -> datetime:
    """Return where an extension begins: the end of the clock that it runs on from, as of today."""
    base = next((c for c in clocks if c.code in OVERALL and c.due_at == extension.started_at), None)
    if base is None:
        return extension.started_at
    return deadline(base.started_at, base.limit, pauses_of(base)).due


def _shown(case: Case, clock: Clock) -> bool:
    code = STATES[State(case.state)].clock
    return clock.code == code or (code in OVERALL and clock.code in OVERALL)
