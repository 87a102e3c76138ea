"""A value kept in the memory of each process until a version row in the database changes.

For small, much-read, seldom-changed data (areas, the working calendar). Reads cost no query while
the last look at the version row is younger than ``RECHECK_SECONDS``, else one; a rebuild costs what
``build`` needs. Another process sees a committed change after that time at the latest.
"""

from collections.abc import Callable
from threading import Lock, local
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

from django.db import transaction

Value = TypeVar("Value")
RECHECK_SECONDS = 2.0


class _Draft(local, Generic[Value]):
    """What a thread's unfinished transaction made of the value."""

    version: UUID | None = None
    value: Value | None = None


class Versioned(Generic[Value]):
    """Holds the value that ``build(version)`` made for the version ``look()`` last reported.

    ``look`` answers None when there is no version row yet.
    """

    def __init__(
        self, look: Callable[[], UUID | None], build: Callable[[UUID | None], Value]
    ) -> None:
        self._look = look
        self._build = build
        self._lock = Lock()
        self._held: tuple[UUID | None, Value] | None = None
        self._looked_at = float("-inf")
        self._draft: _Draft[Value] = _Draft()

    def get(self) -> Value:
        """The value as of the current version."""
        if self._draft.version is not None:
            return self._drafted(self._draft.version)
        held = self._held
        # abs(): a clock that was turned back must not keep an old value alive.
        if held is not None and abs(monotonic() - self._looked_at) < RECHECK_SECONDS:
            return held[1]
        return self._as_of(self._look())

    def forget(self) -> None:
        """Look at the database on the next read. No query."""
        self._draft.version = self._draft.value = None
        with self._lock:
            self._held, self._looked_at = None, float("-inf")

    def renewed(self, version: UUID) -> None:
        """Say that this transaction just wrote ``version`` into the version row.

        Until it commits, this thread alone reads what it wrote, and looks at the row each time:
        should the change be rolled back, no read may go on answering from it.
        """
        self._draft.version, self._draft.value = version, None
        transaction.on_commit(self.forget)

    def _drafted(self, written: UUID) -> Value:
        version = self._look()
        if version != written:  # rolled back
            self._draft.version = self._draft.value = None
            return self._as_of(version)
        if self._draft.value is None:
            self._draft.value = self._build(version)
        return self._draft.value

    def _as_of(self, version: UUID | None) -> Value:
        held = self._held
        if held is None or held[0] != version:
            held = (version, self._build(version))
        with self._lock:
            self._held, self._looked_at = held, monotonic()
        return held[1]
