"""Pauses: time in which a limit does not run, and the moment at which a share of it has passed."""

# ruff: noqa: DTZ001 - hypothesis takes its bounds without a zone

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.worktime.calendar import SHANGHAI, Pause, Skip, WorkCalendar
from foundation.worktime.limits import parse_limit

pytestmark = pytest.mark.once

CALENDAR = WorkCalendar(announced_until=2026)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def paused(start: str, limit: str, since: str, until: str) -> str:
    pauses = [Pause(at(since), at(until))]
    return CALENDAR.deadline(at(start), limit, pauses).due.strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "limit", "since", "until", "expected"),
    [
        # Two working days pass in the pause, so the fifth comes two working days later.
        ("2026-03-02 09:00", "5wd", "2026-03-04 10:00", "2026-03-06 09:00", "2026-03-11 18:00"),
        # A weekend in the pause costs no working day.
        ("2026-03-02 09:00", "5wd", "2026-03-06 17:00", "2026-03-09 09:00", "2026-03-10 18:00"),
        # Paused and resumed on one day: the day counts.
        ("2026-03-02 09:00", "5wd", "2026-03-04 09:00", "2026-03-04 16:00", "2026-03-09 18:00"),
        ("2026-03-02 09:00", "15d", "2026-03-04 10:00", "2026-03-09 09:00", "2026-03-23 18:00"),
        ("2026-03-02 09:00", "4wh", "2026-03-02 10:00", "2026-03-02 15:00", "2026-03-02 18:00"),
        ("2026-03-02 09:00", "24h", "2026-03-02 20:00", "2026-03-03 02:00", "2026-03-03 15:00"),
        # A pause after the end, or before the start, changes nothing.
        ("2026-03-02 09:00", "2h", "2026-03-02 12:00", "2026-03-02 15:00", "2026-03-02 11:00"),
        ("2026-03-02 09:00", "2h", "2026-03-01 12:00", "2026-03-01 15:00", "2026-03-02 11:00"),
    ],
)
def test_paused_time_does_not_count(
    start: str, limit: str, since: str, until: str, expected: str
) -> None:
    assert paused(start, limit, since, until) == expected


def test_paused_days_explain_themselves() -> None:
    pauses = [Pause(at("2026-03-04 10:00"), at("2026-03-06 09:00"))]
    found = CALENDAR.deadline(at("2026-03-02 09:00"), "5wd", pauses)
    assert Skip(date(2026, 3, 4), "Paused") in found.skipped
    assert Skip(date(2026, 3, 5), "Paused") in found.skipped
    assert date(2026, 3, 6) in found.counted


@given(
    start=st.datetimes(datetime(2024, 1, 2), datetime(2025, 12, 1)),
    amount=st.integers(1, 40),
    unit=st.sampled_from(["wd", "d", "wh", "h"]),
    after=st.integers(0, 20 * 24),
    length=st.integers(1, 10 * 24),
)
def test_a_pause_never_shortens_and_never_gives_more_than_its_own_time(
    start: datetime, amount: int, unit: str, after: int, length: int
) -> None:
    begin = start.replace(tzinfo=SHANGHAI)
    since = begin + timedelta(hours=after)
    pause = Pause(since, since + timedelta(hours=length))
    plain = CALENDAR.deadline(begin, f"{amount}{unit}").due
    moved = CALENDAR.deadline(begin, f"{amount}{unit}", [pause]).due
    assert moved >= plain
    if unit == "h":
        assert moved - plain <= pause.until - pause.since
    if since > plain:
        assert moved == plain


@given(
    start=st.datetimes(datetime(2024, 1, 2), datetime(2025, 12, 1)),
    amount=st.integers(1, 40),
    unit=st.sampled_from(["wd", "d", "wh", "h"]),
)
def test_the_moment_of_a_share_lies_where_that_share_has_passed(
    start: datetime, amount: int, unit: str
) -> None:
    begin, limit = start.replace(tzinfo=SHANGHAI), f"{amount}{unit}"
    due = CALENDAR.deadline(begin, limit).due
    half = CALENDAR.moment_at(0.5, begin, due, limit)
    most = CALENDAR.moment_at(0.8, begin, due, limit)
    assert begin <= half <= most <= due
    passed = CALENDAR.share(begin, due, half, parse_limit(limit))
    assert passed == pytest.approx(0.5, abs=1e-6)
    assert CALENDAR.moment_at(1, begin, due, limit) == due
