"""Figures of a month for everybody: counted openly, graded in bands, nobody recognisable."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from complaints.selectors.public_statistics import (
    SMALLEST_CELL,
    Band,
    band_of,
    streets_of,
    suppressed,
)
from complaints.services.intake import Reading, Receipt
from complaints.services.synthetic import make_cases
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period

Submit = Callable[..., Receipt]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.once
@pytest.mark.parametrize(
    ("part", "whole", "band"),
    [
        (29, 29, Band.FEW),
        (0, 0, Band.FEW),
        (30, 30, Band.GOOD),
        (95, 100, Band.GOOD),
        (94, 100, Band.NEAR),
        (85, 100, Band.NEAR),
        (84, 100, Band.LOW),
    ],
)
def test_bands_begin_where_they_say(part: int, whole: int, band: Band) -> None:
    assert band_of(Figure(Decimal(part), Decimal(whole), NOW)) == band


@pytest.mark.once
@given(st.lists(st.integers(0, 60), max_size=12))
def test_no_small_cell_can_be_worked_out(counts: list[int]) -> None:
    hidden = suppressed(counts)
    small = [0 < count < SMALLEST_CELL for count in counts]
    assert all(hidden[place] for place, is_small in enumerate(small) if is_small)
    others = [n for n, is_small in zip(counts, small, strict=True) if n and not is_small]
    if sum(small) == 1 and others:
        assert sum(hidden) == 2
    if not any(small):
        assert not any(hidden)


@pytest.mark.django_db
def test_a_month_reads_the_same_as_everywhere(
    client: Client, district_pack: str, clock: Any
) -> None:
    make_cases(count=400, seed=5, years=0.25)
    client.get("/statistics/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/statistics/?period=2026-01")
    assert len(queries) <= 10
    text = page.content.decode()
    assert page.status_code == 200
    for words in ("2026年1月", "答复率", "满意率", "解决率", "红梅街道", "样本少，不评级"):
        assert words in text, words
    rows = streets_of(Period.parse("2026-01"))
    shown = [row for row in rows if row.figure and row.figure.denominator]
    assert shown
    assert all(row.figure is None or row.figure.text in text for row in rows)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?period=2026", "?period=x", "?period=2031-01"])
def test_other_periods_are_not_there(query: str, client: Client, clock: Any) -> None:
    assert client.get(f"/statistics/{query}").status_code == 404


@pytest.mark.django_db
def test_an_empty_month_says_so(client: Client, district_pack: str, clock: Any) -> None:
    text = client.get("/statistics/").content.decode()
    assert "本月没有可列出的数据" in text


@pytest.mark.django_db
def test_one_lonely_report_is_not_shown(
    client: Client, submit: Submit, cast: Any, clock: Any
) -> None:
    from tests.complaints.conftest import Line

    line = Line(cast, submit(reading=Reading(119.98, 31.78)).case)
    line.act("dispatcher", "accept")
    clock.move_to("2026-04-02 09:00")
    rows = streets_of(Period.parse("2026-03"))
    assert [row.figure for row in rows if row.figure is None] == [None]
    assert "不列出" in client.get("/statistics/?period=2026-03").content.decode()
