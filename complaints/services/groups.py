"""Groups of reports: members follow their main case, the main case changes, a reporter joins."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.clockwork import FIRST_RESPONSE, OVERALL, RESPONSES
from complaints.errors import ActionRefused, CaseNotFound
from complaints.likeness import FAMILY_SHARE, likeness
from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.policies import may_see
from complaints.selectors.groups import RATABLE, may_become_main, members_of
from complaints.selectors.twins import sketch_of
from complaints.services.clocks import stop_clocks
from complaints.services.messages import tell_members
from complaints.services.transition import perform
from complaints.workflow import TABLE, State, Transition
from foundation.ledger.actor import Actor
from foundation.ledger.models import Entry
from foundation.ledger.services import Record, append_many

FOLLOWED = "case.main_changed"
SYSTEM = Performer(Actor.system("groups"))
BATCH = 200
#: A reporter's word joins two reports of one family up to here; farther ones a dispatcher looks at.
JOIN_METRES = 250
#: The main case ended without an answer, and that holds for everybody who joined it.
ENDED = frozenset({State.REJECTED, State.REFERRED_OUT})


def follow_main(*, uid: UUID, action: str, version: int) -> int:
    """Tell everybody joined to the case ``uid`` of its act; return how many were told.

    Notices, the answer's time and clocks of members, and an entry in each one's stream (which also
    refreshes their open pages). In batches of 200, each one transaction; idempotent. Two queries
    when nobody joined.
    """
    main = Case.objects.filter(uid=uid).first()
    if main is None:
        return 0
    if action == "merge":
        return _catch_up(main)
    if not members_of(main).exists():
        return 0
    if action == "withdraw":
        return _promote_first(main)
    act = Act.objects.filter(case=main, action=action).order_by("-ledger_seq").first()
    row = TABLE.get((act.source, act.action)) if act else None
    if act is None or row is None:
        return 0
    told, after = 0, 0
    while True:
        batch = _tell_batch(main, row, act, version, after)
        told += len(batch)
        if len(batch) < BATCH:
            return told
        after = batch[-1].pk


@transaction.atomic
def _tell_batch(main: Case, row: Transition, act: Act, version: int, after: int) -> list[Case]:
    """Tell up to 200 members with ids above ``after`` that joined before the act."""
    found = members_of(main).filter(pk__gt=after, closed_at__lte=act.at).order_by("pk")
    batch = list(found.select_for_update(of=("self",))[:BATCH])
    known = set(
        Entry.objects.filter(
            stream__in=[member.stream for member in batch], action=FOLLOWED, at=act.at
        ).values_list("stream", flat=True)
    )
    fresh = [member for member in batch if member.stream not in known]
    tell_members(fresh, main, row, act, version)
    _turn_clocks(fresh, row.action, row.target, act.at)
    _write_down(fresh, main, act)
    return batch


def _turn_clocks(members: Sequence[Case], action: str, target: str, at: datetime) -> None:
    """Count each report as answered when the main one is; ended without answer counts nowhere."""
    ended = target in ENDED
    codes: set[str] = set(OVERALL) if ended or target == State.REPLIED else set()
    if ended or action in RESPONSES:
        codes.add(FIRST_RESPONSE)
    if target == State.REPLIED:
        ids = [member.pk for member in members]
        Case.objects.filter(pk__in=ids).update(replied_at=at)
    if codes:
        for member in members:
            stop_clocks(member, codes, at=at, void=ended)


def _write_down(members: Sequence[Case], main: Case, act: Act) -> None:
    records = [
        Record(
            member.stream,
            FOLLOWED,
            SYSTEM.actor,
            {"number": member.number, "main": main.number, "act": act.action, "to": act.target},
            act.at,
        )
        for member in members
    ]
    if records:
        append_many(records)


@transaction.atomic
def _catch_up(case: Case) -> int:
    """Whoever joined, with all who came along, has the answer that the main case had already."""
    case = Case.objects.select_for_update(of=("self",)).select_related("main_case").get(pk=case.pk)
    main = case.main_case
    if main is None or case.replied_at or main.replied_at is None or main.state not in RATABLE:
        return 0
    at = max(case.closed_at or main.replied_at, main.replied_at)
    _turn_clocks([case], "approve", State.REPLIED, at)
    return 1


def _promote_first(main: Case) -> int:
    """The main reporter took the report back: the first of the others stands for the group."""
    with transaction.atomic():
        first = members_of(main).select_for_update(of=("self",)).first()
        if first is None:
            return 0
        words = _("The main report was taken back by its reporter.")
        perform(case_id=first.pk, action="ask_split", by=SYSTEM, data={"message": words})
        return members_of(main).update(main_case=first) + 1


def change_main(*, case_id: int, by: Performer, version: int | None = None) -> Case:
    """Make a joined report the main case of its group; the main one and all others join it.

    Both acts are recorded as if done alone. Possible until the main case is dispatched. Raises
    CaseNotFound, NotPermitted, VersionConflict and ActionRefused. Locks both in the order of ids.
    """
    with transaction.atomic():
        main_id = Case.objects.filter(pk=case_id).values_list("main_case_id", flat=True).first()
        both = Case.objects.select_for_update(of=("self",)).filter(pk__in=[case_id, main_id])
        found = {case.pk: case for case in both.select_related("category").order_by("pk")}
        case, main = found.get(case_id), found.get(main_id or 0)
        if case is None or not may_see(by, case):
            raise CaseNotFound(_("There is no such case here."))
        if main is None or case.main_case_id != main.pk or case.state != State.MERGED:
            raise ActionRefused(_("This case belongs to no other."), code="not_merged")
        case.main_case = main
        if not may_become_main(case):
            raise ActionRefused(
                _("Work on %(number)s has begun: it stays the main case.")
                % {"number": main.number},
                code="work_begun",
            )
        lends = main.category if case.category_id is None else None
        data = {"category": lends.code} if lends else {}
        perform(case_id=case.pk, action="split", by=by, data=data, version=version)
        inputs = {"main_number": case.number}
        perform(case_id=main.pk, action="merge", by=by, data=inputs)
    return Case.objects.get(pk=case_id)


def join(*, uid: UUID, main_uid: UUID) -> bool:
    """Merge a report that its reporter called the same problem as an open one nearby.

    Only near ones of one family of kinds; else a dispatcher, who sees it as a twin, decides.
    Idempotent. Returns whether it is joined now. Raises CaseError when somebody acted meanwhile.
    """
    found = {case.uid: case for case in Case.objects.filter(uid__in=[uid, main_uid])}
    case, main = found.get(uid), found.get(main_uid)
    if case is None or main is None or case.state != State.SUBMITTED:
        return False
    alike = likeness(sketch_of(case), sketch_of(main))
    is_near = alike.metres is not None and alike.metres <= JOIN_METRES
    if not (is_near and alike.kind >= FAMILY_SHARE):
        return False
    inputs = {"main_number": main.number}
    perform(case_id=case.pk, action="merge", by=SYSTEM, data=inputs, version=case.version)
    return True
