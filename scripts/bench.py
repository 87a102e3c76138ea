"""Benchmarks against real services; results go to var/bench/.

``pages`` (the default) measures them, ``growth`` what a hundred times more cases cost, ``soak``
minutes of reporters and staff at once, ``duties`` a million duties to publish.
"""

import os
import sys
from pathlib import Path

import prepare
import services

KINDS = ("pages", "growth", "soak", "duties")


def main() -> int:
    given = sys.argv[1:]
    kind = given.pop(0) if given and given[0] in KINDS else KINDS[0]
    program = prepare.BASE_DIR / "deploy" / "bench" / f"{kind}.py"
    silent = [name for name, parts in services.SERVICES.items() if not parts[0]()]
    if silent and services.start():
        print("Benchmarks need the real services: make services")
        return 1
    prepare.sources()
    (Path(prepare.BASE_DIR) / "var" / "bench").mkdir(parents=True, exist_ok=True)
    environment = {**prepare.python_environment(), **services.ENVIRONMENT}
    command = [sys.executable, str(program), *given]
    os.execve(sys.executable, command, environment)
    return 0


if __name__ == "__main__":
    sys.exit(main())
