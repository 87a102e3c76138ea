"""Searching: the question is parsed, asked, and every hit rechecked before anybody sees it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from functools import partial
from typing import Any

from django.utils.text import Truncator

from search import source
from search.analysis import analyzer_for
from search.dictionary import current
from search.engines.base import Engine, FacetCount, Facets, Hit, Page
from search.engines.chosen import DATABASE, breaker_of, engines
from search.errors import EngineUnavailable
from search.highlights import Marker, Segment
from search.query import FILTERS, PAGE_SIZE, Query, encode, parse
from search.registry import Document, active

logger = logging.getLogger(__name__)

# When everything of a page has just become private, look further, but not for ever.
MOST_EMPTY_PAGES = 3
MOST_FACET_VALUES = 12
# A question is repeated in sentences so far; the field above shows all that was used of it.
ECHOED = 30


@dataclass(frozen=True)
class Found:
    """One hit as the page shows it. ``title`` and ``snippet`` are segments of plain text."""

    key: str
    kind: str
    kind_title: str
    title: Sequence[Segment]
    snippet: Sequence[Segment]
    url: str
    area: str
    category: str
    date: Date | None


@dataclass(frozen=True)
class Choice:
    """One value of a facet with its count."""

    value: str
    label: str
    count: int
    is_chosen: bool = False


@dataclass(frozen=True)
class Results:
    """The answer to a question. ``total`` counts all pages under the chosen filters.

    ``is_fallback``: the preferred engine did not answer; ``is_relaxed``: nothing holds all the
    words, so these hold some; ``is_cut``: the question was longer than 100 characters.
    """

    query: Query
    hits: Sequence[Found] = ()
    total: int = 0
    facets: Mapping[str, Sequence[Choice]] | None = None
    next_cursor: str = ""
    is_fallback: bool = False
    is_relaxed: bool = False

    @property
    def echo(self) -> str:
        """The question as sentences repeat it: its beginning when it is long."""
        return Truncator(self.query.text).chars(ECHOED)

    @property
    def is_asked(self) -> bool:
        """Whether the question holds anything to look for."""
        return bool(self.query.groups)


def search(
    query: str,
    facets: Mapping[str, str] | None = None,
    cursor: str = "",
    *,
    size: int = PAGE_SIZE,
) -> Results:
    """Answer what somebody typed; never raises for bad input.

    ``facets`` may hold kind, area, category and year; ``cursor`` is ``Results.next_cursor`` of
    the page before. Statements: 1 for the district's words, 2 for hits and counts (none with
    Elasticsearch), 1 for the recheck; 2 more when no text holds all the words, 3 more for each
    page that has just become private (at most twice). Apps may add their own while building
    ``queryset()``.
    """
    parsed = parse(query, facets or {}, cursor, analyzer=analyzer_for(current()), size=size)
    if not parsed.groups:
        return Results(parsed)
    page, is_fallback = _ask(parsed)
    if page.is_bare and not parsed.relaxed and len(parsed.groups) > 1:
        parsed = parsed.relax()
        page, is_fallback = _ask(parsed)
    page, shown = _public(parsed, page)
    return _results(parsed, page, shown, is_fallback)


def _ask(query: Query) -> tuple[Page, bool]:
    """Return the answer of the preferred engine, or of the database and True."""
    chosen = engines()
    for name, engine in chosen.items():
        breaker = breaker_of(name)
        if breaker is None:
            return engine.search(query), name != next(iter(chosen))
        try:
            return breaker.call(partial(engine.search, query)), False
        except EngineUnavailable as error:
            logger.warning("Search falls back to the database: %s", error)
    raise AssertionError(f"The {DATABASE} engine is always there.")


def _public(query: Query, page: Page) -> tuple[Page, list[Hit]]:
    """Return the page and those of its hits that are public at this moment."""
    for _ in range(MOST_EMPTY_PAGES - 1):
        shown = _rechecked(page)
        if shown or not page.has_more:
            return page, shown
        query = query.after(page.hits[-1].cursor)
        page = _ask(query)[0]
    return page, _rechecked(page)


def _rechecked(page: Page) -> list[Hit]:
    public = source.public_keys([hit.record.key for hit in page.hits])
    return [hit for hit in page.hits if hit.record.key in public]


def _results(query: Query, page: Page, shown: Sequence[Hit], is_fallback: bool) -> Results:
    documents = {document.kind: document for document in active().all()}
    marker = Marker(term.text for terms in query.alternatives() for term in terms)
    counts = page.facets["kind"]
    chosen = query.filters.get("kind")
    total = sum(c.count for c in counts if chosen in (None, c.value))
    return Results(
        query=query,
        hits=[_found(hit, documents, marker) for hit in shown],
        # A hit that was dropped is not counted either.
        total=max(total - (len(page.hits) - len(shown)), 0),
        facets=_choices(query, page.facets, documents),
        next_cursor=_next(query, page),
        is_fallback=is_fallback,
        is_relaxed=query.relaxed,
    )


def _next(query: Query, page: Page) -> str:
    return encode(page.hits[-1].cursor, relaxed=query.relaxed) if page.has_more else ""


def _found(hit: Hit, documents: Mapping[str, Document], marker: Marker) -> Found:
    record = hit.record
    return Found(
        key=record.key,
        kind=record.kind,
        kind_title=documents[record.kind].label,
        title=marker.mark(record.title),
        snippet=marker.snippet(record.body),
        url=record.url,
        area=record.area,
        category=record.category,
        date=record.date,
    )


def _choices(
    query: Query, facets: Facets, documents: Mapping[str, Document]
) -> dict[str, list[Choice]]:
    labels = {kind: document.label for kind, document in documents.items()}
    return {name: _values(query, name, facets[name], labels) for name in FILTERS}


def _values(
    query: Query, name: str, counts: Sequence[FacetCount], labels: Mapping[str, str]
) -> list[Choice]:
    """Return the values of one facet; the chosen one is always among them."""
    chosen = query.filters.get(name)
    known = {c.value: c.count for c in counts}
    if name == "kind":
        known = {kind: known.get(kind, 0) for kind in labels if kind in known or kind == chosen}
        ordered = list(known)
    else:
        ordered = sorted(known, key=_order(name, known))[:MOST_FACET_VALUES]
        if chosen and chosen not in ordered:
            ordered.append(chosen)
    return [
        Choice(value, labels.get(value, value), known.get(value, 0), value == chosen)
        for value in ordered
    ]


def _order(name: str, counts: Mapping[str, int]) -> Any:
    """Years from the newest; everything else from the most frequent."""
    if name == "year":
        return lambda value: -int(value)
    return lambda value: (-counts[value], value)


__all__ = ["Choice", "Engine", "Found", "Results", "search"]
