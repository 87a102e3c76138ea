"""Live updates: whoever watches a stream hears that it has a new entry.

Messages carry a stream and a number only; readers fetch what they may see. One follower tells the
news of the whole deployment:

- With the in-memory channel layer (one process) it is an asyncio task in the loop of the sockets,
  started when the first one subscribes and ended after the last one left. It must be that loop: the
  layer's queues belong to it, and a send from another thread wakes nobody.
- With Redis it runs in one worker, chosen by a lease row (``ledger.lease``).

Commits of this process wake the follower at once, those of others are seen within ``POLL``.
"""

import asyncio
import hashlib
import hmac
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar
from uuid import uuid4

from channels.layers import BaseChannelLayer, InMemoryChannelLayer, get_channel_layer
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from redis.exceptions import RedisError

from foundation.ledger import lease
from foundation.ledger.models import Entry, Head

logger = logging.getLogger(__name__)

ALL = "ledger.all"
POLL = 0.5
BATCH = 500
# A socket may ask for the follower a moment before it joins its group.
GRACE = 5.0
SEND_TIMEOUT = 5.0
LONGEST_PAUSE = 60.0
LAYER_AWAY = (OSError, RedisError, TimeoutError)
DATABASE_AWAY = (OperationalError, InterfaceError)
T = TypeVar("T")


def group_of(stream: str) -> str:
    """Return the channel group of ``stream``: a keyed hash that nobody outside can guess."""
    digest = hmac.new(settings.SECRET_KEY.encode(), b"live:" + stream.encode(), hashlib.sha256)
    return f"ledger.{digest.hexdigest()[:40]}"


async def subscribe(layer: BaseChannelLayer, channel_name: str, group: str) -> None:
    """Join ``group`` and make sure that news flows.

    For async consumers: call this, then read and send the present state. An entry that is committed
    after this returns will be told, so nothing falls between the two.
    """
    await layer.group_add(group, channel_name)
    await ensure_following()


async def ensure_following() -> None:
    """Start this process's follower if the in-memory layer needs one and none runs in this loop.

    Call it from an async consumer, in the loop of the server. With Redis a worker follows: no-op.
    """
    layer = get_channel_layer()
    if not isinstance(layer, InMemoryChannelLayer):
        return
    current = _Local.follower
    if current is None or current.ended or current.loop is not asyncio.get_running_loop():
        current = _Local.follower = LocalFollower(layer)
    try:
        await asyncio.wait_for(asyncio.shield(current.ready), timeout=2)
    except TimeoutError:
        logger.warning("The ledger cannot be read yet; live updates begin when it can")


def nudge() -> None:
    """Wake the follower of this process, if one runs; safe from any thread."""
    current = _Local.follower
    if current is not None and not current.ended and not current.loop.is_closed():
        current.loop.call_soon_threadsafe(current.wake.set)


class LocalFollower:
    """Follows the ledger in the event loop of the sockets, for the in-memory layer."""

    def __init__(self, layer: InMemoryChannelLayer) -> None:
        self.layer = layer
        self.loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[None] = self.loop.create_future()
        self.wake = asyncio.Event()
        self.ended = False
        # The loop keeps weak references to tasks only: this one must not be collected early.
        self.task = self.loop.create_task(self._run())

    async def _run(self) -> None:
        reader = _Reader()
        started = self.loop.time()
        try:
            position = await reader.patiently(_newest)
            self.ready.set_result(None)
            while self.layer.groups or self.loop.time() - started < GRACE:
                position = await self._tell_news(reader, position)
        finally:
            self.ended = True
            reader.close()

    async def _tell_news(self, reader: "_Reader", position: int) -> int:
        news = await reader.patiently(lambda: _news(position))
        if not news:
            await _wait(self.wake, POLL)
            return position
        await _tell(self.layer, news)
        return news[-1][0]


class _Local:
    """The follower of this process (None until a socket asks)."""

    follower: LocalFollower | None = None


