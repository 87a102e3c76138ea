"""Live updates reach real sockets: in one process, and from a worker through Redis."""

import asyncio
import json
import logging
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import websocket
from channels.layers import channel_layers, get_channel_layer
from django.db import transaction
from django.db.models.functions import Now

from foundation.ledger import lease, live
from foundation.ledger.actor import Actor
from foundation.ledger.models import FollowerLease
from foundation.ledger.services import append

HERE = Path(__file__).parent
PATIENCE = 30.0


def _append(stream: str) -> int:
    with transaction.atomic():
        return append(stream=stream, action="case.seen", actor=Actor.system("test")).seq


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until(condition: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"{what} did not happen within {PATIENCE} s"
        time.sleep(0.05)


def test_groups_are_stable_secret_and_valid_names(settings: Any) -> None:
    name = live.group_of("case:1")
    assert name == live.group_of("case:1") != live.group_of("case:2")
    assert "case" not in name
    assert len(name) < 100
    settings.SECRET_KEY = "another"
    assert live.group_of("case:1") != name


def test_a_nudge_without_a_follower_does_nothing() -> None:
    live.nudge()


# -- the embedded default: one uvicorn process, in-memory layer ---------------------------------


class Server:
    """A uvicorn process on the test database."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = _free_port()
        path = f"{environment['PYTHONPATH']}:{HERE}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "live_server:application", "--port", str(self.port),
             "--log-level", "warning"],
            env={**environment, "PYTHONPATH": path},
        )  # fmt: skip
        _until(self._answers, "start of the server")

    def _answers(self) -> bool:
        assert self.process.poll() is None, "the server ended"
        with closing(socket.socket()) as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def get(self, path: str) -> Any:
        url = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)

    def watch(self, stream: str) -> websocket.WebSocket:
        watcher = websocket.create_connection(
            f"ws://127.0.0.1:{self.port}/ws/{stream}", timeout=PATIENCE
        )
        assert json.loads(watcher.recv()) == {"ready": True}
        return watcher


@pytest.fixture
def server(child_environment: dict[str, str]) -> Iterator[Server]:
    running = Server(child_environment)
    yield running
    running.process.terminate()
    running.process.wait(timeout=PATIENCE)


def _received(watcher: websocket.WebSocket) -> tuple[str, int]:
    message = json.loads(watcher.recv())
    return message["stream"], message["seq"]


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_entries_of_request_threads_and_of_other_processes_reach_the_sockets(
    server: Server,
) -> None:
    assert server.get("/following") == {"following": False}
    one, two, all_ = server.watch("case:1"), server.watch("case:2"), server.watch("all")
    assert server.get("/following") == {"following": True}

    asked = time.monotonic()
    first = server.get("/append?stream=case:1")["seq"]
    assert _received(one) == ("case:1", first)
    assert time.monotonic() - asked < 2
    second = _append("case:2")  # this test process, as the worker would
    assert _received(two) == ("case:2", second)
    assert [_received(all_), _received(all_)] == [("case:1", first), ("case:2", second)]

    one.settimeout(1)
    with pytest.raises(websocket.WebSocketTimeoutException):
        one.recv()


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_the_follower_ends_with_the_last_socket_and_comes_back(server: Server) -> None:
    server.watch("case:1").close()
    _until(lambda: server.get("/following") == {"following": False}, "end of the follower")
    watcher = server.watch("case:1")
    seq = server.get("/append?stream=case:1")["seq"]
    assert _received(watcher) == ("case:1", seq)


@pytest.mark.embedded
@pytest.mark.django_db(transaction=True)
def test_a_burst_reaches_many_sockets(server: Server) -> None:
    watchers = [server.watch(f"case:{n % 5}") for n in range(40)]
    newest = {f"case:{n}": _append(f"case:{n}") for n in range(5) for _ in range(3)}
    for number, watcher in enumerate(watchers):
        stream = f"case:{number % 5}"
        while _received(watcher) != (stream, newest[stream]):
            pass


# -- the lease ----------------------------------------------------------------------------------


def test_one_holder_at_a_time_and_the_successor_goes_on_where_it_stopped(db: None) -> None:
    FollowerLease.objects.all().delete()
    start = lease.hold("a", None)
    assert start is not None
    assert lease.hold("b", None) is None
    assert lease.hold("a", start + 5) == start + 5
    lease.release("a")
    assert lease.hold("b", None) == start + 5
    assert lease.hold("a", start + 5) is None


def test_a_lease_that_ran_out_is_free(db: None) -> None:
    lease.hold("a", None)
    FollowerLease.objects.update(expires_at=Now() - lease.LEASE)
    assert lease.hold("b", None) is not None


def test_news_of_long_ago_is_passed_over(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    lease.hold("a", None)
    lease.release("a")
    for _ in range(3):
        newest = append(stream="case:1", action="case.seen", actor=Actor.system("t")).seq
    monkeypatch.setattr(lease, "MOST_BEHIND", 2)
    assert lease.hold("b", None) == newest


# -- through Redis ------------------------------------------------------------------------------


class Follower:
    """``live.follow`` in a thread, as a worker's companion runs it."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=live.follow, args=(self.stop,))
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(timeout=PATIENCE)
        assert not self.thread.is_alive()


@contextmanager
def _followers(count: int) -> Iterator[list[Follower]]:
    FollowerLease.objects.all().delete()
    running = [Follower() for _ in range(count)]
    _until(lambda: FollowerLease.objects.filter(expires_at__gt=Now()).exists(), "the lease")
    try:
        yield running
    finally:
        for follower in running:
            follower.end()


async def _listen(group: str, act: Callable[[], Any], seconds: float) -> list[dict[str, Any]]:
    """Join ``group`` like a socket, act, and collect what comes within ``seconds``."""
    layer = get_channel_layer()
    assert layer is not None
    channel = await layer.new_channel()
    await layer.group_add(group, channel)
    await asyncio.to_thread(act)
    heard: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                heard.append(await layer.receive(channel))
    except TimeoutError:
        pass
    await layer.group_discard(group, channel)
    return heard


@pytest.fixture
def redis_layer(settings: Any) -> Iterator[Callable[[str], None]]:
    def use(url: str) -> None:
        settings.CHANNEL_LAYERS = {
            "default": {
                "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
                "CONFIG": {"hosts": [url]},
            }
        }
        channel_layers.backends.clear()

    yield use
    channel_layers.backends.clear()


def _act_and_close(function: Callable[[], Any]) -> Callable[[], Any]:
    from django.db import connection

    def run() -> None:
        function()
        connection.close()

    return run


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_each_entry_once(settings: Any, redis_layer: Any) -> None:
    redis_layer(settings.REDIS_URL)
    act = _act_and_close(lambda: _append("case:1"))
    with _followers(2):
        heard = asyncio.run(_listen(live.group_of("case:1"), act, 3))
    assert [message["stream"] for message in heard] == ["case:1"]


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_a_dead_redis_blocks_nobody_and_news_comes_when_it_is_back(
    redis_layer: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = _free_port()
    redis_layer(f"redis://127.0.0.1:{port}/0")
    with caplog.at_level(logging.WARNING, "foundation.ledger.live"), _followers(1):
        asked = time.monotonic()
        _append("case:1")
        assert time.monotonic() - asked < 1
        _until(lambda: "live updates away" in caplog.text, "the warning")
        redis = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
             "--dir", str(tmp_path)],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            _until(lambda: _listening(port), "start of Redis")
            act = _act_and_close(lambda: _append("case:2"))
            heard = asyncio.run(_listen(live.ALL, act, 8))
        finally:
            redis.terminate()
            redis.wait()
    assert "case:2" in {message["stream"] for message in heard}


def _listening(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.embedded
def test_with_the_in_memory_layer_a_worker_does_not_follow(channel_layer: Any) -> None:
    live.follow(threading.Event())
