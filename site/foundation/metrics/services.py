"""Publishing figures."""

from django.db import transaction
from django.utils import timezone

from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.metrics import registry
from foundation.metrics.models import Snapshot
from foundation.metrics.period import Period
from foundation.metrics.selectors import latest_snapshot, recomputed

PUBLISHER = Actor.system("metrics")


def publish_snapshot(code: str, period: Period, *, actor: Actor = PUBLISHER) -> Snapshot:
    """Compute a figure and publish it, with a ledger entry when its counts are new.

    Unchanged counts only move the "as of" of the current revision; changed ones make a new one.
    Raises ``UnknownMetric``. Queries: those of the metric, then 2–6 in one transaction.
    """
    figure = recomputed(code, period)
    with transaction.atomic():
        before = latest_snapshot(code, period)
        if before and before.as_figure(figure.unit).same_counts(figure):
            before.as_of = figure.as_of
            before.save(update_fields=["as_of"])
            return before
        snapshot = Snapshot.objects.create(
            code=code,
            period=str(period),
            revision=before.revision + 1 if before else 1,
            numerator=figure.numerator,
            denominator=figure.denominator,
            as_of=figure.as_of,
            published_at=timezone.now(),
            is_correction=bool(before and before.published_at >= period.end_at),
        )
        append(
            stream=f"figure:{code}/{period}",
            action="figure.published",
            actor=actor,
            data={
                "revision": snapshot.revision,
                "numerator": str(figure.numerator),
                "denominator": str(figure.denominator),
                "as_of": figure.as_of.isoformat(),
            },
        )
    return snapshot


def publish_all() -> int:
    """Publish every metric for its current period and the one before; returns how many."""
    count = 0
    for metric in registry.active().metrics.values():
        current = Period.holding(timezone.now(), metric.kind)
        for period in (current.previous(), current):
            publish_snapshot(metric.code, period)
            count += 1
    return count
