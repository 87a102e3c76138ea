"""Appending: statements, gaps, refusals, races."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from foundation.ledger.actor import Actor
from foundation.ledger.chain import GENESIS
from foundation.ledger.errors import Immutable, InvalidEntry, OutsideTransaction
from foundation.ledger.models import Entry
from foundation.ledger.selectors import entries_of, head, verify
from foundation.ledger.services import Record, append, append_many

GRID = Actor("staff", "17", "grid_worker")


def _append(stream: str = "case:1", **values: Any) -> Entry:
    return append(stream=stream, action="case.signed", actor=GRID, **values)


@pytest.mark.parametrize("count", [1, 2, 100, 3000])
def test_any_number_of_entries_takes_at_most_three_statements(db: None, count: int) -> None:
    """On PostgreSQL acts of people move the head in the statement that inserts them."""
    together = connection.vendor == "postgresql" and count <= 100
    before = head().seq
    records = [Record(f"case:{n}", "case.signed", GRID, {"n": n}) for n in range(count)]
    with CaptureQueriesContext(connection) as statements:
        entries = append_many(records)
    assert len(statements) == (2 if together else 3)
    assert [entry.seq for entry in entries] == list(range(before + 1, before + count + 1))
    assert verify().ok


def test_entries_come_back_as_written(db: None, clock: Any) -> None:
    at = clock.move_to("2026-03-02T10:20:30.000001")
    written = _append(data={"说明": "河水发黑\x00\n😀", "n": [1, 2.5, None]}, at=at)
    read = entries_of("case:1").get()
    assert (read.seq, read.hash, read.at, read.data) == (
        written.seq,
        written.hash,
        at,
        {"说明": "河水发黑\x00\n😀", "n": [1, 2.5, None]},
    )
    assert read.actor == GRID
    assert verify().ok


def test_the_first_entry_follows_the_genesis_hash(db: None) -> None:
    if head().seq == 0:
        assert _append().prev_hash == GENESIS
    first, second = _append(), _append()
    assert second.prev_hash == first.hash


def test_nothing_to_append_costs_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert append_many([]) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stream": "no colon"}, "stream"),
        ({"stream": "case:two words"}, "stream"),
        ({"stream": "case:" + "9" * 200}, "stream"),
        ({"action": "Not An Action"}, "action"),
        ({"at": datetime(2026, 3, 2)}, "naive"),  # noqa: DTZ001
        ({"data": {"value": {1, 2}}}, "not JSON"),
        ({"data": {"value": "\ud800"}}, "no UTF-8"),
        ({"actor": Actor("staff", "")}, "nobody"),
        ({"actor": Actor("staff", "9" * 65)}, "long id"),
        ({"actor": Actor("staff", "1", "r\nole")}, "control character"),
    ],
)
def test_what_cannot_be_written_down_is_refused(
    db: None, changes: dict[str, Any], why: str
) -> None:
    values = {"stream": "case:1", "action": "case.signed", "actor": GRID, **changes}
    before = head().seq
    with pytest.raises(InvalidEntry):
        append(**values)
    assert head().seq == before, why


@pytest.mark.django_db(transaction=True)
def test_append_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        _append()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_neither_entry_nor_gap() -> None:
    with transaction.atomic():
        first = _append()
    with transaction.atomic():
        _append()
        transaction.set_rollback(True)
    with transaction.atomic():
        second = _append()
    assert second.seq == first.seq + 1
    assert verify().ok


@pytest.mark.django_db(transaction=True)
def test_racing_writers_leave_one_chain_without_gaps() -> None:
    before = head().seq

    def write(name: str) -> None:
        for number in range(25):
            with transaction.atomic():
                _append(f"case:{name}-{number}")
        connection.close()

    _side_by_side([lambda name=name: write(name) for name in "abcd"])
    assert head().seq == before + 100
    assert verify().ok


def _side_by_side(functions: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_model_refuses_to_change_an_entry(db: None) -> None:
    entry = _append()
    with pytest.raises(Immutable):
        entry.save()
    with pytest.raises(Immutable):
        entry.delete()
