"""Every address of the house, as the resolver and the socket router know them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Known:
    """One pattern of the resolver. ``pattern`` is written as ``ResolverMatch.route`` writes it."""

    pattern: str
    name: str


def known_routes() -> list[Known]:
    """Every URL pattern, each once: of two equal patterns only the first is ever reached."""
    found: dict[str, Known] = {}
    for pattern, name in _walk(get_resolver().url_patterns, "", ()):
        found.setdefault(pattern, Known(pattern, name))
    return list(found.values())


def _walk(patterns: list[Any], prefix: str, spaces: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for entry in patterns:
        # Django writes a route the same way: a nested "^" is dropped.
        part = str(entry.pattern)
        text = prefix + (part.removeprefix("^") if prefix else part)
        if isinstance(entry, URLPattern):
            yield text, ":".join([*spaces, entry.name or ""])
        elif isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            yield from _walk(entry.url_patterns, text, inner)


def known_sockets() -> list[str]:
    """Every socket pattern, as it is written in the routing modules."""
    routes = [route for name in settings.WEBSOCKET_ROUTES for route in import_string(name)]
    return [str(route.pattern) for route in routes]


def reached_by(path: str) -> str:
    """The pattern that answers ``path`` ('' when none does)."""
    try:
        return str(resolve(path.partition("?")[0]).route)
    except Resolver404:
        return ""


PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
ANONYMOUS = re.compile(r"\(\\d\+\)")


def example(pattern: str, values: dict[str, str]) -> str:
    """Fill a pattern of the editors' admin with ``values`` by parameter name, else with 1."""
    path = GROUP.sub(lambda found: values.get(found[1], "1"), pattern)
    path = PARAMETER.sub(lambda found: values.get(found[1], "1"), path)
    path = ANONYMOUS.sub("1", path).replace("^.*/", "nowhere/")
    return "/" + path.replace("^", "").replace("$", "").replace("\\", "")
