"""Many rows at once: COPY on PostgreSQL, executemany on SQLite. For synthetic data and imports."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models


class JsonText(str):
    """JSON as text, made once for many rows."""

    __slots__ = ()


def insert_rows(
    model: type[models.Model], columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    """Insert ``rows`` (values in the order of ``columns``, database names) without model objects.

    Datetimes must be aware; JSON columns hold ``JsonText`` or None. One statement; the caller owns
    the transaction.
    """
    if not rows:
        return
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        adapters = [(place, _adapter(model, name)) for place, name in enumerate(columns)]
        prepared = _prepared(rows, [(place, adapt) for place, adapt in adapters if adapt])
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", prepared)  # noqa: S608


def insert_objects(objects: Sequence[models.Model]) -> None:
    """Insert unsaved objects of one model, each field prepared as ``save`` would; one statement.

    A generated key that is not set is left to the database and not read back.
    """
    if not objects:
        return
    model = type(objects[0])
    fields = [
        field
        for field in model._meta.concrete_fields
        if not (isinstance(field, models.AutoField) and objects[0].pk is None)
    ]
    rows = [tuple([_prepared_value(field, instance) for field in fields]) for instance in objects]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(fields))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


def _prepared_value(field: models.Field[Any, Any], instance: models.Model) -> Any:
    value = field.pre_save(instance, add=True)
    return None if value is None else field.get_db_prep_save(value, connection)


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


def _prepared(
    rows: list[tuple[Any, ...]], adapters: list[tuple[int, Callable[[Any], Any]]]
) -> list[list[Any]]:
    """``rows`` as SQLite takes them; most columns need nothing, so only the others are met."""
    prepared = [list(row) for row in rows]
    for place, adapt in adapters:
        for values in prepared:
            if values[place] is not None:
                values[place] = adapt(values[place])
    return prepared


def _utc_text(moment: datetime) -> str:
    """What Django's SQLite backend writes for an aware datetime, four times as fast."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def _adapter(model: type[models.Model], column: str) -> Callable[[Any], Any] | None:
    """Return how SQLite takes the values of ``column``; None when it takes them as they are."""
    field = next(f for f in model._meta.concrete_fields if f.column == column)
    if isinstance(field, models.UUIDField):
        return lambda value: value.hex
    return _utc_text if isinstance(field, models.DateTimeField) else None
