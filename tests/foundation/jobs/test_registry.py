"""Names are unique, slots are aligned to local days."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.jobs.errors import DuplicateName, UnknownHandler
from foundation.jobs.registry import Handler, Periodic, Registry

pytestmark = pytest.mark.once

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOMENTS = st.integers(10**14, 4 * 10**15).map(
    lambda micro: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micro)
)


def _periodic(**length: float) -> Periodic:
    return Periodic("p", timedelta(**length), lambda slot: None)


def test_two_handlers_of_one_name_are_refused() -> None:
    own = Registry()
    own.add_handler(Handler("a", "t", lambda key, payload: None))
    with pytest.raises(DuplicateName):
        own.add_handler(Handler("a", "other", lambda key, payload: None))


@pytest.mark.parametrize("name", ["nobody", "periodic:nobody"])
def test_an_unknown_name_is_an_error_worth_a_retry(name: str) -> None:
    with pytest.raises(UnknownHandler) as caught:
        Registry().call(name, "2026-03-02T00:00:00+08:00", {})
    assert caught.value.retryable


@given(MOMENTS, st.integers(1, 40 * 86_400), st.integers(0, 86_400))
def test_every_moment_is_in_exactly_one_slot(moment: datetime, every: int, offset: int) -> None:
    entry = Periodic("p", timedelta(seconds=every), lambda slot: None, timedelta(seconds=offset))
    slot = entry.slot_at(moment)
    assert slot <= moment < slot + entry.every
    assert entry.slot_at(slot) == slot
    assert entry.slot_at(slot + entry.every) == slot + entry.every


def test_days_begin_at_local_midnight_and_weeks_on_monday() -> None:
    moment = datetime(2026, 3, 4, 7, 30, tzinfo=SHANGHAI)
    assert _periodic(days=1).slot_at(moment) == datetime(2026, 3, 4, tzinfo=SHANGHAI)
    assert _periodic(days=7).slot_at(moment) == datetime(2026, 3, 2, tzinfo=SHANGHAI)
