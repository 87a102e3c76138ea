"""A value kept in the memory of each process until a version row in the database changes.

For small, much-read, seldom-changed data (areas, the working calendar). Reads cost no query while
the last look at the version row is younger than ``RECHECK_SECONDS``, else one; a rebuild costs what
``build`` needs. Another process sees a committed change after that time at the latest.
"""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar
from uuid import UUID

from django.db import transaction

Value = TypeVar("Value")
RECHECK_SECONDS = 2.0


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
        self._is_settled = True

    def get(self) -> Value:
        """The value as of the current version."""
        held = self._held
        # abs(): a clock that was turned back must not keep an old value alive.
        is_fresh = self._is_settled and abs(monotonic() - self._looked_at) < RECHECK_SECONDS
        if held is not None and is_fresh:
            return held[1]
        version = self._look()
        if held is None or held[0] != version:
            held = (version, self._build(version))
        with self._lock:
            self._held, self._looked_at = held, monotonic()
        return held[1]

    def forget(self) -> None:
        """Look at the database on the next read. No query."""
        with self._lock:
            self._held, self._looked_at, self._is_settled = None, float("-inf"), True

    def renewed(self) -> None:
        """Say that the version row was just changed in this transaction.

        Until it commits, every read looks at the row: should the change be rolled back, no read may
        go on answering from what it had written.
        """
        self._is_settled = False
        transaction.on_commit(self.forget)
