"""One record of a pack file, read field by field with errors that name file, place and remedy.

Pure: no ORM, no settings.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from foundation.places.errors import PackError

_MISSING: Any = object()


class Row:
    """A record (TOML table, JSON object or CSV line) of a pack file.

    Every reader method takes the field's name and an optional ``default``; without a default the
    field is required. Call :meth:`finish` after the last field: a field that nobody read is
    reported as a misspelling instead of being ignored.
    """

    def __init__(self, data: Mapping[str, Any], *, file: str, where: str) -> None:
        self.data = data
        self.file = file
        self.where = where
        self._read: set[str] = set()

    def error(self, field: str, problem: str) -> PackError:
        """Make (not raise) the error for ``field`` of this record."""
        where = f"{self.where}, {field}" if self.where and field else self.where or field
        return PackError(self.file, where, problem)

    def raw(self, field: str, default: Any = _MISSING) -> Any:
        """The value as the file has it."""
        self._read.add(field)
        if field in self.data:
            return self.data[field]
        if default is _MISSING:
            raise self.error(field, "this field is missing; add it")
        return default

    def text(self, field: str, default: str = _MISSING, *, longest: int = 500) -> str:
        """Text, stripped. A required text must not be empty."""
        value = self.raw(field, default)
        if not isinstance(value, str):
            raise self.error(field, f"must be text in quotation marks, not {value!r}")
        value = value.strip()
        if not value and default is _MISSING:
            raise self.error(field, "must not be empty")
        if len(value) > longest:
            raise self.error(field, f"has {len(value)} characters; at most {longest} are allowed")
        return value

    def choice(self, field: str, allowed: Collection[str], default: str = _MISSING) -> str:
        """Text that is one of ``allowed``; ``default`` itself is always accepted."""
        value = self.text(field, default)
        if value in allowed or (default is not _MISSING and value == default):
            return value
        near = get_close_matches(value, list(allowed), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; use one of {_listed(allowed)}"
        raise self.error(field, f"{value!r} is not known{hint}")

    def flag(self, field: str, default: bool = _MISSING) -> bool:
        """true or false."""
        value = self.raw(field, default)
        if not isinstance(value, bool):
            raise self.error(field, f"must be true or false, not {value!r}")
        return value

    def whole(self, field: str, default: int = _MISSING, *, least: int = 0) -> int:
        """A whole number, at least ``least``."""
        value = self.raw(field, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise self.error(field, f"must be a whole number, {least} or more, not {value!r}")
        return value

    def number(self, field: str, default: float = _MISSING) -> float:
        """A whole or decimal number."""
        value = self.raw(field, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(field, f"must be a number, not {value!r}")
        return float(value)

    def day(self, field: str, default: date | None = _MISSING) -> date | None:
        """A date: TOML date or text YYYY-MM-DD; None only as the default."""
        value = self.raw(field, default)
        if isinstance(value, str):
            try:
                value = date.fromisoformat(value.strip())
            except ValueError as error:
                raise self.error(field, f"{value!r} is not a date like 2026-08-15") from error
        if isinstance(value, datetime) or not (value is None or isinstance(value, date)):
            raise self.error(field, f"must be a date like 2026-08-15, not {value!r}")
        return value

    def texts(self, field: str, default: Collection[str] = _MISSING) -> tuple[str, ...]:
        """A list of non-empty texts, without repetition."""
        value = self.raw(field, default)
        if not isinstance(value, list | tuple):
            raise self.error(field, f"must be a list of texts, not {value!r}")
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise self.error(field, f"holds {item!r}, which is not a text")
        return tuple(dict.fromkeys(item.strip() for item in value))

    def table(self, field: str, default: Mapping[str, Any] = _MISSING) -> "Row":
        """A nested table as a Row of its own."""
        value = self.raw(field, default)
        if not isinstance(value, Mapping):
            raise self.error(field, f"must be a table of fields, not {value!r}")
        where = f"{self.where}, {field}" if self.where else f"[{field}]"
        return Row(value, file=self.file, where=where)

    def rows(self, field: str, default: Collection[Mapping[str, Any]] = _MISSING) -> list["Row"]:
        """A list of nested tables as Rows."""
        value = self.raw(field, default)
        if not isinstance(value, list | tuple):
            raise self.error(field, f"must be a list of tables, not {value!r}")
        return rows_of(value, file=self.file, where=f"{self.where} {field}".strip())

    def finish(self) -> None:
        """Refuse fields that nobody read: they are almost always misspelt."""
        unknown = [name for name in self.data if name not in self._read]
        if not unknown:
            return
        near = get_close_matches(unknown[0], sorted(self._read), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known are {_listed(self._read)}"
        raise self.error(unknown[0], f"nobody knows this field{hint}")


def rows_of(
    records: Collection[Any],
    *,
    file: str,
    where: str,
    lines: list[int] | None = None,
    first: int = 1,
) -> list[Row]:
    """Wrap records; each is named by its count (from ``first``), its line and its code or name."""
    result = []
    for count, record in enumerate(records, start=first):
        place = f"{where} {count}".strip()
        if lines and count - first < len(lines):
            place += f" (line {lines[count - first]})"
        if not isinstance(record, Mapping):
            raise PackError(file, place, f"must be a table of fields, not {record!r}")
        label = record.get("code") or record.get("date") or record.get("name")
        result.append(Row(record, file=file, where=f"{place} {label}" if label else place))
    return result


def _listed(names: Collection[str]) -> str:
    shown = sorted(names)
    return ", ".join(shown[:12]) + (", …" if len(shown) > 12 else "")
