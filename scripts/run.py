"""Start Gongzhi: web and worker, on one machine, with nothing else to install.

Both are children of this process. Ctrl-C (or SIGTERM) stops both; when one dies, the whole stops
and says so. Started through ``make run`` (scripts/bootstrap.py).
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from types import FrameType

import prepare
from prepare import say

GRACE = 15.0
START_LIMIT = 90.0
PR_SET_PDEATHSIG = 1


class Stopped(Exception):
    """Somebody asked us to stop."""


def port_is_free(host: str, port: int) -> bool:
    """Return whether a server can listen there now."""
    with closing(socket.socket()) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError:
            return False
    return True


def read_port() -> int:
    """Return ``PORT`` (8000), or stop with a sentence."""
    raw = os.environ.get("PORT") or "8000"
    if not raw.isdigit() or not 1 <= int(raw) <= 65535:
        sys.exit(f"PORT must be a number from 1 to 65535, not {raw!r}.")
    return int(raw)


def _die_with_parent() -> None:
    """Child side, Linux: get SIGTERM when the parent is gone, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start_child(*command: str) -> "subprocess.Popen[bytes]":
    """Start one child in a session of its own, so that Ctrl-C reaches it through us only."""
    return subprocess.Popen(
        [sys.executable, *command],
        cwd=prepare.BASE_DIR,
        env=prepare.python_environment(),
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )


def start_all(host: str, port: int) -> "dict[str, subprocess.Popen[bytes]]":
    """Start web server and worker at once."""
    web = (
        *("-m", "uvicorn", "config.asgi:application", "--host", host, "--port", str(port)),
        *("--timeout-graceful-shutdown", "10", "--log-level", "warning", "--lifespan", "off"),
    )
    worker = (str(prepare.BASE_DIR / "manage.py"), "worker")
    return {"The web server": start_child(*web), "The worker": start_child(*worker)}


def dead_child(children: "dict[str, subprocess.Popen[bytes]]") -> str:
    """Return a sentence about the first child that ended, or ''."""
    for name, child in children.items():
        if child.poll() is not None:
            return f"{name} stopped by itself (exit code {child.returncode})."
    return ""


def wait_for_web(host: str, port: int, children: "dict[str, subprocess.Popen[bytes]]") -> str:
    """Wait for the first answer; return '' or a sentence about what went wrong."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline:
        failure = dead_child(children)
        if failure:
            return failure
        try:
            with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=5):
                return ""
        except urllib.error.HTTPError as answer:
            return f"The web server answers /healthz with {answer.code}."
        except OSError:
            time.sleep(0.1)
    return f"The web server did not answer within {START_LIMIT:.0f} s."


def stop_all(children: "dict[str, subprocess.Popen[bytes]]") -> None:
    """Ask every child to finish what it does; end what does not listen."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + GRACE
    for name, child in children.items():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"{name} did not stop within {GRACE:.0f} s and was ended.")
            child.kill()
            child.wait()


def greet(host: str, port: int, demo: bool, seconds: float) -> None:
    """Print the address and the demo logins."""
    say(f"\nGongzhi 共治 runs at http://{host}:{port}  (started in {seconds:.1f} s)")
    if demo:
        say(prepare.manage("demo_logins").rstrip())
    say("Press Ctrl-C to stop.")


def serve(host: str, port: int, demo: bool, began: float) -> int:
    """Run both children until somebody asks to stop (0) or one of them dies (1)."""
    children = start_all(host, port)
    try:
        failure = wait_for_web(host, port, children)
        if not failure:
            greet(host, port, demo, time.monotonic() - began)
        while not failure:
            time.sleep(0.5)
            failure = dead_child(children)
        say(f"{failure} Everything is stopped now.")
        return 1
    except Stopped:
        say("\nStopping …")
        return 0
    finally:
        stop_all(children)


def _on_signal(number: int, frame: FrameType | None) -> None:
    # Terminals, make and supervisors tend to ask twice; the first time is enough.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped


def main() -> int:
    began = time.monotonic()
    host, port = os.environ.get("HOST") or "127.0.0.1", read_port()
    if not port_is_free(host, port):
        say(f"Port {port} is in use. Start on another one: make run PORT={port + 1}")
        return 1
    os.environ["DEMO"] = os.environ.get("DEMO") or "1"
    os.environ["PUBLIC_URL"] = os.environ.get("PUBLIC_URL") or f"http://{host}:{port}"
    demo = os.environ["DEMO"].lower() not in {"0", "false", "no", "off"}
    signal.signal(signal.SIGINT, _on_signal)
    signal.signal(signal.SIGTERM, _on_signal)
    try:
        prepare.sources()
        prepare.static()
        prepare.database(demo=demo)
        return serve(host, port, demo, began)
    except (prepare.PreparationFailed, prepare.template_database.TemplateFailed) as error:
        say(str(error))
        return 1
    except Stopped:
        say("\nStopped before the start was complete; the next start goes on from here.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
