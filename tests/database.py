"""The test database: a copy of a template, restored after tests that commit."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections

from complaints.selectors import rules
from foundation.jobs.models import Job
from foundation.jobs.worker import drain
from foundation.operations.template_database import (
    PostgresServer,
    SqliteServer,
    TemplateFailed,
    ensure,
    server_for,
)
from foundation.places import selectors as places
from foundation.worktime import selectors as worktime

ROTA = "cms.handlers.follow_catalogue"


class TestDatabase:
    """One database per test process; ``restore`` makes it as new in milliseconds.

    ``template`` names what it is made from: migrated, with the district pack. What the pack left in
    the queue is done once at the start (``settle``); otherwise each test that drains the queue
    would do it again. ``pack_error`` is empty when the pack is loaded, else what
    ``load_district`` said.
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
        self._source = self.template

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

    def settle(self) -> None:
        """Run the jobs of the template, forget them, and keep the result for ``restore``."""
        self.restore()
        # The rota of duties depends on the day: the tests that want one make it, on their day.
        rota = [job.pk for job in Job.objects.all() if job.handler_name == ROTA]
        Job.objects.filter(pk__in=rota).delete()
        done = drain()
        assert not done.failed, "Jobs that loading the district pack left behind fail."
        assert not done.retrying, "Jobs that loading the district pack left behind do not succeed."
        Job.objects.all().delete()
        connections.close_all()  # SQLite then brings its journal into the file
        if isinstance(self.server, PostgresServer):
            self._source = f"{self.name}_settled"
            self.server.copy(self.name, self._source)
        else:
            self._source = str(Path(self._folder.name) / "settled")
            shutil.copyfile(self.name, f"{self._source}.sqlite3")

    def restore(self) -> None:
        """Put a fresh copy in place; connections of this thread are closed."""
        connections.close_all()
        if isinstance(self.server, SqliteServer):
            self.server.copy(self._source, Path(self.name))
        else:
            self.server.copy(self._source, self.name)
        connection.settings_dict["NAME"] = self.name
        for held in (places.held, worktime.held, rules.held):
            held.forget()

    def close(self) -> None:
        connections.close_all()
        if isinstance(self.server, PostgresServer):
            self.server.drop(self.name)
            self.server.drop(f"{self.name}_settled")
        self._folder.cleanup()


@contextmanager
def open_database(url: str, *, rebuild: bool) -> Iterator[TestDatabase]:
    """Serve one test database for the time of the run."""
    database = TestDatabase(url, rebuild=rebuild)
    try:
        database.settle()
        database.restore()
        yield database
    finally:
        database.close()
