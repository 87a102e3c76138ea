"""From a query string to the filters of a dataset: declared columns only, each problem in words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from foundation.metrics.datasets import Column, Dataset, Filters, Row, Value
from foundation.metrics.period import ZONE

PERIOD = re.compile(r"\d{4}(-(0[1-9]|1[0-2]|Q[1-4]))?")
WHOLE = re.compile(r"-?\d{1,15}")
LONGEST = 200
MOST_ROWS = 10_000_000
YES_NO = {"true": True, "1": True, "false": False, "0": False}
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadFilter(ValueError):
    """The query string asks for something that the dataset does not offer; says what, in words."""


def filters_of(entry: Dataset, query: Mapping[str, str]) -> Filters:
    """Return what ``query`` (name → last value) asks for; empty values ask for nothing.

    Raises BadFilter for a name that is no filter of this dataset and for unreadable values.
    """
    equal: dict[str, Value] = {}
    least: dict[str, Value] = {}
    most: dict[str, Value] = {}
    columns = {column.code: column for column in entry.filterable}
    limit = None
    for name, text in query.items():
        if text == "":
            continue
        if name == "limit":
            limit = _limit(text)
            continue
        column, kind = _column(entry, columns, name)
        value = _value(column, text, is_end=kind == "to")
        {"": equal, "from": least, "to": most}[kind][column.code] = value
    return Filters(equal, least, most, limit)


def _column(entry: Dataset, columns: Mapping[str, Column], name: str) -> tuple[Column, str]:
    """Return the column and "", "from" or "to"."""
    if name in columns:
        return columns[name], ""
    code, _mark, kind = name.rpartition("_")
    if kind in ("from", "to") and code in columns and columns[code].is_ordered:
        return columns[code], kind
    known = _listed(names_of(entry)) or _("none")
    raise BadFilter(
        _("“%(name)s” is no filter of this dataset. It knows: %(known)s.")
        % {"name": CONTROL.sub("?", name)[:60], "known": known}
    )


def names_of(entry: Dataset) -> list[str]:
    """Return every name that the query string may hold."""
    names = []
    for column in entry.filterable:
        names.append(column.code)
        if column.is_ordered:
            names += [f"{column.code}_from", f"{column.code}_to"]
    return [*names, "limit"]


def _listed(names: Iterable[str]) -> str:
    return "、".join(names)


def _limit(text: str) -> int:
    if not re.fullmatch(r"\d{1,8}", text) or not 1 <= int(text) <= MOST_ROWS:
        raise BadFilter(_("limit must be a whole number from 1 on."))
    return int(text)


def _value(column: Column, text: str, *, is_end: bool) -> Value:
    said = {"name": column.code, "value": CONTROL.sub("?", text)[:60]}
    if len(text) > LONGEST or CONTROL.search(text):
        raise BadFilter(_("%(name)s: this value is too long or cannot be read.") % said)
    if column.choices and text not in column.choices:
        said["known"] = _listed(column.choices)
        raise BadFilter(_("%(name)s: “%(value)s” is none of %(known)s.") % said)
    try:
        return _read(column.type, text, is_end=is_end)
    except (ValueError, InvalidOperation, KeyError, OverflowError) as error:
        said["shape"] = SHAPES[column.type]
        raise BadFilter(_("%(name)s: write %(shape)s instead of “%(value)s”.") % said) from error


SHAPES = {
    "integer": "12",
    "decimal": "12.5",
    "boolean": "true / false",
    "date": "2026-10-31",
    "datetime": "2026-10-31T08:00+08:00",
    "period": "2026-10 / 2026-Q4 / 2026",
}


def _read(kind: str, text: str, *, is_end: bool) -> Value:
    if kind == "integer":
        return int(_matched(WHOLE, text))
    if kind == "decimal":
        return _decimal(text)
    if kind == "boolean":
        return YES_NO[text]
    if kind == "date":
        return date.fromisoformat(_matched(re.compile(r"\d{4}-\d\d-\d\d"), text))
    if kind == "datetime":
        return _moment(text, is_end=is_end)
    if kind == "period":
        return _matched(PERIOD, text)
    return text


def _matched(pattern: re.Pattern[str], text: str) -> str:
    if pattern.fullmatch(text) is None or not text.isascii():
        raise ValueError(text)
    return text


def _decimal(text: str) -> Decimal:
    return Decimal(_matched(re.compile(r"-?\d{1,15}(\.\d{1,10})?"), text))


def _moment(text: str, *, is_end: bool) -> datetime:
    """A moment; one without a zone is Shanghai's, a bare day begins at 0:00 or ends at 24:00."""
    # A plus sign of a query string that nobody escaped arrives as a space.
    found = datetime.fromisoformat(re.sub(r" (?=\d\d:\d\d$)", "+", text))
    if len(text) == len("2026-10-31") and is_end:
        found = datetime.combine(found.date(), time.max)
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def rows_of(entry: Dataset, filters: Filters) -> Iterator[Row]:
    """Yield the rows that ``filters`` want, whatever the dataset itself narrowed; ≤ ``limit``.

    Queries: those of the dataset, as far as it is read.
    """
    places = {column.code: place for place, column in enumerate(entry.columns)}
    tests = [
        *((places[code], value, _is_equal) for code, value in filters.equal.items()),
        *((places[code], value, _is_least) for code, value in filters.least.items()),
        *((places[code], value, _is_most) for code, value in filters.most.items()),
    ]
    left = filters.limit or MOST_ROWS
    for row in entry.rows(filters):
        if all(test(row[place], value) for place, value, test in tests):
            yield row
            left -= 1
            if not left:
                return


def _is_equal(cell: Any, wanted: Any) -> bool:
    return bool(cell == wanted)


def _is_least(cell: Any, wanted: Any) -> bool:
    return cell is not None and bool(cell >= wanted)


def _is_most(cell: Any, wanted: Any) -> bool:
    return cell is not None and bool(cell <= wanted)
