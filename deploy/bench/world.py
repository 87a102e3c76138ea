"""The measured world: a PostgreSQL database with demo content and many cases, and its folders.

Filling it takes minutes, so a filled database is kept as a template, named by what made it; every
run works on a copy and drops it afterwards.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from foundation.operations import template_database

BASE_DIR = Path(__file__).resolve().parents[2]
SEED = 320_402
#: Nothing listens there: search falls back to the database's own engine.
NOBODY = "http://127.0.0.1:9"
PREFIX = "gongzhi_bench_"
#: Fixed, so that the kept template can be opened again. They protect nothing: it is all made up.
KEYS = {
    "SECRET_KEY": "benchmark-only-secret-key-that-protects-nothing-0123456789",
    "VAULT_KEY": "dGVzdC1vbmx5LXZhdWx0LWtleS0wMTIzNDU2Nzg5MDE=",
}
#: What the cases of the template are made by, besides schema and district pack.
MAKERS = (
    "complaints/demo.py",
    "complaints/workflow.py",
    "complaints/services/drafts.py",
    "complaints/services/stories.py",
    "complaints/services/synthetic.py",
    "cms/demo.py",
)


class WorldFailed(Exception):
    """The world could not be made; the message carries what the command said."""


@dataclass(frozen=True)
class World:
    """A copy of the filled database with its own folder; ``facts`` tells how it was filled."""

    url: str
    var: Path
    facts: dict[str, float]

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment of a process of this world, as in production."""
        return {
            **os.environ,
            **KEYS,
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "DATABASE_URL": self.url,
            "ELASTICSEARCH_URL": os.environ.get("ELASTICSEARCH_URL") or NOBODY,
            "GONGZHI_VAR": str(self.var),
            "LEDGER_ANCHOR_FILE": str(self.var / "ledger" / "anchors.jsonl"),
            "PUBLIC_URL": "https://127.0.0.1",
            "DEMO": "0",
            "LOG_LEVEL": "ERROR",
            "SEARCH_INDEX_PREFIX": f"gongzhi-bench-{os.getpid()}",
            **changes,
        }

    def backends(self) -> list[int]:
        """Return the process ids of the database's connections to this world."""
        with psycopg.connect(self.url) as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        return [int(row[0]) for row in rows]

    def manage(self, *arguments: str, **changes: str) -> str:
        """Run one management command of the product and return what it printed."""
        return run_program(self.environment(**changes), str(BASE_DIR / "manage.py"), *arguments)


def run_program(environment: dict[str, str], *arguments: str) -> str:
    """Run a Python program to its end; WorldFailed tells what it said."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr)[-3000:]
        raise WorldFailed(f"{' '.join(arguments)} failed:\n{said}")
    return done.stdout


@contextmanager
def opened(root: Path, count: int) -> Iterator[World]:
    """Copy the template with ``count`` cases (made when there is none) and drop the copy after."""
    server = template_database.PostgresServer(os.environ["DATABASE_URL"])
    name = f"{PREFIX}run_{os.getpid()}"
    var = root / f"bench-run-{os.getpid()}"
    try:
        with _one_at_a_time():
            template, kept = _ensure(server, count)
            _run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            _run(server, "CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, template)
            shutil.copytree(kept, var)
        # The copy: another run may forget the kept one meanwhile.
        facts = json.loads((var / "facts.json").read_text())
        yield World(server.address(name), var, facts)
    finally:
        _run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        shutil.rmtree(var, ignore_errors=True)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (template_database.template_root() / f"{PREFIX}world.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _ensure(server: template_database.PostgresServer, count: int) -> tuple[str, Path]:
    """Return the template with ``count`` cases and the folder that belongs to it."""
    district = template_database.ensure(server, "district")
    made_by = [BASE_DIR / maker for maker in MAKERS]
    digest = hashlib.sha256(f"{SEED} {template_database.fingerprint('district')}".encode())
    for path in made_by:
        digest.update(path.read_bytes() if path.exists() else b"")
    name = f"{PREFIX}tpl_{count}_{digest.hexdigest()[:16]}"
    kept = template_database.template_root() / name
    if name in _databases(server) and (kept / "facts.json").exists():
        return name, kept
    print(f"Filling a database with {count:,} cases (kept for the next run) …", flush=True)
    scratch = f"{PREFIX}build_{os.getpid()}"
    _forget_old(server, count)
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    server.copy(district, scratch)
    try:
        facts = _fill(World(server.address(scratch), kept, {}), count)
        _run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        _run(server, "ALTER DATABASE {} RENAME TO {}", scratch, name)
    finally:
        server.drop(scratch)
    (kept / "facts.json").write_text(json.dumps(facts))
    return name, kept


def _fill(world: World, count: int) -> dict[str, float]:
    demo = {"DJANGO_SETTINGS_MODULE": "config.settings.dev", "DEMO": "1", "ELASTICSEARCH_URL": ""}
    world.manage("load_demo", **demo)
    world.manage("worker", "--once", **demo)
    began = time.monotonic()
    made = pace(world.manage("demo_cases", "--count", str(count), "--seed", str(SEED)))
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE, FREEZE)")
    return {"demo_cases_per_second": made, "fill_seconds": round(time.monotonic() - began, 1)}


def pace(said: str) -> float:
    """Return the number of cases a second that ``demo_cases`` reports."""
    found = re.search(r"([\d,]+) a second", said)
    if not found:
        raise WorldFailed(f"demo_cases said: {said}")
    return float(found.group(1).replace(",", ""))


def _forget_old(server: template_database.PostgresServer, count: int) -> None:
    """Drop templates of the same size that other sources made; nobody will ask for them again."""
    for old in _databases(server):
        if old.startswith(f"{PREFIX}tpl_{count}_"):
            _run(server, "DROP DATABASE IF EXISTS {} WITH (FORCE)", old)
            shutil.rmtree(template_database.template_root() / old, ignore_errors=True)


def _databases(server: template_database.PostgresServer) -> list[str]:
    with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
        rows = connection.execute("SELECT datname FROM pg_database").fetchall()
    return [str(row[0]) for row in rows]


def settings_of_server() -> dict[str, str]:
    """Return the settings of PostgreSQL that decide what a commit costs."""
    names = ("server_version", "shared_buffers", "fsync", "synchronous_commit")
    address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres"))
    with psycopg.connect(address) as connection:
        return {
            name: str(connection.execute(f"SHOW {name}").fetchone()[0])  # type: ignore[index]
            for name in names
        }


def _run(server: template_database.PostgresServer, statement: str, *names: str) -> None:
    query = sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type]
    with psycopg.connect(server.address("postgres"), autocommit=True) as connection:
        connection.execute(query)
