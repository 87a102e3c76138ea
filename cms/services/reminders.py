"""Reminders to editors before a duty falls due, and once when it has."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db import transaction

from cms.models import Duty, DutyState
from foundation.accounts.models import Role
from foundation.accounts.selectors import holders_of
from foundation.notices.services import Order, queue_many
from foundation.worktime.selectors import calendar

#: Working days left at which a duty is called to mind; −1: it has been overdue for one.
STEPS = (5, 1, -1)
MOST_NAMED = 20


@transaction.atomic
def remind(*, today: date) -> int:
    """Queue one message per editor that has something to be reminded of; returns how many.

    Asking twice on one day tells nobody twice. 2 queries and the orders.
    """
    if not calendar().is_working(today):
        return 0
    due = [duty for duty in _near(today) if _left(today, duty.due_on) in STEPS]
    orders = [
        Order(
            code="duties.due",
            key=f"duties.due:{user}:{today}",
            stream=f"user:{user}",
            context={"lines": [_line(duty, today) for duty in duties[:MOST_NAMED]]},
            user_id=user,
        )
        for user, duties in _by_editor(due).items()
    ]
    queue_many(orders)
    return len(orders)


def _near(today: date) -> Iterable[Duty]:
    days = [calendar_day(today, step) for step in (max(STEPS), min(STEPS))]
    waiting = Duty.objects.filter(state=DutyState.OPEN, due_on__range=(min(days), max(days)))
    return waiting.select_related("item", "department", "enterprise").order_by("due_on", "pk")


def calendar_day(today: date, step: int) -> date:
    """A day that certainly lies ``step`` working days away or farther: two weeks a week."""
    return date.fromordinal(today.toordinal() + step * 4)


def _left(today: date, due_on: date) -> int:
    return calendar().working_days(today, due_on)


def _line(duty: Duty, today: date) -> dict[str, object]:
    return {
        "item": duty.item.name,
        "period": duty.occasion,
        "due": duty.due_on.isoformat(),
        "left": _left(today, duty.due_on),
    }


def _by_editor(duties: Iterable[Duty]) -> dict[int, list[Duty]]:
    """Editors of the duty's department; those whose post names none get everything."""
    posts = list(holders_of(Role.EDITOR))
    found: defaultdict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        users = {p.user_id for p in posts if p.department_id in {None, duty.department_id}}
        for user in users:
            found[user].append(duty)
    return found
