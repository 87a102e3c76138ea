"""Starting what is measured: gunicorn as production runs it, and the embedded default."""

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[2]
WORKERS, THREADS = 2, 4
START_LIMIT = 180.0
STOP_LIMIT = 40.0
PR_SET_PDEATHSIG = 1


class ServerFailed(Exception):
    """A server did not start or stop; the message says what it printed."""


@dataclass
class Server:
    """A running server: its process, its port and where it writes."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def workers(self) -> list[int]:
        """Return the process ids of the children."""
        return children_of(self.process.pid)

    def owner_of(self, remote_port: int) -> int:
        """Return which child holds the connection that comes from ``remote_port`` (0: none)."""
        inode = _inode(self.port, remote_port)
        for pid in self.workers():
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                try:
                    if os.readlink(entry) == f"socket:[{inode}]":
                        return pid
                except FileNotFoundError:
                    continue
        return 0

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def gunicorn(environment: dict[str, str], log: Path) -> Server:
    """Start the pages as deploy/systemd does: two processes with four threads each."""
    port = free_port()
    command = (
        *("-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}"),
        *("--config", str(BASE_DIR / "deploy" / "gunicorn.conf.py"), "--log-level", "warning"),
        # Processes that leave after 10,000 requests would leave in the middle of a measurement.
        *("--workers", str(WORKERS), "--threads", str(THREADS), "--max-requests", "0"),
    )
    server = Server(_start(command, environment, log), port, log)
    wait_for(server, "/healthz")
    while len(server.workers()) < WORKERS:
        time.sleep(0.1)
    return server


def start_worker(environment: dict[str, str], log: Path) -> Server:
    """Start the job worker beside the pages."""
    command = (str(BASE_DIR / "manage.py"), "worker")
    return Server(_start(command, environment, log), 0, log)


def embedded(environment: dict[str, str], log: Path) -> Server:
    """Start what ``make run`` starts (web and worker) and wait for the first page."""
    port = free_port()
    server = Server(
        _start((str(BASE_DIR / "scripts" / "run.py"),), {**environment, "PORT": str(port)}, log),
        port,
        log,
    )
    wait_for(server, "/")
    return server


def wait_for(server: Server, path: str) -> None:
    """Wait until ``path`` answers 200."""
    deadline = time.monotonic() + START_LIMIT
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{path}", headers={"X-Forwarded-Proto": "https"}
    )
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise ServerFailed(f"The server stopped:\n{server.log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(request, timeout=30):
                return
        except OSError:
            time.sleep(0.05)
    server.stop()
    raise ServerFailed(f"{path} did not answer:\n{server.log.read_text()[-2000:]}")


def resident_mb(pid: int) -> float:
    """Return the memory of a process that is in RAM, in MB (VmRSS; shared pages count fully)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return round(int(found.group(1)) / 1024, 1) if found else 0.0


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used (0 when it is gone or elsewhere)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / float(os.sysconf("SC_CLK_TCK"))


def children_of(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(folder.name))
    return sorted(found)


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


def free_port() -> int:
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _start(
    arguments: tuple[str, ...], environment: dict[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as handle:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=BASE_DIR,
            env=environment,
            stdout=handle,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _inode(local: int, remote: int) -> str:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        ends = [int(end.partition(":")[2], 16) for end in fields[1:3]]
        if ends == [local, remote]:
            return fields[9]
    return "none"
