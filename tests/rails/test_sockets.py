"""Who may listen: origins, people, and what a frame holds."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import connections, transaction

from config.asgi import _sockets
from foundation.ledger import live
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from tests.rails.matrix import SOCKETS
from tests.rails.sweep import filled
from tests.rails.world import VISITORS, World, build

HONEST = settings.PUBLIC_URL
FOREIGN = {
    "null": b"null",
    "missing": None,
    "empty": b"",
    "another port": HONEST.rpartition(":")[0].encode() + b":9999",
    "a name that begins so": HONEST.replace("127.0.0.1", "127.0.0.1.evil.example").encode(),
    "a name that ends so": HONEST.replace("127.0.0.1", "evil127.0.0.1").encode(),
    "a user in front": HONEST.replace("http://", "http://127.0.0.1@evil.example/").encode(),
    "another scheme": HONEST.replace("http://", "https://").encode(),
    "a wildcard": b"*",
    "a file": b"file://",
    "no text": b"\xff\xfe",
}


@pytest.fixture
def committed(transactional_db: None, channel_layer: Any) -> Iterator[World]:
    """The marked world, committed: sockets read the database in threads of their own."""
    yield build()
    connections.close_all()


def _headers(world: World, visitor: str, origin: bytes | None) -> list[tuple[bytes, bytes]]:
    cookies = "; ".join(f"{k}={v.value}" for k, v in world.clients[visitor].cookies.items())
    headers = [(b"host", b"127.0.0.1:8000"), (b"cookie", cookies.encode())]
    return headers if origin is None else [*headers, (b"origin", origin)]


class Browser(ApplicationCommunicator):
    """A browser's end of one socket (channels' own needs daphne, which nothing here uses)."""

    def __init__(self, world: World, path: str, visitor: str, origin: bytes | None) -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": _headers(world, visitor, origin),
            "subprotocols": [],
        }
        super().__init__(_sockets(), scope)

    async def open(self) -> bool:
        """Whether the other end lets us in."""
        await self.send_input({"type": "websocket.connect"})
        return (await self.receive_output(timeout=10))["type"] == "websocket.accept"

    async def frame(self) -> dict[str, Any]:
        return dict(json.loads((await self.receive_output(timeout=5))["text"]))

    async def leave(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout=5)


async def _knock(world: World, path: str, visitor: str, origin: bytes | None) -> bool:
    socket = Browser(world, path, visitor, origin)
    is_open = await socket.open()
    if is_open:
        await socket.leave()
    return is_open


def test_only_those_who_may_are_let_in(committed: World) -> None:
    async def everybody() -> dict[tuple[str, str], bool]:
        return {
            (socket.path, visitor): await _knock(
                committed, filled(socket.path, committed.samples), visitor, HONEST.encode()
            )
            for socket in SOCKETS
            for visitor in VISITORS
        }

    found = asyncio.run(everybody())
    wrong = [
        f"{socket.path} as {visitor}: {'let in' if found[socket.path, visitor] else 'refused'}"
        for socket in SOCKETS
        for visitor in VISITORS
        if found[socket.path, visitor] != (visitor in socket.listeners)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_foreign_origin_is_let_in(committed: World) -> None:
    async def everywhere() -> list[str]:
        return [
            f"{socket.path} from {name}"
            for socket in SOCKETS
            for name, origin in FOREIGN.items()
            if await _knock(
                committed,
                filled(socket.path, committed.samples),
                sorted(socket.listeners)[0],
                origin,
            )
        ]

    assert asyncio.run(everywhere()) == []


def test_frames_hold_numbers_only(committed: World, own_folders: Path) -> None:
    """A reader hears of its own case with type and number, and nothing of the others."""

    def happen(stream: str) -> int:
        try:
            with transaction.atomic():
                entry = append(
                    stream=stream, action="case.note", actor=Actor.system("t"), data={"n": "x"}
                )
            return entry.seq
        finally:
            connections.close_all()

    async def listen() -> list[tuple[str, dict[str, Any]]]:
        heard = []
        for place in SOCKETS:
            path = filled(place.path, committed.samples)
            socket = Browser(committed, path, sorted(place.listeners)[0], HONEST.encode())
            assert await socket.open(), path
            own = committed.far if "{far}" in place.path else committed.near
            seq = await asyncio.to_thread(happen, own.stream)
            if settings.REDIS_URL:  # there a worker tells the news
                await live._tell(get_channel_layer(), [(seq, own.stream)])
            heard.append((place.path, await socket.frame()))
            other = committed.far if own is committed.near else committed.near
            await asyncio.to_thread(happen, other.stream)
            if "track" in place.path:
                assert await socket.receive_nothing(timeout=0.8), f"{path} heard of another case"
            await socket.leave()
        return heard

    for path, frame in asyncio.run(listen()):
        assert set(frame) <= {"type", "seq", "cases"}, path
        assert frame["type"] == "changed"
        for case_id in frame.get("cases", []):
            UUID(case_id)
        assert not committed.found(json.dumps(frame).encode())
