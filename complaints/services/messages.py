"""What the complainant is told, queued in the same transaction as the act it tells of."""

from complaints.models import Act, Case
from complaints.workflow import UNDO_WINDOW, WITHDRAWN_ON_LEAVING, Transition
from foundation.notices.services import queue, withdraw


def tell_complainant(case: Case, row: Transition, act: Act) -> None:
    """Queue the notice of ``row`` about ``act``; nothing when nobody left a way to be reached.

    Sent once: its key is the case and the version the act made. The notice of an act that can be
    undone leaves after the window only; the next act that leaves the state withdraws it while it
    waits. At most three statements.
    """
    if not (case.complainant_record or case.account_id):
        return
    overtaken = WITHDRAWN_ON_LEAVING.get(row.source)
    if overtaken:
        withdraw(stream=case.stream, codes=overtaken)
    if not row.notice:
        return
    queue(
        code=row.notice,
        key=f"{case.uid}:{case.version}:{row.notice}",
        stream=case.stream,
        context={"number": case.number, "text": act.public_text[:200]},
        record_id=case.complainant_record,
        user_id=None if case.complainant_record else case.account_id,
        run_after=act.at + UNDO_WINDOW if row.undone_by else None,
    )
