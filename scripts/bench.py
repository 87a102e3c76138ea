"""Benchmarks: runs deploy/bench/run.py against real services; results go to var/bench/."""

import os
import sys
from pathlib import Path

import prepare
import services

BENCH = prepare.BASE_DIR / "deploy" / "bench" / "run.py"


def main() -> int:
    if not BENCH.exists():
        print(f"{BENCH} is missing.")
        return 1
    silent = [name for name, parts in services.SERVICES.items() if not parts[0]()]
    if silent and services.start():
        print("Benchmarks need the real services: make services")
        return 1
    prepare.sources()
    (Path(prepare.BASE_DIR) / "var" / "bench").mkdir(parents=True, exist_ok=True)
    environment = {**prepare.python_environment(), **services.ENVIRONMENT}
    command = [sys.executable, str(BENCH), *sys.argv[1:]]
    os.execve(sys.executable, command, environment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
