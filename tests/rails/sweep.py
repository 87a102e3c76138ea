"""Asks every address as every visitor and keeps what came back."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.test import Client

from tests.rails.matrix import (
    EDITORS_POSTS,
    EDITORS_SAMPLES,
    ROUTES,
    editors_visitors,
    is_editors,
)
from tests.rails.page import faults_of_headers, faults_of_markup
from tests.rails.routes import example, known_routes
from tests.rails.world import VISITORS, World, undone

WORDS = {
    400: "bad", 401: "no", 403: "no", 404: "hidden", 405: "wrong", 409: "late", 410: "hidden",
    413: "bad", 415: "bad", 422: "bad", 429: "busy",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One request and what is to say of its answer."""

    visitor: str
    method: str
    pattern: str
    path: str
    status: int
    outcome: str
    marks: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    error: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path} as {self.visitor}: {self.status} {self.outcome}"


@dataclass
class Sweep:
    """All answers of one walk through the matrix."""

    answers: list[Answer] = field(default_factory=list)

    def of(self, pattern: str, method: str) -> dict[str, Answer]:
        """The answers of one route by visitor."""
        return {
            answer.visitor: answer
            for answer in self.answers
            if answer.pattern == pattern and answer.method == method
        }


def outcome_of(status: int, location: str) -> str:
    """The matrix' word for an answer."""
    if 300 <= status < 400:
        if location.startswith("/accounts/login/"):
            return "login"
        return "prove" if location.startswith("/accounts/2fa/") else "go"
    return "ok" if status < 300 else WORDS.get(status, str(status))


def fits(outcome: str, status: int, expected: str) -> bool:
    """Whether an outcome is among the expected words."""
    if status >= 500:
        return False
    allowed = expected.split("|")
    return outcome in allowed or "any" in allowed or ("shut" in allowed and outcome != "ok")


def body_of(response: Any) -> bytes:
    """The whole body, streamed or not."""
    if response.streaming:
        return b"".join(response.streaming_content)
    return bytes(response.content)


def headers_of(response: Any) -> bytes:
    lines = [f"{name}: {value}" for name, value in response.headers.items()]
    lines += [morsel.OutputString() for morsel in response.cookies.values()]
    return "\n".join(lines).encode()


def visits(client: Client, *, csrf: bool = False) -> Client:
    """A copy of a client: what one request does to its cookies concerns no other request."""
    copy = Client(enforce_csrf_checks=csrf, raise_request_exception=False)
    copy.cookies = client.cookies.copy()
    return copy


def ask(world: World, visitor: str, method: str, pattern: str, path: str, **options: Any) -> Answer:
    """Make one request that leaves nothing behind, and examine its answer."""
    errors: list[str] = []

    def remember(**signal: Any) -> None:
        errors.append(traceback.format_exc(limit=-4))

    got_request_exception.connect(remember)
    if not settings.IS_POSTGRES:  # there the cache is a table, and undone with everything else
        cache.clear()
    try:
        with undone():
            response = visits(world.clients[visitor]).generic(method, path, **options)
            body, head = body_of(response), headers_of(response)
    finally:
        got_request_exception.disconnect(remember)
    found = world.found(body + b"\n" + head)
    faults = [
        *faults_of_headers(path, response, private=bool(found)),
        *faults_of_markup(path, response, body),
    ]
    return Answer(
        visitor,
        method,
        pattern,
        path,
        response.status_code,
        outcome_of(response.status_code, response.headers.get("Location", "")),
        tuple(mark.name for mark in found),
        tuple(mark.name for mark in found if visitor not in mark.readers),
        tuple(faults),
        "".join(errors),
    )


def addresses(world: World) -> Iterator[tuple[str, str, str]]:
    """Every (pattern, path as declared, path to ask for) of the matrix."""
    for route in ROUTES:
        yield route.pattern, route.path, filled(route.path, world.samples)
    for known in known_routes():
        if is_editors(known.pattern):
            yield (
                known.pattern,
                known.pattern,
                example(known.pattern, _values(known.pattern, world)),
            )


def filled(path: str, samples: dict[str, str]) -> str:
    """Write samples into a declared path."""
    for name, value in samples.items():
        path = path.replace("{" + name + "}", value)
    return path


def _values(pattern: str, world: World) -> dict[str, str]:
    found: dict[str, str] = {}
    for prefix, values in EDITORS_SAMPLES.items():
        if pattern.removeprefix("^").startswith(prefix):
            found |= {name: filled(value, world.samples) for name, value in values.items()}
    return found


def walk(world: World, *, full: bool = False) -> Sweep:
    """Ask each address as each visitor, with GET and with an empty POST."""
    sweep = Sweep()
    for turn, (pattern, declared, path) in enumerate(addresses(world)):
        wagtail = is_editors(pattern)
        for visitor in editors_visitors(turn, full=full) if wagtail else VISITORS:
            sweep.answers.append(ask(world, visitor, "GET", declared, path))
            if not wagtail or visitor in EDITORS_POSTS:
                sweep.answers.append(ask(world, visitor, "POST", declared, path))
    return sweep
