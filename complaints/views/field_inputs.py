"""What a phone sends, read into what services take. Nonsense counts as not given."""

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.forms import typed
from complaints.inputs import FIELDS
from complaints.models import Case
from complaints.plausibility import Sighting
from complaints.services.intake import PHOTO_LIMIT
from complaints.services.routing import Owner, suggest_owner
from complaints.workflow import Text
from foundation.media.errors import UploadRefused
from foundation.media.services import StagedPhoto, stage, staged_of, ticket_of
from foundation.places.selectors import full_name, town_office

PURPOSES = ("before", "after")
OWNERS_OFFERED = 3
TYPED_LIMIT = 4000

#: Why a task is handed back; the words go to the dispatcher together with what was typed.
RETURN_REASONS: dict[str, Text] = {
    "other_grid": _("Not in my grid"),
    "other_duty": _("Not our duty"),
    "beyond_means": _("We have no means for it"),
    "double": _("Same as another task"),
}


@dataclass(frozen=True)
class Photos:
    """Staged photos of one post, by purpose; those kept from an earlier try come first."""

    before: tuple[StagedPhoto, ...] = ()
    after: tuple[StagedPhoto, ...] = ()

    @property
    def tickets(self) -> dict[str, list[str]]:
        """Opaque stand-ins for a form that is shown again."""
        return {
            "before": [ticket_of(photo) for photo in self.before],
            "after": [ticket_of(photo) for photo in self.after],
        }


def version_of(request: HttpRequest) -> int | None:
    """Return the version that the page showed; None when missing or no number."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def staged_photos(request: HttpRequest) -> tuple[Photos, InvalidInput | None]:
    """Stage the photos of a post and take over those kept from an earlier try.

    Also returns the first problem, naming its control; the good photos are kept all the same.
    """
    found: dict[str, list[StagedPhoto]] = {purpose: [] for purpose in PURPOSES}
    problem: InvalidInput | None = None
    for purpose in PURPOSES:
        found[purpose] += _kept(request, purpose)
        for upload in request.FILES.getlist(purpose)[:PHOTO_LIMIT]:
            try:
                found[purpose] += [stage(upload)] if upload.name else []
            except UploadRefused as refused:
                sentence = str(refused.sentence)
                problem = problem or InvalidInput(sentence, code=refused.code, field=purpose)
    return Photos(before=tuple(found["before"]), after=tuple(found["after"])), problem


def _kept(request: HttpRequest, purpose: str) -> list[StagedPhoto]:
    found = []
    for ticket in request.POST.getlist(f"kept_{purpose}")[:PHOTO_LIMIT]:
        with suppress(UploadRefused):
            found.append(staged_of(ticket))
    return found


def sighting_of(request: HttpRequest) -> Sighting:
    """Return where and when the phone says that the photos were taken (milliseconds since 1970)."""
    lon, lat = _number(request.POST.get("lon")), _number(request.POST.get("lat"))
    milliseconds = _number(request.POST.get("taken_at"))
    point = None
    if lon is not None and lat is not None and abs(lon) <= 180 and abs(lat) <= 90:
        point = (lon, lat)
    taken = None
    if milliseconds is not None and 0 < milliseconds < 4_102_444_800_000:  # 1970 to 2100
        taken = datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
    return Sighting(point, taken)


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def return_inputs(posted: Mapping[str, str]) -> dict[str, object]:
    """Return the inputs of handing a task back: reason and words become the message.

    Raises InvalidInput naming what is missing.
    """
    reason = RETURN_REASONS.get(posted.get("reason", ""))
    words = posted.get("message", "").strip()
    owner = posted.get("other_owner", "") or posted.get("proposed_owner", "")
    if reason is None and not words:
        raise InvalidInput(_("Choose why you hand it back."), code="required", field="reason")
    if not owner:
        raise InvalidInput(_("Choose who should do it."), code="required", field="proposed_owner")
    message = _(": ").join([str(reason), words]) if reason and words else str(reason or words)
    return {"message": message, "proposed_owner": owner}


def plain_inputs(posted: QueryDict) -> dict[str, object]:
    """Return the inputs of any other act, as typed."""
    return {name: typed(posted, name) for name in FIELDS if name in posted}


def typed_in(posted: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed or chosen, for showing it again."""
    names = (*FIELDS, "reason", "other_owner", "lon", "lat", "taken_at")
    return {name: posted.get(name, "")[:TYPED_LIMIT] for name in names}


def likely_owners(case: Case) -> list[tuple[str, str]]:
    """Return up to three owners to propose instead: key and name. No query when warm.

    The grid where it really lies, the department of the duty matrix, the town's office.
    """
    located = case.area if case.area_id != case.owner_grid_id else None
    found: list[Owner] = []
    if located is not None and located.kind == "grid":
        found.append(Owner(grid=located))
    found.append(suggest_owner(case.category, None))
    found.append(Owner(department=case.suggested_department))
    found.append(Owner(department=town_office(case.area or case.owner_grid)))
    named = {
        owner.key: full_name(owner.grid) if owner.grid else str(owner.department)
        for owner in found
        if owner.key and owner.key != _present_owner(case)
    }
    return list(named.items())[:OWNERS_OFFERED]


def _present_owner(case: Case) -> str:
    return Owner(grid=case.owner_grid, department=case.owner_department).key
