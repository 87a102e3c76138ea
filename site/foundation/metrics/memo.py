"""Figures that are counted together share their counting: one query for many rates.

Only within ``with together():``; nothing is kept afterwards, so no figure is ever old.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from foundation.metrics.period import Period

T = TypeVar("T")
_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("metrics_memo", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Let :func:`remembered` keep its results until the block ends; may be nested."""
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def remembered(name: str, period: Period, count: Callable[[], T]) -> T:
    """Return ``count()``, asked once per name and period within :func:`together`, else each time.

    What is counted together is as of one moment, so only the period's days tell them apart.
    """
    key = (name, period.start, period.end)
    kept = _kept.get()
    if kept is None:
        return count()
    if key not in kept:
        kept[key] = count()
    found: T = kept[key]
    return found
