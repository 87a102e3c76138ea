"""A notice of what can be undone waits, and may be withdrawn while it waits."""

from datetime import timedelta

import pytest
from django.utils import timezone

from foundation.notices.models import State
from foundation.notices.selectors import notices_of, overdue_count
from foundation.notices.services import withdraw
from tests.foundation.notices.conftest import outbox, queued

pytestmark = pytest.mark.django_db


def test_a_notice_held_back_leaves_after_its_time(run_jobs, clock):
    notice = queued(run_after=timezone.now() + timedelta(seconds=10))
    run_jobs()
    assert not outbox()
    clock.tick(seconds=10)
    run_jobs()
    run_jobs()
    notice.refresh_from_db()
    assert notice.state == State.SENT
    assert len(outbox()) == 1


def test_a_withdrawn_notice_never_leaves_and_keeps_nothing(run_jobs, clock):
    late = timezone.now() + timedelta(seconds=10)
    notice, other = queued(run_after=late), queued(run_after=late, stream="case:2")
    assert withdraw(stream="case:1", codes=["test.told"]) == 1
    assert withdraw(stream="case:1", codes=["test.told"]) == 0
    clock.tick(seconds=10)
    run_jobs()
    notice.refresh_from_db()
    other.refresh_from_db()
    assert (notice.state, notice.attempts, bytes(notice.sealed)) == (State.WITHDRAWN, 0, b"")
    assert other.state == State.SENT
    assert notices_of("case:1") == []


def test_what_has_left_is_not_withdrawn(run_jobs):
    notice = queued()
    run_jobs()
    assert withdraw(stream="case:1", codes=["test.told"]) == 0
    notice.refresh_from_db()
    assert notice.state == State.SENT


def test_a_notice_held_back_is_not_late_before_its_time(clock):
    queued(run_after=timezone.now() + timedelta(hours=1))
    clock.tick(minutes=30)
    assert overdue_count(timezone.now() - timedelta(minutes=15)) == 0
    clock.tick(minutes=46)
    assert overdue_count(timezone.now() - timedelta(minutes=15)) == 1


def test_the_worth_of_a_notice_counts_from_its_time(clock):
    notice = queued(code="test.urgent", run_after=timezone.now() + timedelta(minutes=3))
    assert notice.valid_until == timezone.now() + timedelta(minutes=8)