def follow(stop: threading.Event) -> None:
    """Follow the ledger for a Redis layer until ``stop``; at most one holder of the lease tells.

    Runs in a thread of every worker. Returns at once with the in-memory layer.
    """
    layer = get_channel_layer()
    if layer is None or isinstance(layer, InMemoryChannelLayer):
        return
    asyncio.run(SharedFollower(layer, stop).run())


class SharedFollower:
    """Follows the ledger from a worker and tells the news through Redis."""

    def __init__(self, layer: BaseChannelLayer, stop: threading.Event) -> None:
        self.layer = layer
        self.stop = stop
        self.holder = uuid4().hex
        self.position: int | None = None
        self.reader = _Reader(stop)
        self._renewed = float("-inf")

    async def run(self) -> None:
        try:
            # The database may be away when the worker stops; then the lease runs out by itself.
            with suppress(*DATABASE_AWAY):
                while not self.stop.is_set():
                    await self._round()
                await self.reader.call(lambda: lease.release(self.holder))
        finally:
            self.reader.close()

    async def _round(self) -> None:
        if not await self._hold_lease():
            await _pause(self.stop, lease.LEASE.total_seconds() / 3)
            return
        position = self.position or 0
        news = await self.reader.patiently(lambda: _news(position))
        if not news:
            await _pause(self.stop, POLL)
        elif await self._tell_patiently(news):
            self.position = news[-1][0]

    async def _hold_lease(self) -> bool:
        now = asyncio.get_running_loop().time()
        if self.position is None or now - self._renewed > lease.LEASE.total_seconds() / 4:
            position = self.position
            self.position = await self.reader.patiently(lambda: lease.hold(self.holder, position))
            self._renewed = now
        return self.position is not None

    async def _tell_patiently(self, news: list[tuple[int, str]]) -> bool:
        """Tell the news once; a dead Redis is logged and answered by a pause that grows."""
        try:
            await asyncio.wait_for(_tell(self.layer, news), SEND_TIMEOUT)
        except LAYER_AWAY as error:
            await self.reader.back_off("live updates", error)
            return False
        self.reader.failures = 0
        return True


class _Reader:
    """A thread of its own for the database, and patience when something is away."""

    def __init__(self, stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()
        self.failures = 0
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ledger-live")

    async def call(self, function: Callable[[], T]) -> T:
        def fresh() -> T:
            close_old_connections()
            return function()

        return await asyncio.get_running_loop().run_in_executor(self._pool, fresh)

    async def patiently(self, function: Callable[[], T]) -> T:
        """Call ``function`` until the database answers."""
        while True:
            try:
                result = await self.call(function)
            except DATABASE_AWAY as error:
                if self.stop.is_set():
                    raise
                await self.back_off("the database", error)
            else:
                return result

    async def back_off(self, what: str, error: Exception) -> None:
        self.failures += 1
        seconds = min(2.0 ** (self.failures - 1), LONGEST_PAUSE)
        logger.warning("%s away (%s); again in %.0f s", what, type(error).__name__, seconds)
        await _pause(self.stop, seconds)

    def close(self) -> None:
        self._pool.submit(connection.close)
        self._pool.shutdown(wait=False)


def _newest() -> int:
    return Head.objects.values_list("seq", flat=True).get(pk=1)


def _news(position: int) -> list[tuple[int, str]]:
    entries = Entry.objects.filter(seq__gt=position).order_by("seq")
    return list(entries.values_list("seq", "stream")[:BATCH])


async def _tell(layer: BaseChannelLayer, news: list[tuple[int, str]]) -> None:
    """Send one message per stream with its newest number: a burst does not flood slow sockets."""
    newest: dict[str, Any] = {stream: seq for seq, stream in news}
    for stream, seq in newest.items():
        message = {"type": "ledger.entry", "stream": stream, "seq": seq}
        await layer.group_send(group_of(stream), message)
        await layer.group_send(ALL, message)
        await asyncio.sleep(0)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
    event.clear()


async def _pause(stop: threading.Event, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until and not stop.is_set():
        await asyncio.sleep(min(0.1, seconds))
