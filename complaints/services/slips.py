"""The transfer slip (转办单): what a department needs to act, and nobody's data."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from complaints.errors import CaseNotFound, NotPermitted
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import may_see, parties_of
from foundation.ledger.services import append
from foundation.vault.masking import masked


@dataclass(frozen=True)
class Slip:
    """The words of a slip, every private detail masked, and when it was printed."""

    case: Case
    problem: str
    address: str
    printed_at: datetime


def print_slip(*, case: Case, by: Performer) -> Slip:
    """Return the slip of ``case`` and write down who printed it.

    Units and plates are masked as well: paper travels further than a screen (ADR 0010). Raises
    CaseNotFound, NotPermitted (readers only). The ledger's three statements.
    """
    if not may_see(by, case):
        raise CaseNotFound("")
    if not parties_of(by, case):
        raise NotPermitted("")
    now = timezone.now()
    with transaction.atomic():
        data = {"number": case.number, "identity": case.identity}
        append(stream=case.stream, action="case.slip", actor=by.actor, at=now, data=data)
    return Slip(case, masked(case.description), masked(case.address), now)
