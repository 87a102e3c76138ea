"""Apps that keep sealed data of their own tell the ``rewrap`` command how to renew them."""

from collections.abc import Callable, Iterator

Rewrapper = Callable[[], Iterator[int]]

_rewrappers: dict[str, Rewrapper] = {}


def rewrapper(name: str) -> Callable[[Rewrapper], Rewrapper]:
    """Register a function that yields the number of things renewed, batch by batch."""

    def register(function: Rewrapper) -> Rewrapper:
        if _rewrappers.setdefault(name, function) is not function:
            raise ValueError(f"A rewrapper called {name!r} is registered already.")
        return function

    return register


def rewrappers() -> dict[str, Rewrapper]:
    """Return the registered functions by name."""
    return dict(_rewrappers)
