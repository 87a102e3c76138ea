"""Every check that needs no running service, two at a time; prints what failed and why."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CODE = ("site/config", "site/foundation", "search", "cms", "campaigns", "complaints")
# Stand-ins: the check looks at settings only and connects to nothing.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "lint-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP",
    "VAULT_KEY": "bGludC1vbmx5LXZhdWx0LWtleS0wMTIzNDU2Nzg5MDE=",
    "DATABASE_URL": "postgresql://lint@127.0.0.1:1/lint",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ELASTICSEARCH_URL": "http://127.0.0.1:1",
    "PUBLIC_URL": "https://gongzhi.example.invalid",
    "ALLOWED_HOSTS": "gongzhi.example.invalid",
    "DEMO": "0",
}


@dataclass(frozen=True)
class Check:
    """One tool and what it proves."""

    name: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


def manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(BASE_DIR / "manage.py"), *arguments)


def templates() -> list[str]:
    """Return our own templates."""
    roots = ("search", "cms", "campaigns", "complaints", "site/foundation/*")
    return sorted(
        str(path.relative_to(BASE_DIR))
        for root in roots
        for path in BASE_DIR.glob(f"{root}/templates/**/*.html")
    )


def checks() -> list[Check]:
    """Return all checks, the slowest first."""
    test_settings = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    found = [
        Check("types (mypy)", (str(BIN / "mypy"), *CODE), test_settings),
        Check("messages", (sys.executable, "scripts/messages.py", "check"), test_settings),
        Check("imports (import-linter)", (str(BIN / "lint-imports"), "--no-cache")),
        Check(
            "production settings (check --deploy)",
            manage("check", "--deploy", "--fail-level", "WARNING"),
            PRODUCTION,
        ),
        Check(
            "migrations match the models",
            manage("makemigrations", "--check", "--dry-run"),
            test_settings,
        ),
        Check("ruff", (str(BIN / "ruff"), "check", ".")),
        Check("format (ruff)", (str(BIN / "ruff"), "format", "--check", ".")),
        Check("house rules", (sys.executable, "scripts/house.py")),
    ]
    if templates():
        djhtml = (str(BIN / "djhtml"), "--check", "--tabwidth", "2", *templates())
        found.append(Check("templates (djhtml)", djhtml))
    return found


def run(check: Check) -> tuple[Check, int, str, float]:
    """Run one check; return it with exit code, output and seconds."""
    began = time.monotonic()
    environment = {
        **os.environ,
        "PYTHONPATH": f"{BASE_DIR}{os.pathsep}{BASE_DIR / 'site'}",
        **check.environment,
    }
    for name in ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL"):
        if name not in check.environment:
            environment.pop(name, None)
    done = subprocess.run(
        check.command,
        cwd=BASE_DIR,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return check, done.returncode, done.stdout, time.monotonic() - began


def fix() -> int:
    """Let the tools repair what they can (``make format``)."""
    for command in (
        (str(BIN / "ruff"), "check", "--fix", "--quiet", "."),
        (str(BIN / "ruff"), "format", "."),
        (str(BIN / "djhtml"), "--tabwidth", "2", *templates()),
    ):
        subprocess.run(command, cwd=BASE_DIR, check=False)
    return 0


def main() -> int:
    wanted = sys.argv[1:]
    if wanted == ["--fix"]:
        return fix()
    chosen = [
        check for check in checks() if not wanted or any(word in check.name for word in wanted)
    ]
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for check, code, output, seconds in pool.map(run, chosen):
            print(
                f"{'ok    ' if code == 0 else 'FAILED'} {check.name} ({seconds:.1f} s)", flush=True
            )
            if code:
                failed.append(check.name)
                print(output.rstrip(), flush=True)
    print(f"Lint: {len(chosen) - len(failed)} of {len(chosen)} checks passed.")
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
