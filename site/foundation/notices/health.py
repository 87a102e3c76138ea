"""Whether messages leave the house."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from foundation.metrics.health import Health, check
from foundation.notices.selectors import overdue_count

#: A message that waits longer than this shows that a gateway or the worker stands still.
PATIENCE = timedelta(minutes=15)


@check("notices", title=gettext_lazy("Text messages and e-mail"))
def messages_leave() -> Health:
    """Degraded while messages wait too long. 1 query."""
    late = overdue_count(timezone.now() - PATIENCE)
    if not late:
        return Health.ok()
    words = ngettext(
        "%(n)d message has waited for more than 15 minutes",
        "%(n)d messages have waited for more than 15 minutes",
        late,
    )
    return Health.degraded(words % {"n": late})
