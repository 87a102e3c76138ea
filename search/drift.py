"""Comparing an index with the database, in batches, whatever the size of either."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from search import source
from search.analysis import Analyzer, analyzer_for
from search.dictionary import current
from search.engines.base import Engine
from search.registry import active


@dataclass(frozen=True)
class Drift:
    """Keys that the index lacks, holds in an old state, or holds though nothing public is there."""

    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        return (*self.missing, *self.stale, *self.extra)

    def __bool__(self) -> bool:
        return bool(self.keys)


def compare(engine: Engine) -> Drift:
    """Return how ``engine`` differs from the public rows.

    One query per 500 public rows and one per 500 indexed keys; terms are worked out again, so
    that a changed dictionary shows as stale. A change that is being indexed just now is looked at
    twice.
    """
    analyzer = analyzer_for(current())
    engine.refresh()
    suspects = [key for keys in _suspects(engine, analyzer) for key in keys]
    missing, stale, extra = [], [], []
    for some in _chunks(suspects):
        wanted = _wanted(some, analyzer)
        held = engine.checksums(some)
        missing += [key for key in some if key in wanted and key not in held]
        stale += [
            key for key in some if key in wanted and held.get(key, wanted[key]) != wanted[key]
        ]
        extra += [key for key in some if key not in wanted and key in held]
    return Drift(tuple(missing), tuple(stale), tuple(extra))


def _suspects(engine: Engine, analyzer: Analyzer) -> Iterator[list[str]]:
    for records in source.batches(analyzer):
        held = engine.checksums([record.key for record in records])
        yield [record.key for record in records if held.get(record.key) != record.checksum]
    for keys in engine.ids(size=source.BATCH):
        public = source.public_keys(keys)
        yield [key for key in keys if key not in public]


def _wanted(keys: Sequence[str], analyzer: Analyzer) -> dict[str, str]:
    """Return key → checksum of what the index should hold of ``keys``."""
    wanted: dict[str, str] = {}
    for document in active().all():
        ids = [source.split(key)[1] for key in keys if source.split(key)[0] == document.kind]
        if not ids:
            continue
        records = source.records_of(document, ids, analyzer)
        wanted.update({record.key: record.checksum for record in records if not record.is_removed})
    return wanted


def _chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(dict.fromkeys(keys))
    while chunk := list(islice(rest, source.BATCH)):
        yield chunk
