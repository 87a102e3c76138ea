"""The working calendar of mainland China and the arithmetic of deadlines on it. Pure: no ORM.

Rules (民法典 Art 201, 203, by analogy for complaint handling; design notes §7):

- the day on which a limit starts is not counted;
- a limit in days ends at the close of business (18:00) of its last day;
- a limit in calendar days whose last day is a day of rest ends on the next working day;
- working hours run only within business hours of working days;
- plain hours run round the clock;
- while a limit is paused it does not run: limits in days pass over the days from the pause's first
  to the one before its end, limits in hours over the very time.

Days of rest are weekends and public holidays, except make-up working days; they come from the
State Council's yearly notices through the ``holidays`` package, corrected by overrides. All
results are in Asia/Shanghai (UTC+8, without summer time in the years this calendar knows).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from foundation.worktime.errors import NaiveDatetime, OutOfRange
from foundation.worktime.limits import Limit, Unit, parse_limit

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_YEAR, LAST_YEAR = 2000, 2099
ONE_DAY = timedelta(days=1)
Hours = tuple[tuple[time, time], ...]
BUSINESS_HOURS: Hours = ((time(8), time(12)), (time(14), time(18)))


@dataclass(frozen=True)
class Override:
    """A day that differs from the published data; ``source`` names the notice or decision."""

    is_working: bool
    source: str = ""


@dataclass(frozen=True)
class Words:
    """What days of rest are called, in the language in which explanations are kept."""

    saturday: str = "Saturday"
    sunday: str = "Sunday"
    adjusted: str = "Adjusted day of rest"
    paused: str = "Paused"


@dataclass(frozen=True)
class Pause:
    """A time in which a limit does not run; aware moments, ``until`` after ``since``."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Skip:
    """A day that did not count, and why."""

    date: date
    why: str


@dataclass(frozen=True)
class Deadline:
    """When a limit runs out, and how that was counted.

    ``counted``: for working days and working hours the days that counted; for calendar days all of
    them; for plain hours the days touched. ``skipped``: days of rest passed over; for calendar
    days those at the end over which the deadline rolled. ``provisional``: the deadline reaches a
    year whose holiday notice is not out, so make-up working days may still move it.
    """

    start: datetime
    limit: str
    due: datetime
    counted: list[date]
    skipped: list[Skip]
    provisional: bool
    calendar: str = ""

    def explanation(self) -> dict[str, object]:
        """JSON-able account, stored beside the due time. Times in Asia/Shanghai."""
        return {
            "start": self.start.isoformat(),
            "limit": self.limit,
            "due": self.due.isoformat(),
            "counted": [day.isoformat() for day in self.counted],
            "skipped": [{"date": s.date.isoformat(), "why": s.why} for s in self.skipped],
            "provisional": self.provisional,
            "calendar": self.calendar,
        }


