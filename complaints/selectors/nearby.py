"""What a reporter may know of open reports nearby: the kind, roughly how far, roughly since when.

Nothing private: no number, no words, no photo, no exact place. Both places are moved to the middle
of their cell of about 50 m before they are compared, so that asking again and again from a little
further on tells no more than the cell. Confidential reports are never told of.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as WrongBase64
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from complaints.identity import Identity
from complaints.likeness import FAMILY_SHARE, Sketch, likeness
from complaints.models import Case, Category
from complaints.plausibility import metres_between
from complaints.selectors.rules import category_by_code, category_by_id
from complaints.selectors.twins import beside
from complaints.workflow import STATES, State
from foundation.places.datum import Datum, convert
from foundation.vault.errors import VaultError
from foundation.vault.services import open_sealed, seal

#: Cells of about 55 m north-south and 47 m east-west at the district's latitude.
CELL_DEGREES = 0.0005
FARTHEST_METRES = 200
STEPS_METRES = (100, 200)
LIMIT = 2
CANDIDATES = 30
RECENT = timedelta(days=60)
#: What a page was offered can be taken up for so long; kept drafts may be sent later, unjoined.
OFFER_HOURS = 48
CONTEXT = "complaints.nearby"


@dataclass(frozen=True)
class Neighbour:
    """An open report nearby, as anybody may know it."""

    token: str
    kind: str
    far: str
    state: str
    since: str


def neighbours(lon: float, lat: float, category_code: str, datum: Datum) -> list[Neighbour]:
    """Return up to two open reports of one family of kinds within about 200 m, the nearest first.

    One query. ``lon``, ``lat``: degrees in ``datum``.
    """
    category = category_by_code(category_code)
    if category is None:
        return []
    here = _cell(*convert(lon, lat, source=datum, target=Datum.WGS84))
    now = timezone.now()
    found = (
        Case.objects.filter(beside(*here, ""), is_open=True, main_case__isnull=True)  # type: ignore[arg-type]
        .filter(submitted_at__gte=now - RECENT, is_outside=False)
        .exclude(identity=Identity.CONFIDENTIAL)
        .only("uid", "state", "category_id", "lon", "lat", "submitted_at")
        .order_by("-submitted_at")[:CANDIDATES]
    )
    near = []
    for case in found:
        metres = metres_between(here, _cell(case.lon or 0.0, case.lat or 0.0))
        if metres <= FARTHEST_METRES and _is_kin(case, category):
            near.append((metres, case))
    near.sort(key=lambda pair: pair[0])
    return [_neighbour(case, metres, now) for metres, case in near[:LIMIT]]


def _cell(lon: float, lat: float) -> tuple[float, float]:
    return (
        (round(lon / CELL_DEGREES) * CELL_DEGREES),
        (round(lat / CELL_DEGREES) * CELL_DEGREES),
    )


def _is_kin(case: Case, category: Category) -> bool:
    other = category_by_id(case.category_id)
    if other is None:
        return False
    at = case.submitted_at
    one = Sketch(at=at, kind=category.pk, family=category.parent_id)
    return likeness(one, Sketch(at=at, kind=other.pk, family=other.parent_id)).kind >= FAMILY_SHARE


def _neighbour(case: Case, metres: float, now: datetime) -> Neighbour:
    within = next(step for step in STEPS_METRES if metres <= step)
    category = category_by_id(case.category_id)
    spec = STATES[State(case.state)]
    return Neighbour(
        token=offer_of(case.uid, now),
        kind=category.name if category else "",
        far=_("within about %(n)d m") % {"n": within},
        state=str(spec.public_label) if case.state in TOLD else _("being handled"),
        since=_since(now - case.submitted_at),
    )


#: States that everybody may know; quarrels and pauses of others are "being handled".
TOLD = frozenset({State.SUBMITTED, State.ACCEPTED, State.DISPATCHED, State.IN_PROGRESS})


def _since(age: timedelta) -> str:
    if age < timedelta(days=1):
        return _("reported within a day")
    if age < timedelta(days=7):
        return ngettext("reported %(n)d day ago", "reported %(n)d days ago", age.days) % {
            "n": age.days
        }
    return _("reported more than a week ago")


def offer_of(uid: UUID, now: datetime) -> str:
    """Return a sealed token with which a reporter can join this report; it tells nothing."""
    content = json.dumps([str(uid), round(now.timestamp())]).encode()
    return urlsafe_b64encode(seal(content, context=CONTEXT)).decode().rstrip("=")


def joined_by(token: str) -> UUID | None:
    """Return the case that a token offers; None when it is none of ours or too old."""
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        uid, made = json.loads(open_sealed(sealed, context=CONTEXT))
    except (ValueError, WrongBase64, VaultError):
        return None
    age = timezone.now().timestamp() - made
    return UUID(uid) if age + 60 >= 0 and age < OFFER_HOURS * 3600 else None
