"""Who handles which event, what runs periodically, and what accompanies a worker.

Apps register in ``<app>/handlers.py``; this app's ``AppConfig.ready`` imports those modules.
Handlers are delivered at least once and therefore must be idempotent.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from threading import Event as StopEvent
from typing import Any, TypeVar

from foundation.jobs.errors import DuplicateName, UnknownHandler

Json = dict[str, Any]
HandlerFunction = Callable[[str, Json], None]
PeriodicFunction = Callable[[datetime], None]
CompanionFunction = Callable[[StopEvent], None]

H = TypeVar("H", bound=HandlerFunction)
P = TypeVar("P", bound=PeriodicFunction)
C = TypeVar("C", bound=CompanionFunction)

# A Monday, local midnight: slots of a day or a week begin where people expect them to. A fixed
# offset, because adding to a zone with (China's former) summer time counts wall-clock hours.
SLOT_ORIGIN = datetime(1970, 1, 5, tzinfo=timezone(timedelta(hours=8)))
PERIODIC_PREFIX = "periodic:"


@dataclass(frozen=True)
class Handler:
    """One function that acts on one topic."""

    name: str
    topic: str
    function: HandlerFunction
    priority: int = 0


@dataclass(frozen=True)
class Periodic:
    """One function that runs once per slot, on whichever worker takes the slot first."""

    name: str
    every: timedelta
    function: PeriodicFunction
    offset: timedelta = timedelta(0)

    @property
    def job_name(self) -> str:
        return PERIODIC_PREFIX + self.name

    def slot_at(self, moment: datetime) -> datetime:
        """Return the start of the slot that holds ``moment`` (both aware; Asia/Shanghai days)."""
        origin = SLOT_ORIGIN + self.offset
        return origin + ((moment - origin) // self.every) * self.every


@dataclass
class Registry:
    """Handlers by topic and name, periodic functions and companions; refuses duplicates."""

    by_topic: dict[str, list[Handler]] = field(default_factory=dict)
    by_name: dict[str, Handler] = field(default_factory=dict)
    periodics: dict[str, Periodic] = field(default_factory=dict)
    companions: dict[str, CompanionFunction] = field(default_factory=dict)

    def add_handler(self, entry: Handler) -> None:
        if entry.name in self.by_name:
            raise DuplicateName(f"A handler named {entry.name} exists already.")
        self.by_name[entry.name] = entry
        self.by_topic.setdefault(entry.topic, []).append(entry)

    def add_periodic(self, entry: Periodic) -> None:
        if entry.name in self.periodics:
            raise DuplicateName(f"A periodic job named {entry.name} exists already.")
        self.periodics[entry.name] = entry

    def handlers_of(self, topic: str) -> list[Handler]:
        """Return the handlers of ``topic``; none is allowed."""
        return self.by_topic.get(topic, [])

    def slot_end(self, name: str, key: str) -> datetime | None:
        """Return when the slot of a periodic job ends; None for other jobs."""
        entry = self.periodics.get(name.removeprefix(PERIODIC_PREFIX))
        if entry is None or not name.startswith(PERIODIC_PREFIX):
            return None
        return datetime.fromisoformat(key) + entry.every

    def call(self, name: str, key: str, payload: Json) -> None:
        """Run one handler, or one periodic function with the slot written in ``key``."""
        if name.startswith(PERIODIC_PREFIX):
            periodic_entry = self.periodics.get(name.removeprefix(PERIODIC_PREFIX))
            if periodic_entry is None:
                raise UnknownHandler(f"No periodic job is registered as {name}.")
            periodic_entry.function(datetime.fromisoformat(key))
            return
        entry = self.by_name.get(name)
        if entry is None:
            raise UnknownHandler(f"No handler is registered as {name}.")
        entry.function(key, payload)


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


def handler(topic: str, *, name: str = "", priority: int = 0) -> Callable[[H], H]:
    """Register ``f(key: str, payload: dict) -> None`` for ``topic``.

    ``name`` is what queued rows carry; it defaults to the dotted path, so give the old path as the
    name when moving a function. ``priority`` −100…100, higher first.
    """

    def register(function: H) -> H:
        dotted = name or f"{function.__module__}.{function.__qualname__}"
        _active.add_handler(Handler(dotted, topic, function, priority))
        return function

    return register


def periodic(name: str, *, every: timedelta, offset: timedelta = timedelta(0)) -> Callable[[P], P]:
    """Register ``f(slot: datetime) -> None`` to run once per slot of length ``every``.

    Slots are counted from a Monday at local midnight (Asia/Shanghai), moved by ``offset``. A slot
    that began while no worker ran is still run if it has not ended; older ones are passed over.
    """

    def register(function: P) -> P:
        _active.add_periodic(Periodic(name, every, function, offset))
        return function

    return register


def companion(name: str) -> Callable[[C], C]:
    """Register ``f(stop: threading.Event) -> None``, a loop in a thread of every worker."""

    def register(function: C) -> C:
        if name in _active.companions:
            raise DuplicateName(f"A companion named {name} exists already.")
        _active.companions[name] = function
        return function

    return register
