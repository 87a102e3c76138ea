"""Drawing by lot so that anyone can draw again: same seed, same numbers, same sample. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence


def size_of(count: int, *, share: int, least: int) -> int:
    """Return how many of ``count`` are drawn: ``share`` per cent rounded up, at least ``least``."""
    return min(count, max(least, -(-count * share // 100)))


def drawn(numbers: Iterable[str], *, seed: str, size: int) -> list[str]:
    """Return the ``size`` numbers whose SHA-256 of "seed:number" is smallest, in that order."""
    return sorted(set(numbers), key=lambda number: _lot(seed, number))[:size]


def _lot(seed: str, number: str) -> str:
    return hashlib.sha256(f"{seed}:{number}".encode()).hexdigest()


def sample(
    closed: Mapping[str, Sequence[str]], *, seed: str, share: int, least: int
) -> dict[str, list[str]]:
    """Draw from every office's closed cases by itself. Offices without any draw nothing."""
    return {
        unit: drawn(numbers, seed=seed, size=size_of(len(set(numbers)), share=share, least=least))
        for unit, numbers in sorted(closed.items())
        if numbers
    }


def list_digest(numbers: Iterable[str]) -> str:
    """Return a digest of the whole list that was drawn from, so that nobody can shorten it."""
    return hashlib.sha256("\n".join(sorted(set(numbers))).encode()).hexdigest()
