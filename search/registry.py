"""What is searchable. An app registers its public rows in ``<app>/documents.py``::

    @document(kind="result", model="cms.PublishedResult")
    class ResultDocument:
        def queryset(self) -> QuerySet[PublishedResult]: ...   # public rows only
        def project(self, result) -> Projection: ...           # what the public may read

``queryset()`` is asked again for every hit before it is shown, so it alone decides what is public.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils import timezone

from search.errors import DuplicateKind

FACETS = ("area", "category")


@dataclass(frozen=True)
class Projection:
    """The public face of one object; nothing else ever enters an index.

    ``id`` is the primary key; ``facets`` may hold ``area`` and ``category`` as the words that
    readers see (use the town's or street's name as area); ``date`` is the day the matter became
    public (Asia/Shanghai when a moment is given).
    """

    id: str
    title: str
    body: str
    url: str
    kind: str
    facets: Mapping[str, str] = field(default_factory=dict)
    date: Date | datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", str(self.id))

    @property
    def key(self) -> str:
        """The name of the document in every index."""
        return f"{self.kind}:{self.id}"

    @property
    def day(self) -> Date | None:
        """``date`` as a day in Asia/Shanghai."""
        return (
            timezone.localtime(self.date).date() if isinstance(self.date, datetime) else self.date
        )


class Source(Protocol):
    """What an app gives: public rows and their projection."""

    def queryset(self) -> QuerySet[Any]: ...

    def project(self, obj: Any, /) -> Projection: ...


@dataclass(frozen=True)
class Document:
    """One kind of searchable thing."""

    kind: str
    model_named: str | type[Model]
    source: Source
    title: Any = ""
    order: int = 100

    @property
    def model(self) -> type[Model]:
        named = self.model_named
        return apps.get_model(named) if isinstance(named, str) else named

    @property
    def label(self) -> str:
        """What readers see on the tab."""
        return str(self.title or self.model._meta.verbose_name_plural)

    def queryset(self) -> QuerySet[Any]:
        """Public rows, in no particular order."""
        return self.source.queryset().order_by()

    def project(self, obj: Any) -> Projection:
        """Return the public projection of ``obj``; its kind is always this document's."""
        projection = self.source.project(obj)
        if projection.kind != self.kind:
            raise ValueError(f"{self.kind}: project() returned the kind {projection.kind!r}.")
        return projection

    def primary_key(self, object_id: str) -> Any:
        """Return ``object_id`` as the model's key, or None when it cannot be one."""
        key_field: Any = self.model._meta.pk
        while key_field.remote_field:
            key_field = key_field.target_field
        try:
            return key_field.to_python(object_id)
        except ValidationError:
            return None


class Registry:
    """Documents by kind; refuses a second document of a kind."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}

    def add(self, entry: Document) -> None:
        if ":" in entry.kind or entry.kind in self._documents:
            raise DuplicateKind(f"The kind {entry.kind!r} is taken or holds a colon.")
        self._documents[entry.kind] = entry

    def get(self, kind: str) -> Document | None:
        return self._documents.get(kind)

    def all(self) -> list[Document]:
        """Documents by order, then by kind."""
        return sorted(self._documents.values(), key=lambda entry: (entry.order, entry.kind))


_active = Registry()


def active() -> Registry:
    """Return the registry in use."""
    return _active


@contextmanager
def replaced(registry: Registry | None = None) -> Iterator[Registry]:
    """Use another registry for the time of the block (tests)."""
    global _active
    before, _active = _active, registry or Registry()
    try:
        yield _active
    finally:
        _active = before


D = TypeVar("D", bound=Callable[[], Any])


def document(
    *, kind: str, model: str | type[Model], title: Any = "", order: int = 100
) -> Callable[[D], D]:
    """Register a class (or a function that returns an object) with ``queryset`` and ``project``.

    ``title`` names the tab (default: the model's plural name), ``order`` its place.
    """

    def register(definition: D) -> D:
        _active.add(Document(kind, model, definition(), title, order))
        return definition

    return register
