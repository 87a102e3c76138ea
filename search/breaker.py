"""A circuit breaker: an engine that fails is left alone for a while, then tried by one request."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from search.errors import EngineUnavailable

T = TypeVar("T")


class Breaker:
    """Opens after ``threshold`` failures in a row, for ``rest`` seconds; one probe closes it.

    One per process and engine; thread-safe. Only ``EngineUnavailable`` counts as a failure.
    """

    def __init__(
        self,
        *,
        threshold: int = 2,
        rest: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.threshold = threshold
        self.rest = rest
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._open_until = 0.0

    def call(self, function: Callable[[], T]) -> T:
        """Return ``function()``; raises ``EngineUnavailable`` at once while the circuit is open."""
        self._enter()
        try:
            answer = function()
        except EngineUnavailable:
            self._failed()
            raise
        with self._lock:
            self._failures = 0
        return answer

    @property
    def is_open(self) -> bool:
        """Whether requests are turned away just now."""
        with self._lock:
            return self._failures >= self.threshold and self._clock() < self._open_until

    def _enter(self) -> None:
        with self._lock:
            if self._failures < self.threshold:
                return
            if self._clock() < self._open_until:
                raise EngineUnavailable("The circuit is open.")
            # This request is the probe; the others keep waiting until it has an answer.
            self._open_until = self._clock() + self.rest

    def _failed(self) -> None:
        with self._lock:
            self._failures += 1
            self._open_until = self._clock() + self.rest
