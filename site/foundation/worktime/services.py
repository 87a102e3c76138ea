"""Writes of the working calendar; the reads everybody needs are offered here as well."""

from collections.abc import Collection
from datetime import date
from uuid import uuid4

from django.db import transaction

from foundation.jobs.services import emit
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.worktime import selectors
from foundation.worktime.calendar import Deadline, Pause
from foundation.worktime.models import DayOverride, Origin, WorkingCalendar
from foundation.worktime.selectors import (
    deadline,
    elapsed_share,
    moment_at,
    remaining_working_days,
)

__all__ = [
    "Deadline",
    "Pause",
    "announce_year",
    "clear_day",
    "deadline",
    "elapsed_share",
    "moment_at",
    "remaining_working_days",
    "renew_calendar",
    "set_day",
]

STREAM = "worktime:calendar"
CHANGED = "worktime.changed"


@transaction.atomic
def set_day(*, day: date, is_working: bool, source: str, actor: Actor) -> DayOverride:
    """Make ``day`` a working day or a day of rest; ``source`` names the notice or decision.

    Emits ``worktime.changed`` so that open deadlines are recomputed. Raises ``ValueError`` without
    a source: nobody may move a deadline without saying why.
    """
    if not source.strip():
        raise ValueError("Name the notice or decision that makes this day different.")
    values = {"is_working": is_working, "source": source.strip(), "origin": Origin.MANUAL}
    row, _created = DayOverride.objects.update_or_create(date=day, defaults=values)
    data = {"date": day.isoformat(), "is_working": is_working, "source": row.source}
    append(stream=STREAM, action="worktime.day_set", actor=actor, data=data)
    renew_calendar(days=[day])
    return row


@transaction.atomic
def clear_day(*, day: date, actor: Actor) -> bool:
    """Drop what was said about ``day``; returns False when nothing was."""
    deleted, _rows = DayOverride.objects.filter(date=day).delete()
    if not deleted:
        return False
    data = {"date": day.isoformat()}
    append(stream=STREAM, action="worktime.day_cleared", actor=actor, data=data)
    renew_calendar(days=[day])
    return True


@transaction.atomic
def announce_year(*, year: int, actor: Actor) -> None:
    """Say that the holiday notice of ``year`` is entered: its deadlines stop being provisional."""
    row, _created = WorkingCalendar.objects.get_or_create(id=1)
    row.announced_until = year
    row.save(update_fields=["announced_until"])
    append(stream=STREAM, action="worktime.year_announced", actor=actor, data={"year": year})
    renew_calendar(days=[date(year, 1, 1), date(year, 12, 31)])


def renew_calendar(*, days: Collection[date]) -> None:
    """Give the calendar a new version and tell everybody which span of ``days`` has changed.

    ``worktime.changed`` has the new version as its key and the payload ``{"from", "until"}`` (ISO
    dates): a deadline whose start lies before ``until`` and whose due time lies after ``from`` may
    have moved. The very first version moves no deadline and tells nobody. 1–2 statements and the
    event; inside the caller's transaction.
    """
    version = uuid4()
    if WorkingCalendar.objects.filter(id=1).update(version=version):
        span = {"from": min(days).isoformat(), "until": max(days).isoformat()}
        emit(CHANGED, key=str(version), payload={**span})
    else:
        WorkingCalendar.objects.create(id=1, version=version)
    selectors.held.renewed(version)
