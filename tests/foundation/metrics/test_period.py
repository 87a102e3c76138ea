"""Periods are months, quarters and years of local time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.metrics.period import MONTHS, Period

pytestmark = pytest.mark.once

MOMENTS = st.integers(10**14, 4 * 10**15).map(
    lambda micro: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micro)
)
KINDS = st.sampled_from(sorted(MONTHS))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 11, 1)),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1)),
        ("2026-Q4", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_texts_are_read_and_written_the_same(text: str, start: date, end: date) -> None:
    period = Period.parse(text)
    assert (period.start, period.end, str(period)) == (start, end, text)


@pytest.mark.parametrize("text", ["", "2026-13", "2026-0", "2026-Q5", "26-10", "2026-10-01", "十"])
def test_other_texts_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="2026-10"):
        Period.parse(text)


@given(MOMENTS, KINDS)
def test_a_moment_lies_in_its_period_and_periods_touch(moment: datetime, kind: str) -> None:
    period = Period.holding(moment, kind)  # type: ignore[arg-type]
    assert period.start_at <= moment < period.end_at
    assert period.kind == kind
    assert period.previous().end == period.start
    assert Period.parse(str(period)) == period
    assert Period.holding(period.end_at - timedelta(microseconds=1), period.kind) == period


def test_a_month_begins_at_local_midnight() -> None:
    assert Period.parse("2026-10").start_at == datetime(2026, 9, 30, 16, tzinfo=UTC)


def test_the_horizon_is_now_unless_a_past_moment_is_named(clock: object) -> None:
    period = Period.parse("2026-02")
    now = datetime.now(UTC)
    assert period.horizon == now
    past = now - timedelta(days=3)
    assert period.known_at(past).horizon == past
    assert str(period.known_at(past)) == "2026-02"
