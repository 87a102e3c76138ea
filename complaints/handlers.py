"""Work behind the scenes: what happens after an act, and what happens because time passes."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from complaints.errors import CaseError
from complaints.models import Case
from complaints.performer import Performer
from complaints.services.guessing import forget_quiet_sources
from complaints.services.recalculation import recompute_deadlines
from complaints.services.transition import perform
from complaints.workflow import State
from foundation.jobs.registry import handler, periodic
from foundation.ledger.actor import Actor

#: A resident has this long to rate the answer alone; then the follow-up clerk asks.
RATING_PAUSE = timedelta(days=1)
BATCH = 200


@periodic("complaints.followups", every=timedelta(minutes=10))
def start_followups(slot: datetime) -> None:
    """Hand answered cases to follow-up one day after the answer. Touches only due rows."""
    waiting = Case.objects.filter(
        state=State.REPLIED, replied_at__lte=timezone.now() - RATING_PAUSE
    ).order_by("due_at")
    system = Performer(Actor.system("worker"))
    for pk, version in list(waiting.values_list("pk", "version")[:BATCH]):
        try:
            perform(case_id=pk, action="start_followup", by=system, version=version)
        except CaseError:
            # Somebody acted on it meanwhile: the next slot looks again.
            continue


@periodic("complaints.guess_buckets", every=timedelta(hours=6))
def forget_guessers(slot: datetime) -> None:
    """Forget how often quiet sources typed a wrong receipt code."""
    forget_quiet_sources()


@handler("worktime.changed")
def move_deadlines(key: str, payload: dict[str, Any]) -> None:
    """Compute running deadlines again around the days that a new notice changed."""
    recompute_deadlines(
        first=date.fromisoformat(payload["from"]), last=date.fromisoformat(payload["until"])
    )
