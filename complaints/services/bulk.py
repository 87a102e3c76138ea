"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. For synthetic data and imports."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from psycopg.types.json import Jsonb


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    """Insert ``rows`` (values in the order of ``columns``, database names) without model objects.

    Datetimes must be aware, JSON columns hold Python values. One statement; the caller owns the
    transaction.
    """
    if not rows:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    kinds = [_kind(model, name) for name in columns]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(
                        [Jsonb(v) if k == "json" else v for k, v in zip(kinds, row, strict=True)]
                    )
            return
        marks = ", ".join(["%s"] * len(columns))
        prepared = [
            tuple(_for_sqlite(kind, value) for kind, value in zip(kinds, row, strict=True))
            for row in rows
        ]
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", prepared)  # noqa: S608


def next_ids(model: type[models.Model], count: int) -> range | list[int]:
    """Reserve ``count`` primary keys. On SQLite the open write transaction is the reservation."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute(f"SELECT COALESCE(MAX(id), 0) FROM {table}")  # noqa: S608
        first = cursor.fetchone()[0] + 1
    return range(first, first + count)


def _kind(model: type[models.Model], column: str) -> str:
    field = next(f for f in model._meta.concrete_fields if f.column == column)
    if isinstance(field, models.JSONField):
        return "json"
    if isinstance(field, models.UUIDField):
        return "uuid"
    return "time" if isinstance(field, models.DateTimeField) else ""


def _for_sqlite(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "json":
        return json.dumps(value, ensure_ascii=False)
    if kind == "uuid":
        return value.hex
    return connection.ops.adapt_datetimefield_value(value) if kind == "time" else value
