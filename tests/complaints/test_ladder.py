"""The ladder of warnings: at 50 %, 80 % and the end, then a named person; owners missing first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import Act, Case, Clock, SupervisionOrder
from complaints.services import ladder
from complaints.services.intake import Receipt
from foundation.ledger.selectors import entries_of, verify
from foundation.notices.models import Notice
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def climb() -> int:
    return ladder.climb(now=timezone.now())


def clock_end(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def warnings(case: Case) -> list[str]:
    told = Act.objects.filter(case=case, action="warn").order_by("ledger_seq")
    return [act.internal_text for act in told]


def in_hand(cast: Any, submit: Submit) -> Line:
    line = Line(cast, submit(category="noise-industrial").case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    line.act("bureau", "respond", contact_way="phone", message="已联系您")
    return line


def test_nothing_is_said_before_half_of_the_time(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    clock.tick(days=1)
    assert climb() == 0
    assert warnings(line.case) == []


def test_each_rung_is_told_once_and_the_last_names_a_person(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = in_hand(cast, submit)
    version = line.case.version
    leader = cast.leader
    steps = [
        ("2026-03-05 12:00", "50%"),
        ("2026-03-09 09:00", "80%"),
        ("2026-03-09 18:00", "已到"),
    ]
    for moment, words in steps:
        clock.move_to(moment)
        assert climb() == 1
        assert climb() == 0
        assert words in warnings(line.case)[-1].replace(" ", "")
    assert Case.objects.get(pk=line.case.pk).version == version
    clock.move_to("2026-03-10 18:00")
    assert climb() == 1
    assert leader.display_name in warnings(line.case)[-1]
    order = SupervisionOrder.objects.get(case=line.case)
    assert (order.colour, order.reason_code, order.issued_by_id) == ("red", "overdue", None)
    assert order.due_at == clock_end("2026-03-11 18:00")
    clock.tick(days=30)
    assert climb() == 0
    assert Case.objects.get(pk=line.case.pk).is_supervised
    told = Notice.objects.filter(code="case.warning", user_id=leader.pk)
    assert told.count() == 1
    assert entries_of(line.case.stream).filter(action="case.warn").count() == 4
    assert verify().problem is None


def test_after_a_standstill_only_the_highest_rung_is_told(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = in_hand(cast, submit)
    clock.move_to("2026-03-09 18:30")
    assert climb() == 1
    assert len(warnings(line.case)) == 1
    assert "已到" in warnings(line.case)[0]


def test_cases_without_an_owner_come_first(cast: Any, submit: Submit, clock: Any) -> None:
    owned = in_hand(cast, submit)
    clock.move_to("2026-03-09 12:00")
    fresh = submit(category="noise-industrial").case
    clock.move_to("2026-03-10 19:00")
    assert ladder.climb(now=timezone.now(), batch=1) == 1
    assert warnings(fresh)
    assert warnings(owned.case) == []


def test_a_paused_clock_does_not_warn(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    line.act("bureau", "suspend", message="等居民补充")
    Clock.objects.filter(case=line.case, code="suspension").update(warn_at=None)
    clock.tick(days=60)
    assert climb() == 0


def test_a_complainant_who_is_asked_is_reminded_once(cast: Any, submit: Submit, clock: Any) -> None:
    line = Line(cast, submit(contact={"phone": "13800000009"}).case)
    line.act("dispatcher", "ask_info", message="是哪一家？")
    clock.tick(days=4, hours=5)
    climb()
    clock.tick(days=1)
    climb()
    reminders = Notice.objects.filter(code="case.reminder", stream=line.case.stream)
    assert 1 <= reminders.count() <= 2
    assert all("dispatcher" not in key for key in reminders.values_list("key", flat=True))


def test_the_scan_reads_due_rows_only(cast: Any, submit: Submit, clock: Any) -> None:
    for _ in range(5):
        submit()
    with CaptureQueriesContext(connection) as queries:
        assert climb() == 0
    assert len(queries) <= 2
    scan = next(q["sql"] for q in queries if "warn_at" in q["sql"])
    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        if connection.vendor == "postgresql":
            cursor.execute("SET enable_seqscan = off")
        cursor.execute(explain + scan)
        told = " ".join(str(row) for row in cursor.fetchall())
    assert "clock_running_warn" in told


def test_every_open_case_has_a_running_warning(cast: Any, submit: Submit, clock: Any) -> None:
    """The no-orphan rule: whatever was done to it, an open case is on the ladder."""
    line = Line(cast, submit(category="noise-industrial").case)
    walk = [
        ("dispatcher", "ask_info", {"message": "哪里？"}),
        ("complainant", "supply_info", {"message": "这里"}),
        ("dispatcher", "accept", {}),
        ("dispatcher", "dispatch", {"owner": "department:ecology"}),
        ("bureau", "request_return", {"message": "非我局", "proposed_owner": "department:water"}),
        ("dispatcher", "deny_return", {"message": "是你局"}),
        ("bureau", "sign_for", {}),
        ("bureau", "suspend", {"message": "等补充"}),
        ("bureau", "resume", {}),
        ("bureau", "request_extension", {"message": "等监测"}),
        ("supervisor", "grant_extension", {}),
        ("bureau", "complete", {"outcome_code": "solved", "message": "好", "no_photo_reason": "x"}),
        ("dispatcher", "approve", {"reply": "已处理。"}),
        ("system", "start_followup", {}),
    ]
    for who, action, data in walk:
        case = line.act(who, action, **data)
        running = Clock.objects.filter(case=case, outcome="running", due_at=case.due_at)
        assert running.filter(warn_at__isnull=False).exists(), action
        clock.tick(minutes=5)
    assert line.case.is_open
    assert timedelta(0) < line.case.due_at - timezone.now()
