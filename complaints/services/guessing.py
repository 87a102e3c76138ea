"""Guessing receipt codes costs more and more time per source; the honest are never locked out.

A source may be wrong ``BUDGET`` times at full speed; the bucket drains by itself. Above that every
attempt, right or wrong, waits up to three seconds, one at a time per source; whoever comes
meanwhile is asked to try again in a moment (``Busy``). A right code gives its cost back. Sources
are keyed hashes and live in the database, so that several processes count together and nothing
depends on Redis.
"""

import ipaddress
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.errors import CaseError
from complaints.models import GuessBucket
from foundation.vault.crypto import keyed_hash

BUDGET = 8
#: The bucket never gets fuller: twenty quiet minutes make anybody's tries quick again.
FULL = BUDGET + 12
DRAINED_PER_SECOND = 1 / 60
FIRST_DELAY = 0.25
LONGEST_DELAY = 3.0
#: Attempts of all sources that may wait at once in this process; its other threads keep serving.
WAITING_PLACES = threading.BoundedSemaphore(4)
FORGOTTEN_AFTER = timedelta(days=1)


class Busy(CaseError):
    """Another slowed attempt of this source is running; ``seconds`` says when to come back."""

    code = "busy"
    status = 429
    retryable = True

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(
            _("Too many tries from this network just now. Please press again in %(n)d seconds.")
            % {"n": seconds}
        )


def source_of(address: str) -> str:
    """Return the keyed hash of a peer address; an IPv6 household (/64) counts as one source."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return keyed_hash("guess-source", "unknown")
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        address = str(mapped or ipaddress.IPv6Network((int(parsed), 64), strict=False))
    return keyed_hash("guess-source", address)


@contextmanager
def attempt(source: str) -> Iterator["Attempt"]:
    """Let ``source`` try one code; the caller sets ``right`` when it fits.

    The cost is taken before the look-up, so that parallel attempts count, and given back when the
    code was right. Call it outside transactions: it may sleep for up to three seconds. Raises Busy.
    Two statements, three when slowed.
    """
    level = _charge(source)
    try:
        _wait_turn(source, level)
    except Busy:
        _give_back(source)
        raise
    tried = Attempt()
    yield tried
    if tried.right:
        _give_back(source)


def level_of(purpose: str, address: str) -> float:
    """Count one more question of a peer address for another ``purpose``; return the bucket's level.

    The buckets of purposes are apart, drain alike and are forgotten alike. One statement.
    """
    return _charge(keyed_hash(purpose, source_of(address)))


class Attempt:
    """One try at a code."""

    right = False


def delay_for(level: float) -> float:
    """Return how many seconds an attempt waits when its bucket is filled to ``level``."""
    over = level - BUDGET
    return 0.0 if over <= 0 else min(LONGEST_DELAY, FIRST_DELAY * 2 ** (math.ceil(over) - 1))


def forget_quiet_sources() -> int:
    """Delete buckets that nobody filled for a day; return how many. One statement."""
    before = (timezone.now() - FORGOTTEN_AFTER).timestamp()
    return GuessBucket.objects.filter(at__lt=before).delete()[0]


def _charge(source: str) -> float:
    """Drain and fill the bucket in one statement; return its new level."""
    table = GuessBucket._meta.db_table
    drained = f"{table}.level - (excluded.at - {table}.at) * {DRAINED_PER_SECOND!r}"
    # Only constants of this module are written into the text; values travel as parameters.
    sql = f"""
        INSERT INTO {table} (source, level, at, turn_ends) VALUES (%s, 1, %s, 0)
        ON CONFLICT (source) DO UPDATE SET
            level = CASE
                WHEN {drained} < 0 THEN 1
                WHEN {drained} > {FULL - 1} THEN {FULL}
                ELSE {drained} + 1
            END,
            at = excluded.at
        RETURNING level
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [source, timezone.now().timestamp()])
        return float(cursor.fetchone()[0])


def _give_back(source: str) -> None:
    GuessBucket.objects.filter(source=source).update(level=Greatest(F("level") - 1.0, 0.0))


def _wait_turn(source: str, level: float) -> None:
    delay = delay_for(level)
    if not delay:
        return
    if not WAITING_PLACES.acquire(blocking=False):
        raise Busy(math.ceil(LONGEST_DELAY))
    try:
        now = timezone.now().timestamp()
        free = GuessBucket.objects.filter(source=source, turn_ends__lte=now)
        if not free.update(turn_ends=now + delay):
            raise Busy(math.ceil(delay))
        time.sleep(delay)
    finally:
        WAITING_PLACES.release()
