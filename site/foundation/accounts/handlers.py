"""Durable work of accounts."""

from datetime import datetime, timedelta

from foundation.accounts.services import forget_unclaimed
from foundation.jobs.registry import periodic


@periodic("accounts.forget_unclaimed", every=timedelta(hours=1))
def forget(slot: datetime) -> None:
    """Delete accounts that nobody confirmed: a typed number is kept for a day at most."""
    forget_unclaimed()
