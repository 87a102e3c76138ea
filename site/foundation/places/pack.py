"""District packs: a folder of data files that makes this platform a district's own.

An app takes part by registering loaders in its ``<app>/pack.py`` (found at start)::

    @loader("categories", order=50)
    def load(pack: Pack) -> Changes: ...

    @demo_loader("cases", order=50)
    def load_demo_cases(pack: Pack) -> Changes: ...

``foundation.places.services.load_district`` runs all of them in one transaction. This module
knows no ORM; the format of every file is told in docs/district-pack.md.
"""

import csv
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from foundation.places.errors import DuplicateLoader, PackError
from foundation.places.pack_rows import Row, rows_of

__all__ = ["Changes", "Loader", "Pack", "PackError", "Row", "demo_loader", "loader", "loaders"]


@dataclass(frozen=True)
class Changes:
    """What one section changed: records added, changed, left as they were, taken out of use."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def __add__(self, other: "Changes") -> "Changes":
        return Changes(
            self.added + other.added,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.removed + other.removed,
        )

    def __bool__(self) -> bool:
        """True when anything differs from before."""
        return bool(self.added or self.changed or self.removed)


class Pack:
    """Reader of one pack folder. Names are given without ending; ``demo/cases`` is allowed."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root)
        if not self.root.is_dir():
            raise PackError(str(root), "", "there is no such folder; give the pack's folder")

    def path(self, name: str) -> Path:
        """Path of a file with its ending, refusing to leave the pack's folder."""
        path = (self.root / name).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise PackError(name, "", "is outside of the pack's folder")
        return path

    def has(self, name: str) -> bool:
        """Whether the pack holds ``name`` (with or without ending); for optional sections."""
        endings = ("", ".toml", ".json", ".csv", ".txt")
        return any(self.path(name + ending).is_file() for ending in endings)

    def text(self, name: str) -> str:
        """The file's text (name with ending). A byte order mark is accepted and dropped."""
        path = self.path(name)
        try:
            return path.read_text(encoding="utf-8-sig")
        except FileNotFoundError as error:
            raise PackError(name, "", f"is missing in {self.root}") from error
        except UnicodeDecodeError as error:
            problem = f"is not UTF-8 text (byte {error.start}); save it as UTF-8"
            raise PackError(name, "", problem) from error

    def lines(self, name: str) -> list[tuple[int, str]]:
        """``name.txt`` as (line number, text), without blank lines and # comments."""
        pairs = enumerate(self.text(f"{name}.txt").splitlines(), start=1)
        return [(n, t.strip()) for n, t in pairs if t.strip() and not t.lstrip().startswith("#")]

    def toml(self, name: str) -> dict[str, Any]:
        """``name.toml`` as a dictionary."""
        file = f"{name}.toml"
        try:
            return tomllib.loads(self.text(file))
        except tomllib.TOMLDecodeError as error:
            raise PackError(file, "", f"is not valid TOML: {error}") from error

    def json(self, name: str) -> Any:
        """``name.json`` as Python values."""
        file = f"{name}.json"
        try:
            return json.loads(self.text(file))
        except json.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            raise PackError(file, where, f"is not valid JSON: {error.msg}") from error

    def csv(self, name: str) -> list[dict[str, str]]:
        """``name.csv`` (first line = field names) as dictionaries of text."""
        return [dict(row.data) for row in self.csv_rows(name)]

    def csv_rows(self, name: str) -> list[Row]:
        """``name.csv`` as Rows named by their line; short and long lines are refused."""
        file = f"{name}.csv"
        reader = csv.DictReader(self.text(file).splitlines(), strict=True)
        try:
            records = [(reader.line_num, record) for record in reader]
        except csv.Error as error:
            where = f"line {reader.line_num}"
            raise PackError(file, where, f"is not valid CSV: {error}") from error
        for line, record in records:
            if None in record or None in record.values():
                problem = f"must have {len(reader.fieldnames or ())} cells like the first line"
                raise PackError(file, f"line {line}", problem)
        return [Row(record, file=file, where=f"line {line}") for line, record in records]

    def row(self, name: str) -> Row:
        """The whole of ``name.toml`` as one Row (for files that are one table)."""
        return Row(self.toml(name), file=f"{name}.toml", where="")

    def rows(self, name: str, table: str) -> list[Row]:
        """The ``[[table]]`` entries of ``name.toml`` as Rows that know their line."""
        file = f"{name}.toml"
        records = self.toml(name).get(table, [])
        if not isinstance(records, list):
            raise PackError(file, table, f"must be written as [[{table}]] entries")
        header = re.compile(rf"^\s*\[\[\s*{re.escape(table)}\s*\]\]")
        lines = [n for n, t in enumerate(self.text(file).splitlines(), 1) if header.match(t)]
        return rows_of(records, file=file, where=f"[[{table}]]", lines=lines)

    def json_rows(self, name: str, key: str) -> list[Row]:
        """The list under ``key`` of ``name.json`` as Rows."""
        content = self.json(name)
        if not isinstance(content, Mapping) or not isinstance(content.get(key), list):
            raise PackError(f"{name}.json", key, "must be a list of objects")
        return rows_of(content[key], file=f"{name}.json", where=key)


LoadFunction = Callable[[Pack], Changes]


@dataclass(frozen=True)
class Loader:
    """A registered loader of one section."""

    section: str
    order: int
    load: LoadFunction


class LoaderRegistry:
    """Loaders by section. A second, different function for a section is refused."""

    def __init__(self) -> None:
        self._loaders: dict[str, Loader] = {}

    def register(self, section: str, order: int) -> Callable[[LoadFunction], LoadFunction]:
        def decorate(function: LoadFunction) -> LoadFunction:
            known = self._loaders.get(section)
            if known and _identity(known.load) != _identity(function):
                raise DuplicateLoader(
                    f"section {section!r} is already loaded by {_identity(known.load)}; "
                    f"{_identity(function)} needs another name"
                )
            self._loaders[section] = Loader(section, order, function)
            return function

        return decorate

    def in_order(self) -> list[Loader]:
        """Loaders by order, then by name."""
        return sorted(self._loaders.values(), key=lambda entry: (entry.order, entry.section))


_sections = LoaderRegistry()
_demo = LoaderRegistry()


def loader(section: str, *, order: int) -> Callable[[LoadFunction], LoadFunction]:
    """Register a loader of the pack's section; orders 0–40 are foundation's own."""
    return _sections.register(section, order)


def demo_loader(section: str, *, order: int) -> Callable[[LoadFunction], LoadFunction]:
    """Register a loader of demonstration content (only run with DEMO=1)."""
    return _demo.register(section, order)


def loaders(*, demo: bool = False) -> list[Loader]:
    """All registered loaders in the order in which they run."""
    return (_demo if demo else _sections).in_order()


def _identity(function: LoadFunction) -> str:
    return f"{function.__module__}.{function.__qualname__}"
