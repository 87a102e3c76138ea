"""The database itself refuses to change the ledger."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models.signals import post_migrate

from foundation.ledger import guard
from foundation.ledger.actor import Actor
from foundation.ledger.models import Entry, Head
from foundation.ledger.services import append

CHANGES = [
    "UPDATE ledger_entry SET action = 'case.closed'",
    "DELETE FROM ledger_entry",
    "DELETE FROM ledger_head",
    "UPDATE ledger_head SET seq = seq - 1",
    "UPDATE ledger_head SET hash = 'f'",
]


@pytest.fixture
def entry(db: None) -> Entry:
    return append(stream="case:1", action="case.accepted", actor=Actor.system("test"))


def _refused(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError as error:
        return guard.REFUSAL in str(error)
    return False


@pytest.mark.parametrize("sql", CHANGES)
def test_changing_statements_are_refused(entry: Entry, sql: str) -> None:
    assert _refused(sql)


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["ledger_entry", "ledger_head"])
def test_truncate_is_refused(entry: Entry, table: str) -> None:
    assert _refused(f"TRUNCATE {table}")


@pytest.mark.embedded
@pytest.mark.parametrize("number", ["1", "0", "-5", "(SELECT seq FROM ledger_head)"])
def test_rows_cannot_be_replaced_or_pushed_in(entry: Entry, number: str) -> None:
    assert _refused(
        "INSERT OR REPLACE INTO ledger_entry "
        f"SELECT {number}, stream, action, actor_kind, actor_id, actor_role, data, at, "
        "prev_hash, hash FROM ledger_entry LIMIT 1"
    )


@pytest.mark.embedded
def test_the_head_cannot_be_replaced(entry: Entry) -> None:
    assert _refused("INSERT OR REPLACE INTO ledger_head VALUES (1, 0, '')")


@pytest.mark.postgres
def test_rows_cannot_be_overwritten_on_conflict(entry: Entry) -> None:
    assert _refused(
        "INSERT INTO ledger_entry SELECT * FROM ledger_entry LIMIT 1 "
        "ON CONFLICT (seq) DO UPDATE SET action = 'case.closed'"
    )


def test_querysets_are_refused_too(entry: Entry) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(action="case.closed")


def test_every_migrate_puts_lost_triggers_and_the_head_back(entry: Entry) -> None:
    guard.remove(connection)
    Entry.objects.all()._raw_delete(connection.alias)
    Head.objects.all()._raw_delete(connection.alias)
    config = apps.get_app_config("ledger")
    post_migrate.send(sender=config, app_config=config, using=connection.alias)
    assert Head.objects.get(pk=1).seq == 0
    append(stream="case:1", action="case.accepted", actor=Actor.system("test"))
    assert _refused("DELETE FROM ledger_entry")
