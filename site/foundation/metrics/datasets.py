"""Open datasets that apps offer under ``/data/``; this app knows none of them.

How to register (module ``<app>/datasets.py``, imported when the house starts)::

    from foundation.metrics.datasets import Column, Filters, dataset, keyset

    @dataset(
        code="stations",                                # address: /data/stations/, .csv, .json
        title=_("Monitoring stations"),
        description=_("Where air, water and noise are measured."),
        every="month",                                  # the promise; see FREQUENCIES
        updated_at=lambda: Station.objects.aggregate(at=Max("changed_at"))["at"],
        columns=(
            Column("code", _("code"), unique=True),
            Column("kind", _("kind"), choices={"air": _("Air"), "water": _("Water")}, filter=True),
            Column("pm25", _("PM2.5"), "decimal", unit="µg/m³", minimum=0),
            Column("opened_on", _("opened on"), "date", filter=True),
        ),
        publisher="ecology",                            # department code; "" is the district
        href="/monitoring/",                            # the page that shows the same
    )
    def stations(filters: Filters) -> Iterator[tuple]:
        found = Station.objects.filter(**filters.lookups({"kind": "kind", "opened_on": "opened"}))
        yield from keyset(found, "code", "kind", "pm25", "opened")

``rows(filters)`` yields one tuple a row, values in the order of the columns: str, int, Decimal,
bool, date, datetime (aware) or None. Yield; never build a list. Never yield what is not on a
public page already. ``filters.lookups`` narrows the query by the columns you name (column → ORM
path); what you leave out is filtered afterwards, so a forgotten filter is slow, never wrong.
``updated_at()`` says when the content last changed (aware; None: never; one query). ``mark()`` is
optional: anything that changes when rows go away or change without a new ``updated_at``.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise
Value = str | int | Decimal | bool | date | datetime | None
Row = tuple[Value, ...]
ColumnType = Literal["string", "integer", "decimal", "boolean", "date", "datetime", "period", "url"]
Every = Literal["change", "hour", "day", "week", "month", "quarter", "year", "irregular"]

#: What people call the types.
TYPES: dict[str, Text] = {
    "string": pgettext_lazy("data type", "text"),
    "integer": pgettext_lazy("data type", "whole number"),
    "decimal": pgettext_lazy("data type", "number"),
    "boolean": pgettext_lazy("data type", "yes or no"),
    "date": pgettext_lazy("data type", "day"),
    "datetime": pgettext_lazy("data type", "moment"),
    "period": pgettext_lazy("data type", "month, quarter or year"),
    "url": pgettext_lazy("data type", "address"),
}
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
COLUMN = re.compile(r"[a-z][a-z0-9_]*")
#: Names of the query string that are no columns.
RESERVED = frozenset({"limit"})
CHUNK = 2000
ORDERED: frozenset[str] = frozenset({"integer", "decimal", "date", "datetime", "period"})


@dataclass(frozen=True)
class Frequency:
    """How often a dataset is promised to be new: ``days`` None means no day can be missed."""

    title: Text
    days: int | None
    #: EU Publications Office, authority table "frequency".
    authority: str


FREQUENCIES: dict[str, Frequency] = {
    "change": Frequency(_("with every change"), None, "UPDATE_CONT"),
    "hour": Frequency(_("every hour"), 1, "HOURLY"),
    "day": Frequency(_("every day"), 1, "DAILY"),
    "week": Frequency(_("every week"), 7, "WEEKLY"),
    "month": Frequency(_("every month"), 31, "MONTHLY"),
    "quarter": Frequency(_("every quarter"), 92, "QUARTERLY"),
    "year": Frequency(_("every year"), 366, "ANNUAL"),
    "irregular": Frequency(_("when there is something new"), None, "IRREG"),
}


@dataclass(frozen=True)
class Licence:
    """Under what terms a dataset may be used."""

    code: str
    title: str
    address: str


CC_BY = Licence("CC-BY-4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")


@dataclass(frozen=True)
class Column:
    """One column: its name in files, its title for people, and what its values may be.

    ``choices`` maps each value to its title. ``filter`` lets the query string name it.
    """

    code: str
    title: Text
    type: ColumnType = "string"
    unit: str = ""
    description: Text = ""
    required: bool = False
    unique: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)
    minimum: int | Decimal | None = None
    maximum: int | Decimal | None = None
    filter: bool = False

    @property
    def type_title(self) -> Text:
        return TYPES[self.type]

    @property
    def is_ordered(self) -> bool:
        """Whether ``<code>_from`` and ``<code>_to`` can be asked for."""
        return self.type in ORDERED


@dataclass(frozen=True)
class Filters:
    """What the reader asked for: values by column, read and checked against the declaration."""

    equal: Mapping[str, Value] = field(default_factory=dict)
    least: Mapping[str, Value] = field(default_factory=dict)
    most: Mapping[str, Value] = field(default_factory=dict)
    limit: int | None = None

    def lookups(self, paths: Mapping[str, str]) -> dict[str, Any]:
        """Return ORM lookups for the columns of ``paths`` (column → ORM path)."""
        found: dict[str, Any] = {}
        for values, suffix in ((self.equal, ""), (self.least, "__gte"), (self.most, "__lte")):
            found |= {f"{paths[code]}{suffix}": values[code] for code in values if code in paths}
        return found

    @property
    def is_empty(self) -> bool:
        return not (self.equal or self.least or self.most)


RowsFunction = Callable[[Filters], Iterator[Row]]
R = TypeVar("R", bound=RowsFunction)


@dataclass(frozen=True)
class Dataset:
    """One dataset: what it is, who answers for it, how often it is new, and its rows."""

    code: str
    title: Text
    description: Text
    columns: tuple[Column, ...]
    rows: RowsFunction
    updated_at: Callable[[], datetime | None]
    every: Every
    licence: Licence = CC_BY
    publisher: str = ""
    keywords: tuple[Text, ...] = ()
    covers: Callable[[], tuple[date, date] | None] | None = None
    href: str = ""
    source: Text = ""
    mark: Callable[[], str] | None = None
    order: int = 500

    @property
    def frequency(self) -> Frequency:
        return FREQUENCIES[self.every]

    @property
    def filterable(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.filter)


@dataclass
class Registry:
    """Datasets by code; refuses duplicates and names that cannot stand in an address."""

    datasets: dict[str, Dataset] = field(default_factory=dict)

    def add(self, entry: Dataset) -> None:
        if entry.code in self.datasets:
            raise ValueError(f"A dataset named {entry.code} exists already.")
        _check(entry)
        self.datasets[entry.code] = entry

    def ordered(self) -> list[Dataset]:
        return sorted(self.datasets.values(), key=lambda entry: (entry.order, entry.code))


def _check(entry: Dataset) -> None:
    if not CODE.fullmatch(entry.code):
        raise ValueError(f"{entry.code!r} is no code: small letters, digits and dashes.")
    if entry.every not in FREQUENCIES:
        raise ValueError(f"{entry.code}: {entry.every!r} is no frequency.")
    codes = [column.code for column in entry.columns]
    bad = [code for code in codes if not COLUMN.fullmatch(code) or code in RESERVED]
    if bad or len(set(codes)) != len(codes) or not codes:
        raise ValueError(f"{entry.code}: columns need names of their own, such as opened_on.")


_active = Registry()


def active() -> Registry:
    """Return the registry in use."""
    return _active


@contextmanager
def replaced(registry: Registry | None = None) -> Iterator[Registry]:
    """Use another registry for the time of the block (tests)."""
    global _active
    before, _active = _active, registry or Registry()
    try:
        yield _active
    finally:
        _active = before


def dataset(
    *,
    code: str,
    title: Text,
    description: Text,
    columns: Sequence[Column],
    updated_at: Callable[[], datetime | None],
    every: Every,
    **more: Any,
) -> Callable[[R], R]:
    """Register ``rows(filters) -> iterator of tuples``; ``more``: the other fields of Dataset."""

    def register(function: R) -> R:
        _active.add(
            Dataset(code, title, description, tuple(columns), function, updated_at, every, **more)
        )
        return function

    return register


def keyset(
    queryset: QuerySet[Any], *fields: str, size: int = CHUNK, key: str = "pk"
) -> Iterator[Row]:
    """Yield ``fields`` of every row in the order of the unique ``key``, a query per ``size`` rows.

    No cursor stays open between chunks and none is skipped over, so a slow reader costs nothing.
    """
    ordered = queryset.order_by(key)
    last: Any = None
    while True:
        rest = ordered if last is None else ordered.filter(**{f"{key}__gt": last})
        rows = list(rest.values_list(key, *fields)[:size])
        for row in rows:
            yield row[1:]
        if len(rows) < size:
            return
        last = rows[-1][0]
