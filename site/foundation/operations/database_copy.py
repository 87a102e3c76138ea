"""Consistent copies of the database by its own means: VACUUM INTO, or pg_dump on one snapshot."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections
from django.db.backends.sqlite3._functions import register
from psycopg import sql

from foundation.operations.errors import BadBackup, CopyFailed, NotEmpty

SQLITE_COPY = "database.sqlite3"
POSTGRES_COPY = "database.dump"


def copy_out(folder: Path) -> dict[str, int]:
    """Write a copy into ``folder`` while others go on writing; return rows per table."""
    if connection.vendor == "postgresql":
        return _dump_postgres(folder / POSTGRES_COPY)
    return _copy_sqlite(folder / SQLITE_COPY)


def copy_in(folder: Path) -> dict[str, int]:
    """Fill the empty database of this configuration; return rows per table as found there."""
    connections.close_all()
    if connection.vendor == "postgresql":
        _load_postgres(folder / POSTGRES_COPY)
        with psycopg.connect(**_coordinates()) as there:
            return _postgres_rows(there)
    return _place_sqlite(folder / SQLITE_COPY)


def demand_empty() -> None:
    """Raise ``NotEmpty`` when this configuration's database holds a table."""
    if connection.vendor == "postgresql":
        with psycopg.connect(**_coordinates()) as there:
            if _postgres_tables(there):
                raise NotEmpty("The database is not empty: restore into a new one.")
        return
    path = Path(str(connection.settings_dict["NAME"]))
    if path.exists() and path.stat().st_size:
        raise NotEmpty(f"{path} exists: restore into an empty place.")


# -- SQLite -----------------------------------------------------------------------------------


def _open_sqlite(path: Path | str) -> sqlite3.Connection:
    """Open a file with Django's functions, which some indexes are made of."""
    there = sqlite3.connect(path, timeout=20)
    register(there)
    return there


def _copy_sqlite(target: Path) -> dict[str, int]:
    source = str(connection.settings_dict["NAME"])
    with closing(_open_sqlite(source)) as there:
        there.execute("VACUUM INTO ?", (str(target),))
    return _sqlite_rows(target)


def _place_sqlite(source: Path) -> dict[str, int]:
    target = Path(str(connection.settings_dict["NAME"]))
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(_open_sqlite(source)) as there:
        there.execute("VACUUM INTO ?", (str(target),))
    target.chmod(0o600)
    return _sqlite_rows(target)


def _sqlite_rows(path: Path) -> dict[str, int]:
    with closing(_open_sqlite(path)) as there:
        (answer,) = there.execute("PRAGMA integrity_check").fetchone()
        if answer != "ok":
            raise BadBackup(f"{path.name} is damaged: {answer}")
        listed = there.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = [name for (name,) in listed.fetchall() if not name.startswith("sqlite_")]
        return {
            name: there.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for name in names
        }


# -- PostgreSQL -------------------------------------------------------------------------------


def _coordinates() -> dict[str, Any]:
    """Return libpq's words for Django's settings; empty ones are left to libpq's defaults."""
    known = connection.settings_dict
    words = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    found = {word: str(known[key]) for word, key in words.items() if known.get(key)}
    return {**found, "dbname": str(known["NAME"])}


def _tool(*command: str) -> None:
    """Run a PostgreSQL program; the password travels in the environment, never as an argument."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD"}
    given = _coordinates()
    environment = {**os.environ, **{names[key]: given[key] for key in names if key in given}}
    environment["PGDATABASE"] = given["dbname"]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CopyFailed(f"{command[0]} is missing: install postgresql-client.") from None
    if done.returncode:
        raise CopyFailed(f"{command[0]} failed: {done.stderr.strip()[-2000:]}")


def _dump_postgres(target: Path) -> dict[str, int]:
    """Dump and count on one exported snapshot, so that the counts are those of the dump."""
    with psycopg.connect(**_coordinates()) as there:
        there.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        there.read_only = True
        (snapshot,) = there.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        _tool(
            *("pg_dump", "--format=custom", "--no-owner", "--no-privileges"),
            *(f"--snapshot={snapshot}", f"--file={target}"),
        )
        return _postgres_rows(there)


def _load_postgres(source: Path) -> None:
    _tool(
        *("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner"),
        *("--no-privileges", f"--dbname={_coordinates()['dbname']}", str(source)),
    )


def _postgres_tables(there: "psycopg.Connection[Any]") -> list[str]:
    rows = there.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    return [row[0] for row in rows]


def _postgres_rows(there: "psycopg.Connection[Any]") -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in _postgres_tables(there):
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        row = there.execute(query).fetchone()
        counts[name] = row[0] if row else 0
    return counts
