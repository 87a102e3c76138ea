"""An answered request is published without its applicant; time ends what was kept of people."""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.inforequest_errors import ActionRefused, InvalidInput, NotPermitted, RequestNotFound
from cms.inforequest_inputs import clean
from cms.inforequest_workflow import Party, State
from cms.models import InfoRequest, Release, RequestAct
from cms.performer import SYSTEM, Performer
from cms.policies import may_reveal_applicant, request_parties
from cms.redaction import MARKED, leaks
from cms.services.inforequest_record import record
from cms.services.releases import marked_original
from foundation.vault.errors import RecordNotFound, RecordShredded
from foundation.vault.masking import find_private
from foundation.vault.services import read_for_delivery, reveal, shred
from search.services import touch

#: Review and litigation are over, the yearly report is out: then the applicant is forgotten.
KEPT = timedelta(days=2 * 365)
FIELDS = ("name", "identity", "phone", "email", "address")
GONE = "〔保存期满，已删除〕"


def _locked(request_id: int, by: Performer) -> InfoRequest:
    request = InfoRequest.objects.select_for_update().filter(pk=request_id).first()
    if request is None:
        raise RequestNotFound(_("There is no such request here."))
    if not request_parties(by, request) & {Party.EDITOR}:
        raise NotPermitted(_("This step belongs to somebody else."))
    return request


def publish_answer(
    *, request_id: int, by: Performer, title: str, question: str, answer: str
) -> InfoRequest:
    """Publish an answered request in words without a person; also puts it into the search.

    Raises InvalidInput when private details, anything the applicant told of themselves, or what
    was blacked out is in the words; ActionRefused when it is not answered.
    """
    texts = {
        "public_title": clean(title, longest=120, name="public_title"),
        "public_question": clean(question, longest=1000, name="public_question", required=False),
        "public_answer": clean(answer, longest=4000, name="public_answer"),
    }
    with transaction.atomic():
        request = _locked(request_id, by)
        if request.state != State.ANSWERED:
            raise ActionRefused(_("Only an answered request can be published."))
        for name, text in texts.items():
            _refuse_private(request, name, text)
            setattr(request, name, text)
        request.published_at = timezone.now()
        _save(request, "publish", by)
    return request


def withdraw_publication(*, request_id: int, by: Performer) -> InfoRequest:
    """Take a published answer out of the open list and the search."""
    with transaction.atomic():
        request = _locked(request_id, by)
        request.published_at = None
        _save(request, "unpublish", by)
    return request


def _save(request: InfoRequest, action: str, by: Performer) -> None:
    request.version += 1
    request.save()
    record(request, action, by, at=timezone.now(), source=request.state)
    touch("answer", request.pk)


def _refuse_private(request: InfoRequest, name: str, text: str) -> None:
    told = [found.text for found in find_private(text)]
    told += [value for value in _of_applicant(request) if len(value) >= 2 and value in text]
    if told:
        raise InvalidInput(
            _("Take private details out before publishing: %(which)s")
            % {"which": "、".join(told[:5])},
            field=name,
        )
    release = Release.objects.filter(request=request).first()
    passages = MARKED.findall(marked_original(release)) if release else []
    if leaks(text, tuple(passages)):
        raise InvalidInput(_("This repeats something that is blacked out."), field=name)


def _of_applicant(request: InfoRequest) -> list[str]:
    if request.applicant_record is None:
        return []
    with suppress(RecordNotFound):
        return [read_for_delivery(request.applicant_record, field) for field in FIELDS]
    return []


def reveal_applicant(*, request_id: int, by: Performer, reason: str) -> dict[str, str]:
    """Return the applicant's fields to show once; who looked and why lands in the ledger."""
    said = clean(reason, longest=200, name="reason")
    request = InfoRequest.objects.filter(pk=request_id).first()
    if request is None:
        raise RequestNotFound(_("There is no such request here."))
    if not may_reveal_applicant(by):
        raise NotPermitted(_("This step belongs to somebody else."))
    if request.applicant_record is None:
        raise ActionRefused(_("The applicant's details were deleted."))
    try:
        return reveal(request.applicant_record, actor=by.actor, reason=said)
    except (RecordNotFound, RecordShredded) as gone:
        raise ActionRefused(_("The applicant's details were deleted.")) from gone


def forget_old_applicants(*, now: datetime, limit: int = 200) -> int:
    """Destroy applicants and words of requests that ended long ago; statistics stay. Idempotent."""
    due = InfoRequest.objects.filter(
        is_open=False, is_anonymised=False, ended_at__lte=now - KEPT
    ).order_by("ended_at")
    return sum(_forget(pk, now) for pk in list(due.values_list("pk", flat=True)[:limit]))


def _forget(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        request = InfoRequest.objects.select_for_update().get(pk=pk)
        if request.is_anonymised:
            return False
        record_id: UUID | None = request.applicant_record
        if record_id:
            with suppress(RecordNotFound):
                shred(record_id, actor=SYSTEM.actor, reason="time of retention is over")
        request.applicant_record, request.account, request.applicant_index = None, None, ""
        request.title, request.description, request.letter = GONE, "", ""
        request.pointer = ""
        request.is_anonymised = True
        request.version += 1
        request.save()
        RequestAct.objects.filter(request=request).update(public_text="", internal_text="")
        Release.objects.filter(request=request).delete()
        record(request, "anonymise", SYSTEM, at=now, source=request.state)
    return True
