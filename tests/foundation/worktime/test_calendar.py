"""Deadline arithmetic: the worked examples, an independent oracle, boundaries, bad input."""

# ruff: noqa: DTZ001 - hypothesis takes its bounds without a zone, and one test needs a naive start

import random
from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.worktime.calendar import SHANGHAI, Override, Skip, Words, WorkCalendar
from foundation.worktime.errors import BadLimit, NaiveDatetime, OutOfRange
from foundation.worktime.limits import Limit, Unit, parse_limit

pytestmark = pytest.mark.once

CALENDAR = WorkCalendar(announced_until=2026)
ONE_DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, limit: str) -> str:
    return CALENDAR.deadline(at(start), limit).due.strftime("%Y-%m-%d %H:%M")


# -- the State Council's notices, typed in by hand: month/day ranges off, days worked ------------

OFF = {
    2024: "1/1 2/10-2/17 4/4-4/6 5/1-5/5 6/8-6/10 9/15-9/17 10/1-10/7",
    2025: "1/1 1/28-2/4 4/4-4/6 5/1-5/5 5/31-6/2 10/1-10/8",
    2026: "1/1-1/3 2/15-2/23 4/4-4/6 5/1-5/5 6/19-6/21 9/25-9/27 10/1-10/7",
}
WORKED = {
    2024: "2/4 2/18 4/7 4/28 5/11 9/14 9/29 10/12",
    2025: "1/26 2/8 4/27 9/28 10/11",
    2026: "1/4 2/14 2/28 5/9 9/20 10/10",
}


def table_days(year: int, text: str) -> set[date]:
    days: set[date] = set()
    for part in text.split():
        ends = [date(year, *map(int, end.split("/"))) for end in part.split("-")]
        days |= {ends[0] + ONE_DAY * n for n in range((ends[-1] - ends[0]).days + 1)}
    return days


TABLE_OFF = set().union(*(table_days(year, text) for year, text in OFF.items()))
TABLE_WORKED = set().union(*(table_days(year, text) for year, text in WORKED.items()))
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
EVERY_DAY = [FIRST + ONE_DAY * n for n in range((LAST - FIRST).days + 1)]
WORKDAYS = [
    day for day in EVERY_DAY if day in TABLE_WORKED or (day.weekday() < 5 and day not in TABLE_OFF)
]


class Oracle:
    """Deadlines by position in a list of working days and of working minutes, not by walking."""

    def due(self, start: datetime, amount: int, unit: str) -> datetime:
        return getattr(self, unit)(start, amount)

    def wd(self, start: datetime, amount: int) -> datetime:
        return self._six_o_clock(WORKDAYS[bisect_right(WORKDAYS, start.date()) + amount - 1])

    def d(self, start: datetime, amount: int) -> datetime:
        last = date.fromordinal(start.date().toordinal() + amount)
        return self._six_o_clock(WORKDAYS[bisect_left(WORKDAYS, last)])

    def h(self, start: datetime, amount: int) -> datetime:
        return datetime.fromtimestamp(start.timestamp() + amount * 3600, SHANGHAI)

    def wh(self, start: datetime, amount: int) -> datetime:
        position = bisect_left(WORKDAYS, start.date())
        today = position < len(WORKDAYS) and WORKDAYS[position] == start.date()
        minute = start.hour * 60 + start.minute
        worked = min(max(minute - 480, 0), 240) + min(max(minute - 840, 0), 240) if today else 0
        total = position * 480 + worked + amount * 60
        day, rest = divmod(total, 480)
        if rest == 0:  # exactly the end of a working day, not the start of the next
            day, rest = day - 1, 480
        clock = 480 + rest if rest <= 240 else 600 + rest
        return datetime.combine(WORKDAYS[day], time(*divmod(clock, 60)), SHANGHAI)

    def _six_o_clock(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 18, tzinfo=SHANGHAI)


def test_a_hundred_thousand_random_deadlines_agree_with_the_oracle():
    rng = random.Random(20261123)
    oracle = Oracle()
    largest = {"wd": 45, "d": 90, "wh": 60, "h": 300}
    span = int((datetime(2026, 9, 1) - datetime(2024, 1, 1)) / timedelta(minutes=1))
    origin = datetime(2024, 1, 1, tzinfo=SHANGHAI)
    for _ in range(100_000):
        start = origin + timedelta(minutes=rng.randrange(span))
        unit = rng.choice(("wd", "d", "wh", "h"))
        amount = rng.randint(1, largest[unit])
        found = CALENDAR.deadline(start, f"{amount}{unit}").due
        assert found == oracle.due(start, amount, unit), (start, amount, unit)


