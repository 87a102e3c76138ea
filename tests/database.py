"""The test database: a copy of a template, restored after tests that commit."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections

from complaints.selectors import rules
from foundation.operations.template_database import (
    PostgresServer,
    SqliteServer,
    TemplateFailed,
    ensure,
    server_for,
)
from foundation.places import selectors as places
from foundation.worktime import selectors as worktime


class TestDatabase:
    """One database per test process; ``restore`` makes it as new in milliseconds.

    ``template`` names what it is copied from. ``pack_error`` is empty when the district pack is
    loaded, else what ``load_district`` said.
    """

    __test__ = False

    def __init__(self, url: str, *, rebuild: bool) -> None:
        self.server = server_for(url)
        self.pack_error = ""
        self._folder = tempfile.TemporaryDirectory(prefix="gongzhi-testdb-")
        self.template = self._build(rebuild)
        self.name = (
            f"gongzhi_test_{os.getpid()}"
            if isinstance(self.server, PostgresServer)
            else str(Path(self._folder.name) / "test.sqlite3")
        )

    def _build(self, rebuild: bool) -> str:
        name = ensure(self.server, "migrated", rebuild=rebuild)
        try:
            return ensure(self.server, "district")
        except TemplateFailed as error:
            self.pack_error = str(error)
            return name

    @property
    def url(self) -> str:
        """The address of the test database, for child processes."""
        if isinstance(self.server, PostgresServer):
            return self.server.address(self.name)
        return f"sqlite:///{self.name}"

    def restore(self) -> None:
        """Put a fresh copy of the template in place; connections of this thread are closed."""
        connections.close_all()
        if isinstance(self.server, SqliteServer):
            self.server.copy(self.template, Path(self.name))
        else:
            self.server.copy(self.template, self.name)
        connection.settings_dict["NAME"] = self.name
        for held in (places.held, worktime.held, rules.held):
            held.forget()

    def close(self) -> None:
        connections.close_all()
        if isinstance(self.server, PostgresServer):
            self.server.drop(self.name)
        self._folder.cleanup()


@contextmanager
def open_database(url: str, *, rebuild: bool) -> Iterator[TestDatabase]:
    """Serve one test database for the time of the run."""
    database = TestDatabase(url, rebuild=rebuild)
    database.restore()
    try:
        yield database
    finally:
        database.close()
