"""Sessions that have run out go by themselves, once a day; those in use stay."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from foundation.accounts.services import forget_ended_sessions
from foundation.accounts.sessions import SessionStore
from foundation.jobs import registry
from foundation.jobs.services import take_slot

pytestmark = pytest.mark.django_db


def session_of(user: Any, *, lives: timedelta, seen: timedelta = timedelta(0)) -> str:
    """A session that ends in ``lives`` and was used ``seen`` ago."""
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store.set_expiry(timezone.now() + lives)
    store.save()
    key = str(store.session_key)
    UserSession.objects.create(
        user=user,
        ip="127.0.0.1",
        user_agent="",
        session_key=key,
        last_seen_at=timezone.now() - seen,
    )
    return key


def keys(model: Any) -> set[str]:
    return set(model.objects.values_list("session_key", flat=True))


def test_the_daily_slot_clears_what_has_run_out(cast: Any, clock: Any, run_jobs: Any) -> None:
    alive = session_of(cast.grid, lives=timedelta(days=2), seen=timedelta(days=3))
    ended = session_of(cast.grid2, lives=timedelta(hours=-1), seen=timedelta(days=3))
    entry = registry.active().periodics["accounts.forget_sessions"]
    take_slot(periodic=entry, slot=entry.slot_at(timezone.now()))
    run_jobs()
    assert alive in keys(Session)
    assert ended not in keys(Session)
    assert ended not in keys(UserSession)
    assert alive in keys(UserSession)


def test_a_session_that_begins_right_now_is_spared(cast: Any) -> None:
    UserSession.objects.create(user=cast.grid, ip="127.0.0.1", user_agent="", session_key="new")
    assert forget_ended_sessions() == 0
    assert "new" in keys(UserSession)


def test_it_happens_once_a_day_at_night(clock: Any) -> None:
    entry = registry.active().periodics["accounts.forget_sessions"]
    assert entry.slot_at(clock.move_to("2026-03-02T09:00")) == datetime.fromisoformat(
        "2026-03-02T03:00+08:00"
    )
    assert entry.every == timedelta(days=1)


def test_it_costs_two_statements(cast: Any, django_assert_num_queries: Any) -> None:
    for _ in range(3):
        session_of(cast.grid, lives=timedelta(hours=-1), seen=timedelta(days=3))
    with django_assert_num_queries(2):
        assert forget_ended_sessions() == 3
