"""The ladder: a clock that runs down warns, rung by rung, and the last rung names a person."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import Q, Value, When
from django.utils import translation
from django.utils.translation import gettext as _

from complaints.clockwork import OVERALL, SHARES
from complaints.models import Act, Case, Clock, Rung
from complaints.performer import Performer
from complaints.selectors.casefile import clock_label, limit_text
from complaints.selectors.people import people_of, people_of_department
from complaints.selectors.rules import rungs
from complaints.services.clocks import next_warning, reached_at
from complaints.services.supervision import issue_order
from complaints.workflow import STATES, Party, State
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.notices.services import Order, queue_many
from foundation.worktime.services import deadline

BATCH = 200
#: Until when the owner answers an order that the ladder issues.
ORDER_LIMIT = "1wd"
SYSTEM = Actor.system("ladder")
#: Clocks of steps before anybody owns the case: they are looked at first.
UNASSIGNED = ("accept", "dispatch", "return_ruling", "consultation")
#: The complainant is not hurried before this share of the time.
COMPLAINANT_SHARE = 80


def climb(*, now: datetime, batch: int = BATCH) -> int:
    """Warn of every clock whose next rung is reached by ``now``; return how many were warned of.

    Touches only due rows (partial index), cases without an owner first. One transaction a clock;
    idempotent: a clock that has been warned of meanwhile is passed over.
    """
    due = Clock.objects.filter(outcome=Clock.Outcome.RUNNING, warn_at__lte=now)
    unassigned_first = Choice(When(code__in=UNASSIGNED, then=Value(0)), default=Value(1))
    waiting = due.order_by(unassigned_first, "warn_at").values_list("pk", "case_id")[:batch]
    return sum(_warn(clock_id, case_id, now) for clock_id, case_id in list(waiting))


@transaction.atomic
def _warn(clock_id: int, case_id: int, now: datetime) -> bool:
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("owner_department", "owner_grid", "handler")
        .get(pk=case_id)
    )
    still_due = Q(pk=clock_id, outcome=Clock.Outcome.RUNNING, warn_at__lte=now)
    clock = Clock.objects.filter(still_due).select_related("assist__department").first()
    if clock is None:
        return False
    rung = _climbed(clock, now)
    clock.save(update_fields=["rung", "warn_at"])
    if case.main_case_id:
        # Joined to another case, whose own clock warns.
        return False
    _tell(case, clock, rung, now)
    return True


def _climbed(clock: Clock, now: datetime) -> Rung:
    """Move ``clock`` up to the highest rung reached by ``now``; lower ones are not told late."""
    ladder = rungs()
    rung = ladder[clock.rung]
    while clock.rung < len(ladder) and reached_at(ladder[clock.rung], clock) <= now:
        rung = ladder[clock.rung]
        clock.rung += 1
    clock.warn_at = next_warning(clock)
    return rung


def _tell(case: Case, clock: Clock, rung: Rung, now: datetime) -> None:
    """Write the warning down, and queue a notice to everybody whom the rung names."""
    told = people_of(case, _audience(case, rung), rung.person)
    if clock.code in SHARES:
        told |= people_of_department(clock.assist.department.code)
    data = {
        "number": case.number,
        "clock": clock.code,
        "rung": rung.position,
        "due": clock.due_at.isoformat(),
        "told": sorted(told),
    }
    entry = append(stream=case.stream, action="case.warn", actor=SYSTEM, at=now, data=data)
    Act.objects.create(
        case=case,
        ledger_seq=entry.seq,
        action="warn",
        source=case.state,
        target=case.state,
        actor_kind=SYSTEM.kind,
        actor_id=SYSTEM.id,
        at=now,
        internal_text=_sentence(clock, rung, told.values()),
        data={"clock": clock.code, "rung": rung.position},
    )
    order = partial(Order, stream=case.stream, context=_context(case, clock))
    key = f"{case.uid}:{clock.pk}:{rung.position}"
    orders = [
        order("case.warning", f"{key}:{user_id}", user_id=user_id) for user_id in sorted(told)
    ]
    if _hurries_complainant(case, rung) and (case.complainant_record or case.account_id):
        account = None if case.complainant_record else case.account_id
        record = case.complainant_record
        orders.append(order("case.reminder", key, record_id=record, user_id=account))
    queue_many(orders)
    _order(case, clock, rung, now)


def _order(case: Case, clock: Clock, rung: Rung, now: datetime) -> None:
    """Issue the supervision order that the rung asks for, once a clock (信访工作条例 Art 40)."""
    if not rung.order or clock.code not in OVERALL:
        return
    with translation.override(settings.LANGUAGE_CODE):
        demand = _("The answer is overdue: handle the case now and say why it took longer.")
    issue_order(
        case_id=case.pk,
        by=Performer(SYSTEM),
        colour=rung.order,
        level="order",
        reason_code="overdue",
        demand=demand,
        due=deadline(now, ORDER_LIMIT).due,
        key=f"ladder:{clock.pk}",
    )


def _audience(case: Case, rung: Rung) -> set[str]:
    """Return the parties to tell; nobody waits in vain for an owner that is not there yet."""
    parties = set(rung.tell) - {"actor"}
    actor = STATES[State(case.state)].next_party
    if "actor" in rung.tell and actor not in {None, Party.COMPLAINANT}:
        parties.add(str(actor))
    return parties


def _hurries_complainant(case: Case, rung: Rung) -> bool:
    waits = STATES[State(case.state)].next_party == Party.COMPLAINANT
    return waits and "actor" in rung.tell and rung.share >= COMPLAINANT_SHARE


def _context(case: Case, clock: Clock) -> dict[str, str]:
    with translation.override(settings.LANGUAGE_CODE):
        return {
            "number": case.number,
            "state": str(case.spec.label),
            "clock": str(clock_label(clock.code)),
            "due": f"{clock.due_at.astimezone():%Y-%m-%d %H:%M}",
        }


def _sentence(clock: Clock, rung: Rung, names: Iterable[str]) -> str:
    """Say what ran down and who was told, in the district's language: it is kept for years."""
    with translation.override(settings.LANGUAGE_CODE):
        label = str(clock_label(clock.code))
        if rung.after:
            words = _("%(clock)s: %(after)s past the end.") % {
                "clock": label,
                "after": limit_text(rung.after),
            }
        elif rung.share >= 100:
            words = _("%(clock)s: the time has run out.") % {"clock": label}
        else:
            words = _("%(clock)s: %(share)d %% of the time have passed.") % {
                "clock": label,
                "share": rung.share,
            }
        told = "、".join(sorted(set(names)))
        return f"{words} " + (_("Told: %(names)s") % {"names": told} if told else _("Nobody told"))
