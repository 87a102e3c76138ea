"""Fixtures of every test: a ready database, the cast, a fixed clock, the queue, own folders.

The database is a copy of a template (foundation.operations.template_database): built once per set
of migrations, with the 天宁 district pack loaded, shared by all on the machine. ``--create-db``
builds it anew. Tests that commit (``django_db(transaction=True)``) get a fresh copy afterwards.
"""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client, TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from tests.database import TestDatabase, open_database
from tests.loopback import stay_on_loopback

SHANGHAI = ZoneInfo("Asia/Shanghai")
BASE_DIR = Path(__file__).resolve().parents[1]


# -- worlds: embedded, or the production parts that the environment names ---------------------


def _missing_parts() -> dict[str, str]:
    """Return marker → why its tests cannot run in this process."""
    if django_settings.IS_POSTGRES:
        missing = {"embedded": "the embedded defaults (this run has production parts)"}
    else:
        missing = {"postgres": "PostgreSQL (DATABASE_URL names none)"}
    if not django_settings.REDIS_URL:
        missing["redis"] = "Redis (REDIS_URL is not set)"
    if not django_settings.ELASTICSEARCH_URL:
        missing["elasticsearch"] = "Elasticsearch (ELASTICSEARCH_URL is not set)"
    return missing


def pytest_configure(config: pytest.Config) -> None:
    stay_on_loopback()
    config.stash[LEFT_OUT] = {}


LEFT_OUT = pytest.StashKey[dict[str, int]]()


#: ``TEST_HALF=rails`` runs the tests of these folders, ``TEST_HALF=rest`` all others: each takes
#: about half of the time (scripts/test.py).
RAILS = (BASE_DIR / "tests" / "rails", BASE_DIR / "tests" / "operations")


def _is_in_half(item: pytest.Item) -> bool:
    half = os.environ.get("TEST_HALF", "")
    return not half or (half == "rails") == any(item.path.is_relative_to(path) for path in RAILS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs another world (the summary counts it by name); browsers come last."""
    missing = _missing_parts()
    kept, left_out = [], [item for item in items if not _is_in_half(item)]
    for item in filter(_is_in_half, items):
        lacking = next((mark for mark in missing if item.get_closest_marker(mark)), None)
        if lacking is None:
            kept.append(item)
            continue
        left_out.append(item)
        counts = config.stash[LEFT_OUT]
        counts[missing[lacking]] = counts.get(missing[lacking], 0) + 1
    if left_out:
        config.hook.pytest_deselected(items=left_out)
    # Playwright keeps an event loop in this thread, which asynchronous tests would stumble over.
    items[:] = sorted(kept, key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Set what lives for the whole run aside: collecting garbage in it costs an eighth of a run."""
    gc.collect()
    gc.freeze()


def _is_failure(config: pytest.Config) -> bool:
    """A missing service fails the run when asked to, unless another process runs that world."""
    asked = os.environ.get("REQUIRE_SERVICES") == "1" and "GONGZHI_WORLD" not in os.environ
    return asked and any("embedded" not in why for why in config.stash[LEFT_OUT])


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if _is_failure(session.config) and exitstatus == 0:
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for why, count in sorted(config.stash[LEFT_OUT].items()):
        terminalreporter.write_line(f"Not run here: {count} test(s) that need {why}.")


# -- database ---------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def test_db(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    request: pytest.FixtureRequest,
) -> Iterator[TestDatabase]:
    """The database of this test process (``test_db.url`` is for child processes)."""
    rebuild = request.config.getoption("create_db")
    with (
        django_db_blocker.unblock(),
        open_database(django_settings.DATABASE_URL, rebuild=rebuild) as database,
    ):
        yield database


@pytest.fixture(scope="session")
def django_db_setup(test_db: TestDatabase) -> Iterator[None]:
    """Replace pytest-django's own: copy a template, and copy it again after tests that commit.

    A flush would be slower, would lose the district pack, and the ledger refuses it by design.
    """
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda self: test_db.restore()
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture
def district_pack(db: None, test_db: TestDatabase) -> str:
    """Demand that the 天宁 pack is loaded (it is part of the template); its path is returned."""
    if test_db.pack_error:
        pytest.fail(f"The district pack could not be loaded.\n{test_db.pack_error}")
    return str(django_settings.DISTRICT_PACK)


