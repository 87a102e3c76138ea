"""Answers on their way out: a preview of what the resident gets, and which were sent before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from complaints.models import Act, Case, SentAnswer
from complaints.performer import Performer
from complaints.relevance import answer_digest
from complaints.selectors.tracking import Progress, progress_of
from complaints.services.messages import notice_context
from complaints.services.transition import perform
from complaints.workflow import find
from foundation.notices.services import preview

#: How long an answer is remembered: the same words to somebody else within it are pasted.
REMEMBERED = timedelta(days=60)


@dataclass(frozen=True)
class Preview:
    """What the resident would get: the tracking page's parts, and the notice."""

    case: Case
    progress: Progress
    subject: str = ""
    notice: str = ""
    is_reachable: bool = False


def preview_act(
    *, case_id: int, action: str, by: Performer, data: Mapping[str, object], version: int | None
) -> Preview:
    """Perform ``action``, read what the resident would see, and take everything back.

    The one way that cannot differ from sending: same rights, guards, texts and pages. Raises what
    perform raises. Nothing is kept: no state, no ledger entry, no notice.
    """
    with transaction.atomic():
        before = Case.objects.filter(pk=case_id).values_list("state", flat=True).first()
        case = perform(case_id=case_id, action=action, by=by, data=data, version=version)
        act = Act.objects.filter(case=case).order_by("-ledger_seq")[0]
        progress = progress_of(case)
        context = notice_context(case, act)
        transaction.set_rollback(True)
    row = find(before or "", action)
    subject, text = preview(row.notice, context) if row and row.notice else ("", "")
    reachable = bool(case.complainant_record or case.account_id)
    return Preview(case, progress, subject, text, reachable)


def sent_lately(case: Case, answer: str, *, now: datetime | None = None) -> str:
    """Return the number of another case that got the same words lately; '' if none. One query.

    Digits do not count, so that a number and a date changed do not hide what was pasted.
    """
    since = (now or timezone.now()) - REMEMBERED
    found = SentAnswer.objects.filter(digest=answer_digest(answer), sent_at__gte=since)
    others = found.exclude(case=case).order_by("-sent_at").values_list("case__number", flat=True)
    return others.first() or ""
