"""Cases as Open311 GeoReport v2 knows them: what the public map shows, nothing of the reporter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from complaints.models import ApiClient, ApiSubmission, Case, Category, PublicPoint
from complaints.models.public_point import PublicState
from complaints.selectors.rules import categories, category_by_code, category_by_id
from complaints.workflow import STATES, State

LIST_LIMIT = 1000
LIST_DAYS = 90
OPEN = (PublicState.WAITING, PublicState.WORKING)


@dataclass(frozen=True)
class Wanted:
    """What a client asks for in a list. ``codes`` and ``ids`` empty: all."""

    ids: Sequence[UUID] = ()
    codes: Sequence[str] = ()
    start: date | None = None
    end: date | None = None
    statuses: frozenset[str] = field(default_factory=frozenset)


def services() -> list[dict[str, Any]]:
    """Return every kind of problem that can be reported. No query with warm rules."""
    return [_service(c) for c in categories() if c.parent_id is not None or not _has_children(c)]


def _has_children(category: Category) -> bool:
    return any(c.parent_id == category.pk for c in categories())


def _service(category: Category) -> dict[str, Any]:
    return {
        "service_code": category.code,
        "service_name": category.name,
        "description": "、".join(category.keywords[:8]) or category.name,
        "metadata": False,
        "type": "realtime",
        "keywords": ",".join(category.keywords),
        "group": category.parent.name if category.parent else category.name,
    }


def service_definition(code: str) -> dict[str, Any] | None:
    """Return a service's own questions: none here; None when there is no such service."""
    if category_by_code(code) is None:
        return None
    return {"service_code": code, "attributes": []}


def requests(wanted: Wanted) -> list[dict[str, Any]]:
    """Return public cases, the newest first: of 90 days or the given ones, 1,000 at most.

    One query on the index of days.
    """
    points = PublicPoint.objects.order_by("-day", "-case")
    if wanted.ids:
        points = points.filter(public_id__in=wanted.ids)
    else:
        until = wanted.end or timezone.localdate()
        start = wanted.start or until - timedelta(days=LIST_DAYS)
        points = points.filter(day__gte=start, day__lte=until)
    if wanted.codes:
        known = [c.pk for code in wanted.codes if (c := category_by_code(code))]
        points = points.filter(category_id__in=known)
    if wanted.statuses and wanted.statuses != {"open", "closed"}:
        closed = set(PublicState) - set(OPEN)
        points = points.filter(state__in=OPEN if "open" in wanted.statuses else closed)
    return [_request(point) for point in points[:LIST_LIMIT]]


def request_of(public_id: UUID, client: ApiClient | None = None) -> dict[str, Any] | None:
    """Return one case: a public one, or one that ``client`` sent itself. At most two queries."""
    point = PublicPoint.objects.filter(public_id=public_id).first()
    if point is not None:
        return _request(point)
    if client is None:
        return None
    own = ApiSubmission.objects.filter(client=client, public_id=public_id).select_related("case")
    sent = own.first()
    return _own_request(sent.case, public_id) if sent else None


def _request(point: PublicPoint) -> dict[str, Any]:
    return {
        **_shared(point.public_id, category_by_id(point.category_id)),
        "status": "open" if point.state in OPEN else "closed",
        "status_notes": str(PublicState(point.state).label),
        "requested_datetime": _moment(point.day),
        "updated_datetime": _moment(point.changed_on),
        "address": point.place,
        "lat": point.lat,
        "long": point.lon,
    }


def _own_request(case: Case, public_id: UUID) -> dict[str, Any]:
    """Return a case that is on no map (yet): its state and kind, no place."""
    return {
        **_shared(public_id, category_by_id(case.category_id)),
        "status": "open" if case.is_open else "closed",
        "status_notes": str(STATES[State(case.state)].public_label),
        "requested_datetime": timezone.localtime(case.submitted_at).isoformat("T", "seconds"),
        "updated_datetime": timezone.localtime(case.submitted_at).isoformat("T", "seconds"),
        "address": "",
        "lat": None,
        "long": None,
    }


def _shared(public_id: UUID, category: Category | None) -> dict[str, Any]:
    return {
        "service_request_id": str(public_id),
        "service_name": category.name if category else "",
        "service_code": category.code if category else "",
        "description": "",
        "agency_responsible": "",
        "service_notice": "",
        "expected_datetime": "",
        "address_id": "",
        "zipcode": "",
        "media_url": "",
    }


def _moment(day: date) -> str:
    midnight = timezone.make_aware(datetime.combine(day, time.min))
    return timezone.localtime(midnight).isoformat("T", "seconds")


def token_request(public_id: UUID, client: ApiClient | None = None) -> Mapping[str, Any] | None:
    """Return what a token stands for: the id itself; None for what nobody may ask for.

    At most two queries, as for the case.
    """
    if request_of(public_id, client) is None:
        return None
    return {"service_request_id": str(public_id), "token": str(public_id)}