@dataclass(frozen=True)
class WorkCalendar:
    """Working days and business hours; immutable, so that processes share one instance."""

    announced_until: int
    overrides: Mapping[date, Override] = field(default_factory=dict)
    hours: Hours = BUSINESS_HOURS
    words: Words = Words()
    version: str = ""
    _rests: dict[int, dict[date, str]] = field(default_factory=dict, repr=False, compare=False)

    def reason(self, day: date) -> str:
        """Why ``day`` is a day of rest; empty for a working day."""
        rests = self._rests.get(day.year)
        if rests is None:
            rests = self._rests.setdefault(day.year, self._read_year(day.year))
        return rests.get(day, "")

    def is_working(self, day: date) -> bool:
        """Whether business is done on ``day``."""
        return not self.reason(day)

    def is_announced(self, year: int) -> bool:
        """Whether the State Council's holiday notice of ``year`` is part of this calendar."""
        return year <= self.announced_until

    def next_working_day(self, day: date) -> date:
        """``day`` itself or the first working day after it."""
        while self.reason(day):
            day += ONE_DAY
        return day

    def working_days(self, after: date, until: date) -> int:
        """Number of working days in (``after``, ``until``]; negative when ``until`` is earlier."""
        if until < after:
            return -self.working_days(until, after)
        span = (until - after).days
        return sum(not self.reason(after + timedelta(days=n)) for n in range(1, span + 1))

    def working_time(self, start: datetime, end: datetime) -> timedelta:
        """Business time between two aware moments; zero when ``end`` is not after ``start``."""
        start, end = local(start), local(end)
        total = timedelta()
        day = start.date()
        while day <= end.date():
            for opens, closes in self._periods(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += ONE_DAY
        return total

    def deadline(self, start: datetime, limit: str, pauses: Sequence[Pause] = ()) -> Deadline:
        """Count ``limit`` from ``start`` (aware), without the time of ``pauses``.

        Raises a WorktimeError with a full sentence.
        """
        begin, parsed = local(start), parse_limit(limit)
        count = {
            Unit.WORKING_DAYS: self._working_days_limit,
            Unit.DAYS: self._days_limit,
            Unit.WORKING_HOURS: self._working_hours_limit,
            Unit.HOURS: self._hours_limit,
            Unit.MINUTES: self._minutes_limit,
        }[parsed.unit]
        due, counted, skipped = count(begin, parsed.amount, pauses)
        provisional = parsed.unit.uses_calendar and not self.is_announced(due.year)
        return Deadline(begin, str(parsed), due, counted, skipped, provisional, self.version)

    def moment_at(
        self, share: float, start: datetime, due: datetime, limit: str, pauses: Sequence[Pause] = ()
    ) -> datetime:
        """When ``share`` (0 to 1) of the time from ``start`` to ``due`` has passed.

        As in :meth:`share` only business time counts for working units; paused time never does.
        """
        begin, end = local(start), local(due)
        if share >= 1:
            return end
        spans = list(self._running(begin, end, parse_limit(limit).unit, pauses))
        left = sum((b - a for a, b in spans), timedelta()) * share
        for opens, closes in spans:
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        return end

    def _running(
        self, begin: datetime, end: datetime, unit: Unit, pauses: Sequence[Pause]
    ) -> Iterator[tuple[datetime, datetime]]:
        """The spans between two moments in which a limit of ``unit`` runs, in order."""
        days = [begin.date() + ONE_DAY * n for n in range((end.date() - begin.date()).days + 1)]
        whole = [(begin, end)] if unit.runs_always else []
        for opens, closes in whole or [span for day in days for span in self._periods(day)]:
            yield from _without(max(opens, begin), min(closes, end), pauses)

    def share(self, start: datetime, due: datetime, now: datetime, limit: Limit | None) -> float:
        """How much of the time between ``start`` and ``due`` has passed: 0 to 1, more when late.

        Working units pass during business hours only, calendar units and plain hours always.
        """
        begin, end, moment = local(start), local(due), local(now)
        total, passed = end - begin, moment - begin
        if limit is not None and not limit.unit.runs_always:
            total, passed = self.working_time(begin, end), self.working_time(begin, moment)
        if moment <= begin:
            return 0.0
        if total <= timedelta():
            return 1.0 if moment >= end else 0.0
        # Between the close of the last day and the next opening no business time passes, yet a
        # deadline that is over must read as over.
        return max(passed / total, 1.0) if moment >= end else min(passed / total, 1.0)

    def _why_not(self, day: date, begin: date, pauses: Sequence[Pause]) -> str:
        """Why ``day`` does not count for a limit in working days; empty when it does."""
        if why := self.reason(day):
            return why
        return self.words.paused if self._is_paused(day, begin, pauses) else ""

    def _is_paused(self, day: date, begin: date, pauses: Sequence[Pause]) -> bool:
        """Whether a limit in days, begun on ``begin``, passes over ``day``.

        A day ends when business ends. The day on which a limit begins does not count; a pause from
        that day on lets it begin anew when it ends.
        """
        for pause in pauses:
            first, last = self._business_day(pause.since), self._business_day(pause.until)
            if first < last and (first < day <= last if first <= begin else first <= day < last):
                return True
        return False

    def _business_day(self, moment: datetime) -> date:
        here = local(moment)
        return here.date() + ONE_DAY * (here.time() >= self.hours[-1][1])

    def _working_days_limit(
        self, begin: datetime, amount: int, pauses: Sequence[Pause]
    ) -> "_Counted":
        counted: list[date] = []
        skipped: list[Skip] = []
        for day in _days_after(begin.date()):
            why = self._why_not(day, begin.date(), pauses)
            if why:
                skipped.append(Skip(day, why))
                continue
            counted.append(day)
            if len(counted) == amount:
                break
        return self._close_of(counted[-1]), counted, skipped

    def _days_limit(self, begin: datetime, amount: int, pauses: Sequence[Pause]) -> "_Counted":
        days = _days_after(begin.date())
        counted: list[date] = []
        skipped: list[Skip] = []
        while len(counted) < amount:
            last = next(days)
            if self._is_paused(last, begin.date(), pauses):
                skipped.append(Skip(last, self.words.paused))
            else:
                counted.append(last)
        while why := self.reason(last):
            skipped.append(Skip(last, why))
            last = next(days)
        return self._close_of(last), counted, skipped

    def _working_hours_limit(
        self, begin: datetime, amount: int, pauses: Sequence[Pause]
    ) -> "_Counted":
        left = timedelta(hours=amount)
        counted: list[date] = []
        skipped: list[Skip] = []
        for day in _days_from(begin.date()):
            why = self.reason(day)
            if why:
                skipped.append(Skip(day, why))
            for opens, closes in self._open_times(day, begin, pauses):
                if not counted or counted[-1] != day:
                    counted.append(day)
                if left <= closes - opens:
                    return opens + left, counted, skipped
                left -= closes - opens
        raise AssertionError("unreachable: the days end with an error")

    def _open_times(
        self, day: date, begin: datetime, pauses: Sequence[Pause]
    ) -> Iterator[tuple[datetime, datetime]]:
        for opens, closes in self._periods(day):
            yield from _without(max(opens, begin), closes, pauses)

    def _hours_limit(self, begin: datetime, amount: int, pauses: Sequence[Pause]) -> "_Counted":
        return self._round_the_clock(begin, timedelta(hours=amount), pauses)

    def _minutes_limit(self, begin: datetime, amount: int, pauses: Sequence[Pause]) -> "_Counted":
        return self._round_the_clock(begin, timedelta(minutes=amount), pauses)

    def _round_the_clock(
        self, begin: datetime, length: timedelta, pauses: Sequence[Pause]
    ) -> "_Counted":
        due = begin + length
        for pause in sorted(pauses, key=lambda pause: pause.since):
            if local(pause.since) < due:
                due += max(local(pause.until) - max(local(pause.since), begin), timedelta())
        if due.year > LAST_YEAR:
            raise _too_far()
        span = (due.date() - begin.date()).days
        return due, [begin.date() + timedelta(days=n) for n in range(span + 1)], []

    def _periods(self, day: date) -> list[tuple[datetime, datetime]]:
        if self.reason(day):
            return []
        return [
            (datetime.combine(day, opens, SHANGHAI), datetime.combine(day, closes, SHANGHAI))
            for opens, closes in self.hours
        ]

    def _close_of(self, day: date) -> datetime:
        """民法典 Art 203: with business hours, the last day ends when business ends."""
        return datetime.combine(day, self.hours[-1][1], SHANGHAI)

    def _read_year(self, year: int) -> dict[date, str]:
        """Every day of rest of ``year`` with its reason."""
        # A notice may turn the last days of the year before into working days: read both.
        published = holidays.country_holidays("CN", language="zh_CN", years=[year, year + 1])
        make_up = published.weekend_workdays
        rests: dict[date, str] = {}
        day = date(year, 1, 1)
        while day.year == year:
            why = self._published_reason(day, published.get(day), day in make_up)
            override = self.overrides.get(day)
            if override is not None:
                why = "" if override.is_working else why or override.source or self.words.adjusted
            if why:
                rests[day] = why
            day += ONE_DAY
        return rests

    def _published_reason(self, day: date, name: str | None, is_make_up: bool) -> str:
        if is_make_up:
            return ""
        if name is not None:
            # Adjusted days are named after the day they were swapped with; one word is enough.
            return self.words.adjusted if name.startswith("休息日") else name.replace("; ", "、")
        return {5: self.words.saturday, 6: self.words.sunday}.get(day.weekday(), "")


_Counted = tuple[datetime, list[date], list[Skip]]


def _without(
    opens: datetime, closes: datetime, pauses: Sequence[Pause]
) -> Iterator[tuple[datetime, datetime]]:
    """What is left of a span when pauses are taken out, in order; nothing of an empty span."""
    for pause in sorted(pauses, key=lambda pause: pause.since):
        since, until = local(pause.since), local(pause.until)
        if until <= opens or since >= closes:
            continue
        if since > opens:
            yield opens, since
        opens = max(opens, until)
    if opens < closes:
        yield opens, closes


def local(moment: datetime) -> datetime:
    """The aware ``moment`` in Asia/Shanghai; refuses naive ones and unknown years."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise NaiveDatetime(
            f"{moment.isoformat()} has no time zone; give an aware datetime (stored times are UTC)."
        )
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise OutOfRange(
            f"{moment.date()} is too far away: the calendar knows {FIRST_YEAR} to {LAST_YEAR}."
        )
    return moment.astimezone(SHANGHAI)


def _days_from(day: date) -> Iterator[date]:
    while day.year <= LAST_YEAR:
        yield day
        day += ONE_DAY
    raise _too_far()


def _days_after(day: date) -> Iterator[date]:
    return _days_from(day + ONE_DAY)


def _too_far() -> OutOfRange:
    return OutOfRange(f"The deadline would lie after {LAST_YEAR}, where the calendar ends.")
