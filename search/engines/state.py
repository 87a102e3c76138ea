"""Numbers and generations of an engine, kept in the database for every engine alike.

Why a write never brings back an old state: a job takes its number, then reads the object. The job
of the last change begins after that change was committed, so it and every job with a higher
number read the final state; lower numbers are refused by the engine. Why a rebuild misses
nothing: a job that took its number before the rebuild began reports a change that the rebuild
will read itself; every later job writes to both generations.

Numbers are never below the milliseconds of the clock: a database brought back from a backup would
otherwise count again from where it was, and the index beside it would refuse all that is new.
"""

import time

from django.db import connection, transaction

from search.engines.base import Stamp
from search.errors import RebuildSuperseded
from search.models import EngineState

NEXT = """
INSERT INTO search_enginestate AS known (engine, version, active, building)
VALUES (%(engine)s, %(ms)s, 1, 0)
ON CONFLICT (engine) DO UPDATE
SET version = CASE WHEN known.version < %(ms)s THEN %(ms)s ELSE known.version + 1 END
RETURNING version, active, building
"""


def take(engine: str) -> Stamp:
    """Take the next number of ``engine``: one statement."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"engine": engine, "ms": time.time_ns() // 1_000_000})
        version, active, building = cursor.fetchone()
    return Stamp(version, (active, building) if building else (active,))


def begin(engine: str) -> int:
    """Open a new generation and return its number. An unfinished one is given up."""
    with transaction.atomic():
        take(engine)
        state = EngineState.objects.select_for_update().get(pk=engine)
        state.building = max(state.active, state.building) + 1
        state.save(update_fields=["building"])
    return state.building


def finish(engine: str, generation: int) -> None:
    """Make ``generation`` the active one; ``RebuildSuperseded`` if it is no longer being built."""
    mine = EngineState.objects.filter(pk=engine, building=generation)
    if not mine.update(active=generation, building=0):
        raise RebuildSuperseded(f"A newer rebuild of {engine} took over from {generation}.")


def check_mine(engine: str, generation: int) -> None:
    """Raise ``RebuildSuperseded`` unless ``generation`` is still being built."""
    if not EngineState.objects.filter(pk=engine, building=generation).exists():
        raise RebuildSuperseded(f"A newer rebuild of {engine} took over from {generation}.")


def live(engine: str) -> tuple[int, ...]:
    """Return the generations in use: the active one first, then the one being built."""
    state = EngineState.objects.filter(pk=engine).first()
    if state is None:
        return (1,)
    return (state.active, state.building) if state.building else (state.active,)
