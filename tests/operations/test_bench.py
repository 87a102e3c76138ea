"""``make bench`` runs: a tiny world, a blink per page, and a file with everything in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import BASE_DIR

pytestmark = [pytest.mark.postgres, pytest.mark.redis]
RUN = BASE_DIR / "deploy" / "bench" / "pages.py"


def bench(var: Path, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.dev",
        "PYTHONPATH": f"{BASE_DIR}{os.pathsep}{BASE_DIR / 'site'}",
        "GONGZHI_VAR": str(var),
        "STATIC_ROOT": str(BASE_DIR / "var" / "test" / "static"),
        **changes,
    }
    return subprocess.run(
        [sys.executable, str(RUN), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_smoke_run_measures_everything_and_writes_it_down(tmp_path: Path) -> None:
    done = bench(tmp_path, "--smoke", DATABASE_URL=settings.DATABASE_URL)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "bench" / "latest.json").read_text())
    names = {line["name"] for line in found["lines"]}
    assert {"trivial view", "report", "report with a photo", "case page", "home page"} <= names
    assert {"desk, all open", "desk, town + category", "results page", "track page"} <= names
    assert any(name.startswith("search") for name in names)
    assert all(line["rate"] > 0 for line in found["lines"])
    assert found["figures"]["demo_cases_per_second"] > 0
    assert found["figures"]["ledger_entries"] > 200
    assert found["machine"]["load_before"]
    assert "Aims:" in done.stdout
    # Statements do not depend on how busy the machine is: these aims are promises.
    assert not [aim for aim in found["aims"] if "statements" in aim["what"] and not aim["met"]]
    assert [path for path in tmp_path.glob("bench-run-*")] == []


def test_without_a_server_it_says_what_to_do(tmp_path: Path) -> None:
    done = bench(tmp_path, "--smoke", DATABASE_URL="", REDIS_URL="")
    assert done.returncode == 1
    assert "make services" in done.stdout
