"""Database triggers that refuse to change what was written.

They stop an application bug, an admin shell and a hurried operator. Somebody who owns the tables
can drop them: the hash chain and the signed anchors are there to find that.
"""

from collections.abc import Sequence

from django.db.backends.base.base import BaseDatabaseWrapper

from foundation.ledger.models import Entry, Head

ENTRY = Entry._meta.db_table
HEAD = Head._meta.db_table
REFUSAL = "ledger entries are never changed"

# SQLite's "INSERT OR REPLACE" deletes without firing delete triggers, hence the insert trigger.
SQLITE = {
    "ledger_entry_no_update": f"BEFORE UPDATE ON {ENTRY}",
    "ledger_entry_no_delete": f"BEFORE DELETE ON {ENTRY}",
    "ledger_entry_no_replace": (
        f"BEFORE INSERT ON {ENTRY} WHEN NEW.seq <= (SELECT seq FROM {HEAD} WHERE id = 1)"  # noqa: S608
    ),
    "ledger_head_no_delete": f"BEFORE DELETE ON {HEAD}",
    "ledger_head_no_rewind": f"BEFORE UPDATE ON {HEAD} WHEN NEW.seq <= OLD.seq",
    "ledger_head_no_replace": (
        f"BEFORE INSERT ON {HEAD} WHEN EXISTS (SELECT 1 FROM {HEAD} WHERE id = NEW.id)"  # noqa: S608
    ),
}
POSTGRESQL = {
    "ledger_entry_no_change": (
        ENTRY, f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {ENTRY} FOR EACH STATEMENT"
    ),
    "ledger_head_no_delete": (HEAD, f"BEFORE DELETE OR TRUNCATE ON {HEAD} FOR EACH STATEMENT"),
    "ledger_head_no_rewind": (
        HEAD, f"BEFORE UPDATE ON {HEAD} FOR EACH ROW WHEN (NEW.seq <= OLD.seq)"
    ),
}  # fmt: skip
POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers (idempotent; SQLite loses them when it remakes a table)."""
    if connection.vendor == "postgresql":
        _run(connection, [POSTGRESQL_FUNCTION, *_postgresql_triggers()])
    else:
        _run(
            connection,
            [
                f"CREATE TRIGGER IF NOT EXISTS {name} {when} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
                for name, when in SQLITE.items()
            ],
        )


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers: only for emptying a whole development or test database."""
    if connection.vendor == "postgresql":
        names = [f"{name} ON {table}" for name, (table, _) in POSTGRESQL.items()]
    else:
        names = list(SQLITE)
    _run(connection, [f"DROP TRIGGER IF EXISTS {name}" for name in names])


def _postgresql_triggers() -> list[str]:
    return [
        f"CREATE OR REPLACE TRIGGER {name} {when} EXECUTE FUNCTION ledger_refuse()"
        for name, (_, when) in POSTGRESQL.items()
    ]


def _run(connection: BaseDatabaseWrapper, statements: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
