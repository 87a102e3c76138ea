"""Whether messages leave the house."""

from datetime import timedelta

from django.utils import timezone

from foundation.metrics.health import Health, check
from foundation.notices.selectors import overdue_count

#: A message that waits longer than this shows that a gateway or the worker stands still.
PATIENCE = timedelta(minutes=15)


@check("notices")
def messages_leave() -> Health:
    """Degraded while messages wait too long. 1 query."""
    late = overdue_count(timezone.now() - PATIENCE)
    return Health.degraded(f"{late} messages waiting") if late else Health.ok()
