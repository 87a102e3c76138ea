"""Durable work of accounts."""

from datetime import datetime, timedelta

from foundation.accounts.services import forget_ended_sessions, forget_unclaimed
from foundation.jobs.registry import periodic


@periodic("accounts.forget_unclaimed", every=timedelta(hours=1))
def forget(slot: datetime) -> None:
    """Delete accounts that nobody confirmed: a typed number is kept for a day at most."""
    forget_unclaimed()


@periodic("accounts.forget_sessions", every=timedelta(days=1), offset=timedelta(hours=3))
def forget_sessions(slot: datetime) -> None:
    """Delete sessions that have run out, at night."""
    forget_ended_sessions()
