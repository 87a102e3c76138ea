"""Periodic care of the ledger, and the live follower that accompanies a worker."""

import threading
from datetime import datetime, timedelta

from foundation.jobs.registry import companion, periodic
from foundation.ledger import live, selectors, services
from foundation.ledger.errors import LedgerBroken


@periodic("ledger.anchor", every=timedelta(minutes=10))
def anchor(slot: datetime) -> None:
    """Write down the head outside the database, after a quick look that the last anchor stands."""
    services.anchor()


@periodic("ledger.verify", every=timedelta(days=1), offset=timedelta(hours=3))
def verify(slot: datetime) -> None:
    """Walk the whole chain once a night; a broken one stays visible as a failed job."""
    outcome = selectors.verify()
    if outcome.problem:
        raise LedgerBroken(f"Entry {outcome.problem.seq}: {outcome.problem.text}")


@companion("ledger.live")
def follow(stop: threading.Event) -> None:
    live.follow(stop)
