"""Tallies of duties, kept in the transaction that changes a duty."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count, Q

from cms.models import Duty, DutyState, DutyTally

LATE = Q(is_late=True, state__in=(DutyState.MET, DutyState.NONE))
ON_TIME = Q(is_late=False, state=DutyState.MET)
NONE = Q(is_late=False, state=DutyState.NONE)
COUNTS = ("total", "on_time", "late", "none")


def retally(*, item_id: int, days: Collection[date]) -> None:
    """Count the duties of an item that are due on ``days`` again. 4 statements.

    Locks the tallies first, so that of two changes at once the second counts what the first did.
    """
    rows = DutyTally.objects.filter(item_id=item_id, due_on__in=days)
    list(rows.select_for_update().order_by("pk").values_list("pk"))
    counted = (
        Duty.objects.filter(item_id=item_id, due_on__in=days)
        .exclude(state=DutyState.WITHDRAWN)
        .order_by()
        .values("department_id", "due_on")
        .annotate(
            total=Count("pk"),
            on_time=Count("pk", filter=ON_TIME),
            late=Count("pk", filter=LATE),
            none=Count("pk", filter=NONE),
        )
    )
    fresh = [DutyTally(item_id=item_id, **row) for row in counted]
    rows.update(total=0, on_time=0, late=0, none=0)
    DutyTally.objects.bulk_create(
        fresh,
        update_conflicts=True,
        unique_fields=["item", "department", "due_on"],
        update_fields=list(COUNTS),
    )
