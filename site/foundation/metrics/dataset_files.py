"""Datasets as files: CSV and JSON, written row by row as they are read."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from foundation.metrics.dataset_query import rows_of
from foundation.metrics.datasets import Column, Dataset, Filters, Row, Value
from foundation.metrics.period import ZONE

#: Spreadsheet programs in China read UTF-8 only with this mark.
MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
LOT = 500
DICTIONARY = (
    "column", "title", "type", "unit", "description", "required", "unique", "minimum", "maximum",
    "choices", "filter",
)  # fmt: skip


def guarded(text: str) -> str:
    """Return a text that no spreadsheet program takes for a formula; a lone sign is none."""
    bare = text.lstrip(" \n")
    return f"'{text}" if len(bare) > 1 and bare.startswith(FORMULA_SIGNS) else text


def cell(value: Value) -> str:
    """Return a value as CSV says it: ISO days, moments in Shanghai time, '' for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(ZONE).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return number(value)
    return guarded(value) if isinstance(value, str) else str(value)


def number(value: Decimal) -> str:
    """Return an exact decimal without empty places; '' when it is no number."""
    if not value.is_finite():
        return ""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _json(value: Value) -> str:
    if isinstance(value, Decimal):
        return number(value) or "null"
    if isinstance(value, datetime | date):
        return json.dumps(cell(value))
    if isinstance(value, float) and value != value:  # NaN is no JSON
        return "null"
    return json.dumps(value, ensure_ascii=False)


def _lots(lines: Iterable[str]) -> Iterator[str]:
    """Join lines, so that a server sends packets and not single rows."""
    lot: list[str] = []
    for line in lines:
        lot.append(line)
        if len(lot) == LOT:
            yield "".join(lot)
            lot.clear()
    yield "".join(lot)


def _csv_lines(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    yield MARK
    for row in _with_head(head, rows):
        writer.writerow(row)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _with_head(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[Iterable[str]]:
    yield head
    yield from rows


def as_csv(entry: Dataset, filters: Filters) -> Iterator[str]:
    """Yield the file: mark, names of columns, rows; CRLF (RFC 4180)."""
    rows = ([cell(value) for value in row] for row in rows_of(entry, filters))
    return _lots(_csv_lines([column.code for column in entry.columns], rows))


def as_json(entry: Dataset, filters: Filters, about: dict[str, Any]) -> Iterator[str]:
    """Yield one object: ``about``, then ``rows`` (an object each), then their ``count``."""
    names = [json.dumps(column.code) for column in entry.columns]

    def lines() -> Iterator[str]:
        yield f'{json.dumps(about, ensure_ascii=False)[:-1]}, "rows": ['
        count = 0
        for count, row in enumerate(rows_of(entry, filters), start=1):
            yield f"{',' if count > 1 else ''}\n{_object(names, row)}"
        yield f'\n], "count": {count}}}\n'

    return _lots(lines())


def _object(names: list[str], row: Row) -> str:
    pairs = (f"{name}: {_json(value)}" for name, value in zip(names, row, strict=True))
    return f"{{{', '.join(pairs)}}}"


def dictionary_csv(entry: Dataset) -> Iterator[str]:
    """Yield the data dictionary: a line a column."""
    return _lots(_csv_lines(DICTIONARY, (_described(column) for column in entry.columns)))


def _described(column: Column) -> list[str]:
    choices = "；".join(f"{value}={title}" for value, title in column.choices.items())
    yes = {True: "true", False: "false"}
    return [
        column.code,
        guarded(str(column.title)),
        column.type,
        column.unit,
        guarded(str(column.description)),
        yes[column.required],
        yes[column.unique],
        "" if column.minimum is None else str(column.minimum),
        "" if column.maximum is None else str(column.maximum),
        choices,
        yes[column.filter],
    ]