@pytest.mark.parametrize(("year", "total"), [(2024, 251), (2025, 248), (2026, 248)])
def test_years_have_the_known_number_of_working_days(year, total):
    assert CALENDAR.working_days(date(year - 1, 12, 31), date(year, 12, 31)) == total
    assert sum(day.year == year for day in WORKDAYS) == total


def test_every_single_day_agrees_with_the_notices():
    assert [day for day in EVERY_DAY if CALENDAR.is_working(day)] == WORKDAYS


EXAMPLES = [
    ("2025-01-24", "5wd", "2025-02-07"),
    ("2025-09-26", "5wd", "2025-10-10"),
    ("2025-09-22", "15d", "2025-10-09"),
    ("2026-02-12", "10wd", "2026-03-04"),
    ("2026-09-24", "10wd", "2026-10-15"),
    ("2026-08-05", "60d", "2026-10-08"),
    ("2025-09-25", "20wd", "2025-10-29"),
]


@pytest.mark.parametrize("clock", ["00:00", "07:59", "10:00", "13:00", "18:00", "23:59"])
@pytest.mark.parametrize(("start", "limit", "expected"), EXAMPLES)
def test_worked_examples_end_at_close_of_business_whatever_the_hour(start, limit, expected, clock):
    assert due(f"{start}T{clock}", limit) == f"{expected} 18:00"


def test_the_first_example_counts_the_days_of_the_notes():
    counted = CALENDAR.deadline(at("2025-01-24T10:00"), "5wd").counted
    assert [d.strftime("%m-%d") for d in counted] == ["01-26", "01-27", "02-05", "02-06", "02-07"]


def test_the_fourth_example_counts_both_saturdays():
    counted = CALENDAR.deadline(at("2026-02-12T10:00"), "10wd").counted
    assert [d.strftime("%m-%d") for d in counted] == [
        "02-13", "02-14", "02-24", "02-25", "02-26", "02-27", "02-28", "03-02", "03-03", "03-04",
    ]  # fmt: skip


def test_the_last_example_includes_both_make_up_days():
    counted = CALENDAR.deadline(at("2025-09-25T10:00"), "20wd").counted
    assert {date(2025, 9, 28), date(2025, 10, 11)} <= set(counted)


def test_skipped_days_say_why():
    result = CALENDAR.deadline(at("2025-09-26T10:00"), "5wd")
    reasons = {skip.date.isoformat(): skip.why for skip in result.skipped}
    assert reasons["2025-09-27"] == "Saturday"
    assert reasons["2025-10-01"] == "国庆节"
    assert reasons["2025-10-06"] == "中秋节"
    assert reasons["2025-10-08"] == "Adjusted day of rest"
    assert "2025-09-28" not in reasons


def test_calendar_days_count_all_days_and_name_the_days_rolled_over():
    result = CALENDAR.deadline(at("2025-09-22T10:00"), "15d")
    assert len(result.counted) == 15
    assert result.counted[-1] == date(2025, 10, 7)
    assert [skip.date for skip in result.skipped] == [date(2025, 10, 7), date(2025, 10, 8)]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-04T10:00", "2026-03-05 18:00"),  # Wednesday
        ("2026-03-06T17:59", "2026-03-09 18:00"),  # Friday
        ("2026-03-07T00:00", "2026-03-09 18:00"),  # Saturday
        ("2026-03-08T23:59", "2026-03-09 18:00"),  # Sunday
        ("2026-02-13T12:00", "2026-02-14 18:00"),  # before a make-up Saturday
        ("2026-02-14T12:00", "2026-02-24 18:00"),  # on it
        ("2026-09-19T12:00", "2026-09-20 18:00"),  # Saturday before a make-up Sunday
    ],
)
def test_one_working_day(start, expected):
    assert due(start, "1wd") == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-03T07:30", "2026-03-03 12:00"),  # before opening
        ("2026-03-03T08:00", "2026-03-03 12:00"),
        ("2026-03-03T08:01", "2026-03-03 14:01"),
        ("2026-03-03T10:00", "2026-03-03 16:00"),
        ("2026-03-03T12:00", "2026-03-03 18:00"),  # lunch
        ("2026-03-03T13:59", "2026-03-03 18:00"),
        ("2026-03-03T14:00", "2026-03-03 18:00"),
        ("2026-03-03T14:01", "2026-03-04 08:01"),
        ("2026-03-03T18:00", "2026-03-04 12:00"),  # after closing
        ("2026-03-03T23:59", "2026-03-04 12:00"),
        ("2026-03-06T17:00", "2026-03-09 11:00"),  # over the weekend
        ("2026-03-07T10:00", "2026-03-09 12:00"),
        ("2026-02-28T10:00", "2026-02-28 16:00"),  # make-up Saturday
        ("2026-02-14T17:00", "2026-02-24 11:00"),  # into Spring Festival
    ],
)
def test_four_working_hours(start, expected):
    assert due(start, "4wh") == expected


