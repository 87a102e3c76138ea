"""After 复核 the same facts are taken in no more: is a new report one of them?"""

import re

from complaints.models import Case
from complaints.numbers import is_case_number
from complaints.workflow import State
from foundation.vault.models import PersonalRecord

NAMED = re.compile(r"[A-Za-z]{2}-[0-9]{8}-[0-9]{4,8}-[A-Za-z]")
#: 复查 and 复核.
BOTH_REVIEWS = 2
BEFORE_ACCEPTANCE = {State.SUBMITTED, State.AWAITING_INFO}


def decided_finally(case: Case) -> str:
    """Return the number of a finally decided case that ``case`` names, by the same complainant.

    '' otherwise; the same account or the same telephone makes the same complainant. It flags, a
    dispatcher decides (信访工作条例 Art 36). No query unless the words hold a case's number; then
    one, and one for the telephones.
    """
    if case.state not in BEFORE_ACCEPTANCE:
        return ""
    named = {found.upper() for found in NAMED.findall(case.description)}
    numbers = {number for number in named if is_case_number(number)} - {case.number}
    if not numbers:
        return ""
    decided = Case.objects.filter(
        number__in=sorted(numbers)[:5], state=State.ARCHIVED, redress_count__gte=BOTH_REVIEWS
    )
    for earlier in decided.order_by("-id"):
        if _same_complainant(case, earlier):
            return earlier.number
    return ""


def _same_complainant(case: Case, earlier: Case) -> bool:
    if case.account_id and case.account_id == earlier.account_id:
        return True
    if case.complainant_record is None or earlier.complainant_record is None:
        return False
    records = {case.complainant_record, earlier.complainant_record}
    phones = PersonalRecord.objects.filter(pk__in=records).values_list("phone_index", flat=True)
    found = list(phones)
    return len(found) == len(records) and bool(found[0]) and len(set(found)) == 1
