"""Which cases the public map shows, and as what. No ORM.

Not shown: what nobody has accepted yet, what somebody reported in confidence, what lies outside the
district, what was withdrawn or is handled together with an earlier report.
"""

from complaints.identity import Identity
from complaints.models.public_point import PublicState
from complaints.workflow import State

S, P = State, PublicState
PUBLIC: dict[str, PublicState] = {
    S.ACCEPTED: P.WAITING,
    S.PENDING_DISPATCH: P.WAITING,
    S.DISPATCHED: P.WAITING,
    S.RETURN_REQUESTED: P.WAITING,
    S.REOPENED: P.WAITING,
    S.IN_PROGRESS: P.WORKING,
    S.WHISTLED: P.WORKING,
    S.IN_CONSULTATION: P.WORKING,
    S.EXTENSION_REQUESTED: P.WORKING,
    S.SUSPENDED: P.WORKING,
    S.PENDING_REVIEW: P.WORKING,
    S.PARTIALLY_CLOSED: P.WORKING,
    S.REVIEWING: P.WORKING,
    S.RE_REVIEWING: P.WORKING,
    S.REPLIED: P.DONE,
    S.PENDING_FOLLOWUP: P.DONE,
    S.CLOSED: P.DONE,
    S.REJECTED: P.DECLINED,
    S.REFERRED_OUT: P.DECLINED,
}


def public_state(
    state: str, *, identity: str, is_outside: bool, archived_from: str = ""
) -> PublicState | None:
    """Return what the public map says of a case; None when it says nothing.

    An archived case keeps what it said before: ``archived_from`` is the state it was archived in.
    """
    if is_outside or identity == Identity.CONFIDENTIAL:
        return None
    if state == State.ARCHIVED:
        # Archived from a review, or long ago: the answer was upheld.
        return PUBLIC.get(archived_from) if archived_from not in REVIEWED else P.DONE
    return PUBLIC.get(state)


REVIEWED = frozenset({State.REVIEWING, State.RE_REVIEWING})
