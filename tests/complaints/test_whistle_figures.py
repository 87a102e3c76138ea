"""吹哨率, 报到及时率 and grades: counted from rows and from the ledger alike, never ranked."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import Assist, Case, Whistle
from complaints.selectors import whistles
from complaints.selectors.whistles import DepartmentRow
from complaints.services import assists
from complaints.services.intake import Reading, Receipt
from complaints.services.synthetic import make_cases
from foundation.metrics.period import Period
from foundation.places.models import Department
from tests.complaints.conftest import Line, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
NEAR = Reading(119.98, 31.78)
MARCH = Period.parse("2026-03")


def blown(cast: Any, submit: Submit, kind: str = "emergency") -> Line:
    line = Line(cast, submit(category="noise-industrial", reading=NEAR).case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    departments = "urban-management,water"
    line.act("bureau", "blow_whistle", reason_code=kind, departments=departments, message="急")
    return line


def test_rates_say_what_they_were_counted_from(cast: Any, submit: Submit, clock: Any) -> None:
    line = blown(cast, submit)
    Line(cast, submit(category="noise-industrial").case).act("dispatcher", "accept")
    share = Assist.objects.get(case=line.case, department__code="urban-management")
    assists.report_in(case_id=line.case.pk, assist_id=share.pk, by=staff(cast.bureau2))
    clock.tick(minutes=31)
    assert whistles.whistle_rate(MARCH).text == "1/2 50%"
    assert whistles.whistle_rate_in_ledger(MARCH).same_counts(whistles.whistle_rate(MARCH))
    assert whistles.reports_in_time(MARCH).text == "1/2 50%"
    line.case = Case.objects.get(pk=line.case.pk)
    line.act("bureau", "end_whistle", message="已处置")
    assert whistles.reports_in_time(MARCH).text == "1/2 50%"


def test_who_was_let_go_in_time_counts_nowhere(cast: Any, submit: Submit, clock: Any) -> None:
    line = blown(cast, submit)
    clock.tick(minutes=10)
    line.act("bureau", "end_whistle", message="自行解决了")
    clock.tick(hours=2)
    assert whistles.reports_in_time(MARCH).text == "暂无数据"


@pytest.mark.parametrize(
    ("grades", "points", "band"),
    [(0, 0, ""), (29, 145, ""), (30, 150, "优秀"), (30, 120, "良好"), (30, 80, "一般")],
)
def test_fewer_than_thirty_grades_are_no_grade(grades: int, points: int, band: str) -> None:
    row = DepartmentRow(Department(code="x", name="某局"), 0, 0, grades, points)
    assert str(row.band) == band


def test_the_table_names_departments_in_order_of_the_register(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = blown(cast, submit)
    clock.tick(minutes=31)
    line.act("bureau", "end_whistle", message="已处置")
    share = Assist.objects.get(case=line.case, department__code="water")
    owner = staff(cast.bureau)
    assists.grade(case_id=line.case.pk, assist_id=share.pk, by=owner, grade="3")
    with CaptureQueriesContext(connection) as queries:
        table = whistles.whistle_table(MARCH)
    assert len(queries) <= 6
    rows = [(r.department.code, r.in_time, r.due, r.grades, r.average) for r in table.departments]
    assert rows == [("urban-management", 0, 1, 0, None), ("water", 0, 1, 1, Decimal("3.0"))]
    assert [(r.whistles, r.cases) for r in table.towns] == [(1, 1)]


def test_leaders_read_it_on_the_overview(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    leader = staff_client("leader")
    assert "本月没有吹哨" in leader.get("/overview/").content.decode()
    blown(cast, submit)
    clock.tick(minutes=31)
    page = leader.get("/overview/").content.decode()
    assert "被召集部门" in page
    assert "城管局" in page
    assert "样本不足" in page


def test_made_up_whistles_count_as_real_ones_do(district_pack: str) -> None:
    make_cases(count=600, seed=11)
    assert Whistle.objects.exists()
    month = Period.holding(timezone.now() - timedelta(days=60))
    for period in (month, month.previous()):
        shown = whistles.whistle_rate(period)
        assert shown.same_counts(whistles.whistle_rate_in_ledger(period))
    arrived = Assist.objects.filter(reported_in_at__isnull=False)
    assert not arrived.exclude(clock__outcome__in=["met", "late"]).exists()
    assert not Assist.objects.filter(whistle__ended_at__isnull=False, is_open=True).exists()
