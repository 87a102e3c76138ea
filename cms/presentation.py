"""What a page adds to its own template, registered from above.

A Wagtail page renders itself, but models may not reach up to selectors. So a page asks this small
registry, and ``cms.presenters`` fills it when the app is ready: imports still point downward only.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

Presenter = Callable[[Any, HttpRequest], Mapping[str, object]]


class AlreadyPresented(LookupError):
    """Two presenters claimed the same page type."""


_presenters: dict[type, Presenter] = {}


def presenter(model: type) -> Callable[[Presenter], Presenter]:
    """Register the function that adds context to pages of ``model``; a second one is refused."""

    def register(function: Presenter) -> Presenter:
        if model in _presenters:
            raise AlreadyPresented(model.__name__)
        _presenters[model] = function
        return function

    return register


def context_of(page: object, request: HttpRequest) -> dict[str, object]:
    """Return the extra context of ``page`` ({} when its type has no presenter)."""
    found = _presenters.get(type(page))
    return dict(found(page, request)) if found else {}
