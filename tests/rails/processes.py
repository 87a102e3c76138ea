"""Real processes on the test's database: a web server, workers, and a browser without a screen."""

import contextlib
import http.client
import http.cookies
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

HERE = Path(__file__).resolve().parent
WORKER = HERE / "worker_process.py"


def free_port() -> int:
    """A port on which nobody listens."""
    with contextlib.closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@contextlib.contextmanager
def web(environment: dict[str, str], log: Path) -> Iterator[int]:
    """gunicorn with two processes of four threads, as in production; yields its port."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "config.wsgi", "--chdir", str(HERE.parents[1]),
        "--bind", f"127.0.0.1:{port}", "--workers", "2", "--threads", "4", "--log-level", "info",
        "--access-logfile", "-", "--no-control-socket",
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait(port, process, log)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()
        try:
            visitor = Visitor(port)
            if visitor.get("/healthz").status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@contextlib.contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process that counts others as dead after 1.5 s; killed at the end."""
    command = [sys.executable, str(WORKER), "--interval", "0.1", "--heartbeat", "0.3"]
    command += ["--lost-after", "1.5"]
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(timeout=10)


@dataclass(frozen=True)
class Reply:
    """An answer of the server."""

    status: int
    location: str
    text: str


@dataclass
class Visitor:
    """A browser: keeps cookies, sends forms with their token. One per thread."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Reply:
        return self._send("GET", path, None, {})

    def post(self, path: str, fields: dict[str, str], photo: bytes = b"") -> Reply:
        """Send a form as multipart/form-data, like the pages' own forms."""
        boundary = uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        body = "".join(parts).encode()
        if photo:
            head = f'--{boundary}\r\nContent-Disposition: form-data; name="photos"; '
            head += 'filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
            body += head.encode() + photo + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self._send("POST", path, body, kind)

    def token(self, path: str) -> str:
        """The form token of a page."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path).text)
        assert found, f"no form on {path}"
        return found[1]

    def _send(self, method: str, path: str, body: bytes | None, extra: dict[str, str]) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": jar, **extra} if jar else extra
        try:
            connection.request(method, urllib.parse.quote(path, safe="/?=&%"), body, headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            for line in answer.headers.get_all("Set-Cookie") or []:
                for name, morsel in http.cookies.SimpleCookie(line).items():
                    self.cookies[name] = morsel.value
            return Reply(answer.status, answer.headers.get("Location", ""), text)
        finally:
            connection.close()


CODE = re.compile(r"\b\d{4} \d{4} \d{4} \d{4}\b")


@dataclass(frozen=True)
class Filed:
    """What a report led to."""

    number: str
    code: str
    seconds: float


def file_report(visitor: Visitor, key: str, description: str, photo: bytes = b"") -> Filed:
    """File a report through the pages and read its receipt."""
    token = visitor.token("/report/")
    fields = {
        "csrfmiddlewaretoken": token, "key": key, "category": "air", "description": description,
    }  # fmt: skip
    began = time.monotonic()
    answer = visitor.post("/report/", fields, photo)
    seconds = time.monotonic() - began
    assert answer.status == 302, f"{answer.status} {answer.text[:2000]}"
    receipt = visitor.get(answer.location)
    code = CODE.search(receipt.text)
    assert receipt.status == 200, receipt.status
    assert code, "no receipt code"
    return Filed(answer.location.split("/")[2], code[0], seconds)
