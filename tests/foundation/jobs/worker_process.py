"""A real worker process for tests: the ``worker`` command and handlers that leave traces.

Usage: ``python worker_process.py TRACE_FILE [arguments of manage.py worker]``.
"""

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import django

TRACE = Path(sys.argv[1])


def trace(*words: object) -> None:
    """Append one line; O_APPEND keeps lines of several processes whole."""
    with TRACE.open("a") as file:
        file.write(" ".join(str(word) for word in words) + "\n")


def slow(key: str, payload: dict[str, Any]) -> None:
    trace("start", key, os.getpid())
    time.sleep(payload["seconds"])
    trace("done", key, os.getpid())


def each_second(slot: datetime) -> None:
    trace("slot", slot.isoformat(), os.getpid())


def main() -> None:
    django.setup()
    from django.core.management import call_command

    from foundation.jobs import registry

    registry.handler("test.slow", name="test.slow")(slow)
    if "--tick" in sys.argv:
        sys.argv.remove("--tick")
        registry.periodic("test.tick", every=timedelta(seconds=1))(each_second)
    trace("up", os.getpid())
    call_command("worker", *sys.argv[2:])


if __name__ == "__main__":
    main()
