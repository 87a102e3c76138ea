"""What differs between SQLite (FTS5) and PostgreSQL (tsvector): how to match terms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from search.analysis import Alternative, Term
from search.query import Query

Sql = tuple[str, list[Any]]
Scored = tuple[Term, int]


@dataclass(frozen=True)
class Sqlite:
    """FTS5 with its ``ascii`` tokenizer: blanks part our tokens and nothing else does."""

    key: str = "d.key"
    tidy: tuple[str, ...] = ()

    def matching(self, expression: str) -> Sql:
        """Return FROM … WHERE of documents that match, and its parameters."""
        return (
            # CROSS keeps the planner from walking the table and asking FTS5 row by row.
            "search_fulltext f CROSS JOIN search_searchdocument d ON d.id = f.rowid "
            "WHERE f.search_fulltext MATCH %s",
            [expression],
        )

    def ranked(self, matched: Sql, scored: Sequence[Scored]) -> Sql:
        """Return the CTE ``ranked (id, score)``: postings of every term, added up per document."""
        sql, values = matched
        branches = []
        for term, points in scored:
            branches.append(
                f"SELECT rowid, {points} FROM search_fulltext WHERE search_fulltext MATCH %s"  # noqa: S608
            )
            values = [*values, self.term(term)]
        sql = f"""matched AS (SELECT d.id, 0 AS points {sql}), ranked AS (
            SELECT p.id, SUM(p.points) AS score
            FROM (SELECT id, points FROM matched UNION ALL {" UNION ALL ".join(branches)}) p
            WHERE p.id IN (SELECT id FROM matched) GROUP BY p.id)"""  # noqa: S608
        return sql, values

    def term(self, term: Term) -> str:
        quoted = '"' + term.text.replace('"', '""') + '"'
        return quoted + "*" if term.prefix else quoted

    def expression(self, query: Query) -> str:
        return _expression(self, query, " AND ", " OR ")


@dataclass(frozen=True)
class Postgres:
    """A generated tsvector column with a GIN index; lexemes are our tokens as they are."""

    key: str = 'd.key COLLATE "C"'
    # After a rebuild the planner's estimates are those of another table.
    tidy: tuple[str, ...] = ("ANALYZE search_searchdocument",)

    def matching(self, expression: str) -> Sql:
        return "search_searchdocument d WHERE d.fulltext @@ %s::tsquery", [expression]

    def ranked(self, matched: Sql, scored: Sequence[Scored]) -> Sql:
        """Return the CTE ``ranked (id, score)``: every matched document is read once.

        Postings as on SQLite would do, were the planner not to scan the table for common words.
        """
        sql, values = matched
        parts = [
            f"CASE WHEN d.fulltext @@ %s::tsquery THEN {points} ELSE 0 END" for _, points in scored
        ]
        terms = [self.term(term) for term, _ in scored]
        return f"ranked AS (SELECT d.id, {' + '.join(parts)} AS score {sql})", [*terms, *values]

    def term(self, term: Term) -> str:
        quoted = "'" + term.text.replace("\\", "\\\\").replace("'", "''") + "'"
        return quoted + ":*" if term.prefix else quoted

    def expression(self, query: Query) -> str:
        return _expression(self, query, " & ", " | ")


Dialect = Sqlite | Postgres


def current() -> Dialect:
    """Return the dialect of the default database."""
    return Postgres() if connection.vendor == "postgresql" else Sqlite()


def _expression(dialect: Dialect, query: Query, both: str, either: str) -> str:
    groups = [_any(dialect, group.alternatives, both, either) for group in query.groups]
    return (either if query.relaxed else both).join(groups)


def _any(dialect: Dialect, alternatives: Sequence[Alternative], both: str, either: str) -> str:
    every = ["(" + both.join(map(dialect.term, terms)) + ")" for terms in alternatives]
    return "(" + either.join(every) + ")"
