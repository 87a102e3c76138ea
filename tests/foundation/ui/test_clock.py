"""Times and deadlines are said as people say them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.ui import clock
from foundation.ui.clock import Stage

pytestmark = pytest.mark.once

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 14, 30, tzinfo=SHANGHAI)
START = datetime(2026, 11, 16, 9, 0, tzinfo=SHANGHAI)
lengths = st.timedeltas(timedelta(minutes=1), timedelta(days=60))


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "刚刚"),
        (NOW - timedelta(seconds=59), "刚刚"),
        (NOW - timedelta(minutes=5), "5 分钟前"),
        (datetime(2026, 11, 23, 9, 12, tzinfo=SHANGHAI), "今天 09:12"),
        (datetime(2026, 11, 22, 16, 40, tzinfo=SHANGHAI), "昨天 16:40"),
        (datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI), "明天 09:00"),
        (datetime(2026, 11, 3, 9, 12, tzinfo=SHANGHAI), "11月3日 09:12"),
        (datetime(2025, 10, 1, 8, 0, tzinfo=SHANGHAI), "2025年10月1日 08:00"),
        (datetime(2026, 11, 23, 17, 30, tzinfo=SHANGHAI), "今天 17:30"),
    ],
)
def test_a_moment_is_said_as_people_do(at: datetime, words: str) -> None:
    assert clock.moment_text(at, now=NOW) == words


def test_yesterday_is_a_matter_of_the_calendar_in_shanghai() -> None:
    late = datetime(2026, 11, 22, 16, 30, tzinfo=ZoneInfo("UTC"))
    assert clock.moment_text(late, now=NOW) == "今天 00:30"


@pytest.mark.parametrize(
    ("due", "stage", "text"),
    [
        (NOW + timedelta(days=8), Stage.OK, "剩 8 天"),
        (NOW + timedelta(days=5), Stage.NOTICE, "剩 5 天"),
        (NOW + timedelta(hours=30), Stage.WARNING, "剩 1 天"),
        (NOW + timedelta(minutes=20), Stage.WARNING, "剩 20 分钟"),
        (NOW - timedelta(days=1, hours=3), Stage.OVERDUE, "已逾期 1 天"),
        (NOW - timedelta(seconds=3), Stage.OVERDUE, "已逾期 1 分钟"),
    ],
)
def test_a_deadline_has_a_colour_and_words(due: datetime, stage: Stage, text: str) -> None:
    left = clock.countdown(due, start=START, now=NOW)
    assert (left.stage, left.text) == (stage, text)


def test_working_days_are_said_when_they_were_counted() -> None:
    left = clock.countdown(NOW + timedelta(days=4), start=START, now=NOW, working_days=2)
    assert left.text == "剩 2 个工作日"


def test_a_clock_of_two_hours_is_not_born_yellow() -> None:
    due = NOW + timedelta(hours=2)
    assert clock.stage_of(due, start=NOW, now=NOW) is Stage.OK
    assert clock.stage_of(due, start=NOW, now=NOW + timedelta(minutes=100)) is Stage.WARNING


@given(total=lengths, parts=st.lists(st.floats(0, 1.5), min_size=2, max_size=6))
def test_a_deadline_never_gets_calmer_as_time_goes_by(total: timedelta, parts: list[float]) -> None:
    order = list(Stage)
    moments = [START + total * part for part in sorted(parts)]
    stages = [
        order.index(clock.stage_of(START + total, start=START, now=moment)) for moment in moments
    ]
    assert stages == sorted(stages)
