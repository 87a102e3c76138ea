"""Rates: what counts, what does not, and n/N at every horizon."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from complaints.models import Case
from complaints.selectors.desk import QueueFilter, queue
from complaints.selectors.statistics import current_load, replies, replies_on_time, satisfaction
from complaints.services.intake import Reading, Receipt
from foundation.metrics.period import Period
from tests.complaints.conftest import Line, staff

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
    assert (load.open, load.overdue, load.elsewhere.open) == (2, 2, 1)
    assert load.worst is not None
    assert load.worst.overdue == 1


def busy_district(submit: Submit) -> None:
    """Cases in two towns and in none: late, due soon and with time left."""
    now = timezone.now()
    places = [Reading(119.98, 31.78), Reading(119.98, 31.78), Reading(119.995, 31.745), None]
    for n, hours in enumerate((-3, 30, 30, 200, -3, 60, 200, 200)):
        case = submit(reading=places[n % 4], description=f"第 {n} 件").case
        Case.objects.filter(pk=case.pk).update(due_at=now + timedelta(hours=hours))


def test_the_riskiest_town_stands_first(submit: Submit) -> None:
    busy_district(submit)
    risks = [load.risk for load in current_load().towns]
    assert risks == sorted(risks, reverse=True)
    assert risks[0] > risks[-1]


def test_every_count_leads_to_a_list_of_as_many(submit: Submit, cast: Any) -> None:
    busy_district(submit)
    load = current_load()
    leader = staff(cast.leader)
    for row in load.rows:
        for tab, count in (("overdue", row.overdue), ("ahead", row.soon), ("open", row.open)):
            found = queue(leader, QueueFilter(tab=tab, area=row.code)).cases
            assert len(found) == count, (row, tab)
    assert len(queue(leader, QueueFilter(tab="ahead")).cases) == load.soon > 0


def test_leaders_go_from_a_number_to_its_cases(submit: Submit, staff_client: Any) -> None:
    busy_district(submit)
    client: Client = staff_client("leader")
    page = client.get("/overview/").content.decode()
    assert "全区合计" in page
    assert "截至" in page
    assert '<a href="/desk/?tab=overdue">2</a>' in page
    assert "不随所选月份变化" not in page
    listed = client.get("/desk/?tab=ahead&area=none")
    assert listed.status_code == 200
    assert "三天内到期" in listed.content.decode()
    assert "/desk/?tab=" not in staff_client("admin").get("/overview/").content.decode()


def test_a_past_month_says_that_cases_are_those_of_today(
    submit: Submit, staff_client: Any, clock: Any
) -> None:
    submit()
    page = staff_client("leader").get("/overview/?period=2026-02").content.decode()
    assert "2026年2月总览" in page
    assert "不随所选月份变化" in page
