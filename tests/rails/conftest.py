"""One walk through the whole matrix for all tests that look at it."""

import logging
import os
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.rails.sweep import Sweep, walk
from tests.rails.world import World, own_world
from tests.rails.write_matrix import FLAG


@pytest.fixture(scope="session")
def sweep(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Sweep:
    """Every address asked as every visitor; nothing of it stays in the database."""
    logging.disable(logging.CRITICAL)
    with django_db_blocker.unblock(), own_world(tmp_path_factory.mktemp("sweep")) as world:
        found = walk(world, full=bool(os.environ.get(FLAG)))
    logging.disable(logging.NOTSET)
    return found


@pytest.fixture
def world(db: None, tmp_path: Any) -> Iterator[World]:
    """The marked world in the transaction of this test."""
    with own_world(tmp_path) as made:
        yield made
