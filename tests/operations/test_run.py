"""``make run``: clear sentences for bad input, a clean stop, and no half-alive product."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.conftest import BASE_DIR

pytestmark = pytest.mark.embedded


def free_port() -> int:
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def environment(var: Path, port: object) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.endswith("_URL")}
    return {
        **kept,
        "GONGZHI_VAR": str(var),
        "STATIC_ROOT": str(BASE_DIR / "var" / "test" / "static"),
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PORT": str(port),
        "DEMO": "0",
    }


def start(var: Path, port: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(BASE_DIR / "scripts" / "run.py")],
        env=environment(var, port),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def running(var: Path) -> "Iterator[subprocess.Popen[str]]":
    """The product, answering; ended at the end of the block if it still runs."""
    port = free_port()
    process = start(var, port)
    try:
        for _ in range(900):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
                break
            except OSError:
                assert process.poll() is None, process.communicate()[0]
                time.sleep(0.1)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def children(process: "subprocess.Popen[str]") -> dict[str, int]:
    """Return the children by the word that names them in their command line."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat, command = (folder / "stat").read_text(), (folder / "cmdline").read_text()
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        if parent == process.pid:
            name = "worker" if "worker" in command else "web" if "uvicorn" in command else command
            found[name] = int(folder.name)
    return found


def is_alive(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for_end(numbers: list[int]) -> list[int]:
    for _ in range(200):
        if not any(map(is_alive, numbers)):
            break
        time.sleep(0.1)
    return [number for number in numbers if is_alive(number)]


def test_a_stop_is_clean_and_leaves_nobody_behind(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        both = children(process)
        assert {"web", "worker"} <= both.keys()
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=40)
    assert process.returncode == 0, said
    assert re.search(r"runs at http://127\.0\.0\.1:\d+", said)
    assert "Stopping" in said
    assert not wait_for_end(list(both.values()))


def test_when_the_worker_dies_everything_stops_and_says_so(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        both = children(process)
        os.kill(both["worker"], signal.SIGKILL)
        said, _ = process.communicate(timeout=40)
    assert process.returncode == 1
    assert "The worker stopped by itself" in said
    assert not wait_for_end(list(both.values()))


def test_children_end_with_a_killed_parent(tmp_path: Path) -> None:
    with running(tmp_path) as process:
        both = children(process)
        process.kill()
        process.wait()
        assert not wait_for_end(list(both.values()))


def test_a_busy_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        process = start(tmp_path, port)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Port {port} is in use" in said
    assert f"make run PORT={port + 1}" in said


@pytest.mark.parametrize("port", ["many", "0", "65536", "-1"])
def test_a_bad_port_is_refused_with_a_sentence(tmp_path: Path, port: str) -> None:
    process = start(tmp_path, port)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "PORT must be a number" in said
    assert "Traceback" not in said
