"""Periods of duties and their due days. Pure but for the working calendar it is given.

Due days follow 政府信息公开条例 Art 26 (20 working days) and its kin: a limit counts from the
period's last day, which itself is not counted; a fixed day of the following year ("03-15") that is
a day of rest moves to the next working day (民法典 Art 203, by analogy), and 02-29 is the last day
of February in years that have none.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

ZONE = ZoneInfo("Asia/Shanghai")


class Rhythm(TextChoices):
    """How often a duty comes round."""

    EVENT = "event", _("On each occasion")
    MONTH = "month", _("Monthly")
    QUARTER = "quarter", _("Quarterly")
    HALF = "half", _("Half-yearly")
    YEAR = "year", _("Yearly")


MONTHS = {Rhythm.MONTH: 1, Rhythm.QUARTER: 3, Rhythm.HALF: 6, Rhythm.YEAR: 12}
FIXED_DAY = re.compile(r"(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])")
COUNTED = re.compile(r"[1-9]\d{0,2}(?:wd|d)")


class BadLimit(ValueError):
    """A limit that is neither a number of days nor a day of the year."""


@dataclass(frozen=True)
class Span:
    """One period: its name ("2026-Q3") and its first and last day."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Due:
    """The last day on which publishing is on time, with the account of how it was counted."""

    day: date
    explanation: dict[str, object]


Count = Callable[[datetime, str], Due]
RollOff = Callable[[date], date]


def _name(rhythm: str, first: date) -> str:
    if rhythm == Rhythm.YEAR:
        return f"{first.year}"
    if rhythm == Rhythm.HALF:
        return f"{first.year}-H{1 + first.month // 7}"
    if rhythm == Rhythm.QUARTER:
        return f"{first.year}-Q{(first.month + 2) // 3}"
    return f"{first:%Y-%m}"


def _month_on(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def spans(rhythm: str, *, ended_from: date, ended_until: date) -> Iterator[Span]:
    """Yield the periods of ``rhythm`` whose last day lies in the given days (both included)."""
    length = MONTHS[Rhythm(rhythm)]
    first = date(ended_from.year, (ended_from.month - 1) // length * length + 1, 1)
    while True:
        following = _month_on(first, length)
        last = following - timedelta(days=1)
        if last > ended_until:
            return
        if last >= ended_from:
            yield Span(_name(rhythm, first), first, last)
        first = following


def span_named(name: str) -> Span | None:
    """Return the period called ``name``, None when it is no period ("2026-Q5", an occasion)."""
    match = re.fullmatch(r"(\d{4})(?:-(?:(H)([12])|(Q)([1-4])|(0[1-9]|1[0-2])))?", name)
    if match is None or not 2000 <= int(match[1]) <= 2099:
        return None
    year = int(match[1])
    if match[2]:
        return _span(Rhythm.HALF, year, 6 * int(match[3]) - 5)
    if match[4]:
        return _span(Rhythm.QUARTER, year, 3 * int(match[5]) - 2)
    if match[6]:
        return _span(Rhythm.MONTH, year, int(match[6]))
    return _span(Rhythm.YEAR, year, 1)


def _span(rhythm: Rhythm, year: int, month: int) -> Span:
    first = date(year, month, 1)
    last = _month_on(first, MONTHS[rhythm]) - timedelta(days=1)
    return Span(_name(rhythm, first), first, last)


def check_limit(limit: str) -> str:
    """Return ``limit`` as it is; raises BadLimit when it cannot be read."""
    if COUNTED.fullmatch(limit) or FIXED_DAY.fullmatch(limit):
        return limit
    raise BadLimit(f"{limit!r} is no limit: write 20wd, 15d, or a day like 03-15.")


def _fixed(limit: str, year: int) -> date:
    """The day of ``year`` that a limit like "02-29" names, or the month's last one."""
    month, day = (int(part) for part in limit.split("-"))
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def due_day(*, starts_on: date, limit: str, count: Count, roll_off: RollOff) -> Due:
    """Return the due day of what is counted from ``starts_on``. Raises BadLimit.

    ``count`` works out "20wd" or "15d" (the working calendar), ``roll_off`` moves a day of rest to
    the next working day.
    """
    check_limit(limit)
    if COUNTED.fullmatch(limit):
        return count(datetime.combine(starts_on, time(12), ZONE), limit)
    wanted = _fixed(limit, starts_on.year + 1)
    day = roll_off(wanted)
    said: dict[str, object] = {"start": starts_on.isoformat(), "limit": limit}
    skipped = [wanted.isoformat()] if day != wanted else []
    return Due(day, {**said, "due": day.isoformat(), "rolled_from": skipped})


def period_names(name: str) -> list[str]:
    """Return the ways in which people write a period, the usual one first; none for an occasion."""
    span = span_named(name)
    return [] if span is None else [*_chinese(span), span.name]


def _chinese(span: Span) -> list[str]:
    year, first, last = f"{span.first.year}年", span.first.month, span.last.month
    length = last - first + 1
    if length == 12:
        return [f"{year}度", year]
    if length == 6:
        return [f"{year}{'上' if first == 1 else '下'}半年"]
    if length == 3:
        number = (first + 2) // 3
        written = "一二三四"[number - 1]
        forms = [f"第{written}季度", f"{written}季度", f"第{number}季度", f"{number}季度"]
        return [*(f"{year}{form}" for form in forms), f"{year}{first}—{last}月"]
    return [f"{year}{first}月"]
