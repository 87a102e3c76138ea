"""Rates: what counts, what does not, and n/N at every horizon."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from complaints.models import Case
from complaints.selectors.statistics import current_load, replies, replies_on_time, satisfaction
from complaints.services.intake import Reading, Receipt
from foundation.metrics.period import Period
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
MARCH = Period.parse("2026-03")


def answered(cast: Any, case: Case) -> Line:
    line = Line(cast, case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "answer_directly", reply="接报后，经查该处为公共设施检修，现已恢复。")
    return line


def test_answers_count_when_due_and_early_ones_wait_for_their_day(
    submit: Submit, cast: Any, clock: Any
) -> None:
    answered(cast, submit().case)
    assert replies(MARCH).denominator == 0
    clock.move_to("2026-03-31T09:00")
    assert (replies(MARCH).numerator, replies(MARCH).denominator) == (1, 1)
    assert (replies_on_time(MARCH).numerator, replies_on_time(MARCH).denominator) == (1, 1)


def test_a_late_answer_is_an_answer_but_not_on_time(submit: Submit, cast: Any, clock: Any) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    clock.move_to("2026-03-25T09:00")
    line.act("dispatcher", "answer_directly", reply="接报后，经查……")
    clock.move_to("2026-03-31T09:00")
    assert replies(MARCH).numerator == 1
    assert replies_on_time(MARCH).numerator == 0
    known_then = MARCH.known_at(timezone.now() - timedelta(days=10))
    assert (replies(known_then).numerator, replies(known_then).denominator) == (0, 1)


def test_withdrawn_cases_leave_no_answer_due(submit: Submit, cast: Any, clock: Any) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("complainant", "withdraw")
    clock.move_to("2026-03-31T09:00")
    assert replies(MARCH).denominator == 0


def test_satisfaction_counts_four_and_five(submit: Submit, cast: Any, clock: Any) -> None:
    for rating in "5431":
        answered(cast, submit().case).act("complainant", "rate", rating=rating)
    clock.tick(minutes=1)
    figure = satisfaction(MARCH)
    assert (figure.numerator, figure.denominator) == (2, 4)


def test_load_names_the_town_that_needs_a_look(
    submit: Submit, clock: Any, django_assert_max_num_queries: Any
) -> None:
    submit(reading=Reading(119.98, 31.78))
    submit(reading=None)
    clock.move_to("2026-03-20T09:00")
    with django_assert_max_num_queries(3):
        load = current_load()
    assert (load.open, load.overdue, load.elsewhere) == (2, 2, 1)
    assert load.worst is not None
    assert load.worst.overdue == 1
