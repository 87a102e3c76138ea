"""Nothing is orphaned: open cases whose owner the pack drops, or whose grid it redraws."""

from django.db import transaction
from django.utils.translation import gettext

from complaints.errors import CaseError
from complaints.models import Case
from complaints.performer import Performer
from complaints.services.recording import record
from complaints.services.routing import route
from complaints.services.transition import perform
from complaints.workflow import OWNED
from foundation.jobs.services import emit
from foundation.ledger.actor import Actor
from foundation.places.selectors import locate, snapshot

TOPIC = "places.redrawn"
BATCH = 200
SYSTEM = Performer(Actor.system("places"))


def order_look(*, after: int = 0) -> None:
    """Order the look at open cases behind the id ``after``, inside a transaction.

    One query when there is none.
    """
    if Case.objects.filter(is_open=True, pk__gt=after).exists():
        emit(TOPIC, key=f"{snapshot().version}:{after}", payload={"after": after})


def look(*, after: int) -> int:
    """Put one batch of open cases right and order the next; return how many were changed.

    Idempotent: what is right already is left alone. Locating happens in memory.
    """
    changed = 0
    found = Case.objects.filter(is_open=True, pk__gt=after).order_by("pk")
    batch = list(
        found.select_related("area", "owner_department", "owner_grid").defer("description")[:BATCH]
    )
    for case in batch:
        changed += _reassign(case) if _is_misplaced(case) else 0
        changed += _take_back(case) if _is_orphan(case) else 0
    if len(batch) == BATCH:
        with transaction.atomic():
            order_look(after=batch[-1].pk)
    return changed


def _is_misplaced(case: Case) -> bool:
    """Whether the map of today puts it elsewhere; without a point, whether its area is gone."""
    if case.lon is not None and case.lat is not None:
        place = locate(case.lon, case.lat)
        if place.area is not None:
            return place.area.pk != case.area_id or place.area.path != case.area_path
    return case.area is not None and (not case.area.is_active or case.area.path != case.area_path)


def _is_orphan(case: Case) -> bool:
    owners = (case.owner_department, case.owner_grid)
    return case.state in OWNED and any(owner and not owner.is_active for owner in owners)


def _reassign(case: Case) -> int:
    """Move the case to the area of today; its history keeps the old one."""
    with transaction.atomic():
        case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
        former = case.area
        has_point = case.lon is not None and case.lat is not None
        place = locate(case.lon, case.lat) if has_point else None  # type: ignore[arg-type]
        if place is not None and place.area is not None:
            case.area, case.is_outside = place.area, False
        while case.area is not None and not case.area.is_active:
            case.area = case.area.parent
        case.area_path = case.area.path if case.area else ""
        route(case)
        details: dict[str, object] = {
            "from_area": former.code if former else "",
            "area": case.area.code if case.area else "",
        }
        record(case, "relocate", SYSTEM, details=details)
    return 1


def _take_back(case: Case) -> int:
    words = gettext("%(owner)s is no longer in use; please choose a new owner.")
    owner = case.owner_grid or case.owner_department
    try:
        perform(
            case_id=case.pk,
            action="take_over",
            by=SYSTEM,
            data={"message": words % {"owner": owner.name if owner else ""}},
        )
    except CaseError:
        return 0  # Somebody acted on it meanwhile; it has another owner or none now.
    return 1
