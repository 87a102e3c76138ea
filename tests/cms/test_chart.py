"""The chart never exaggerates and never leaves its frame."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.chart import HEIGHT, WIDTH, draw, nice_step, plain

pytestmark = pytest.mark.once

VALUES = st.decimals(min_value=0, max_value=10**7, places=4)


@given(st.lists(VALUES, min_size=1, max_size=8), st.lists(VALUES, max_size=2))
def test_everything_lies_inside_of_the_frame(values: list[Decimal], limits: list[Decimal]) -> None:
    chart = draw([("2023", v, "final") for v in values], [("standard", "s", v) for v in limits])
    assert chart is not None
    for bar in chart.bars:
        assert 0 <= bar.y <= chart.base
        assert bar.y + bar.height == pytest.approx(chart.base, abs=0.2)
        assert 0 <= bar.x <= WIDTH - bar.width
    assert all(0 <= line.y <= HEIGHT for line in chart.lines)
    assert chart.ticks[0].text == "0"


@given(st.decimals(min_value="0.0001", max_value=10**9, places=4))
def test_a_step_is_nice_and_covers_the_span(span: Decimal) -> None:
    step = nice_step(span)
    assert step * 4 >= span
    assert step.normalize().as_tuple().digits in {(1,), (2,), (2, 5), (5,)}


def test_bars_start_at_zero_and_keep_their_ratio() -> None:
    chart = draw([("a", Decimal(50), "final"), ("b", Decimal(100), "final")], [])
    assert chart is not None
    assert chart.bars[1].height == pytest.approx(2 * chart.bars[0].height, abs=0.2)


def test_words_of_close_limits_do_not_overprint() -> None:
    limits = [("standard", "标准 96", Decimal(96)), ("target", "2030 年 97", Decimal(97))]
    chart = draw([("2023", Decimal(95), "final")], limits)
    assert chart is not None
    assert abs(chart.lines[0].text_y - chart.lines[1].text_y) >= 18


def test_nothing_to_draw_is_no_chart() -> None:
    assert draw([], []) is None
    assert draw([("2023", Decimal(-1), "final")], []) is None


@pytest.mark.parametrize(
    ("value", "text"), [("95.7800", "95.78"), ("100.0000", "100"), ("0.1100", "0.11"), ("0", "0")]
)
def test_numbers_are_printed_plainly(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text
