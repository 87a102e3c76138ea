"""What the complainant is told, queued in the same transaction as the act it tells of."""

from collections.abc import Sequence

from complaints.models import Act, Case
from complaints.wording import wording
from complaints.workflow import UNDO_WINDOW, WITHDRAWN_ON_LEAVING, Transition
from foundation.notices.services import Order, queue, queue_many, withdraw
from foundation.vault.masking import masked

#: What concerns the main case's own reporter only.
OWN = frozenset({"case.info_asked", "case.merged", "case.split"})


def notice_context(case: Case, act: Act) -> dict[str, str]:
    """Return what the notice of ``act`` tells: the words, and where to go with a refused report."""
    route = (
        wording().route(str(act.data.get("reason_code", ""))) if act.action == "reject" else None
    )
    context = {"number": case.number, "text": act.public_text[:200]}
    return {**context, "route": route.sentence} if route else context


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
        context=notice_context(case, act),
        record_id=case.complainant_record,
        user_id=None if case.complainant_record else case.account_id,
        run_after=act.at + UNDO_WINDOW if row.undone_by else None,
    )


def tell_members(
    members: Sequence[Case], main: Case, row: Transition, act: Act, version: int
) -> None:
    """Queue the notice of the main case's act for everybody who joined it, under their own number.

    Sent once: the keys are member, main case and version. Two statements, and one a member when
    the act takes an earlier notice back.
    """
    reachable = [member for member in members if member.complainant_record or member.account_id]
    overtaken = WITHDRAWN_ON_LEAVING.get(row.source)
    if overtaken:
        for member in reachable:
            withdraw(stream=member.stream, codes=overtaken)
    if not row.notice or row.notice in OWN:
        return
    run_after = act.at + UNDO_WINDOW if row.undone_by else None
    queue_many(
        [
            Order(
                code=row.notice,
                key=f"{member.uid}:{main.uid}:{version}:{row.notice}",
                stream=member.stream,
                context={"number": member.number, "text": masked(act.public_text)[:200]},
                record_id=member.complainant_record,
                user_id=None if member.complainant_record else member.account_id,
                run_after=run_after,
            )
            for member in reachable
        ]
    )
