"""Loads ``calendar.toml``: business hours, announced years, days that differ."""

from datetime import date, time
from typing import Any

from foundation.places.pack import Changes, Pack, Row, loader
from foundation.worktime.calendar import FIRST_YEAR, LAST_YEAR
from foundation.worktime.models import DayOverride, Origin, WorkingCalendar
from foundation.worktime.services import renew_calendar


@loader("calendar", order=30)
def load_calendar(pack: Pack) -> Changes:
    """Hours and announced years, then days; days entered by hand are left alone."""
    settings_row = pack.row("calendar")
    announced_until = settings_row.whole("announced_until", least=FIRST_YEAR)
    hours = _hours(settings_row)
    settings_row.raw("day", [])
    settings_row.finish()
    wanted = _days(pack)
    is_first = not WorkingCalendar.objects.filter(id=1).exists()
    changes, changed_days = _store_days(wanted)
    base = {"announced_until": announced_until, "hours": hours}
    if is_first:
        WorkingCalendar.objects.create(id=1, **base)
        return changes + Changes(added=1)
    if WorkingCalendar.objects.filter(id=1, **base).exists():
        changes += Changes(unchanged=1)
    else:
        WorkingCalendar.objects.filter(id=1).update(**base)
        changes += Changes(changed=1)
        changed_days |= {date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)}
    if changes:
        renew_calendar(days=changed_days)
    return changes


def _store_days(wanted: dict[date, DayOverride]) -> tuple[Changes, set[date]]:
    """Write the pack's days; returns what changed and on which days."""
    stored = {row.date: row for row in DayOverride.objects.all()}
    by_hand = {day for day, row in stored.items() if row.origin == Origin.MANUAL}
    new, different, same = [], [], 0
    for day, row in wanted.items():
        known = stored.get(day)
        if known is None:
            new.append(row)
        elif day in by_hand or _same(known, row):
            same += 1
        else:
            known.is_working, known.source = row.is_working, row.source
            different.append(known)
    gone = [d for d, r in stored.items() if r.origin == Origin.PACK and d not in wanted]
    DayOverride.objects.bulk_create(new)
    DayOverride.objects.bulk_update(different, ["is_working", "source"])
    DayOverride.objects.filter(date__in=gone).delete()
    changed = {row.date for row in [*new, *different]} | set(gone)
    return Changes(len(new), len(different), same, len(gone)), changed


def _same(known: DayOverride, row: DayOverride) -> bool:
    return (known.is_working, known.source) == (row.is_working, row.source)


def _days(pack: Pack) -> dict[date, DayOverride]:
    days: dict[date, DayOverride] = {}
    for row in pack.rows("calendar", "day"):
        day = row.day("date")
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise row.error("date", f"must lie within {FIRST_YEAR}–{LAST_YEAR}")
        if day in days:
            raise row.error("date", "this day is named twice")
        days[day] = DayOverride(
            date=day,
            is_working=row.flag("working"),
            source=row.text("source", longest=200),
            origin=Origin.PACK,
        )
        row.finish()
    return days


def _hours(row: Row) -> list[list[str]]:
    """Check ``hours``: pairs of "HH:MM" in rising order without overlap."""
    pairs = row.raw("hours")
    last = time.min
    if not isinstance(pairs, list) or not pairs:
        raise row.error("hours", 'must be a list of pairs like [["08:00", "12:00"]]')
    for pair in pairs:
        opens, closes = _pair(row, pair)
        if not last <= opens < closes:
            raise row.error("hours", f"{pair!r} overlaps or runs backwards")
        last = closes
    return pairs


def _pair(row: Row, pair: Any) -> tuple[time, time]:
    try:
        opens, closes = (time.fromisoformat(text) for text in pair)
    except (ValueError, TypeError) as error:
        problem = f'{pair!r} must be a pair like ["08:00", "12:00"]'
        raise row.error("hours", problem) from error
    return opens, closes
