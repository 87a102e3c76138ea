"""The production parts start as docs/operations.md says, and a dead Redis blocks nobody."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from foundation.operations.template_database import PostgresServer
from tests.conftest import BASE_DIR
from tests.database import TestDatabase

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.elasticsearch]
HOST = "gongzhi.example.invalid"
BIN = Path(sys.executable).parent


def free_port() -> int:
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture(scope="module")
def production(
    test_db: TestDatabase, django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Environment of a production installation with a database of its own."""
    assert isinstance(test_db.server, PostgresServer)
    name = f"gongzhi_production_{os.getpid()}"
    test_db.server.copy(test_db.template, name)
    var = tmp_path_factory.mktemp("production")
    environment = {key: value for key, value in os.environ.items() if "GONGZHI" not in key}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PYTHONPATH": f"{BASE_DIR}{os.pathsep}{BASE_DIR / 'site'}",
        "GONGZHI_VAR": str(var),
        "STATIC_ROOT": str(BASE_DIR / "var" / "test" / "static"),
        "DATABASE_URL": test_db.server.address(name),
        "REDIS_URL": settings.REDIS_URL,
        "ELASTICSEARCH_URL": settings.ELASTICSEARCH_URL,
        "SEARCH_INDEX_PREFIX": f"gongzhi-production-{os.getpid()}",
        "SECRET_KEY": "production-test-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
        "VAULT_KEY": settings.VAULT_KEY,
        "PUBLIC_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "TRUSTED_PROXY_COUNT": "1",
        "WEB_PROCESSES": "1",
        "DEMO": "0",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    collect = {**environment, "DJANGO_SETTINGS_MODULE": "config.settings.dev", "DATABASE_URL": ""}
    subprocess.run([sys.executable, "scripts/prepare.py"], env=collect, cwd=BASE_DIR, check=True)
    yield environment
    test_db.server.drop(name)


@contextmanager
def server(command: list[str], environment: dict[str, str], port: int) -> Iterator[str]:
    """Run a server until the block ends; yields its address when it answers."""
    log = Path(environment["GONGZHI_VAR"]) / f"server-{port}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=environment, cwd=BASE_DIR, stderr=sink)
        try:
            wait_for(process, port)
            assert process.poll() is None
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)
            print(log.read_text()[-4000:])  # pytest shows it when the test fails
    assert process.returncode in {0, -15}


def wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return when something listens on ``port``, or when the process ended."""
    for _ in range(300):
        with closing(socket.socket()) as door:
            if door.connect_ex(("127.0.0.1", port)) == 0 or process.poll() is not None:
                return
        time.sleep(0.1)


def gunicorn(port: int) -> list[str]:
    command = [str(BIN / "gunicorn"), "config.wsgi:application"]
    return [*command, "--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}"]


def uvicorn(port: int) -> list[str]:
    command = [str(BIN / "uvicorn"), "config.asgi:application", "--port", str(port)]
    return [*command, "--lifespan", "off", "--log-level", "warning"]


def fetch(address: str) -> tuple[int, str, Any]:
    """Ask as the proxy in front would; return status, body and headers."""
    headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read().decode(), answer.headers


@pytest.fixture(scope="module")
def worker(production: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, str(BASE_DIR / "manage.py"), "worker"]
    process = subprocess.Popen(command, env=production, stderr=subprocess.DEVNULL)
    yield
    process.terminate()
    assert process.wait(timeout=60) == 0


def test_pages_and_sockets_run_on_the_real_services(
    production: dict[str, str], worker: None
) -> None:
    reindex = [sys.executable, str(BASE_DIR / "manage.py"), "reindex"]
    subprocess.run(reindex, env=production, check=True, capture_output=True)
    ports = free_port(), free_port()
    with ExitStack() as stack:
        pages = stack.enter_context(server(gunicorn(ports[0]), production, ports[0]))
        stack.enter_context(server(uvicorn(ports[1]), production, ports[1]))
        assert fetch(f"{pages}/healthz")[0] == 200
        status, body = 0, ""
        for _ in range(60):  # the worker's first heartbeat may take a moment
            status, body, _headers = fetch(f"{pages}/readyz")
            if status == 200:
                break
            time.sleep(0.5)
        assert status == 200, body
        status, body, headers = fetch(f"{pages}/")
        assert status == 200, body
        assert "max-age=31536000" in headers["Strict-Transport-Security"]


def test_plain_http_is_sent_to_https(production: dict[str, str]) -> None:
    port = free_port()
    with server(gunicorn(port), production, port) as pages:
        request = urllib.request.Request(f"{pages}/", headers={"Host": HOST})
        opener = urllib.request.build_opener(KeepRedirect)
        with pytest.raises(urllib.error.HTTPError) as answer:
            opener.open(request, timeout=30)
        assert answer.value.headers["Location"] == f"https://{HOST}/"
        bad = urllib.request.Request(f"{pages}/", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError) as answer:
            opener.open(bad, timeout=30)
        assert answer.value.code == 400


class KeepRedirect(urllib.request.HTTPRedirectHandler):
    """Answers a redirect as an error, so that a test can look at it."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def test_a_dead_redis_blocks_no_page_and_is_named(production: dict[str, str]) -> None:
    port = free_port()
    dead = {**production, "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with server(gunicorn(port), dead, port) as pages:
        assert fetch(f"{pages}/")[0] == 200
        assert fetch(f"{pages}/report/")[0] == 200
        status, body, _headers = fetch(f"{pages}/readyz")
        assert status == 200, "Redis only carries live updates: the house is degraded, not down"
        answer = json.loads(body)
        assert answer["status"] != "ok"
        assert answer["checks"]["live updates"]["state"] == "down"
