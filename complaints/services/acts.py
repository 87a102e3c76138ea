"""Acts that do not move the state: adding words or photos, urging, a contact, a late rating."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.clockwork import FIRST_RESPONSE
from complaints.errors import ActionRefused, InvalidInput
from complaints.identity import Identity
from complaints.inputs import clean_inputs, clean_text
from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.plausibility import Misfit, doubts_in
from complaints.selectors.evidence import AFTER, BEFORE, SUPPLEMENT
from complaints.selectors.groups import is_ratable
from complaints.selectors.tracking import is_today
from complaints.services.clocks import stop_clocks
from complaints.services.intake import PHOTO_LIMIT
from complaints.services.recording import locked_for, record, seen
from complaints.workflow import URGEABLE, Party, Text
from foundation.accounts.phones import PhoneRefused, normalise
from foundation.media.models import Photo
from foundation.media.services import StagedPhoto, attach
from foundation.vault.services import shred, store

EVIDENCE = (BEFORE, AFTER)
URGED_TODAY: Text = _("You asked once today already; the people who handle it can see it.")


def add_supplement(
    *,
    case_id: int,
    by: Performer,
    message: str = "",
    photos: Sequence[StagedPhoto] = (),
    key: UUID | None = None,
) -> Case:
    """Let the complainant add words or photos to an open case. It never resets a clock.

    Raises CaseNotFound, InvalidInput (nothing given, too long, too many photos), ActionRefused
    (case ended).
    """
    text = clean_text(message, longest=500, label=_("Message"), field="message")
    if not text and not photos:
        raise InvalidInput(_("Write a few words or add a photo."), field="message")
    with transaction.atomic():
        case = locked_for(case_id, by, Party.COMPLAINANT)
        if seen(case, key):
            return case
        if not case.is_open:
            raise ActionRefused(_("This case is closed; you can ask to handle it again."))
        _add_photos(case, photos, purpose=SUPPLEMENT, by=by)
        record(case, "supplement", by, key=key, public=text, details={"photos": len(photos)})
    return case


def add_evidence(
    *,
    case_id: int,
    by: Performer,
    purpose: str,
    photos: Sequence[StagedPhoto],
    key: UUID | None = None,
    misfits: Sequence[Misfit] = (),
) -> Case:
    """Let the handler add photos from before or after the work.

    ``misfits``, one a photo, say what does not fit: the act's data and the ledger then hold
    ``plausible: false``, ``doubt`` and ``misfits`` by photo, and no position. Raises CaseNotFound,
    NotPermitted, InvalidInput. Repeating ``key`` changes nothing.
    """
    if purpose not in EVIDENCE or not photos:
        raise InvalidInput(_("Add a photo from before or after the work."), field="photos")
    with transaction.atomic():
        case = locked_for(case_id, by, Party.HANDLER)
        if seen(case, key):
            return case
        added = _add_photos(case, photos, purpose=purpose, by=by)
        # Whoever takes pictures on site has come: that is the first response.
        stop_clocks(case, {FIRST_RESPONSE}, at=timezone.now())
        details = {
            "purpose": purpose,
            "photos": len(photos),
            "stopped": [FIRST_RESPONSE],
            **_doubts(added, misfits),
        }
        record(case, "evidence", by, key=key, details=details)
    return case


def _doubts(photos: Sequence[Photo], misfits: Sequence[Misfit]) -> dict[str, object]:
    doubts = doubts_in(misfits)
    if not doubts:
        return {}
    known = {
        str(photo.pk): {"metres": misfit.metres, "days": misfit.days}
        for photo, misfit in zip(photos, misfits, strict=True)
        if misfit.doubts
    }
    return {"plausible": False, "doubt": list(doubts), "misfits": known}


def urge_case(*, case_id: int, by: Performer, key: UUID | None = None) -> Case:
    """Let the complainant urge (催办), once a day: staff see it, no clock is touched.

    ``key``: once only. Raises CaseNotFound, NotPermitted and ActionRefused: ended, nothing to be
    hurried now, or already urged today (code ``urged_today``; the day is the district's).
    """
    with transaction.atomic():
        case = locked_for(case_id, by, Party.COMPLAINANT)
        if seen(case, key):
            return case
        if not case.is_open:
            raise ActionRefused(_("This case is closed; you can ask to handle it again."))
        if case.state not in URGEABLE:
            raise ActionRefused(
                _("Please answer or rate first; there is nothing to hurry now."),
                code="nothing_to_hurry",
            )
        last = Act.objects.filter(case=case, action="urge").order_by("-ledger_seq").first()
        if last is not None and is_today(last.at):
            raise ActionRefused(URGED_TODAY, code="urged_today")
        case.urge_count += 1
        record(case, "urge", by, key=key, details={"times": case.urge_count})
    return case


def leave_contact(
    *, case_id: int, by: Performer, phone: str, identity: str = Identity.REAL_NAME
) -> Case:
    """Keep a telephone number for notices, in the vault only; a new one destroys the old.

    ``identity``: how the complainant wants to be known; anything unknown counts as a real name.

    Raises InvalidInput when it is no mainland mobile number.
    """
    try:
        number = normalise(phone)
    except PhoneRefused as refused:
        raise InvalidInput(refused.sentence, code=refused.code, field="phone") from refused
    with transaction.atomic():
        case = locked_for(case_id, by, Party.COMPLAINANT)
        if case.complainant_record:
            shred(case.complainant_record, actor=by.actor, reason="replaced by complainant")
        sealed = store(kind="complainant", stream=case.stream, fields={"phone": number})
        case.complainant_record = sealed.id
        case.identity = identity if identity in Identity else Identity.REAL_NAME
        case.retention_step = 0
        record(case, "contact", by, details={"identity": case.identity})
    return case


def rate_later(*, case_id: int, by: Performer, rating: str, rating_text: str = "") -> Case:
    """Store or change a rating after the follow-up began; every level costs the same."""
    values = clean_inputs({"rating": rating, "rating_text": rating_text}, ("rating",))
    with transaction.atomic():
        case = locked_for(case_id, by, Party.COMPLAINANT)
        if not is_ratable(case):
            raise ActionRefused(_("You can rate the answer once there is one."))
        case.rating, case.rated_at = int(values["rating"]), timezone.now()
        case.rating_text = values.get("rating_text", "")
        record(case, "rate", by, details={"rating": values["rating"]})
    return case


def _add_photos(
    case: Case, photos: Sequence[StagedPhoto], *, purpose: str, by: Performer
) -> list[Photo]:
    if len(photos) > PHOTO_LIMIT:
        raise InvalidInput(
            _("At most %(limit)d photos at once.") % {"limit": PHOTO_LIMIT}, field="photos"
        )
    case.photo_count += len(photos)
    return attach(list(photos), stream=case.stream, purpose=purpose, actor=by.actor)
