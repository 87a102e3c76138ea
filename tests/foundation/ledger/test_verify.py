"""Tampering of every kind is found, and the first bad entry is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.jobs.errors import PermanentFailure
from foundation.ledger import anchors, guard, handlers, selectors, services
from foundation.ledger.actor import Actor
from foundation.ledger.chain import Link, canonical, entry_hash, moment
from foundation.ledger.errors import LedgerBroken
from foundation.ledger.models import Entry, Head
from foundation.ledger.services import Record, append_many

COLUMNS = [
    "stream", "action", "actor_kind", "actor_id", "actor_role", "data", "prev_hash", "hash",
]  # fmt: skip
COUNT = 30


@pytest.fixture
def base(db: None) -> int:
    """Number of the first of thirty entries; the triggers are off, as a table owner could do it."""
    first = selectors.head().seq + 1
    append_many([_record(n) for n in range(COUNT)])
    guard.remove(connection)
    return first


def _record(n: int) -> Record:
    actor = Actor("staff", str(n), "grid_worker")
    return Record(f"case:{n % 3}", "case.signed", actor, {"n": n, "note": "甲"})


def _sql(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _found() -> tuple[int, str]:
    problem = selectors.verify().problem
    assert problem is not None, "the tampering was not found"
    return problem.seq, problem.code


def test_an_honest_ledger_is_good(base: int) -> None:
    outcome = selectors.verify()
    assert outcome.ok
    assert outcome.entries == outcome.head_seq == base + COUNT - 1


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("change", ["replace", "append", "cut", "space"])
def test_a_changed_byte_in_any_text_column_is_found(base: int, column: str, change: str) -> None:
    seq = base + 11
    old = str(Entry.objects.values_list(column, flat=True).get(pk=seq))
    raw = {"data": canonical({"n": 11, "note": "甲"})}.get(column, old)
    new = {
        "replace": ("x" if raw[0] != "x" else "y") + raw[1:],
        "append": (raw + "x")[-64:] if column.endswith("hash") else raw + "x",
        "cut": raw[:-1],
        "space": raw[:-1] + " " + raw[-1] if len(raw) < 60 else " " + raw[1:],
    }[change]
    _sql(f"UPDATE ledger_entry SET {column} = %s WHERE seq = %s", new, seq)
    assert _found() == (seq, "changed")


def test_a_changed_time_is_found(base: int) -> None:
    later = "at + interval '1 microsecond'" if connection.vendor == "postgresql" else "'2026'"
    _sql(f"UPDATE ledger_entry SET at = {later} WHERE seq = %s", base + 4)
    assert _found() == (base + 4, "changed")


@pytest.mark.embedded
@pytest.mark.parametrize("column", [*COLUMNS, "at"])
@pytest.mark.parametrize("value", ["x'00ff'", "CAST(x'00ff' AS TEXT)", "7", "''"])
def test_values_that_are_no_text_are_found(base: int, column: str, value: str) -> None:
    _sql(f"UPDATE ledger_entry SET {column} = {value} WHERE seq = %s", base + 4)
    assert _found() == (base + 4, "changed")


def test_a_deleted_entry_is_found(base: int) -> None:
    _sql("DELETE FROM ledger_entry WHERE seq = %s", base + 7)
    assert _found() == (base + 7, "missing")


def test_a_deleted_entry_whose_followers_moved_up_is_found(base: int) -> None:
    _sql("DELETE FROM ledger_entry WHERE seq = %s", base + 7)
    for seq in range(base + 8, base + COUNT):
        _sql("UPDATE ledger_entry SET seq = seq - 1 WHERE seq = %s", seq)
    assert _found() == (base + 7, "changed")


def test_two_swapped_entries_are_found(base: int) -> None:
    _sql("UPDATE ledger_entry SET seq = -1 WHERE seq = %s", base + 3)
    _sql("UPDATE ledger_entry SET seq = %s WHERE seq = %s", base + 3, base + 9)
    _sql("UPDATE ledger_entry SET seq = %s WHERE seq = -1", base + 9)
    assert _found() == (base + 3, "changed")


@pytest.mark.parametrize("place", ["front", "behind"])
def test_an_inserted_entry_is_found(base: int, place: str) -> None:
    seq = 0 if place == "front" else base + COUNT
    copied = "stream, action, actor_kind, actor_id, actor_role, data, at, prev_hash, hash"
    _sql(f"INSERT INTO ledger_entry (seq, {copied}) SELECT {seq}, {copied} FROM ledger_entry "
         "WHERE seq = %s", base)  # fmt: skip
    assert _found() == (seq if place == "behind" else 1, "inserted")


def test_a_cut_tail_is_found_by_the_head(base: int) -> None:
    _sql("DELETE FROM ledger_entry WHERE seq >= %s", base + 20)
    assert _found() == (base + 20, "missing")


def test_a_forged_head_is_found(base: int) -> None:
    _sql("UPDATE ledger_head SET hash = %s", "f" * 64)
    assert _found() == (base + COUNT - 1, "head")


def test_a_cut_tail_with_a_matching_head_is_found_by_the_anchor(base: int) -> None:
    services.anchor()
    _cut_tail(base + 20)
    assert _found() == (base + 20, "missing")


def test_a_chain_written_anew_is_found_by_the_anchor(base: int) -> None:
    services.anchor()
    _rewrite_from(base + 5)
    assert _found() == (base + COUNT - 1, "anchor")


def test_without_an_anchor_a_rewritten_chain_is_beyond_us(base: int) -> None:
    """A negative control: it is the anchors that find this, not luck."""
    _rewrite_from(base + 5)
    assert selectors.verify().ok


def _cut_tail(first_gone: int) -> None:
    _sql("DELETE FROM ledger_entry WHERE seq >= %s", first_gone)
    last = Entry.objects.get(pk=first_gone - 1)
    Head.objects.filter(pk=1).update(seq=last.seq, hash=last.hash)


def _rewrite_from(seq: int) -> None:
    """Change entry ``seq`` and make everything behind it consistent again."""
    entries = list(Entry.objects.filter(seq__gte=seq).order_by("seq"))
    previous = entries[0].prev_hash
    for entry in entries:
        actor_id = "forger" if entry.seq == seq else entry.actor_id
        link = Link(
            entry.stream, entry.action, entry.actor_kind, actor_id, entry.actor_role,
            canonical(entry.data), moment(entry.at),
        )  # fmt: skip
        digest = entry_hash(entry.seq, link, previous)
        values = {"actor_id": actor_id, "prev_hash": previous, "hash": digest}
        Entry.objects.filter(pk=entry.pk).update(**values)
        previous = digest
    Head.objects.filter(pk=1).update(hash=previous)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_done_to_any_row_is_found(base: int, data: st.DataObject) -> None:
    with transaction.atomic():
        seq = base + data.draw(st.integers(0, COUNT - 1))
        kind = data.draw(st.sampled_from(["delete", "swap", *COLUMNS]))
        if kind == "delete":
            _sql("DELETE FROM ledger_entry WHERE seq = %s", seq)
        elif kind == "swap":
            other = base + data.draw(st.integers(0, COUNT - 1).filter(lambda n: base + n != seq))
            _sql("UPDATE ledger_entry SET seq = -1 WHERE seq = %s", seq)
            _sql("UPDATE ledger_entry SET seq = %s WHERE seq = %s", seq, other)
            _sql("UPDATE ledger_entry SET seq = %s WHERE seq = -1", other)
        else:
            _sql(f"UPDATE ledger_entry SET {kind} = {_bent(kind)} WHERE seq = %s", seq)
        assert not selectors.verify().ok
        transaction.set_rollback(True)


def _bent(column: str) -> str:
    """SQL for the column with its first character changed; 'x' begins none of them."""
    return f"'x' || substr({column}, 2)"


# -- anchors ----------------------------------------------------------------------------------


def _file() -> Path:
    return Path(django_settings.LEDGER_ANCHOR_FILE)


def test_anchors_are_written_once_per_head_and_readable_by_the_owner_only(base: int) -> None:
    first = services.anchor()
    assert first is not None
    assert services.anchor() is None
    append_many([_record(99)])
    second = services.anchor()
    assert second is not None
    assert second.prev == first.mac
    assert anchors.read() == [first, second]
    assert _file().stat().st_mode & 0o077 == 0
    assert selectors.verify().anchors == 2


def _change_first_line(change: Callable[[dict[str, Any]], None]) -> None:
    lines = _file().read_text().splitlines()
    document = json.loads(lines[0])
    change(document)
    _file().write_text("\n".join([canonical(document), *lines[1:]]) + "\n")


@pytest.mark.parametrize("part", ["seq", "hash", "at", "prev", "key", "mac"])
def test_a_changed_anchor_is_found(base: int, part: str) -> None:
    services.anchor()
    _change_first_line(
        lambda line: line.update({part: 1 if part == "seq" else "0" + str(line[part])[1:] + "0"})
    )
    assert _found() == (0, "anchor")


def test_an_anchor_taken_from_the_middle_is_found(base: int) -> None:
    for n in range(3):
        services.anchor()
        append_many([_record(n)])
    lines = _file().read_text().splitlines()
    _file().write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    assert _found() == (0, "anchor")


def test_a_line_torn_by_a_power_cut_is_passed_over_and_mended(base: int) -> None:
    services.anchor()
    with _file().open("a") as file:
        file.write('{"at":"2026-')
    assert selectors.verify().ok
    append_many([_record(1)])
    services.anchor()
    assert len(anchors.read()) == 2


def test_anchors_of_a_retired_key_still_count(base: int, settings: Any) -> None:
    services.anchor()
    settings.LEDGER_ANCHOR_RETIRED_KEYS = [settings.VAULT_KEY]
    settings.VAULT_KEY = "another key"
    append_many([_record(1)])
    services.anchor()
    assert selectors.verify().anchors == 2
    settings.LEDGER_ANCHOR_RETIRED_KEYS = []
    assert _found() == (0, "anchor")


def test_a_broken_chain_is_never_signed(base: int) -> None:
    services.anchor()
    append_many([_record(1)])
    _sql("UPDATE ledger_head SET hash = %s", "f" * 64)
    with pytest.raises(LedgerBroken):
        services.anchor()


def test_a_rewritten_chain_is_not_signed_again(base: int) -> None:
    services.anchor()
    _rewrite_from(base + 5)
    with pytest.raises(LedgerBroken):
        services.anchor()


def test_an_empty_ledger_is_good_and_needs_no_anchor(base: int) -> None:
    _sql("DELETE FROM ledger_entry")
    Head.objects.filter(pk=1).update(seq=0, hash="0" * 64)
    assert selectors.verify().ok
    assert services.anchor() is None


# -- the command and the nightly walk ---------------------------------------------------------


def test_the_command_says_ok_and_anchors(base: int, capsys: Any) -> None:
    call_command("verify_ledger", "--json")
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert answer["entries"] == base + COUNT - 1
    assert len(anchors.read()) == 1


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_the_command_names_the_first_bad_entry_and_exits_1(
    base: int, capsys: Any, arguments: list[str]
) -> None:
    _sql("UPDATE ledger_entry SET action = 'case.x' WHERE seq >= %s", base + 2)
    with pytest.raises(SystemExit) as exit_:
        call_command("verify_ledger", *arguments)
    assert exit_.value.code == 1
    assert str(base + 2) in capsys.readouterr().out
    assert not _file().exists()


def test_the_nightly_walk_fails_for_good_on_a_broken_ledger(base: int, clock: Any) -> None:
    now = clock.move_to("2026-03-02T03:00")
    handlers.verify(now)
    handlers.anchor(now)
    _sql("DELETE FROM ledger_entry WHERE seq = %s", base + 7)
    with pytest.raises(PermanentFailure):
        handlers.verify(now)
