"""Housekeeping of the queue itself."""

from datetime import datetime, timedelta

from django.utils import timezone

from foundation.jobs import services
from foundation.jobs.registry import periodic


@periodic("jobs.prune", every=timedelta(hours=1))
def prune(slot: datetime) -> None:
    """Delete finished rows that nobody needs any more."""
    services.prune(now=timezone.now())
