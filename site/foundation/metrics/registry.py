"""Figures and overview panels that apps offer; this app knows none of them.

Apps register in ``<app>/figures.py``, which this app's ``AppConfig.ready`` imports.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeVar

from django.http import HttpRequest
from django.utils.functional import Promise

from foundation.metrics.figure import Figure
from foundation.metrics.period import Kind, Period

__all__ = ["Figure", "Metric", "Panel", "Period", "allow_overview", "metric", "panel"]

Better = Literal["higher", "lower"]
Text = str | Promise
MetricFunction = Callable[[Period], Figure]
PanelFunction = Callable[[HttpRequest], dict[str, Any]]
Predicate = Callable[[HttpRequest], bool]
M = TypeVar("M", bound=MetricFunction)
P = TypeVar("P", bound=PanelFunction)


@dataclass(frozen=True)
class Metric:
    """One published figure: what it is called, what it aims at, how it is counted.

    ``kind`` is the length of the periods it is published for; ``source`` says where the rule or
    target comes from (a document); ``href`` leads to the page that explains it. ``recount`` counts
    the same from the ledger alone, however long that takes: the proof of what ``function`` says.
    """

    code: str
    title: Text
    function: MetricFunction
    unit: str = "%"
    target: Decimal | None = None
    better: Better = "higher"
    kind: Kind = "month"
    source: Text = ""
    href: str = ""
    recount: MetricFunction | None = None

    def meets_target(self, figure: Figure) -> bool | None:
        """Whether the exact value reaches the target; None without target or data."""
        if self.target is None or figure.value is None:
            return None
        if self.better == "higher":
            return figure.value >= self.target
        return figure.value <= self.target


@dataclass(frozen=True)
class Panel:
    """One section of the overview: a template and the function that fills it."""

    code: str
    title: Text
    order: int
    template: str
    function: PanelFunction


@dataclass
class Registry:
    """Metrics and panels by code; refuses duplicates."""

    metrics: dict[str, Metric] = field(default_factory=dict)
    panels: dict[str, Panel] = field(default_factory=dict)
    may_open_overview: Predicate | None = None

    def add_metric(self, entry: Metric) -> None:
        if entry.code in self.metrics:
            raise ValueError(f"A metric named {entry.code} exists already.")
        self.metrics[entry.code] = entry

    def add_panel(self, entry: Panel) -> None:
        if entry.code in self.panels:
            raise ValueError(f"A panel named {entry.code} exists already.")
        self.panels[entry.code] = entry

    def ordered_panels(self) -> list[Panel]:
        return sorted(self.panels.values(), key=lambda entry: (entry.order, entry.code))


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


def metric(
    *,
    code: str,
    title: Text,
    unit: str = "%",
    target: float | Decimal | None = None,
    better: Better = "higher",
    kind: Kind = "month",
    source: Text = "",
    href: str = "",
    recount: MetricFunction | None = None,
) -> Callable[[M], M]:
    """Register ``f(period: Period) -> Figure``.

    The function counts what happened from ``period.start_at`` to before ``period.end_at`` and was
    known at ``period.horizon``; it must give the same answer for the same horizon for ever.
    """
    wanted = None if target is None else Decimal(str(target))

    def register(function: M) -> M:
        _active.add_metric(
            Metric(code, title, function, unit, wanted, better, kind, source, href, recount)
        )
        return function

    return register


def panel(*, code: str, title: Text, order: int, template: str) -> Callable[[P], P]:
    """Register ``f(request) -> dict``, the context of ``template`` on the overview page."""

    def register(function: P) -> P:
        _active.add_panel(Panel(code, title, order, template, function))
        return function

    return register


def allow_overview(predicate: Predicate) -> Predicate:
    """Say who may open the overview (given by the accounts app; nobody until then)."""
    _active.may_open_overview = predicate
    return predicate


def may_open_overview(request: HttpRequest) -> bool:
    """Whether this reader may open the overview. Queries: those of the predicate."""
    predicate = _active.may_open_overview
    return predicate is not None and predicate(request)
