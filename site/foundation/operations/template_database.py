"""Ready databases: migrate once per set of migrations, copy ever after.

A template is named by a hash of what made it, so people (or test runs) who share a machine share
it too, and nobody ever meets a stale one. Two stages stand on each other: ``migrated``, and
``district`` (migrated plus the district's data pack). Builders are serialised by a file lock.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db.backends.sqlite3._functions import register as register_functions
from psycopg import sql

Stage = Literal["migrated", "district"]
BASE_DIR = Path(__file__).resolve().parents[3]
KEPT = 10
ATTEMPTS = 5


class TemplateFailed(Exception):
    """A template database could not be built; the message carries what the command said."""


class Server(Protocol):
    """Where templates live: a folder of SQLite files or a PostgreSQL server."""

    def exists(self, name: str) -> bool: ...
    def build_from(self, source: str) -> str:
        """Prepare a scratch database ('' = empty) and return its address."""
        ...

    def keep(self, name: str) -> None:
        """Turn the scratch database into the template ``name`` and forget old templates."""
        ...

    def discard(self) -> None: ...


def template_root() -> Path:
    """Return the folder of templates and locks (``GONGZHI_TEMPLATES``, else ``var/templates``)."""
    root = Path(os.environ.get("GONGZHI_TEMPLATES") or BASE_DIR / "var" / "templates")
    root.mkdir(parents=True, exist_ok=True)
    return root


def _hash(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        name = path.relative_to(BASE_DIR) if path.is_relative_to(BASE_DIR) else path
        digest.update(str(name).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _app_folders() -> list[Path]:
    names = [BASE_DIR / name for name in ("search", "cms", "campaigns", "complaints")]
    return names + [path for path in (BASE_DIR / "site" / "foundation").iterdir() if path.is_dir()]


def fingerprint(stage: Stage) -> str:
    """Return 16 hex digits that change when the schema (or the district's data) would."""
    files = [BASE_DIR / "requirements.lock"]
    for folder in _app_folders():
        files += folder.glob("migrations/*.py")
        if stage == "district":
            files += folder.glob("pack*.py")
            files += folder.glob("management/commands/load_district.py")
    if stage == "district":
        pack = Path(os.environ.get("DISTRICT_PACK") or BASE_DIR / "site" / "districts" / "tianning")
        files += [path for path in pack.rglob("*") if path.is_file()]
    return _hash(files)


class SqliteServer:
    """Templates as files ``<name>.sqlite3`` in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._scratch = root / f"build-{os.getpid()}.sqlite3"

    def path(self, name: str) -> Path:
        return self.root / f"{name}.sqlite3"

    def exists(self, name: str) -> bool:
        return self.path(name).exists()

    def build_from(self, source: str) -> str:
        self.discard()
        if source:
            shutil.copyfile(self.path(source), self._scratch)
        return f"sqlite:///{self._scratch}"

    def keep(self, name: str) -> None:
        """Write one file without a journal beside it, then rename it into place.

        Page by page: VACUUM would evaluate indexes over functions that only Django defines.
        """
        packed = self.root / f"packed-{os.getpid()}.sqlite3"
        packed.unlink(missing_ok=True)
        with closing(sqlite3.connect(self._scratch)) as connection:
            # VACUUM evaluates expression indexes, which may use Django's own SQL functions.
            register_functions(connection)
            connection.execute("VACUUM INTO ?", (str(packed),))
        packed.replace(self.path(name))
        self.discard()
        kept = sorted(self.root.glob("gongzhi_*.sqlite3"), key=lambda path: path.stat().st_mtime)
        for path in kept[:-KEPT]:
            path.unlink(missing_ok=True)

    def discard(self) -> None:
        for path in self.root.glob(f"{self._scratch.name}*"):
            path.unlink(missing_ok=True)

    def copy(self, name: str, target: Path) -> None:
        """Put a fresh copy of template ``name`` at ``target``; open readers keep the old file."""
        target.parent.mkdir(parents=True, exist_ok=True)
        for suffix in ("", "-wal", "-shm"):
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self.path(name), target)


class PostgresServer:
    """Templates as databases beside the one that ``url`` names."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._scratch = f"gongzhi_build_{os.getpid()}"

    def address(self, name: str) -> str:
        """Return the address of database ``name`` on the same server."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def exists(self, name: str) -> bool:
        return name in self._names()

    def build_from(self, source: str) -> str:
        self.copy(source or "template0", self._scratch)
        return self.address(self._scratch)

    def keep(self, name: str) -> None:
        self.drop(name)
        self._run("ALTER DATABASE {} RENAME TO {}", self._scratch, name)
        for old in [known for known in self._names() if known != name][: -(KEPT - 1)]:
            try:
                self._run("DROP DATABASE {}", old)
            except psycopg.errors.ObjectInUse:
                continue  # somebody copies it at this moment: it goes next time

    def discard(self) -> None:
        self.drop(self._scratch)

    def copy(self, name: str, target: str) -> None:
        """Make database ``target`` a fresh copy of ``name``; whoever uses ``target`` is cut off."""
        self.drop(target)
        self._run("CREATE DATABASE {} TEMPLATE {}", target, name)

    def drop(self, name: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _names(self) -> list[str]:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT datname FROM pg_database WHERE datname ^@ 'gongzhi_tpl_' ORDER BY oid"
            ).fetchall()
        return [str(row[0]) for row in rows]

    def _run(self, statement: str, *names: str) -> None:
        query = sql.SQL(statement).format(*map(sql.Identifier, names))  # type: ignore[arg-type]
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(query)


def server_for(url: str) -> SqliteServer | PostgresServer:
    """Return the server behind a ``DATABASE_URL``; '' and sqlite mean files."""
    if url.startswith(("postgres://", "postgresql://")):
        return PostgresServer(url)
    return SqliteServer(template_root())


def ensure(server: Server, stage: Stage, *, rebuild: bool = False) -> str:
    """Build the template of ``stage`` unless it is there; return its name.

    Files that change while a build runs (a colleague adds a migration) make it start again.
    """
    for _ in range(ATTEMPTS):
        key = fingerprint(stage)
        name = f"gongzhi_tpl_{stage}_{key}"
        with _lock(name):
            if server.exists(name) and not rebuild:
                return name
            source = "" if stage == "migrated" else ensure(server, "migrated", rebuild=rebuild)
            try:
                _fill(server.build_from(source), stage)
                if fingerprint(stage) == key:
                    server.keep(name)
                    return name
            finally:
                server.discard()
    raise TemplateFailed("The migrations kept changing while the template was built.")


def _fill(url: str, stage: Stage) -> None:
    if stage == "migrated":
        _manage(url, "migrate", "--no-input", "--verbosity=0")
    else:
        pack = os.environ.get("DISTRICT_PACK") or BASE_DIR / "site" / "districts" / "tianning"
        _manage(url, "load_district", str(pack))


def _manage(url: str, *arguments: str) -> None:
    with tempfile.TemporaryDirectory(prefix="gongzhi-template-") as var:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "GONGZHI_VAR": var,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "REDIS_URL": "",
            "ELASTICSEARCH_URL": "",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        done = subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise TemplateFailed(
            f"manage.py {arguments[0]} failed:\n{done.stdout}{done.stderr}"[-4000:]
        )


@contextmanager
def _lock(name: str) -> Iterator[None]:
    with (template_root() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
