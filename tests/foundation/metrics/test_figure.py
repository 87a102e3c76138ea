"""A figure always says n/N and never flatters."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from foundation.metrics.figure import Figure
from foundation.metrics.registry import Metric, Registry

pytestmark = pytest.mark.once

AT = datetime(2026, 3, 2, tzinfo=UTC)


def _figure(part: int | str, whole: int | str, unit: str = "%") -> Figure:
    return Figure(Decimal(part), Decimal(whole), AT, unit)


@pytest.mark.parametrize(
    ("part", "whole", "unit", "text"),
    [
        (812, 812, "%", "812/812 100%"),
        (628, 645, "%", "628/645 97.4%"),
        (811, 812, "%", "811/812 99.8%"),
        (99_999, 100_000, "%", "99,999/100,000 99.9%"),
        (0, 3, "%", "0/3 0%"),
        ("12.5", 5, "天", "12.5/5 2.5 天"),
    ],
)
def test_text_has_counts_and_value(part: int, whole: int, unit: str, text: str) -> None:
    assert _figure(part, whole, unit).text == text


def test_nothing_counted_is_no_data_and_not_zero() -> None:
    figure = _figure(0, 0)
    assert figure.value is None
    with translation.override("zh-hans"):
        assert figure.text == "暂无数据"


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_only_all_of_them_is_100_percent(part: int, whole: int) -> None:
    part = min(part, whole)
    assert (_figure(part, whole).value_text == "100%") == (part == whole)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_the_target_is_judged_on_the_exact_value(part: int, whole: int) -> None:
    metric = Metric("rate", "Rate", lambda period: _figure(0, 0), target=Decimal(97))
    assert metric.meets_target(_figure(part, whole)) == (part * 100 >= 97 * whole)


def test_lower_may_be_better_and_no_data_meets_nothing() -> None:
    metric = Metric(
        "days", "Days", lambda period: _figure(0, 0), "天", target=Decimal(3), better="lower"
    )
    assert metric.meets_target(_figure(5, 2, "天")) is True
    assert metric.meets_target(_figure(7, 2, "天")) is False
    assert metric.meets_target(_figure(0, 0, "天")) is None


def test_codes_are_unique() -> None:
    own = Registry()
    entry = Metric("rate", "Rate", lambda period: _figure(0, 0))
    own.add_metric(entry)
    with pytest.raises(ValueError, match="rate"):
        own.add_metric(entry)
