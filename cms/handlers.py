"""What cms does when something happens elsewhere in the house."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.management import call_command
from django.utils import timezone

from cms.models import Duty, DutyState
from cms.rota import ZONE
from cms.services.duties import look_again, take_page
from cms.services.inforequest_slots import act_on_passed_deadlines, recount_deadlines
from cms.services.reminders import remind
from cms.services.request_publication import forget_old_applicants
from cms.services.results import Projection, ProjectionRefused, draft_result
from cms.services.rota import keep_rota
from foundation.jobs.errors import PermanentFailure
from foundation.jobs.registry import handler, periodic

BATCH = 1000
#: 01:30 in Asia/Shanghai.
NIGHT = timedelta(hours=1, minutes=30)
#: 08:30 in Asia/Shanghai.
MORNING = timedelta(hours=8, minutes=30)


@handler("case.closed")
def offer_result(key: str, payload: dict[str, Any]) -> None:
    """Turn a closed case's public projection into a draft for an editor; key = the case's uuid."""
    try:
        case_id = UUID(key.split(":")[0])
        projection = Projection.of(payload)
    except (ValueError, ProjectionRefused) as error:
        raise PermanentFailure(str(error)) from error
    draft_result(case_id=case_id, projection=projection)


@periodic("disclosure.night", every=timedelta(days=1), offset=NIGHT)
def look_at_all(slot: datetime) -> None:
    """Bring the rota to the new day, then look at every duty's evidence, oldest look first."""
    keep_rota(today=timezone.localdate())
    waiting = Duty.objects.filter(state__in=(DutyState.OPEN, DutyState.MET), evidence__isnull=False)
    ids = list(waiting.order_by("pk").distinct().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        look_again(duty_ids=ids[start : start + BATCH])


@periodic("disclosure.reminders", every=timedelta(days=1), offset=MORNING)
def remind_editors(slot: datetime) -> None:
    """Call duties to mind five days and one day before their day, and once after it."""
    remind(today=timezone.localdate())


@periodic("cms.scheduled", every=timedelta(minutes=5))
def publish_scheduled(slot: datetime) -> None:
    """Publish and withdraw what editors gave a time."""
    call_command("publish_scheduled", verbosity=0)


@handler("disclosure.catalogue_changed")
def follow_catalogue(key: str, payload: dict[str, Any]) -> None:
    """The catalogue or a list of enterprises changed: the rota follows."""
    keep_rota(today=timezone.localdate())


@handler("disclosure.evidence_changed")
def follow_evidence(key: str, payload: dict[str, Any]) -> None:
    """Something that may prove a duty was published, withdrawn or deleted."""
    if payload.get("page"):
        take_page(page_id=int(payload["page"]))
    look_again(duty_ids=[int(pk) for pk in payload.get("duties", ())])


@periodic("requests.deadlines", every=timedelta(minutes=10))
def end_waiting_of_requests(slot: datetime) -> None:
    """Confirm, lapse and go on where a request's deadline passed. Touches only due rows."""
    act_on_passed_deadlines(now=timezone.now())


@periodic("requests.retention", every=timedelta(hours=6))
def forget_applicants(slot: datetime) -> None:
    """Destroy applicants whose requests ended long ago."""
    forget_old_applicants(now=timezone.now())


@handler("worktime.changed")
def move_deadlines_of_requests(key: str, payload: dict[str, Any]) -> None:
    """Count running deadlines of requests anew around the days that changed."""
    since, until = (
        datetime.combine(date.fromisoformat(payload[name]), time(hour), ZONE)
        for name, hour in (("from", 0), ("until", 23))
    )
    recount_deadlines(since=since, until=until, at=timezone.now())
