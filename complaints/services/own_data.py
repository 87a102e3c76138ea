"""The complainant's own rights: having the contact destroyed, taking everything along."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.errors import ActionRefused
from complaints.models import Case
from complaints.performer import Performer
from complaints.selectors.tracking import progress_of
from complaints.services.recording import locked_for, record
from complaints.workflow import Party
from foundation.ledger.services import append
from foundation.vault.errors import RecordNotFound, RecordShredded
from foundation.vault.selectors import record_of
from foundation.vault.services import read_for_delivery, shred


def forget_contact(*, case_id: int, by: Performer) -> Case:
    """Destroy the contact at the complainant's wish, whatever the state (个人信息保护法 Art 47).

    Words and photos stay as long as the law wants the case kept. Raises CaseNotFound, NotPermitted,
    ActionRefused (there is none).
    """
    with transaction.atomic():
        case = locked_for(case_id, by, Party.COMPLAINANT)
        if case.complainant_record is None:
            raise ActionRefused(_("There is no contact to delete."), code="no_contact")
        shred(case.complainant_record, actor=by.actor, reason="asked for by complainant")
        case.complainant_record = None
        record(case, "forget", by)
    return case


def export_own_data(*, case: Case, by: Performer) -> dict[str, Any]:
    """Return everything kept about the complainant of ``case``, as JSON-able data (PIPL Art 45).

    Whoever asks holds the receipt or the account; the export itself lands in the ledger. About nine
    statements.
    """
    progress = progress_of(case)
    contact = _contact(case)
    if by.account_id is None or by.account_id != case.account_id:
        # A receipt may be found on a table: only the account itself gets the number whole.
        contact = {name: _shortened(value) for name, value in contact.items()}
    with transaction.atomic():
        append(stream=case.stream, action="case.own_export", actor=by.actor)
    return {
        "number": case.number,
        "state": str(progress.state_label),
        "identity": case.get_identity_display(),
        "submitted_at": case.submitted_at.isoformat(),
        "category": case.category.name if case.category else "",
        "description": case.description,
        "address": case.address,
        "position": {"lon": case.lon, "lat": case.lat, "datum": "WGS-84"} if case.lon else None,
        "contact": contact,
        "answer": case.reply,
        "rating": case.rating,
        "rating_text": case.rating_text,
        "photos": [str(photo.pk) for photo in progress.photos.from_complainant],
        "steps": [
            {"at": step.at.isoformat(), "what": str(step.title), "words": step.text}
            for step in progress.steps
        ],
        "who_looked_at_my_data": [
            {
                "at": look.at.isoformat(),
                "role": look.role,
                "department": look.department,
                "why": look.reason,
            }
            for look in progress.looks
        ],
    }


def _shortened(value: str) -> str:
    """Return a number or name that its owner recognises and nobody else can use."""
    plain = value.removeprefix("+86")
    return f"{plain[:3]}****{plain[-4:]}" if len(plain) > 7 else f"{plain[:1]}＊＊"


def _contact(case: Case) -> dict[str, str]:
    """Return what the vault keeps; {} when there is nothing any more. At most five queries."""
    if case.complainant_record is None:
        return {}
    try:
        record_of(case.complainant_record)
        names = ("name", "phone", "landline", "email")
        found = {name: read_for_delivery(case.complainant_record, name) for name in names}
    except (RecordNotFound, RecordShredded):
        return {}
    return {name: value for name, value in found.items() if value}
