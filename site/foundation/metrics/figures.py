"""The panel about the platform itself."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from foundation.jobs.selectors import dead_jobs
from foundation.metrics import health
from foundation.metrics.registry import panel

MOST_SHOWN = 5


@panel(
    code="platform",
    title=_("State of the platform"),
    order=900,
    template="metrics/_platform.html",
)
def platform(request: HttpRequest) -> dict[str, Any]:
    """Dependencies and failed jobs. About 8 queries."""
    return {"report": health.report(), "failed": list(dead_jobs()[:MOST_SHOWN])}
