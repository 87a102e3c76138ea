"""Reads of the working calendar and the deadlines on it.

The calendar is kept per process (``foundation.versioned``): no query when its version row was
looked at within two seconds, else one by primary key, and two more when it has changed.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cache
from uuid import UUID

import holidays
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from foundation.versioned import Versioned
from foundation.worktime.calendar import (
    BUSINESS_HOURS,
    SHANGHAI,
    Deadline,
    Hours,
    Override,
    Pause,
    Words,
    WorkCalendar,
    local,
)
from foundation.worktime.limits import parse_limit
from foundation.worktime.models import DayOverride, WorkingCalendar

NOTICE_DUE_MONTH = 11  # the State Council publishes next year's notice in October or November


def calendar() -> WorkCalendar:
    """The calendar in force."""
    return held.get()


def deadline(start: datetime, limit: str, pauses: Sequence[Pause] = ()) -> Deadline:
    """When ``limit`` (5wd, 15d, 4wh, 2h), counted from the aware ``start``, runs out.

    Time of ``pauses`` does not count.
    Due time in Asia/Shanghai; rules in ``foundation.worktime.calendar``. Raises a
    :class:`~foundation.worktime.errors.WorktimeError` whose text is a sentence for people.
    """
    return calendar().deadline(start, limit, pauses)


def elapsed_share(start: datetime, due: datetime, now: datetime, limit: str = "") -> float:
    """How much of a deadline has passed: 0 before ``start``, 1 at ``due``, more when late.

    With a ``limit`` in working days or working hours only business time counts, so that a weekend
    does not bring a warning closer; otherwise, and without a limit, time passes round the clock.
    """
    return calendar().share(start, due, now, parse_limit(limit) if limit else None)


def moment_at(
    share: float, start: datetime, due: datetime, limit: str, pauses: Sequence[Pause] = ()
) -> datetime:
    """When ``share`` (0 to 1) of a deadline has passed; counted as :func:`elapsed_share` does."""
    return calendar().moment_at(share, start, due, limit, pauses)


def remaining_working_days(now: datetime, due: datetime) -> int:
    """Working days left after today up to the day of ``due``; 0 today; negative when overdue."""
    return calendar().working_days(local(now).date(), local(due).date())


def is_working_day(day: date) -> bool:
    """Whether business is done on ``day``."""
    return calendar().is_working(day)


def is_business_time(moment: datetime) -> bool:
    """Whether offices are open at ``moment`` (aware)."""
    here = local(moment)
    known = calendar()
    return known.is_working(here.date()) and any(a <= here.time() < b for a, b in known.hours)


def missing_notice(now: datetime | None = None) -> int | None:
    """The year whose holiday notice should be entered by now (from November on), or None."""
    today = (now or timezone.now()).astimezone(SHANGHAI).date()
    wanted = today.year + (today.month >= NOTICE_DUE_MONTH)
    return None if calendar().is_announced(wanted) else wanted


@cache
def published_until() -> int:
    """The last year for which the ``holidays`` package knows make-up working days (50 ms, once)."""
    known = holidays.country_holidays("CN", years=range(2020, 2060))
    return max(day.year for day in known.weekend_workdays)


def hours_of(data: list[list[str]]) -> Hours:
    """Business hours from their stored form ``[["08:00", "12:00"], …]``."""
    return tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in data)


def _version() -> UUID | None:
    return WorkingCalendar.objects.values_list("version", flat=True).first()


def _build(version: UUID | None) -> WorkCalendar:
    row = WorkingCalendar.objects.first()
    overrides = {
        entry.date: Override(entry.is_working, entry.source) for entry in DayOverride.objects.all()
    }
    # Explanations are kept for years and belong to the district, not to the reader's language.
    with translation.override(settings.LANGUAGE_CODE):
        words = Words(_("Saturday"), _("Sunday"), _("Adjusted day of rest"), _("Clock paused"))
    return WorkCalendar(
        announced_until=max(published_until(), row.announced_until if row else 0),
        overrides=overrides,
        hours=hours_of(row.hours) if row and row.hours else BUSINESS_HOURS,
        words=words,
        version=str(row.version) if row else "",
    )


held = Versioned(_version, _build)
