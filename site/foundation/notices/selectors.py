"""Reads about notices."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from foundation.notices.errors import UnknownTemplate
from foundation.notices.models import Notice, State
from foundation.notices.registry import template_of


@dataclass(frozen=True)
class PageNotice:
    """A notice as the page of its stream shows it: what was told, when, by which channel."""

    code: str
    subject: str
    state: str
    state_label: str
    channel: str
    queued_at: datetime
    sent_at: datetime | None


def notices_of(stream: str, *, limit: int = 50) -> list[PageNotice]:
    """Return what was told about ``stream`` (such as ``case:<uuid>``), newest first. One query.

    What was withdrawn before it left was never told.
    No address and no text: the subject is enough for the page, whose reader sees the rest there.
    """
    told = Notice.objects.filter(stream=stream).exclude(state=State.WITHDRAWN)
    rows = told.order_by("-queued_at", "-id").defer("sealed")
    return [_page_notice(row) for row in rows[:limit]]


def _page_notice(row: Notice) -> PageNotice:
    try:
        subject = str(template_of(row.code).subject)
    except UnknownTemplate:
        subject = row.code
    return PageNotice(
        code=row.code,
        subject=subject,
        state=row.state,
        state_label=str(State(row.state).label),
        channel=row.channel,
        queued_at=row.queued_at,
        sent_at=row.sent_at,
    )


def unsent_counts() -> dict[str, int]:
    """Return how many notices are queued, being sent and failed. One query, for operators."""
    states = (State.QUEUED, State.SENDING, State.FAILED)
    rows = Notice.objects.filter(state__in=states).values("state").annotate(n=Count("pk"))
    counts = {str(state): 0 for state in states}
    counts.update({row["state"]: row["n"] for row in rows})
    return counts


def overdue_count(since: datetime) -> int:
    """Return how many notices that could leave before ``since`` still wait.

    1 query on a partial index.
    """
    waiting = Notice.objects.filter(state__in=(State.QUEUED, State.SENDING))
    waiting = waiting.filter(queued_at__lt=since)
    return waiting.filter(Q(leave_after=None) | Q(leave_after__lt=since)).count()
