"""What the platform depends on, and whether it answers.

Apps register checks in ``<app>/health.py``, imported by this app's ``AppConfig.ready``::

    @check("search")
    def search_engine() -> Health:
        return Health.ok() if engine.ping() else Health.down("no answer")
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

logger = logging.getLogger(__name__)

State = Literal["ok", "degraded", "down"]
CheckFunction = Callable[[], "Health"]
C = TypeVar("C", bound=CheckFunction)
DATABASE = "database"


@dataclass(frozen=True)
class Health:
    """How one dependency is. ``detail`` is public: no host names, no data of people."""

    state: State
    detail: str = ""

    @classmethod
    def ok(cls, detail: str = "") -> "Health":
        return cls("ok", detail)

    @classmethod
    def degraded(cls, detail: str) -> "Health":
        return cls("degraded", detail)

    @classmethod
    def down(cls, detail: str) -> "Health":
        return cls("down", detail)


@dataclass(frozen=True)
class Check:
    """One dependency. ``required``: without it no request can be served.

    ``name`` is what machines read, ``title`` what the overview shows.
    """

    name: str
    function: CheckFunction
    required: bool = False
    needs_database: bool = True
    title: str | Promise = ""


@dataclass(frozen=True)
class Finding:
    """A check with its outcome and how long it took."""

    check: Check
    health: Health
    milliseconds: float


@dataclass
class Registry:
    """Checks by name; refuses duplicates."""

    checks: dict[str, Check] = field(default_factory=dict)

    def add(self, entry: Check) -> None:
        if entry.name in self.checks:
            raise ValueError(f"A health check named {entry.name} exists already.")
        self.checks[entry.name] = entry


@dataclass(frozen=True)
class Report:
    """All findings. "down" only when a required dependency is down: then answer 503."""

    findings: list[Finding]

    @property
    def state(self) -> State:
        if any(f.health.state == "down" and f.check.required for f in self.findings):
            return "down"
        return "ok" if all(f.health.state == "ok" for f in self.findings) else "degraded"


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


def check(
    name: str,
    *,
    title: str | Promise = "",
    required: bool = False,
    needs_database: bool = True,
) -> Callable[[C], C]:
    """Register ``f() -> Health``. It must answer within about a second; an exception means down.

    ``required`` only for what no page can do without: a dead search engine or worker never takes
    the intake of reports out of service (architecture §4).
    """

    def register(function: C) -> C:
        _active.add(Check(name, function, required, needs_database, title))
        return function

    return register


def report() -> Report:
    """Run all checks, the database first; without it those that need it are not tried."""
    checks = sorted(_active.checks.values(), key=lambda entry: entry.name != DATABASE)
    findings: list[Finding] = []
    database_down = False
    for entry in checks:
        if database_down and entry.needs_database:
            findings.append(Finding(entry, Health.down(_("not tried: no database")), 0.0))
            continue
        finding = _run(entry)
        findings.append(finding)
        if entry.name == DATABASE and finding.health.state == "down":
            database_down = True
    return Report(findings)


def _run(entry: Check) -> Finding:
    started = time.perf_counter()
    try:
        health = entry.function()
    except Exception as error:  # noqa: BLE001  this page exists to name what is broken
        logger.warning("Health check %s failed: %s", entry.name, type(error).__name__)
        health = Health.down(type(error).__name__)
    return Finding(entry, health, round((time.perf_counter() - started) * 1000, 1))
