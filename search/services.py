"""Every write of search. Other apps call ``touch``; the rest is for jobs and commands."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction

from foundation.jobs.services import Event, emit, emit_many
from search import drift, source
from search.analysis import analyzer_for, normalise
from search.dictionary import current
from search.engines.base import Engine
from search.engines.chosen import engines
from search.models import SearchDocument, SynonymSet
from search.records import Record, removed
from search.registry import active

CHANGED = "search.changed"
RECONCILE = "search.reconcile"


def touch(kind: str, object_id: object) -> None:
    """Say that an object may have changed, appeared or ceased to be public.

    Call it inside the writer's transaction (else ``OutsideTransaction``): one INSERT. The job reads
    the object again, so calling it once too often does no harm.
    """
    emit(CHANGED, key=f"{kind}:{object_id}", payload={"kind": kind, "id": str(object_id)})


def touch_many(kind: str, object_ids: Iterable[object]) -> None:
    """Like ``touch`` for many objects, with bulk INSERTs (imports, loaders)."""
    emit_many(
        [
            Event(CHANGED, f"{kind}:{object_id}", {"kind": kind, "id": str(object_id)})
            for object_id in object_ids
        ]
    )


def index(*, kind: str, ids: Sequence[str], engine: Engine | None = None) -> None:
    """Bring objects of ``kind`` up to date in ``engine`` (default: all engines).

    Reads them again: what is public is stored, anything else is removed. At most some hundred ids.
    Idempotent; may be called in any order. Raises ``EngineUnavailable``.
    """
    document = active().get(kind)
    if document is None:
        remove(kind=kind, ids=ids, engine=engine)
        return
    analyzer = analyzer_for(current())
    for one in _engines(engine):
        stamp = one.stamp()
        one.write(source.records_of(document, ids, analyzer), stamp)


def remove(*, kind: str, ids: Sequence[str], engine: Engine | None = None) -> None:
    """Take objects out of ``engine`` (default: all). A later ``index`` may bring them back."""
    for one in _engines(engine):
        one.write([removed(kind, object_id) for object_id in ids], one.stamp())


def reindex(*, engine: Engine, tell: Callable[[int], object] = lambda _: None) -> int:
    """Build the index of ``engine`` anew while searches and writes go on; returns its size.

    ``tell`` hears how many records each batch held. Raises ``EngineUnavailable`` and, when another
    rebuild began meanwhile, ``RebuildSuperseded``.
    """
    analyzer = analyzer_for(current())

    def told() -> Iterator[list[Record]]:
        for records in source.batches(analyzer):
            yield records
            tell(len(records))

    return engine.rebuild(told())


def reconcile(*, engine: Engine) -> drift.Drift:
    """Compare ``engine`` with the database and put right what differs; returns what differed."""
    found = drift.compare(engine)
    repair(engine=engine, found=found)
    return found


def repair(*, engine: Engine, found: drift.Drift) -> None:
    """Write everything named in ``found`` as the database has it now, 500 keys at a time."""
    by_kind: dict[str, list[str]] = {}
    for key in found.keys:
        kind, object_id = source.split(key)
        by_kind.setdefault(kind, []).append(object_id)
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), source.BATCH):
            index(kind=kind, ids=ids[start : start + source.BATCH], engine=engine)


@dataclass(frozen=True)
class SynonymChanges:
    """How many lines of the pack's synonyms came, stayed and went."""

    added: int
    unchanged: int
    removed: int


def replace_synonyms(*, groups: Sequence[Sequence[str]]) -> SynonymChanges:
    """Make ``groups`` the district's words; indexes follow through a job when there are any.

    Words are normalised; two or more in a group mean the same, a single one is kept together.
    """
    lines = list(dict.fromkeys(filter(None, map(_line, groups))))
    with transaction.atomic():
        known = dict(SynonymSet.objects.values_list("words", "position"))
        gone = [line for line in known if line not in set(lines)]
        rows = [SynonymSet(words=line, position=i) for i, line in enumerate(lines)]
        if [*known.items()] != [(row.words, row.position) for row in rows]:
            SynonymSet.objects.all().delete()
            SynonymSet.objects.bulk_create(rows)
        added = sum(line not in known for line in lines)
        # An empty index has nothing stale; the first worker fills it anyway.
        if (added or gone) and SearchDocument.objects.exists():
            emit(RECONCILE, key="synonyms", payload={})
    return SynonymChanges(added, len(lines) - added, len(gone))


def _line(words: Sequence[str]) -> str:
    cleaned = (" ".join(normalise(word).replace(",", " ").split()) for word in words)
    return ",".join(dict.fromkeys(filter(None, cleaned)))


def _engines(engine: Engine | None) -> list[Engine]:
    return [engine] if engine is not None else list(engines().values())
