"""What the complainant is told, queued in the same transaction as the act it tells of."""

from complaints.models import Act, Case
from foundation.notices.services import queue


def queue_notice(case: Case, code: str, act: Act) -> None:
    """Queue the notice ``code`` about ``act``; nothing when nobody left a way to be reached.

    Sent once: its key is the case and the version the act made. Two statements.
    """
    if not code or not (case.complainant_record or case.account_id):
        return
    queue(
        code=code,
        key=f"{case.uid}:{case.version}:{code}",
        stream=case.stream,
        context={"number": case.number, "text": act.public_text[:200]},
        record_id=case.complainant_record,
        user_id=None if case.complainant_record else case.account_id,
    )
