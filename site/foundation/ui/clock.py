"""How times and deadlines are said. Pure arithmetic: no database, no request.

The words follow design/ux.md §4: 刚刚 / 5 分钟前 / 今天 09:12 / 昨天 16:40 / 11月3日 09:12.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def moment_text(at: datetime, *, now: datetime) -> str:
    """Say ``at`` as people do, in the current time zone. Both must be aware."""
    age = now - at
    if timedelta(0) <= age < MINUTE:
        return _("just now")
    if timedelta(0) <= age < HOUR:
        minutes = int(age / MINUTE)
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    clock = f"{local:%H:%M}"
    near = {
        0: _("today %(clock)s"),
        -1: _("yesterday %(clock)s"),
        1: _("tomorrow %(clock)s"),
    }.get((local.date() - today).days)
    return near % {"clock": clock} if near else short_text(at, now=now)


def short_text(at: datetime, *, now: datetime) -> str:
    """Say ``at`` with month and day, and with the year when it is not this year's."""
    local = timezone.localtime(at)
    if local.year != timezone.localtime(now).year:
        return full_text(at)
    return _("%(month)d/%(day)d %(clock)s") % {
        "month": local.month,
        "day": local.day,
        "clock": f"{local:%H:%M}",
    }


def full_text(at: datetime) -> str:
    """Say ``at`` with its year, for records and hover texts: 2026年11月3日 09:12."""
    local = timezone.localtime(at)
    return _("%(year)d/%(month)d/%(day)d %(clock)s") % {
        "year": local.year,
        "month": local.month,
        "day": local.day,
        "clock": f"{local:%H:%M}",
    }


def date_text(at: datetime) -> str:
    """Say the day of ``at``: 2026年11月3日."""
    local = timezone.localtime(at)
    return _("%(year)d/%(month)d/%(day)d") % {
        "year": local.year,
        "month": local.month,
        "day": local.day,
    }


class Stage(StrEnum):
    """How near a deadline is. The value is the suffix of the CSS class ``gz-countdown--…``."""

    OK = "ok"
    NOTICE = "notice"
    WARNING = "warning"
    OVERDUE = "overdue"


ICONS = {
    Stage.OK: "clock",
    Stage.NOTICE: "bell",
    Stage.WARNING: "hourglass",
    Stage.OVERDUE: "siren",
}


WORDS = {
    Stage.OK: pgettext_lazy("deadline", "On time"),
    Stage.NOTICE: pgettext_lazy("deadline", "Reminder"),
    Stage.WARNING: pgettext_lazy("deadline", "Due soon"),
    Stage.OVERDUE: pgettext_lazy("deadline", "Overdue"),
}


@dataclass(frozen=True)
class Countdown:
    """A deadline ready to be shown: colour never speaks alone, so a word and an icon come along."""

    stage: Stage
    word: str
    text: str
    icon: str
    due: datetime


def stage_of(due: datetime, *, start: datetime | None, now: datetime) -> Stage:
    """Return green > 50 % left, blue ≤ 50 %, yellow ≤ 25 % or < 24 h, red after ``due`` (ux.md §4).

    The 24-hour rule is for clocks that run longer than two days: a two-hour clock would otherwise
    be born yellow. Without ``start`` only the hours left count.
    """
    left = due - now
    if left <= timedelta(0):
        return Stage.OVERDUE
    total = due - start if start else None
    long_clock = total is None or total > 2 * DAY
    if (long_clock and left < DAY) or (total and left <= total / 4):
        return Stage.WARNING
    if total and left <= total / 2:
        return Stage.NOTICE
    return Stage.OK


def countdown(
    due: datetime,
    *,
    start: datetime | None = None,
    now: datetime | None = None,
    working_days: int | None = None,
) -> Countdown:
    """Return how much of a deadline is left, in words.

    ``working_days`` is what foundation.worktime counted; without it calendar units are used.
    All datetimes must be aware.
    """
    now = now or timezone.now()
    stage = stage_of(due, start=start, now=now)
    word = str(WORDS[stage])
    if stage is Stage.OVERDUE:
        text = _("%(span)s overdue") % {"span": span_text(now - due)}
    elif working_days:
        text = ngettext("%(n)d working day left", "%(n)d working days left", working_days) % {
            "n": working_days
        }
    else:
        text = _("%(span)s left") % {"span": span_text(due - now)}
    return Countdown(stage=stage, word=word, text=text, icon=ICONS[stage], due=due)


def span_text(span: timedelta) -> str:
    """Say a length in its largest whole unit: 3 天, 5 小时, 20 分钟 (at least one minute)."""
    if span >= DAY:
        n = span // DAY
        return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}
    if span >= HOUR:
        n = span // HOUR
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    n = max(1, span // MINUTE)
    return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}