def test_working_hours_keep_seconds():
    result = CALENDAR.deadline(at("2026-03-03T09:00:30"), "1wh").due
    assert result == at("2026-03-03T10:00:30")


def test_plain_hours_run_nights_and_holidays():
    assert due("2026-02-16T23:30", "2h") == "2026-02-17 01:30"
    assert CALENDAR.deadline(at("2026-02-16T23:30"), "2h").counted == [
        date(2026, 2, 16),
        date(2026, 2, 17),
    ]


@pytest.mark.parametrize("unit", ["wd", "d", "wh", "h"])
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)),
    amount=st.integers(1, 60),
)
def test_one_more_never_ends_earlier_and_due_is_after_the_start(unit, start, amount):
    begin = start.replace(tzinfo=SHANGHAI)
    shorter = CALENDAR.deadline(begin, f"{amount}{unit}")
    longer = CALENDAR.deadline(begin, f"{amount + 1}{unit}")
    assert begin < shorter.due <= longer.due
    if unit != "h":
        assert CALENDAR.is_working(shorter.due.date())
    if unit in {"wd", "d"}:
        assert shorter.due.timetz() == time(18, tzinfo=SHANGHAI)
    if unit in {"wd", "wh"}:
        assert not {skip.date for skip in shorter.skipped} & set(shorter.counted)
        assert all(CALENDAR.is_working(day) for day in shorter.counted)


@given(start=st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)), amount=st.integers(1, 100))
def test_working_hours_hold_exactly_that_much_business_time(start, amount):
    begin = start.replace(tzinfo=SHANGHAI)
    end = CALENDAR.deadline(begin, f"{amount}wh").due
    assert CALENDAR.working_time(begin, end) == timedelta(hours=amount)


@given(start=st.datetimes(datetime(2024, 1, 1), datetime(2026, 6, 30)), amount=st.integers(1, 30))
def test_the_zone_of_the_start_does_not_matter(start, amount):
    begin = start.replace(tzinfo=SHANGHAI)
    assert CALENDAR.deadline(begin, f"{amount}wd") == CALENDAR.deadline(
        begin.astimezone(UTC), f"{amount}wd"
    )


def test_a_start_late_in_utc_belongs_to_the_next_day_in_shanghai():
    start = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # 00:30 on the 3rd in Shanghai
    assert CALENDAR.deadline(start, "1wd").due == at("2026-03-04T18:00")


# -- years whose notice is not out ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "limit", "provisional"),
    [
        ("2026-12-30T10:00", "1wd", False),
        ("2026-12-31T10:00", "1wd", True),
        ("2026-12-30T10:00", "5wd", True),
        ("2026-12-01T10:00", "60d", True),
        ("2026-12-31T17:00", "4wh", True),
        ("2026-12-31T23:00", "2h", False),
        ("2026-11-01T10:00", "30d", False),
    ],
)
def test_deadlines_in_an_unannounced_year_are_provisional(start, limit, provisional):
    assert CALENDAR.deadline(at(start), limit).provisional is provisional


def test_statutory_days_of_2027_are_rest_already():
    statutory = "1/1 2/5-2/8 4/5 5/1-5/2 6/9 9/15 10/1-10/3"
    assert not any(CALENDAR.is_working(day) for day in table_days(2027, statutory))


def test_an_override_moves_deadlines_and_is_named():
    notice = "2027 notice"
    calendar = WorkCalendar(
        announced_until=2027,
        overrides={
            date(2027, 2, 4): Override(False, notice),
            date(2027, 2, 14): Override(True, notice),
            date(2027, 2, 11): Override(False),
        },
        words=Words("周六", "周日", "调休"),
    )
    assert calendar.reason(date(2027, 2, 4)) == notice
    assert calendar.reason(date(2027, 2, 11)) == "调休"
    assert calendar.reason(date(2027, 2, 13)) == "周六"
    assert calendar.is_working(date(2027, 2, 14))
    result = calendar.deadline(at("2027-02-03T10:00"), "2wd")
    assert result.due == at("2027-02-14T18:00")
    assert Skip(date(2027, 2, 4), notice) in result.skipped
    assert not result.provisional


def test_an_override_that_says_rest_on_a_holiday_keeps_the_holidays_name():
    calendar = WorkCalendar(2026, {date(2026, 10, 1): Override(False, "x")})
    assert calendar.reason(date(2026, 10, 1)) == "国庆节"


# -- shares and remaining days --------------------------------------------------------------------


def share(now: str, limit: str | None, start="2026-03-06T10:00", end="2026-03-10T18:00") -> float:
    return CALENDAR.share(at(start), at(end), at(now), parse_limit(limit) if limit else None)


def test_weekends_do_not_bring_a_working_day_deadline_closer():
    assert share("2026-03-07T00:00", "2wd") == share("2026-03-09T08:00", "2wd")
    assert share("2026-03-07T00:00", None) < share("2026-03-09T08:00", None)


