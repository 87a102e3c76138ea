"""What differs between SQLite (FTS5) and PostgreSQL (tsvector): how to match terms."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from search.analysis import Alternative, Term
from search.query import Query


@dataclass(frozen=True)
class Sqlite:
    """FTS5 with its ``ascii`` tokenizer: blanks part our tokens and nothing else does."""

    key: str = "d.key"

    def matching(self, expression: str) -> tuple[str, list[str]]:
        """Return FROM … WHERE of documents that match, and its parameters."""
        return (
            # CROSS keeps the planner from walking the table and asking FTS5 row by row.
            "search_fulltext f CROSS JOIN search_searchdocument d ON d.id = f.rowid "
            "WHERE f.search_fulltext MATCH %s",
            [expression],
        )

    def points(self, term: Term) -> tuple[str, list[str]]:
        """Return FROM … WHERE giving ``id`` of documents that hold ``term``, and its parameters."""
        expression = self.term(term)
        return (
            "(SELECT rowid AS id FROM search_fulltext WHERE search_fulltext MATCH %s) p",
            [expression],
        )

    def term(self, term: Term) -> str:
        quoted = '"' + term.text.replace('"', '""') + '"'
        return quoted + "*" if term.prefix else quoted

    def expression(self, query: Query) -> str:
        return _expression(self, query, " AND ", " OR ")


@dataclass(frozen=True)
class Postgres:
    """A generated tsvector column with a GIN index; lexemes are our tokens as they are."""

    key: str = 'd.key COLLATE "C"'

    def matching(self, expression: str) -> tuple[str, list[str]]:
        return "search_searchdocument d WHERE d.fulltext @@ %s::tsquery", [expression]

    def points(self, term: Term) -> tuple[str, list[str]]:
        return "search_searchdocument p WHERE p.fulltext @@ %s::tsquery", [self.term(term)]

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
