"""The embedded engine: one table, FTS5 on SQLite, tsvector and GIN on PostgreSQL.

Two statements per search (hits, counts). Writes are upserts that only ever replace older versions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from search.engines import dialects, state
from search.engines.base import FacetCount, Hit, Page, Stamp
from search.engines.dialects import Sql
from search.models import SearchDocument
from search.query import FILTERS, Query
from search.records import Record

COLUMNS = (
    "key",
    "kind",
    "object_id",
    "title",
    "body",
    "url",
    "area",
    "category",
    "year",
    "day",
    "terms",
    "checksum",
    "is_removed",
)
SHOWN = [name for name in COLUMNS if name not in {"terms", "checksum", "is_removed"}]
PURGED_AT_ONCE = 2000
ACTIVE = "d.generation = COALESCE((SELECT active FROM search_enginestate WHERE engine = %s), 1)"

UPSERT = f"""
INSERT INTO search_searchdocument (generation, version, {", ".join(COLUMNS)})
VALUES ({", ".join(["%s"] * (len(COLUMNS) + 2))})
ON CONFLICT (generation, key) DO UPDATE SET
version = excluded.version, {", ".join(f"{c} = excluded.{c}" for c in COLUMNS if c != "key")}
WHERE search_searchdocument.version <= excluded.version
"""  # noqa: S608 (names of our own columns only)


class DatabaseEngine:
    """Search in the platform's own database."""

    name = "database"

    def stamp(self) -> Stamp:
        return state.take(self.name)

    def write(self, records: Sequence[Record], stamp: Stamp) -> None:
        rows = [
            [generation, stamp.version, *(getattr(record, name) for name in COLUMNS)]
            for generation in stamp.generations
            for record in sorted(records, key=lambda r: r.key)
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(UPSERT, rows)

    def search(self, query: Query) -> Page:
        hits = self._hits(query)
        return Page(hits[: query.size], self._facets(query), len(hits) > query.size)

    def rebuild(self, batches: Iterable[Sequence[Record]]) -> int:
        generation = state.begin(self.name)
        written = 0
        source = iter(batches)
        while True:
            stamp = state.take(self.name)
            records = next(source, None)
            if records is None:
                break
            state.check_mine(self.name, generation)
            self.write(records, Stamp(stamp.version, (generation,)))
            written += len(records)
        state.finish(self.name, generation)
        self._purge()
        return written

    def count(self) -> int:
        return self._rows().count()

    def checksums(self, keys: Sequence[str]) -> dict[str, str]:
        return dict(self._rows().filter(key__in=keys).values_list("key", "checksum"))

    def ids(self, *, size: int = 500) -> Iterator[Sequence[str]]:
        last = ""
        while True:
            rows = self._rows().filter(key__gt=last).order_by("key")
            keys = list(rows.values_list("key", flat=True)[:size])
            if not keys:
                return
            yield keys
            last = keys[-1]

    def refresh(self) -> None:
        return

    def _rows(self) -> QuerySet[SearchDocument]:
        active = state.live(self.name)[0]
        return SearchDocument.objects.filter(generation=active, is_removed=False)

    def _purge(self) -> None:
        """Delete rows of past generations, a few at a time so that no lock is held long."""
        dead = SearchDocument.objects.exclude(generation__in=state.live(self.name))
        while ids := list(dead.values_list("pk", flat=True)[:PURGED_AT_ONCE]):
            SearchDocument.objects.filter(pk__in=ids).delete()
        with connection.cursor() as cursor:
            for statement in dialects.current().tidy:
                cursor.execute(statement)

    def _hits(self, query: Query) -> list[Hit]:
        dialect = dialects.current()
        matched, parameters = self._matched(query)
        filtered, filter_values = _where(query.filters)
        ranked, values = dialect.ranked(
            (f"{matched} {filtered}", [*parameters, *filter_values]), query.scored_terms()
        )
        keyset, keyset_values = _keyset(dialect, query)
        sql = f"""
            WITH {ranked}
            SELECT r.score, {", ".join(f"d.{name}" for name in SHOWN)}
            FROM ranked r JOIN search_searchdocument d ON d.id = r.id {keyset}
            ORDER BY r.score DESC, d.day DESC, {dialect.key} LIMIT %s
        """  # noqa: S608 (every value is a parameter)
        values = [*values, *keyset_values, query.size + 1]
        return [
            Hit(Record(**dict(zip(SHOWN, row[1:], strict=True))), int(row[0]))
            for row in _fetch(sql, values)
        ]

    def _facets(self, query: Query) -> dict[str, list[FacetCount]]:
        matched, parameters = self._matched(query)
        branches, values = [], []
        for name in FILTERS:
            filtered, filter_values = _where(query.others(name))
            branches.append(
                f"SELECT '{name}', d.{name}, COUNT(*) FROM matched d "  # noqa: S608
                f"WHERE d.{name} <> '' {filtered} GROUP BY d.{name}"
            )
            values += filter_values
        columns = ", ".join(f"d.{name}" for name in FILTERS)
        sql = f"WITH matched AS (SELECT {columns} {matched}) {' UNION ALL '.join(branches)}"
        facets: dict[str, list[FacetCount]] = {name: [] for name in FILTERS}
        for name, value, count in _fetch(sql, [*parameters, *values]):
            facets[name].append(FacetCount(value, count))
        return facets

    def _matched(self, query: Query) -> Sql:
        dialect = dialects.current()
        matching, parameters = dialect.matching(dialect.expression(query))
        return f"FROM {matching} AND {ACTIVE}", [*parameters, self.name]


def _where(filters: Mapping[str, str]) -> Sql:
    return "".join(f" AND d.{name} = %s" for name in filters), list(filters.values())


def _keyset(dialect: dialects.Dialect, query: Query) -> Sql:
    cursor = query.cursor
    if cursor is None:
        return "", []
    sql = (
        "WHERE r.score < %s OR (r.score = %s AND "
        f"(d.day < %s OR (d.day = %s AND {dialect.key} > %s)))"
    )
    return sql, [cursor.score, cursor.score, cursor.day, cursor.day, cursor.key]


def _fetch(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
