"""The disclosure rate, counted again from the ledger alone: no row of a duty is read."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from foundation.ledger.models import Entry
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period

PREFIX = "duties:"
BATCH = 5000


@dataclass
class _Walk:
    """Duties due by day, and those of them that are on time or did not arise."""

    due: Counter[date] = field(default_factory=Counter)
    on_time: dict[int, date] = field(default_factory=dict)
    none: dict[int, date] = field(default_factory=dict)

    def step(self, action: str, data: dict[str, Any]) -> None:
        day = date.fromisoformat(data["due_on"])
        if action == "duties.made":
            self.due[day] += data["count"]
        elif action in {"duty.opened", "duty.reinstated"}:
            self.due[day] += 1
        elif action == "duty.withdrawn":
            self.due[day] -= 1
        elif action == "duty.moved":
            self.due[date.fromisoformat(data["before"])] -= 1
            self.due[day] += 1
        else:
            self._judge(action, day, data)

    def _judge(self, action: str, day: date, data: dict[str, Any]) -> None:
        duty = data["duty"]
        if action == "duty.met" and not data["late"]:
            self.on_time[duty] = day
        elif action == "duty.reopened":
            self.on_time.pop(duty, None)
        elif action == "duty.declared" and not data["late"]:
            self.none[duty] = day
        elif action == "duty.declaration_withdrawn":
            self.none.pop(duty, None)


def disclosure_figure(period: Period) -> Figure:
    """Return on time ÷ due of ``period``, as selectors.catalogue.disclosure_figure does."""
    walk = _Walk()
    entries = Entry.objects.filter(stream__startswith=PREFIX, at__lte=period.horizon)
    rows = entries.order_by("seq").values_list("action", "data")
    facts: Any  # a JSON column reads as a dictionary
    for action, facts in rows.iterator(chunk_size=BATCH):
        walk.step(action, facts)
    until = min(period.end, timezone.localdate(period.horizon))

    def within(day: date) -> bool:
        return period.start <= day < until

    whole = sum(count for day, count in walk.due.items() if within(day))
    whole -= sum(within(day) for day in walk.none.values())
    part = sum(within(day) for day in walk.on_time.values())
    return Figure(Decimal(part), Decimal(whole), period.horizon)
