"""Elasticsearch through ``elasticsearch.dsl``: production's engine.

One index per generation, a write alias per generation and one read alias that a rebuild moves in
one step. Only core analyzers are used (``whitespace`` on our tokens, ``standard`` on the original
text), so that the small official distribution will do. Removal stores a mark without content:
Elasticsearch forgets the versions of deleted documents after a minute, a mark keeps a late job
from undoing it.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, cast

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.dsl import A, Boolean, Document, Integer, Keyword, Q, Search, Text
from elasticsearch.dsl.query import Query as Clause
from elasticsearch.helpers import BulkIndexError, bulk

from search.analysis import Alternative, Term
from search.engines import state
from search.engines.base import FacetCount, Hit, Page, Stamp
from search.errors import EngineUnavailable
from search.query import FILTERS, Query
from search.records import Record

logger = logging.getLogger(__name__)

SEARCH_SECONDS = 1.5
WRITE_SECONDS = 60
MOST_FACET_VALUES = 200
MOST_CHECKSUMS = 500
HTTP_NOT_FOUND = 404
HTTP_CONFLICT = 409
SHOWN = [n for n in Record.__dataclass_fields__ if n not in {"terms", "checksum", "is_removed"}]


class StoredRecord(Document):
    """Mapping of records.Record; every number of a score comes from constant boosts."""

    key = Keyword()
    kind = Keyword()
    object_id = Keyword(index=False, doc_values=False)
    title = Text(analyzer="standard", norms=False)
    body = Text(analyzer="standard", norms=False)
    url = Keyword(index=False, doc_values=False)
    area = Keyword()
    category = Keyword()
    year = Keyword()
    day = Integer()
    terms = Text(analyzer="whitespace", norms=False, index_options="docs")
    checksum = Keyword(index=False, doc_values=False)
    is_removed = Boolean()

    class Index:
        name = "documents"


@contextmanager
def _answers() -> Iterator[None]:
    """Turn whatever the client raises into ``EngineUnavailable``."""
    try:
        yield
    except (ApiError, TransportError, BulkIndexError) as error:
        logger.warning("Elasticsearch: %s", type(error).__name__)
        raise EngineUnavailable(f"Elasticsearch failed: {type(error).__name__}") from error


class ElasticsearchEngine:
    """Search in an Elasticsearch cluster at ``url``; all names begin with ``prefix``."""

    def __init__(self, url: str, *, prefix: str, seconds: float = SEARCH_SECONDS) -> None:
        self.name = f"elasticsearch:{prefix}"
        self._client = Elasticsearch(
            url, request_timeout=seconds, max_retries=0, retry_on_timeout=False
        )
        self._writer = self._client.options(request_timeout=WRITE_SECONDS, max_retries=1)
        self._prefix = prefix
        self._alias = f"{prefix}-documents"

    def stamp(self) -> Stamp:
        return state.take(self.name)

    def write(self, records: Sequence[Record], stamp: Stamp) -> None:
        for generation in stamp.generations:
            missing = self._bulk(records, stamp.version, generation)
            if missing and generation == state.live(self.name)[0]:
                self._create(generation, is_active=True)
                self._bulk(records, stamp.version, generation)

    def search(self, query: Query) -> Page:
        with _answers():
            answer = self._request(query).execute()
        hits = [_hit(hit) for hit in answer.hits]
        facets = {
            name: [FacetCount(b.key, b.doc_count) for b in answer.aggregations[name].inner.buckets]
            for name in FILTERS
        }
        return Page(hits[: query.size], facets, len(hits) > query.size)

    def rebuild(self, batches: Iterable[Sequence[Record]]) -> int:
        generation = state.begin(self.name)
        self._delete([self._index(generation)])  # left by a database newer than this backup
        self._create(generation, is_active=False)
        written = 0
        source = iter(batches)
        while True:
            stamp = state.take(self.name)
            records = next(source, None)
            if records is None:
                break
            state.check_mine(self.name, generation)
            self._bulk(records, stamp.version, generation)
            written += len(records)
        self._switch(generation)
        state.finish(self.name, generation)
        self._purge()
        return written

    def count(self) -> int:
        with _answers():
            return int(self._writer.count(index=self._alias, query=_PRESENT)["count"])

    def checksums(self, keys: Sequence[str]) -> dict[str, str]:
        with _answers():
            answer = self._writer.mget(
                index=self._alias, ids=list(keys), source_includes=["checksum", "is_removed"]
            )
        present = [d for d in answer["docs"] if d.get("found") and not d["_source"]["is_removed"]]
        return {d["_id"]: d["_source"]["checksum"] for d in present}

    def ids(self, *, size: int = 500) -> Iterator[Sequence[str]]:
        last: dict[str, Any] = {}
        while True:
            with _answers():
                answer = self._writer.search(
                    index=self._alias,
                    query=_PRESENT,
                    sort=[{"key": "asc"}],
                    size=size,
                    source=False,
                    **last,
                )
            hits = answer["hits"]["hits"]
            if not hits:
                return
            yield [hit["_id"] for hit in hits]
            last = {"search_after": hits[-1]["sort"]}

    def refresh(self) -> None:
        with _answers():
            self._writer.indices.refresh(index=f"{self._prefix}-generation-*")

    def drop(self) -> None:
        """Delete every index of this prefix (tests, taking a district out of service)."""
        self._delete(self._indices())

    def _request(self, query: Query) -> Search:
        search = Search(using=self._client, index=self._alias)
        search = search.query(
            "bool", filter=[_matching(query)], should=_points(query), minimum_should_match=0
        )
        if query.filters:
            search = search.post_filter(_filter(query.filters))
        for name in FILTERS:
            counted = A("filter", filter=_filter(query.others(name)))
            search.aggs.bucket(name, counted).bucket("inner", "terms", field=name, **_facet(name))
        search = search.sort("_score", "-day", "key")
        search = search.source(includes=SHOWN).extra(
            size=query.size + 1, track_total_hits=False, track_scores=True, timeout="1s"
        )
        cursor = query.cursor
        return (
            search.extra(search_after=[cursor.score, cursor.day, cursor.key]) if cursor else search
        )

    def _bulk(self, records: Sequence[Record], version: int, generation: int) -> bool:
        """Write to one generation; returns whether its index does not exist."""
        actions = [
            {
                "_op_type": "index",
                "_index": self._write_alias(generation),
                "_id": record.key,
                "version": version,
                "version_type": "external_gte",
                "_source": asdict(record),
            }
            for record in records
        ]
        with _answers():
            # require_alias: a generation that is gone must not come back as a bare index.
            _, errors = bulk(self._writer, actions, raise_on_error=False, require_alias=True)
        failures = [next(iter(error.values())) for error in cast(list[dict[str, Any]], errors)]
        statuses = {failure["status"] for failure in failures}
        if statuses - {HTTP_CONFLICT, HTTP_NOT_FOUND}:
            raise EngineUnavailable(f"Elasticsearch refused documents: {sorted(statuses)}")
        return HTTP_NOT_FOUND in statuses

    def _create(self, generation: int, *, is_active: bool) -> None:
        aliases: dict[str, Any] = {self._write_alias(generation): {}}
        if is_active:
            aliases[self._alias] = {}
        index = StoredRecord._index.clone(name=self._index(generation))
        index.settings(number_of_shards=1, auto_expand_replicas="0-1")
        with _answers():
            self._writer.options(ignore_status=400).indices.create(
                index=self._index(generation), aliases=aliases, **index.to_dict()
            )

    def _switch(self, generation: int) -> None:
        with _answers():
            others = [name for name in self._indices() if name != self._index(generation)]
            actions: list[dict[str, Any]] = [
                {"remove": {"index": name, "alias": self._alias, "must_exist": False}}
                for name in others
            ]
            actions.append({"add": {"index": self._index(generation), "alias": self._alias}})
            self._writer.indices.refresh(index=self._index(generation))
            self._writer.indices.update_aliases(actions=actions)

    def _purge(self) -> None:
        kept = {self._index(generation) for generation in state.live(self.name)}
        self._delete([name for name in self._indices() if name not in kept])

    def _delete(self, names: Sequence[str]) -> None:
        if names:
            with _answers():
                self._writer.indices.delete(index=list(names), ignore_unavailable=True)

    def _indices(self) -> list[str]:
        with _answers():
            return sorted(self._writer.indices.get_alias(index=f"{self._prefix}-generation-*"))

    def _index(self, generation: int) -> str:
        return f"{self._prefix}-generation-{generation:06d}"

    def _write_alias(self, generation: int) -> str:
        return f"{self._prefix}-write-{generation:06d}"


_PRESENT: dict[str, Any] = {"term": {"is_removed": False}}


def _hit(hit: Any) -> Hit:
    # The score is a sum of whole constants, exact in single precision.
    return Hit(Record(**hit.to_dict()), round(hit.meta.score))


def _facet(name: str) -> Mapping[str, Any]:
    return {"size": MOST_FACET_VALUES, "exclude": [""]} if name != "kind" else {"size": 50}


def _filter(filters: Mapping[str, str]) -> Clause:
    return Q("bool", filter=[Q("term", **{name: value}) for name, value in filters.items()])


def _term(term: Term, **options: Any) -> Clause:
    kind = "prefix" if term.prefix else "term"
    return Q(kind, terms={"value": term.text, **options})


def _matching(query: Query) -> Clause:
    """All words (any when relaxed), or the whole question word for word in the original text."""
    groups = [_any(group.alternatives) for group in query.groups]
    words = (
        Q("bool", should=groups, minimum_should_match=1)
        if query.relaxed
        else Q("bool", filter=groups)
    )
    phrase = Q("multi_match", query=query.text, type="phrase", fields=["title", "body"])
    return Q("bool", should=[words, phrase], minimum_should_match=1)


def _any(alternatives: Sequence[Alternative]) -> Clause:
    every = [Q("bool", filter=[_term(term) for term in terms]) for terms in alternatives]
    return Q("bool", should=every, minimum_should_match=1)


def _points(query: Query) -> list[Clause]:
    return [
        Q("constant_score", filter=_term(term), boost=points)
        for term, points in query.scored_terms()
    ]
