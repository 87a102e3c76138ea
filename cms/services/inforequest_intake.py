"""A request comes in: checked, numbered, given its clock; the applicant goes to the vault."""

from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from cms import receipts
from cms.inforequest_errors import InvalidInput
from cms.inforequest_inputs import Application, clean, clean_applicant
from cms.inforequest_workflow import STATES, Clock, State
from cms.models import AnswerFirst, ApplicantKind, InfoRequest, Medium, Way
from cms.performer import Performer
from cms.services.inforequest_clocks import start_clock
from cms.services.inforequest_record import record
from foundation.vault.crypto import keyed_hash
from foundation.vault.services import store


@dataclass(frozen=True)
class Receipt:
    """What the applicant takes home; the code is kept nowhere but as a hash."""

    request: InfoRequest
    code: str


def submit_request(*, application: Application, by: Performer) -> Receipt:
    """Store a request and return its receipt; one key posted N times gives one request.

    One transaction of at most 12 statements. Raises InvalidInput before anything is written.
    """
    request, fields = _checked(application)
    code = receipts.code_for(application.key)
    request.receipt_hash = receipts.code_hash(code)
    request.submission_hash = receipts.key_hash(application.key)
    try:
        with transaction.atomic():
            _store(request, fields, by)
    except IntegrityError:
        earlier = InfoRequest.objects.filter(submission_hash=request.submission_hash).first()
        if earlier is None:
            raise
        return Receipt(earlier, code)
    return Receipt(request, code)


def _choice(value: str, choices: list[str], name: str) -> str:
    if value not in choices:
        raise InvalidInput(_("Please choose one of the list."), field=name)
    return value


def _checked(given: Application) -> tuple[InfoRequest, dict[str, str]]:
    request = InfoRequest(
        uid=uuid4(),
        title=clean(given.title, longest=120, name="title"),
        description=clean(given.description, longest=1000, name="description", required=False),
        medium=_choice(given.medium, Medium.values, "medium"),
        way=_choice(given.way, Way.values, "way"),
        applicant_kind=_choice(given.kind, ApplicantKind.values, "kind"),
        account_id=given.account_id,
        state=State.SUBMITTED,
        next_party=str(STATES[State.SUBMITTED].next_party),
        submitted_at=timezone.now(),
    )
    fields = clean_applicant(given.kind, given.applicant, given.way)
    # Who asked the same before is recognised without knowing who it is.
    request.applicant_index = keyed_hash("request-applicant", fields["identity"].upper())
    return request, fields


def _store(request: InfoRequest, fields: dict[str, str], by: Performer) -> None:
    sealed = store(kind="applicant", stream=request.stream, fields=fields)
    request.applicant_record = sealed.id
    request.number = receipts.request_number(day := localdate(), _take_number(day))
    request.due_at = request.submitted_at  # the clock, which needs the row, sets it
    request.save(force_insert=True)
    clock = start_clock(request, Clock.CONFIRM, at=request.submitted_at)
    request.due_at = clock.due_at
    request.save(update_fields=["due_at"])
    data = {
        "kind": request.applicant_kind,
        "clocks": {str(Clock.CONFIRM): clock.due_at.isoformat()},
        "account": request.account_id is not None,
    }
    record(request, "submit", by, at=request.submitted_at, data=data)


def _take_number(day: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cms_requestcounter (day, value) VALUES (%s, 1) ON CONFLICT (day) "
            "DO UPDATE SET value = cms_requestcounter.value + 1 RETURNING value",
            [day],
        )
        return int(cursor.fetchone()[0])


def count_shown(*, answered: bool = False) -> None:
    """Count that similar things were shown before sending, or that one of them was the answer."""
    column = "answered" if answered else "shown"
    with transaction.atomic():
        row, _made = AnswerFirst.objects.select_for_update().get_or_create(day=localdate())
        setattr(row, column, getattr(row, column) + 1)
        row.save(update_fields=[column])
