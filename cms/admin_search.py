"""Wagtail's database search, with questions cut into words as its index is.

Without this a question of several words ("护河志愿活动") would have to be one word of the index.
"""

from typing import Any

from modelsearch.backends.database import SearchBackend as database_backend
from modelsearch.query import And, Or, PlainText

from search.analysis import tokens


class ChineseQuestions:
    """Cuts a typed question with the same analysis as the pages' ``zh_tokens``."""

    def search(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return super().search(_cut(query), *args, **kwargs)  # type: ignore[misc]

    def autocomplete(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        return super().autocomplete(_cut(query), *args, **kwargs)  # type: ignore[misc]


def _words(text: str) -> str:
    """The smallest words of the question: a longer one may be younger than the index."""
    words = list(dict.fromkeys(tokens(text)))
    smallest = [w for w in words if not any(o != w and o in w for o in words)]
    return " ".join(smallest) or text


def _cut(query: Any) -> Any:
    """Cut every plain part of a question; quoted phrases and "match all" stay as they are."""
    if isinstance(query, str):
        return _words(query)
    if isinstance(query, PlainText):
        return PlainText(_words(query.query_string), operator=query.operator, boost=query.boost)
    if isinstance(query, And | Or):
        return type(query)([_cut(part) for part in query.subqueries])
    return query


def SearchBackend(params: dict[str, Any]) -> Any:
    """Return the backend of the database in use (SQLite FTS5 or PostgreSQL), made Chinese."""
    plain = type(database_backend(params))
    return type("ChineseSearchBackend", (ChineseQuestions, plain), {})(params)
