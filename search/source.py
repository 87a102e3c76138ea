"""Reading the apps' public rows, always in batches by key and always after the engine's stamp."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast

from search.analysis import Analyzer
from search.records import Record, record_of, removed
from search.registry import Document, active

BATCH = 500


def records_of(document: Document, ids: Sequence[str], analyzer: Analyzer) -> list[Record]:
    """Return one record per id as the database has it now; a mark of removal if it is not public.

    One query plus what the app's ``project`` needs.
    """
    keys = {object_id: document.primary_key(object_id) for object_id in ids}
    wanted = [key for key in keys.values() if key is not None]
    public = {obj.pk: obj for obj in document.queryset().filter(pk__in=wanted)}
    return [
        record_of(document.project(public[key]), analyzer)
        if key in public
        else removed(document.kind, object_id)
        for object_id, key in keys.items()
    ]


def batches(analyzer: Analyzer, *, size: int = BATCH) -> Iterator[list[Record]]:
    """Yield the records of everything public, kind by kind; one query per batch, read lazily."""
    for document in active().all():
        last: Any = None
        while True:
            rows = document.queryset().order_by("pk")
            objects = list((rows if last is None else rows.filter(pk__gt=last))[:size])
            if not objects:
                break
            yield [record_of(document.project(obj), analyzer) for obj in objects]
            last = objects[-1].pk


def count() -> int:
    """How many public rows there are: one query per kind."""
    return sum(document.queryset().count() for document in active().all())


def split(key: str) -> tuple[str, str]:
    """Return kind and object id of a document's key."""
    kind, _, object_id = key.partition(":")
    return kind, object_id


def public_keys(keys: Sequence[str]) -> set[str]:
    """Return those of ``keys`` whose objects the public may see at this moment: one query.

    Each kind's public queryset is one branch of a UNION, so the number of kinds does not matter.
    """
    branches, known = [], {}
    for document in active().all():
        own = {key: split(key)[1] for key in keys if split(key)[0] == document.kind}
        ids = {key: document.primary_key(object_id) for key, object_id in own.items()}
        found = [value for value in ids.values() if value is not None]
        if found:
            known.update({(document.kind, value): key for key, value in ids.items()})
            branches.append(_branch(document, found))
    if not branches:
        return set()
    rows = branches[0].union(*branches[1:], all=True) if len(branches) > 1 else branches[0]
    return {known[kind, _typed(kind, value)] for kind, value in rows}


def _branch(document: Document, ids: Sequence[Any]) -> QuerySet[Any, Any]:
    rows = document.queryset().filter(pk__in=ids)
    kind = Value(document.kind, output_field=CharField())
    return rows.annotate(
        search_kind=kind, search_id=Cast("pk", output_field=CharField())
    ).values_list("search_kind", "search_id")


def _typed(kind: str, value: str) -> Any:
    document = active().get(kind)
    return document.primary_key(value) if document else None
