"""Appending to the ledger."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from foundation.ledger import anchors, live, selectors
from foundation.ledger.actor import Actor
from foundation.ledger.chain import Link, canonical, entry_hash, moment
from foundation.ledger.errors import InvalidEntry, LedgerBroken, OutsideTransaction
from foundation.ledger.models import Entry, Head

STREAM = re.compile(r"[a-z][a-z0-9_.-]{0,30}:[^\s\x00-\x1f\x7f]{1,80}")
ACTION = re.compile(r"[a-z][a-z0-9_.-]{0,59}")
COLUMNS = (
    "seq", "stream", "action", "actor_kind", "actor_id", "actor_role", "data", "at", "prev_hash",
    "hash",
)  # fmt: skip
# More entries than any act of a person writes: beyond, speed counts.
MOST_VALUES = 100
READ_HEAD = f"SELECT seq, hash FROM {Head._meta.db_table} WHERE id = 1"  # noqa: S608
MOVE_HEAD = f"UPDATE {Head._meta.db_table} SET seq = %s, hash = %s WHERE id = 1"  # noqa: S608
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """An act to be written down. ``data`` is JSON without personal data; ``at`` is aware."""

    stream: str
    action: str
    actor: Actor
    data: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def append(
    *,
    stream: str,
    action: str,
    actor: Actor,
    data: dict[str, Any] | None = None,
    at: datetime | None = None,
) -> Entry:
    """Write one act into the chain, within the caller's transaction: at most 3 statements.

    ``stream`` says what it belongs to (``case:<uuid>``), ``action`` what happened
    (``case.accepted``), ``at`` when (aware; now by default). Locks the head row until commit, so
    append late in a transaction. Raises ``OutsideTransaction``, ``InvalidEntry``.
    """
    return append_many([Record(stream, action, actor, data or {}, at)])[0]


def append_many(records: Sequence[Record]) -> list[Entry]:
    """Write acts in order: lock the head, insert all, move the head. At most 3 statements."""
    rows = _append(records)
    return [
        Entry(*row[:6], record.data, *row[7:])  # type: ignore[misc]
        for row, record in zip(rows, records, strict=True)
    ]


def append_bulk(records: Sequence[Record]) -> list[int]:
    """Like ``append_many`` for thousands of acts: returns only the numbers of the entries."""
    return [row[0] for row in _append(records)]


def _append(records: Sequence[Record]) -> list[Row]:
    if not connection.in_atomic_block:
        raise OutsideTransaction("Append inside transaction.atomic(), with the change it records.")
    if not records:
        return []
    links = [_link(record) for record in records]
    with connection.cursor() as cursor:
        rows = list(_chain(_locked_head(cursor), links))
        _write(cursor, rows)
    transaction.on_commit(live.nudge)
    return rows


def _locked_head(cursor: CursorWrapper) -> tuple[int, str]:
    """Lock the head row until commit. Bare SQL: everybody waits for whoever holds it."""
    lock = " FOR UPDATE" if connection.features.has_select_for_update else ""
    cursor.execute(READ_HEAD + lock)
    seq, digest = cursor.fetchone()
    return int(seq), str(digest)


def _link(record: Record) -> tuple[Link, datetime]:
    at = record.at or timezone.now()
    if timezone.is_naive(at):
        raise InvalidEntry("The time of an entry needs a time zone.")
    if not STREAM.fullmatch(record.stream) or not ACTION.fullmatch(record.action):
        raise InvalidEntry(f"Not a stream or action: {record.stream!r}, {record.action!r}.")
    actor = record.actor
    if not actor.id or len(actor.id) > 64 or not actor.id.isprintable():
        raise InvalidEntry("The id of an actor has 1 to 64 printable characters.")
    if len(actor.role) > 40 or not actor.role.isprintable():
        raise InvalidEntry("The role of an actor has at most 40 printable characters.")
    try:
        text = canonical(record.data)
    except (TypeError, ValueError) as error:
        raise InvalidEntry("The data of an entry must be JSON (text, numbers, lists).") from error
    link = Link(record.stream, record.action, actor.kind, actor.id, actor.role, text, moment(at))
    return link, at


def _chain(head: tuple[int, str], links: list[tuple[Link, datetime]]) -> Iterator[Row]:
    """Yield the rows of the entries behind ``head``, in the order of ``COLUMNS``."""
    seq, previous = head
    for link, at in links:
        seq += 1
        digest = entry_hash(seq, link, previous)
        yield (seq, *link[:6], at, previous, digest)
        previous = digest


def _write(cursor: CursorWrapper, rows: list[Row]) -> None:
    """Insert the rows and move the head: VALUES for acts, COPY or executemany for bulk.

    COPY is five times faster on PostgreSQL than anything that binds parameters (measured). There
    an act moves the head in the same statement: everybody waits while it travels.
    """
    table = f"{Entry._meta.db_table} ({', '.join(COLUMNS)})"
    marks = f"({', '.join(['%s'] * len(COLUMNS))})"
    if connection.vendor != "postgresql":
        adapt = connection.ops.adapt_datetimefield_value
        rows = [(*row[:7], adapt(row[7]), *row[8:]) for row in rows]
    moved = [rows[-1][0], rows[-1][9]]
    if len(rows) <= MOST_VALUES:
        values = ", ".join([marks] * len(rows))
        flat = [value for row in rows for value in row]
        insert = f"INSERT INTO {table} VALUES {values}"  # noqa: S608
        if connection.vendor == "postgresql":
            cursor.execute(f"WITH moved AS ({MOVE_HEAD}) {insert}", [*moved, *flat])
            return
        cursor.execute(insert, flat)
    elif connection.vendor == "postgresql":
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        cursor.executemany(f"INSERT INTO {table} VALUES {marks}", rows)  # noqa: S608
    cursor.execute(MOVE_HEAD, moved)


def anchor() -> anchors.Anchor | None:
    """Sign the present head into the anchor file; None when it is there already.

    Raises ``LedgerBroken`` when the head or the last anchor does not agree with the entries: a
    broken chain must never be signed. 4 queries.
    """
    before = anchors.last()
    if before and not selectors.anchored_hash_stands(before):
        raise LedgerBroken(f"Entry {before.seq} is not the one that was anchored.")
    if not selectors.head_agrees():
        raise LedgerBroken("The head row does not name the last entry.")
    head = selectors.head()
    return anchors.write(head.seq, head.hash)
