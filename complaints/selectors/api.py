"""What API v1 reads: public cases a page at a time, and the work of one department."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from complaints.inputs import OPTIONAL
from complaints.models import Case, PublicPoint
from complaints.models.public_point import PublicState
from complaints.performer import Performer
from complaints.policies import may_read_whole, parties_of, visible
from complaints.selectors.casefile import ACT_LABELS
from complaints.selectors.open311 import OPEN
from complaints.selectors.rules import categories, category_by_code, category_by_id
from complaints.workflow import STATES, Party, State, Transition, actions_from
from foundation.places.selectors import towns
from foundation.vault.masking import masked

PAGE_SIZE = 100
#: What a department's own system may act as: the office that has the case, or helps with it.
WORKING = frozenset({Party.HANDLER, Party.ASSISTANT})


@dataclass(frozen=True)
class Wanted:
    """What a list of public cases is narrowed to; empty fields ask for nothing."""

    category: str = ""
    town: str = ""
    status: str = ""
    since: date | None = None
    after: str = ""


def category_list() -> list[dict[str, Any]]:
    """Every kind of problem. No query with warm rules."""
    return [
        {
            "code": found.code,
            "name": found.name,
            "parent": found.parent.code if found.parent else "",
            "keywords": list(found.keywords),
        }
        for found in categories()
    ]


def area_list() -> list[dict[str, Any]]:
    """The towns and streets. No query with warm places."""
    return [{"code": town.code, "name": town.name} for town in towns()]


def public_cases(wanted: Wanted) -> dict[str, Any]:
    """One page of the public map's cases, newest first. 1 query."""
    points = _narrowed(PublicPoint.objects.order_by("-day", "-case"), wanted)
    rows = list(points.filter(_behind(wanted.after))[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return {
        "items": [_public(point) for point in rows[:PAGE_SIZE]],
        "next": f"{last.day},{last.public_id}" if last else "",
    }


def _narrowed(points: QuerySet[PublicPoint], wanted: Wanted) -> QuerySet[PublicPoint]:
    if wanted.category:
        category = category_by_code(wanted.category)
        points = points.filter(category_id=category.pk if category else 0)
    if wanted.town:
        points = points.filter(town=wanted.town)
    if wanted.status:
        closed = set(PublicState) - set(OPEN)
        points = points.filter(state__in=OPEN if wanted.status == "open" else closed)
    return points.filter(changed_on__gte=wanted.since) if wanted.since else points


def _behind(key: str) -> Q:
    """Rows behind ``key`` ("2026-11-03,<id>"); none for a malformed key."""
    day, _comma, uid = key.partition(",")
    try:
        at = date.fromisoformat(day)
        point = PublicPoint.objects.filter(public_id=uid).first() if uid else None
    except ValueError:
        return Q()
    if point is None:
        return Q(day__lt=at)
    return Q(day__lt=at) | Q(day=at, case__lt=point.case_id)


def public_case(public_id: str) -> dict[str, Any] | None:
    """One public case, or None. 1 query."""
    point = PublicPoint.objects.filter(public_id=public_id).first()
    return _public(point) if point else None


def _public(point: PublicPoint) -> dict[str, Any]:
    category = category_by_id(point.category_id)
    return {
        "id": str(point.public_id),
        "category": category.code if category else "",
        "category_name": category.name if category else "",
        "status": "open" if point.state in OPEN else "closed",
        "state": str(PublicState(point.state).label),
        "reported_on": point.day.isoformat(),
        "changed_on": point.changed_on.isoformat(),
        "place": point.place,
        "longitude": point.lon,
        "latitude": point.lat,
    }


def work_cases(by: Performer, after: str) -> dict[str, Any]:
    """Open cases of the performer's department, oldest first; the desk's own condition. 1 query."""
    found = Case.objects.filter(visible(by.access), is_open=True).order_by("pk")
    if after.isdecimal() and len(after) < 18:
        found = found.filter(pk__gt=int(after))
    rows = list(found.select_related("area", "category")[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return {
        "items": [work_case(by, case) for case in rows[:PAGE_SIZE]],
        "next": str(last.pk) if last else "",
    }


def work_case(by: Performer, case: Case) -> dict[str, Any]:
    """A case as its department's system sees it: the desk's words, never a contact."""
    words = case.description if may_read_whole(by, case) else masked(case.description)
    return {
        "number": case.number,
        "version": case.version,
        "state": case.state,
        "state_name": str(STATES[State(case.state)].label),
        "category": case.category.code if case.category else "",
        "description": words,
        "address": case.address,
        "area": case.area.name if case.area else "",
        "submitted_at": timezone.localtime(case.submitted_at).isoformat("T", "seconds"),
        "due_at": timezone.localtime(case.due_at).isoformat("T", "seconds")
        if case.due_at
        else None,
    }


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat("T", "seconds")


def offers(by: Performer, case: Case) -> list[dict[str, Any]]:
    """The acts that the table offers the department now, with their inputs."""
    return [
        {
            "action": row.action,
            "name": str(ACT_LABELS.get(row.action, row.action)),
            "inputs": [*row.required, *OPTIONAL.get(row.action, ())],
        }
        for row in working_rows(by, case)
    ]


def working_rows(by: Performer, case: Case) -> list[Transition]:
    """The rows of the table that the department may try, once per act."""
    parties = parties_of(by, case) & WORKING
    found = {row.action: row for row in actions_from(case.state, parties)}
    return list(found.values())
