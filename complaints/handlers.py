"""Work behind the scenes: what happens after an act, and what happens because time passes."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from complaints.errors import CaseError
from complaints.models import Case
from complaints.performer import Performer
from complaints.services.alerts import forget_unconfirmed, send_digests
from complaints.services.clients import forget_old_uses
from complaints.services.desk_views import forget_looks
from complaints.services.exports import TOPIC as EXPORT_ASKED
from complaints.services.exports import forget_exports, make_export
from complaints.services.groups import follow_main, join
from complaints.services.guessing import forget_quiet_sources
from complaints.services.imports import TOPIC, forget_imports, work_off
from complaints.services.ladder import climb
from complaints.services.learning import learn_from
from complaints.services.mail_in import forget_mail
from complaints.services.ownership import TOPIC as REDRAWN
from complaints.services.ownership import look
from complaints.services.public_points import hide_confidential, link_result, rebuild, refresh
from complaints.services.recalculation import recompute_deadlines
from complaints.services.rechecks import draw_last_week
from complaints.services.retention import clear_due
from complaints.services.supervision import turn_colours
from complaints.services.transition import perform
from complaints.services.webhooks import TOPIC as WEBHOOK_DUE
from complaints.services.webhooks import deliver, forget_deliveries, plan_deliveries
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


@periodic("complaints.retention", every=timedelta(hours=1))
def end_retention(slot: datetime) -> None:
    """Delete what has been kept long enough. Touches only due rows, one batch a step and slot."""
    clear_due(now=timezone.now(), limit=BATCH)


@periodic("complaints.guess_buckets", every=timedelta(hours=6))
def forget_guessers(slot: datetime) -> None:
    """Forget how often quiet sources typed a wrong receipt code."""
    forget_quiet_sources()
    forget_old_uses()
    forget_exports()
    forget_deliveries()


@handler("case.changed")
def plan_webhooks(key: str, payload: dict[str, Any]) -> None:
    """Queue news for the systems of the case's present owner."""
    plan_deliveries(event=key, payload=payload)


@handler(WEBHOOK_DUE)
def send_webhook(key: str, payload: dict[str, Any]) -> None:
    """Send one piece of news; what is not taken is tried again."""
    deliver(uid=UUID(payload["delivery"]))


@handler(EXPORT_ASKED)
def make_file(key: str, payload: dict[str, Any]) -> None:
    """Make a list that somebody asked for."""
    make_export(uid=UUID(payload["export"]))


@handler(REDRAWN)
def look_after_owners(key: str, payload: dict[str, Any]) -> None:
    """After a pack was loaded: no open case without an owner in use, or in an area that is gone."""
    look(after=int(payload["after"]))


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


@periodic("complaints.rechecks", every=timedelta(hours=6))
def draw_rechecks(slot: datetime) -> None:
    """Draw last week's sample, once a week."""
    draw_last_week(now=timezone.now())


@periodic("complaints.supervision", every=timedelta(minutes=10))
def turn_order_colours(slot: datetime) -> None:
    """Let time colour the supervision orders nobody answered. Touches only due rows."""
    turn_colours(now=timezone.now())


@periodic("complaints.mail", every=timedelta(days=1))
def forget_old_mail(slot: datetime) -> None:
    """Delete mail that was set aside a month ago."""
    forget_mail()


@handler("case.changed")
def show_on_public_map(key: str, payload: dict[str, Any]) -> None:
    """Bring the public map in step with a case; looks at the case, so repeating is harmless."""
    refresh(case_uid=UUID(payload["case"]))


@handler("result.changed")
def link_published_result(key: str, payload: dict[str, Any]) -> None:
    """Let the public map lead to the result that an editor published or withdrew."""
    link_result(case_uid=UUID(payload["case"]), path=payload["path"])


@handler("streets.changed", priority=-10)
def snap_again(key: str, payload: dict[str, Any]) -> None:
    """Put all public points on the streets of the new pack."""
    rebuild()


@periodic("complaints.public_points", every=timedelta(minutes=5))
def hide_what_became_confidential(slot: datetime) -> None:
    """Take cases off the public map that became confidential without an act."""
    hide_confidential()


@periodic("complaints.alerts", every=timedelta(days=1), offset=timedelta(hours=8))
def send_alerts(slot: datetime) -> None:
    """At eight in the morning: yesterday's news of the map to whoever asked for them."""
    send_digests(today=timezone.localdate(slot))


@periodic("complaints.unconfirmed_alerts", every=timedelta(hours=6))
def forget_alerts(slot: datetime) -> None:
    """Forget mail alerts that nobody confirmed within two days."""
    forget_unconfirmed()


@handler("case.changed")
def after_act(key: str, payload: dict[str, Any]) -> None:
    """Tell those who joined the case of its act; learn from a kind that a dispatcher decided."""
    uid, action = UUID(payload["case"]), payload["action"]
    if action in TEACHING:
        learn_from(uid=uid)
    follow_main(uid=uid, action=action, version=int(key.rpartition(":")[2]))


#: Acts with which a dispatcher says what kind of problem it is.
TEACHING = frozenset({"accept", "kinds"})


@handler("case.joined")
def join_reports(key: str, payload: dict[str, Any]) -> None:
    """Join a report to the open one that its reporter called the same problem."""
    try:
        join(uid=UUID(payload["case"]), main_uid=UUID(payload["main"]))
    except CaseError:
        # The other case moved on: a dispatcher sees the two beside each other.
        return


@periodic("complaints.looks", every=timedelta(minutes=10))
def forget_who_looked(slot: datetime) -> None:
    """Forget who had which case open."""
    forget_looks()
