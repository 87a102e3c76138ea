"""Work behind the scenes: what happens after an act, and what happens because time passes."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from complaints.errors import CaseError
from complaints.models import Case
from complaints.performer import Performer
from complaints.services.guessing import forget_quiet_sources
from complaints.services.imports import TOPIC, forget_imports, work_off
from complaints.services.ladder import climb
from complaints.services.mail_in import forget_mail
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
    )
    _perform_all("start_followup", waiting)


def _perform_all(action: str, waiting: QuerySet[Case]) -> None:
    system = Performer(Actor.system("worker"))
    due = waiting.order_by("due_at").values_list("pk", "version")
    for pk, version in list(due[:BATCH]):
        try:
            perform(case_id=pk, action=action, by=system, version=version)
        except CaseError:
            # Somebody acted on it meanwhile: the next slot looks again.
            continue


@periodic("complaints.ladder", every=timedelta(minutes=1))
def climb_ladder(slot: datetime) -> None:
    """Warn of deadlines that run out. Touches only due rows."""
    climb(now=timezone.now())


@periodic("complaints.resume", every=timedelta(minutes=10))
def resume_suspended(slot: datetime) -> None:
    """End pauses whose time is over: no case stands still for ever. Touches only due rows."""
    over = Case.objects.filter(state=State.SUSPENDED, due_at__lte=timezone.now())
    _perform_all("resume", over)


@periodic("complaints.disputes", every=timedelta(minutes=5))
def end_disputes(slot: datetime) -> None:
    """Let disputes that nobody ruled in time fall to the first receiver (首接负责制)."""
    disputed = (State.RETURN_REQUESTED, State.IN_CONSULTATION)
    lapsed = Case.objects.filter(state__in=disputed, due_at__lte=timezone.now())
    _perform_all("fall_to_first", lapsed)


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


@handler(TOPIC, priority=-10)
def import_uploaded(key: str, payload: dict[str, Any]) -> None:
    """Take in an uploaded 12345 file. A worker that died is followed by one that goes on."""
    work_off(uid=UUID(payload["run"]))


@periodic("complaints.imports", every=timedelta(hours=6))
def forget_old_imports(slot: datetime) -> None:
    """Delete lists of problem rows after a week: they hold personal data."""
    forget_imports()


@periodic("complaints.mail", every=timedelta(days=1))
def forget_old_mail(slot: datetime) -> None:
    """Delete mail that was set aside a month ago."""
    forget_mail()
