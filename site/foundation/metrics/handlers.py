"""Figures are published every hour."""

from datetime import datetime, timedelta

from foundation.jobs.registry import periodic
from foundation.metrics import services


@periodic("metrics.publish", every=timedelta(hours=1))
def publish(slot: datetime) -> None:
    """Publish the figures of the current period and the one before."""
    services.publish_all()
