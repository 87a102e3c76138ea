"""The whole suite in three worlds: five processes, three at a time.

Embedded: SQLite, in-memory channel layer. Browser: Chromium on the same. Production: PostgreSQL,
Redis, Elasticsearch; it leaves out what the embedded world proves for both (``once``). The two
long worlds run in halves (tests/conftest.py), so that at the end no processor waits for one of
them.
Arguments go to pytest. What is missing is named one by one at the end; with REQUIRE_SERVICES=1 a
missing part is a failure. Exit code 0 only when everything that ran passed.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import prepare
import services

BASE_DIR = prepare.BASE_DIR
COUNT = re.compile(r"(\d+) (passed|failed|errors?|skipped)")
NOTHING_COLLECTED = 5
HALVES = ("rails", "rest")
AT_ONCE = 3
REPEATED = ("FAILED ", "ERROR ", "SKIPPED ")


@dataclass
class World:
    """One pytest process with its environment, and what it printed."""

    name: str
    environment: dict[str, str]
    marks: str
    lines: list[str] = field(default_factory=list)
    exit_code: int = 0
    seconds: float = 0.0

    def run(self) -> None:
        """Run pytest to its end, printing every line under this world's name."""
        began = time.monotonic()
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--durations=8",
            "-m",
            self.marks,
            *sys.argv[1:],
        ]
        process = subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env=self.environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip())
            print(f"{self.name:>16} | {line.rstrip()}", flush=True)
        self.exit_code = process.wait()
        self.seconds = time.monotonic() - began

    @property
    def is_well(self) -> bool:
        """Everything passed, or there was nothing to run here among what the arguments name."""
        return self.exit_code in {0, NOTHING_COLLECTED}

    def counts(self) -> Counter[str]:
        """Return pytest's own closing counts."""
        closing = next((line for line in reversed(self.lines) if COUNT.search(line)), "")
        return Counter(
            {
                word.rstrip("s") if word != "passed" else word: int(number)
                for number, word in COUNT.findall(closing)
            }
        )


def environment(name: str, **values: str) -> dict[str, str]:
    """Return the environment of one world: its own folder, and only the services it names."""
    var = BASE_DIR / "var" / "test" / name
    var.mkdir(parents=True, exist_ok=True)
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in {*services.ENVIRONMENT, "PYTHONDONTWRITEBYTECODE", "DEMO", "PUBLIC_URL"}
    }
    return {
        **kept,
        "GONGZHI_VAR": str(var),
        "GONGZHI_WORLD": name,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        **values,
    }


def missing_services() -> list[str]:
    """Return the services that do not answer, after starting those that are installed."""
    silent = [name for name, parts in services.SERVICES.items() if not parts[0]()]
    if silent and not services.missing_packages() and services.HOME.exists():
        services.start()
        silent = [name for name, parts in services.SERVICES.items() if not parts[0]()]
    return silent


def halves(name: str, marks: str, **values: str) -> list[World]:
    """Return a world in two processes, which share nothing but the servers."""
    return [
        World(f"{name} {half}", environment(f"{name}-{half}", TEST_HALF=half, **values), marks)
        for half in HALVES
    ]


def worlds(missing: list[str], has_browser: bool) -> list[World]:
    """Return what can run on this machine, the longest first."""
    found = []
    if has_browser:
        found.append(World("browser", environment("browser"), "browser"))
    if not missing:
        found += halves("production", "not browser and not once", **services.ENVIRONMENT)
    return [*found, *reversed(halves("embedded", "not browser"))]


def report(done: list[World], missing: list[str]) -> int:
    """Print the closing lines and return the exit code."""
    total: Counter[str] = Counter()
    print()
    for world in done:
        total += world.counts()
        for line in world.lines:
            if line.startswith(REPEATED):
                print(f"{world.name}: {line}")
    for world in done:
        state = "passed" if world.is_well else f"FAILED (pytest exit {world.exit_code})"
        print(f"{world.name}: {state} in {world.seconds:.0f} s")
    required = os.environ.get("REQUIRE_SERVICES") == "1"
    for name in missing:
        print(f"{'FAILED' if required else 'Not tested'}: {name} is missing (make services)")
    if missing and required:
        total["failed"] += len(missing)
    failed = total["failed"] + total["error"]
    closing = f"{total['passed']} passed, {failed} failed, {total['skipped']} skipped"
    (BASE_DIR / "var" / "test" / "summary.txt").write_text(closing + "\n")
    print(closing)
    is_well = total["passed"] and not failed and all(world.is_well for world in done)
    return 0 if is_well else 1


def main() -> int:
    try:
        prepare.sources()
    except prepare.PreparationFailed as error:
        print(error)
        return 1
    missing = missing_services()
    has_browser = shutil.which("chromium") is not None
    running = worlds(missing, has_browser)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(World.run, running))
    return report(running, missing if has_browser else [*missing, "Chromium"])


if __name__ == "__main__":
    sys.exit(main())