# -- surroundings -----------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def own_folders(settings: Any, tmp_path: Path) -> Path:
    """Give every test its own folders for files, outbox and anchors; empty caches in memory."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SEALED_ROOT = tmp_path / "sealed"
    settings.CLEAN_ROOT = tmp_path / "clean"
    settings.OUTBOX_ROOT = tmp_path / "outbox"
    settings.LEDGER_ANCHOR_FILE = tmp_path / "ledger" / "anchors.jsonl"
    if settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        cache.clear()
    return tmp_path


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the look at a version row, due every two seconds, out of counted statements."""
    monkeypatch.setattr("foundation.versioned.RECHECK_SECONDS", 3600.0)


@pytest.fixture
def child_environment(test_db: TestDatabase, own_folders: Path) -> dict[str, str]:
    """Environment for a child process (``manage.py …``) on this test's database and folders.

    Needs ``django_db(transaction=True)``: the child sees committed rows only.
    """
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": test_db.url,
        "GONGZHI_VAR": str(own_folders),
        "LEDGER_ANCHOR_FILE": str(django_settings.LEDGER_ANCHOR_FILE),
        "SEARCH_INDEX_PREFIX": django_settings.SEARCH_INDEX_PREFIX,
        "PYTHONPATH": f"{BASE_DIR}{os.pathsep}{BASE_DIR / 'site'}",
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


class Clock:
    """A stopped clock. Texts without an offset are Shanghai time."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def move_to(self, when: datetime | str) -> datetime:
        """Set the time; returns it, aware."""
        moment = datetime.fromisoformat(when) if isinstance(when, str) else when
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=SHANGHAI)
        self._traveller.move_to(moment, tick=False)
        return moment

    def tick(self, **parts: float) -> None:
        """Move on: ``clock.tick(hours=1)``."""
        self._traveller.shift(timedelta(**parts))


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Time stands still at Monday 2026-03-02 09:00 in Shanghai (an ordinary working day)."""
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI), tick=False) as traveller:
        yield Clock(traveller)


@pytest.fixture
def channel_layer(settings: Any) -> Iterator[Any]:
    """A clean channel layer: in memory, or the real Redis of this world."""
    from channels.layers import channel_layers

    channel_layers.backends.clear()
    yield channel_layers["default"]
    channel_layers.backends.clear()


@pytest.fixture
def search_index(settings: Any) -> Iterator[None]:
    """An index of this test's own in Elasticsearch; the database's is rolled back anyway."""
    from search.engines.chosen import ELASTICSEARCH, engines

    settings.SEARCH_INDEX_PREFIX = f"{settings.SEARCH_INDEX_PREFIX}-{uuid4().hex[:12]}"
    yield
    if cluster := engines().get(ELASTICSEARCH):
        cluster.drop()


# -- people and jobs --------------------------------------------------------------------------


@pytest.fixture
def cast(db: None) -> Any:
    """The named cast: ``cast.dispatcher``, ``cast.grid``, ``cast.stranger`` (tests/cast.py)."""
    from tests.cast import Cast

    return Cast()


@pytest.fixture
def staff_client(cast: Any) -> Callable[[Any], Client]:
    """``staff_client(Role.DISPATCHER)``, ``staff_client("grid2")`` or of a user; MFA passed."""
    from foundation.accounts.models import Role, User
    from tests.cast import PARTS, sign_in

    def of(who: Role | str | User) -> Client:
        if isinstance(who, User):
            return sign_in(who)
        if not isinstance(who, Role) and who in PARTS:
            return sign_in(getattr(cast, who))
        return sign_in(cast.with_role(who))

    return of


@pytest.fixture
def run_jobs(db: None) -> Callable[[], Any]:
    """``run_jobs()`` runs everything that is due now, through the real worker's code."""
    from foundation.jobs import worker

    return worker.drain
