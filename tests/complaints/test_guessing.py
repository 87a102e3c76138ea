"""Guessing costs time per source; the honest are never locked out."""

import threading
import time
from typing import Any

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from complaints.models import GuessBucket
from complaints.services import guessing
from complaints.services.guessing import (
    BUDGET,
    FULL,
    LONGEST_DELAY,
    Busy,
    attempt,
    delay_for,
    forget_quiet_sources,
    source_of,
)

pytestmark = pytest.mark.django_db

HOME, OTHER = source_of("192.0.2.7"), source_of("192.0.2.8")


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that attempts would have waited."""
    pauses: list[float] = []
    monkeypatch.setattr(guessing.time, "sleep", pauses.append)
    return pauses


def fail(source: str, times: int = 1, *, clock: Any = None) -> None:
    for _ in range(times):
        with attempt(source):
            pass
        if clock:
            clock.tick(seconds=LONGEST_DELAY)


def level(source: str) -> float:
    return GuessBucket.objects.get(source=source).level


def test_the_first_wrong_codes_cost_no_time(slept: list[float], clock: Any) -> None:
    fail(HOME, BUDGET)
    assert slept == []


def test_further_wrong_codes_cost_more_and_more_up_to_three_seconds(
    slept: list[float], clock: Any
) -> None:
    fail(HOME, BUDGET + 7, clock=clock)
    assert slept == sorted(slept)
    assert slept[0] == pytest.approx(0.25)
    assert slept[-1] == LONGEST_DELAY


def test_another_source_is_not_affected(slept: list[float], clock: Any) -> None:
    fail(HOME, BUDGET + 3, clock=clock)
    slept.clear()
    fail(OTHER)
    assert slept == []


def test_a_right_code_passes_after_any_number_of_wrong_ones_and_costs_nothing(
    slept: list[float], clock: Any
) -> None:
    fail(HOME, 40, clock=clock)
    before = level(HOME)
    with attempt(HOME) as tried:
        tried.right = True
    assert slept[-1] <= LONGEST_DELAY
    assert level(HOME) <= before


def test_the_bucket_drains_with_time(slept: list[float], clock: Any) -> None:
    fail(HOME, 60, clock=clock)
    assert level(HOME) <= FULL
    clock.tick(minutes=FULL + 1)
    slept.clear()
    fail(HOME, BUDGET)
    assert slept == []


def test_only_one_slowed_attempt_of_a_source_runs_at_a_time(slept: list[float], clock: Any) -> None:
    fail(HOME, BUDGET)
    fail(HOME)
    with pytest.raises(Busy) as busy, attempt(HOME):
        pass
    assert 1 <= busy.value.seconds <= LONGEST_DELAY
    before = level(HOME)
    with pytest.raises(Busy), attempt(HOME):
        pass
    assert level(HOME) == before, "who was asked to wait has not tried a code"


def test_one_process_keeps_threads_free_for_everybody_else(
    slept: list[float], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guessing, "WAITING_PLACES", threading.BoundedSemaphore(1))
    fail(HOME, BUDGET)
    fail(OTHER, BUDGET)
    guessing.WAITING_PLACES.acquire()
    with pytest.raises(Busy), attempt(OTHER):
        pass
    guessing.WAITING_PLACES.release()
    fail(OTHER)


def test_no_address_is_kept(clock: Any) -> None:
    fail(HOME)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM complaints_guessbucket")
        assert "192.0.2.7" not in str(cursor.fetchall())


def test_a_household_of_ipv6_is_one_source() -> None:
    assert source_of("2001:db8:1:2::7") == source_of("2001:db8:1:2:ffff::1")
    assert source_of("2001:db8:1:2::7") != source_of("2001:db8:1:3::7")
    assert source_of("::ffff:192.0.2.7") == HOME
    assert source_of("nonsense") == source_of("")


def test_quiet_sources_are_forgotten(clock: Any) -> None:
    fail(HOME)
    clock.tick(hours=25)
    fail(OTHER)
    assert forget_quiet_sources() == 1
    assert list(GuessBucket.objects.values_list("source", flat=True)) == [OTHER]


@given(st.floats(0, FULL), st.floats(0, FULL))
def test_more_wrong_codes_never_cost_less_time(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= delay_for(low) <= delay_for(high) <= LONGEST_DELAY


@pytest.mark.django_db(transaction=True)
def test_parallel_wrong_codes_all_count() -> None:
    """Threads that charge at the same time lose no cost (their waits are real)."""
    done: list[str] = []

    def run() -> None:
        try:
            fail(HOME, 2)
            done.append("tried")
        except Busy:
            done.append("busy")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert len(done) == 4
    assert time.monotonic() - started < 15
    assert BUDGET - 1 < level(HOME) <= BUDGET
