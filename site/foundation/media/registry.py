"""Apps say who may see the photos of their streams; without a rule nobody may.

Register in ``<app>/viewers.py``; media's ``AppConfig.ready`` imports those modules.
"""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest

from foundation.media.models import Photo

Viewer = Callable[[HttpRequest, Photo], bool]

_viewers: Final[dict[str, Viewer]] = {}


def viewer(prefix: str) -> Callable[[Viewer], Viewer]:
    """Register ``f(request, photo) -> bool`` for streams that begin with ``prefix`` and a colon."""

    def register(function: Viewer) -> Viewer:
        if _viewers.setdefault(prefix, function) is not function:
            raise ValueError(f"A viewer rule for {prefix!r} is registered already.")
        return function

    return register


def may_view(request: HttpRequest, photo: Photo) -> bool:
    """Ask the owning app's rule; a stream without a rule is visible to nobody."""
    rule = _viewers.get(photo.prefix)
    return rule is not None and rule(request, photo)