def test_shares_run_from_zero_to_one_and_beyond():
    assert share("2026-03-06T09:00", "2wd") == 0.0
    assert share("2026-03-06T10:00", "2wd") == 0.0
    assert share("2026-03-10T18:00", "2wd") == 1.0
    assert share("2026-03-10T19:00", "2wd") == 1.0
    assert share("2026-03-11T12:00", "2wd") > 1.0
    assert share("2026-03-11T12:00", "4d") > 1.0


def test_half_of_a_working_time_is_half():
    start, end = "2026-03-03T08:00", "2026-03-04T18:00"
    assert share("2026-03-03T18:00", "2wd", start, end) == 0.5
    assert share("2026-03-04T08:00", "2wd", start, end) == 0.5


def test_a_deadline_without_any_length_is_over_at_once():
    moment = "2026-03-03T08:00"
    assert share("2026-03-03T08:01", "1wd", moment, moment) == 1.0


@given(
    start=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 30)),
    amount=st.integers(1, 15),
    unit=st.sampled_from(["wd", "d", "wh", "h"]),
    minutes=st.lists(st.integers(0, 60 * 24 * 40), min_size=2, max_size=2),
)
def test_shares_never_run_backwards_and_reach_one_exactly_when_due(start, amount, unit, minutes):
    begin = start.replace(tzinfo=SHANGHAI)
    limit = parse_limit(f"{amount}{unit}")
    end = CALENDAR.deadline(begin, str(limit)).due
    early, late = (begin + timedelta(minutes=m) for m in sorted(minutes))
    first, second = (CALENDAR.share(begin, end, now, limit) for now in (early, late))
    assert 0.0 <= first <= second
    assert (second >= 1.0) == (late >= end)


@pytest.mark.parametrize(
    ("after", "until", "count"),
    [
        ("2026-03-02", "2026-03-02", 0),
        ("2026-03-02", "2026-03-03", 1),
        ("2026-03-06", "2026-03-09", 1),
        ("2026-02-13", "2026-02-24", 2),
        ("2026-03-09", "2026-03-06", -1),
    ],
)
def test_working_days_between(after, until, count):
    days = CALENDAR.working_days(date.fromisoformat(after), date.fromisoformat(until))
    assert days == count


def test_the_next_working_day_is_the_day_itself_or_later():
    assert CALENDAR.next_working_day(date(2026, 3, 2)) == date(2026, 3, 2)
    assert CALENDAR.next_working_day(date(2026, 10, 1)) == date(2026, 10, 8)


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "5", "wd", "0wd", "-1d", "5 wd", "5xd", "1.5h", "５wd", "5wd5wd", "五个工作日", "1e3h"],
)
def test_limits_that_cannot_be_read_are_refused_with_an_example(text):
    with pytest.raises(BadLimit, match="like 5wd"):
        parse_limit(text)


@pytest.mark.parametrize("text", ["2501wd", "3661d", "99999h", "20001wh"])
def test_limits_beyond_ten_years_are_refused(text):
    with pytest.raises(BadLimit, match="too long"):
        parse_limit(text)


def test_limits_are_read_generously_about_case_and_space():
    assert parse_limit(" 5WD ") == Limit(5, Unit.WORKING_DAYS)
    assert str(parse_limit("15D")) == "15d"


def test_something_else_than_text_is_no_limit():
    with pytest.raises(BadLimit):
        parse_limit(5)  # type: ignore[arg-type]


def test_naive_starts_are_refused():
    with pytest.raises(NaiveDatetime, match="no time zone"):
        CALENDAR.deadline(datetime(2026, 3, 2, 9), "5wd")


@pytest.mark.parametrize("year", [1, 1999, 2100, 9999])
def test_years_the_calendar_does_not_know_are_refused(year):
    with pytest.raises(OutOfRange, match="2000 to 2099"):
        CALENDAR.deadline(datetime(year, 6, 1, tzinfo=UTC), "5wd")


@pytest.mark.parametrize("limit", ["5wd", "15d", "40wh", "99h"])
def test_deadlines_after_the_last_year_are_refused(limit):
    with pytest.raises(OutOfRange, match="after 2099"):
        CALENDAR.deadline(at("2099-12-31T10:00"), limit)


def test_a_deadline_explains_itself_in_plain_json():
    import json

    explained = CALENDAR.deadline(at("2025-09-26T10:00"), "5wd").explanation()
    assert json.loads(json.dumps(explained)) == explained
    assert explained["start"] == "2025-09-26T10:00:00+08:00"
    assert explained["due"] == "2025-10-10T18:00:00+08:00"
    assert explained["limit"] == "5wd"
    assert explained["provisional"] is False
