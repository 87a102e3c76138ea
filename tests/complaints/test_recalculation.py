"""A new holiday notice moves running deadlines, with a ledger entry, once."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from complaints.models import Case, Clock
from complaints.services.intake import Receipt
from foundation.ledger.actor import Actor
from foundation.ledger.selectors import entries_of
from foundation.worktime.services import set_day
from tests.complaints.conftest import Line

ADMIN = Actor("staff", "1", "administrator")


@pytest.mark.django_db
def test_new_day_of_rest_moves_the_deadline_and_is_told(
    submit: Callable[..., Receipt], cast: Any, clock: Any, run_jobs: Callable[[], Any]
) -> None:
    line = Line(cast, submit(category="noise-industrial").case)
    line.act("dispatcher", "accept")
    before = line.case.handling_due_at
    assert before is not None
    set_day(day=date(2026, 3, 4), is_working=False, source="演练：临时放假通知", actor=ADMIN)
    run_jobs()
    after = Case.objects.get(pk=line.case.pk)
    assert after.handling_due_at is not None
    assert after.handling_due_at > before
    handling = Clock.objects.get(case=after, code="handling", outcome="running")
    assert handling.due_at == after.handling_due_at
    assert "2026-03-04" in str(handling.explanation["skipped"])
    told = entries_of(after.stream).filter(action="case.deadlines_moved")
    assert told.count() == 1
    run_jobs()
    assert told.count() == 1


@pytest.mark.django_db
def test_days_long_past_move_nothing(
    submit: Callable[..., Receipt], clock: Any, run_jobs: Callable[[], Any]
) -> None:
    case = submit().case
    set_day(day=date(2025, 3, 4), is_working=False, source="补录旧通知", actor=ADMIN)
    run_jobs()
    assert Case.objects.get(pk=case.pk).due_at == case.due_at
    assert not entries_of(case.stream).filter(action="case.deadlines_moved").exists()
