"""The workflow of a case: states, one transition table, pure guards. No ORM, no I/O.

States follow 12345, 数字城管 and 信访 practice (design/domain.md §2e). Only
``complaints.services.transition.perform`` applies a row; selectors read the table to offer actions;
tests run every pair of state and action; ``manage.py workflow_diagram`` draws it for the docs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.guards import (
    Guard,
    Text,
    category_known,
    dissatisfaction_followed,
    extension_available,
    first_redress,
    first_return,
    first_split,
    no_reopening_left,
    not_ruled,
    other_pair_of_eyes,
    owner_not_freed,
    returned_before,
    second_redress,
    within_reopen_term,
    work_is_done,
)


class Party(StrEnum):
    """Who may act, or who has to act next. A policy turns a person's current duty into parties."""

    COMPLAINANT = "complainant"
    DISPATCHER = "dispatcher"
    HANDLER = "handler"
    REVIEWER = "reviewer"
    FOLLOWUP = "followup"
    SUPERVISOR = "supervisor"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class State(StrEnum):
    SUBMITTED = "submitted"
    AWAITING_INFO = "awaiting_info"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MERGED = "merged"
    REFERRED_OUT = "referred_out"
    PENDING_DISPATCH = "pending_dispatch"
    DISPATCHED = "dispatched"
    RETURN_REQUESTED = "return_requested"
    IN_PROGRESS = "in_progress"
    WHISTLED = "whistled"
    IN_CONSULTATION = "in_consultation"
    EXTENSION_REQUESTED = "extension_requested"
    SUSPENDED = "suspended"
    PENDING_REVIEW = "pending_review"
    REPLIED = "replied"
    PENDING_FOLLOWUP = "pending_followup"
    REOPENED = "reopened"
    PARTIALLY_CLOSED = "partially_closed"
    CLOSED = "closed"
    REVIEWING = "reviewing"
    RE_REVIEWING = "re_reviewing"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class StateSpec:
    """What a state means: labels, who acts next and under which clock (empty for ended cases)."""

    label: Text
    public_label: Text
    chip: str
    next_party: Party | None = None
    clock: str = ""

    @property
    def is_open(self) -> bool:
        return self.next_party is not None


STATES: dict[State, StateSpec] = {
    State.SUBMITTED: StateSpec(
        _("Submitted"), _("Received, waiting for acceptance"), "new", Party.DISPATCHER, "accept"
    ),
    State.AWAITING_INFO: StateSpec(
        _("Awaiting information"),
        _("We need one more thing from you"),
        "need-info",
        Party.COMPLAINANT,
        "supply_info",
    ),
    State.ACCEPTED: StateSpec(
        _("Accepted"), _("Accepted"), "accepted", Party.DISPATCHER, "dispatch"
    ),
    State.REJECTED: StateSpec(_("Not accepted"), _("Not accepted"), "rejected"),
    State.MERGED: StateSpec(_("Merged"), _("Handled together with an earlier report"), "closed"),
    State.REFERRED_OUT: StateSpec(
        _("Referred out"), _("Passed to the responsible body"), "rejected"
    ),
    State.PENDING_DISPATCH: StateSpec(
        _("Pending dispatch"), _("Being assigned"), "accepted", Party.DISPATCHER, "dispatch"
    ),
    State.DISPATCHED: StateSpec(
        _("Awaiting signature"), _("Assigned"), "dispatched", Party.HANDLER, "sign_for"
    ),
    State.RETURN_REQUESTED: StateSpec(
        _("Return under review"),
        _("Being assigned"),
        "need-info",
        Party.DISPATCHER,
        "return_ruling",
    ),
    State.IN_PROGRESS: StateSpec(
        _("In progress"), _("Being handled"), "working", Party.HANDLER, "handling"
    ),
    State.WHISTLED: StateSpec(
        _("Whistle blown"), _("Departments called together"), "working", Party.HANDLER, "handling"
    ),
    State.IN_CONSULTATION: StateSpec(
        _("In consultation"),
        _("Departments are consulting"),
        "working",
        Party.DISPATCHER,
        "consultation",
    ),
    State.EXTENSION_REQUESTED: StateSpec(
        _("Extension requested"),
        _("Being handled"),
        "need-info",
        Party.SUPERVISOR,
        "extension_ruling",
    ),
    State.SUSPENDED: StateSpec(
        _("Suspended"), _("Paused, with a reason"), "need-info", Party.HANDLER, "suspension"
    ),
    State.PENDING_REVIEW: StateSpec(
        _("Pending review"), _("Result being checked"), "checking", Party.REVIEWER, "review"
    ),
    State.REPLIED: StateSpec(_("Replied"), _("Answered"), "closed", Party.FOLLOWUP, "followup"),
    State.PENDING_FOLLOWUP: StateSpec(
        _("Pending follow-up"),
        _("Answered, follow-up to come"),
        "checking",
        Party.FOLLOWUP,
        "followup",
    ),
    State.REOPENED: StateSpec(
        _("Reopened"), _("Reopened"), "reopened", Party.DISPATCHER, "dispatch"
    ),
    State.PARTIALLY_CLOSED: StateSpec(
        _("Closed for this stage"),
        _("Closed for this stage"),
        "closed",
        Party.HANDLER,
        "milestone",
    ),
    # With a context: other apps say "Closed" and "Close" of other things.
    State.CLOSED: StateSpec(
        pgettext_lazy("case", "Closed"), pgettext_lazy("case", "Closed"), "closed"
    ),
    State.REVIEWING: StateSpec(
        _("Under review"), _("Under review"), "checking", Party.SUPERVISOR, "redress"
    ),
    State.RE_REVIEWING: StateSpec(
        _("Under second review"), _("Under second review"), "checking", Party.SUPERVISOR, "redress"
    ),
    State.ARCHIVED: StateSpec(_("Archived"), pgettext_lazy("case", "Closed"), "closed"),
    State.WITHDRAWN: StateSpec(_("Withdrawn"), _("Withdrawn by you"), "rejected"),
}

OPEN_STATES = frozenset(state for state, spec in STATES.items() if spec.is_open)
#: Open states in which the house owes the next step: only then is there something to hurry.
URGEABLE = frozenset(
    state
    for state in OPEN_STATES
    if STATES[state].next_party not in {Party.COMPLAINANT, Party.FOLLOWUP}
)
START = "start"

#: How long staff are offered to take an act back, and how long nobody is told of it: the click
#: needs its time to the server.
UNDO_OFFERED = timedelta(seconds=8)
UNDO_WINDOW = timedelta(seconds=10)


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    source: str
    target: State
    action: str
    label: Text
    parties: frozenset[Party]
    guard: Guard | None = None
    required: tuple[str, ...] = ()
    notice: str = ""
    undone_by: str = ""


def _row(
    sources: Iterable[State | str],
    target: State,
    action: str,
    label: Text,
    parties: Iterable[Party],
    *,
    guard: Guard | None = None,
    required: tuple[str, ...] = (),
    notice: str = "",
    undone_by: str = "",
) -> list[Transition]:
    who = frozenset(parties)
    return [
        Transition(str(source), target, action, label, who, guard, required, notice, undone_by)
        for source in sources
    ]


S, P = State, Party
DESK = (P.DISPATCHER,)
HANDLES = (P.HANDLER,)
RULES = (P.SUPERVISOR, P.DISPATCHER)
#: States in which somebody owns the work: when the owner is gone, it falls back to the dispatcher.
OWNED = (
    S.DISPATCHED,
    S.RETURN_REQUESTED,
    S.IN_PROGRESS,
    S.WHISTLED,
    S.IN_CONSULTATION,
    S.EXTENSION_REQUESTED,
    S.SUSPENDED,
    S.PENDING_REVIEW,
    S.PARTIALLY_CLOSED,
)

# fmt: off
# source(s), target, action, label, who — guard, required, notice, undone_by
TRANSITIONS: tuple[Transition, ...] = tuple(
    row
    for rows in (
        _row([START], S.SUBMITTED, "submit", _("Report"), (P.COMPLAINANT, P.DISPATCHER, P.HANDLER)),
        _row([S.SUBMITTED], S.ACCEPTED, "accept", _("Accept"), DESK,
             guard=category_known, notice="case.accepted"),
        _row([S.SUBMITTED], S.AWAITING_INFO, "ask_info", _("Ask for information"), DESK,
             required=("message",), notice="case.info_asked"),
        _row([S.AWAITING_INFO], S.SUBMITTED, "supply_info", _("Add information"), (P.COMPLAINANT,),
             required=("message",)),
        _row([S.SUBMITTED, S.AWAITING_INFO], S.REJECTED, "reject", _("Do not accept"), DESK,
             required=("reason_code", "message"), notice="case.rejected"),
        _row([S.SUBMITTED, S.ACCEPTED, S.PENDING_DISPATCH], S.MERGED, "merge", _("Merge"),
             (P.DISPATCHER, P.SYSTEM),
             required=("main_number",), notice="case.merged"),
        _row([S.MERGED], S.PENDING_DISPATCH, "split", _("Split off"), (P.DISPATCHER, P.SYSTEM),
             guard=category_known, notice="case.split"),
        _row([S.MERGED], S.SUBMITTED, "ask_split", _("Not the same problem"),
             (P.COMPLAINANT, P.SYSTEM), guard=first_split, required=("message",)),
        _row([S.SUBMITTED, S.ACCEPTED, S.PENDING_DISPATCH], S.REFERRED_OUT, "refer_out",
             _("Refer out"), DESK, required=("body", "message"), notice="case.referred_out"),
        _row([S.ACCEPTED, S.PENDING_DISPATCH, S.REOPENED], S.DISPATCHED, "dispatch", _("Dispatch"),
             DESK, guard=owner_not_freed, required=("owner",), notice="case.dispatched",
             undone_by="recall"),
        _row([S.ACCEPTED], S.REPLIED, "answer_directly", _("Answer at once"), DESK,
             required=("reply",), notice="case.replied"),
        _row([S.DISPATCHED], S.PENDING_DISPATCH, "recall", _("Recall"), DESK,
             guard=not_ruled, required=("message",)),
        _row(OWNED, S.PENDING_DISPATCH, "take_over", _("Back to the dispatcher: owner gone"),
             (P.SYSTEM,), required=("message",)),
        _row([S.DISPATCHED], S.IN_PROGRESS, "sign_for", _("Sign for it"), HANDLES,
             notice="case.in_progress"),
        _row([S.DISPATCHED], S.RETURN_REQUESTED, "request_return", _("Hand back"), HANDLES,
             guard=first_return, required=("message", "proposed_owner")),
        _row([S.RETURN_REQUESTED], S.PENDING_DISPATCH, "uphold_return", _("Accept the return"),
             DESK),
        _row([S.RETURN_REQUESTED], S.DISPATCHED, "deny_return", _("Refuse the return"), DESK,
             required=("message",)),
        _row([S.RETURN_REQUESTED, S.IN_CONSULTATION], S.DISPATCHED, "fall_to_first",
             _("Falls to the first receiver"), (P.SYSTEM,)),
        _row([S.DISPATCHED], S.IN_CONSULTATION, "dispute_again", _("Ask for consultation"), HANDLES,
             guard=returned_before, required=("message",)),
        _row([S.IN_PROGRESS], S.IN_CONSULTATION, "consult", _("Start a consultation"),
             (P.HANDLER, P.DISPATCHER), guard=not_ruled, required=("message",)),
        _row([S.IN_CONSULTATION], S.DISPATCHED, "rule", _("Rule on the owner"), RULES,
             required=("owner", "message")),
        _row([S.IN_CONSULTATION], S.IN_PROGRESS, "conclude_consultation", _("Conclude"), RULES,
             required=("message",)),
        _row([S.IN_PROGRESS], S.WHISTLED, "blow_whistle", _("Blow the whistle"), HANDLES,
             required=("reason_code", "departments", "message")),
        _row([S.WHISTLED], S.IN_PROGRESS, "end_whistle", _("End the whistle"), HANDLES,
             required=("message",)),
        _row([S.IN_PROGRESS], S.EXTENSION_REQUESTED, "request_extension", _("Ask for more time"),
             HANDLES, guard=extension_available, required=("message",)),
        _row([S.EXTENSION_REQUESTED], S.IN_PROGRESS, "grant_extension", _("Grant more time"),
             (P.SUPERVISOR,), notice="case.extended"),
        _row([S.EXTENSION_REQUESTED], S.IN_PROGRESS, "deny_extension", _("Refuse more time"),
             (P.SUPERVISOR,), required=("message",)),
        _row([S.IN_PROGRESS], S.IN_PROGRESS, "respond", _("Tell the resident how it goes"), HANDLES,
             required=("contact_way", "message"), notice="case.progress"),
        _row([S.IN_PROGRESS], S.SUSPENDED, "suspend", _("Pause"), HANDLES, required=("message",),
             notice="case.suspended"),
        _row([S.SUSPENDED], S.IN_PROGRESS, "resume", _("Resume"), (P.HANDLER, P.SYSTEM)),
        _row([S.IN_PROGRESS], S.PENDING_REVIEW, "complete", _("Done"), HANDLES,
             guard=work_is_done, required=("outcome_code", "message")),
        _row([S.PENDING_REVIEW], S.IN_PROGRESS, "send_back", _("Send back"), (P.REVIEWER,),
             guard=other_pair_of_eyes, required=("message",)),
        _row([S.PENDING_REVIEW], S.REPLIED, "approve", _("Approve and answer"), (P.REVIEWER,),
             guard=other_pair_of_eyes, required=("reply",), notice="case.replied"),
        _row([S.REPLIED], S.PENDING_FOLLOWUP, "start_followup", _("Start follow-up"),
             (P.FOLLOWUP, P.SYSTEM)),
        _row([S.REPLIED], S.PENDING_FOLLOWUP, "rate", _("Rate"), (P.COMPLAINANT,),
             required=("rating",)),
        _row([S.REPLIED, S.PENDING_FOLLOWUP, S.PARTIALLY_CLOSED, S.CLOSED], S.REOPENED, "reopen",
             _("Ask to handle it again"), (P.COMPLAINANT, P.FOLLOWUP),
             guard=within_reopen_term, required=("message",), notice="case.reopened"),
        _row([S.PENDING_FOLLOWUP], S.CLOSED, "close",
             pgettext_lazy("case", "Close"), (P.FOLLOWUP,),
             guard=dissatisfaction_followed, required=("followup_result",), notice="case.closed"),
        _row([S.PENDING_FOLLOWUP], S.REVIEWING, "escalate", _("Pass to a supervisor"),
             (P.FOLLOWUP,), guard=no_reopening_left, required=("message",)),
        _row([S.PENDING_FOLLOWUP], S.PARTIALLY_CLOSED, "close_stage", _("Close this stage"),
             (P.FOLLOWUP,), required=("message", "milestone_on"), notice="case.partially_closed"),
        _row([S.PARTIALLY_CLOSED], S.IN_PROGRESS, "continue", _("Continue"), HANDLES),
        _row([S.CLOSED], S.REVIEWING, "request_review", _("Ask for a review"), (P.COMPLAINANT,),
             guard=first_redress, required=("message",)),
        _row([S.REVIEWING], S.CLOSED, "uphold_answer", _("Uphold the answer"), (P.SUPERVISOR,),
             required=("reply",), notice="case.reviewed"),
        _row([S.REVIEWING, S.RE_REVIEWING], S.REOPENED, "overturn_answer", _("Overturn the answer"),
             (P.SUPERVISOR,), required=("reply",), notice="case.reviewed"),
        _row([S.CLOSED], S.RE_REVIEWING, "request_second_review", _("Ask for a second review"),
             (P.COMPLAINANT,), guard=second_redress, required=("message",)),
        _row([S.RE_REVIEWING], S.RE_REVIEWING, "begin_hearing", _("Begin a hearing"),
             (P.SUPERVISOR,), required=("message",), notice="case.hearing"),
        _row([S.RE_REVIEWING], S.RE_REVIEWING, "end_hearing", _("End the hearing"),
             (P.SUPERVISOR,), required=("message",)),
        _row([S.RE_REVIEWING], S.ARCHIVED, "uphold_finally", _("Uphold finally"), (P.SUPERVISOR,),
             required=("reply",), notice="case.reviewed"),
        _row([S.CLOSED, S.REJECTED, S.MERGED, S.REFERRED_OUT, S.WITHDRAWN], S.ARCHIVED, "archive",
             _("Archive"), (P.SYSTEM,)),
        _row([S.SUBMITTED, S.AWAITING_INFO, S.ACCEPTED, S.PENDING_DISPATCH, S.DISPATCHED],
             S.WITHDRAWN, "withdraw", _("Withdraw"), (P.COMPLAINANT,)),
    )
    for row in rows
)
# fmt: on

TABLE: dict[tuple[str, str], Transition] = {(t.source, t.action): t for t in TRANSITIONS}
ACTIONS: frozenset[str] = frozenset(t.action for t in TRANSITIONS)
#: Acts after which the work starts anew, so that what showed its end before counts no more: opened
#: again by whomever, or sent back by the reviewer. (Who only mends the words after that says so
#: where a missing photo is explained, and the reviewer reads it.)
NEW_ROUND: frozenset[str] = frozenset(
    {t.action for t in TRANSITIONS if t.target == State.REOPENED} | {"send_back"}
)
#: State → notices that are withdrawn unsent when it is left: what they tell of is over.
WITHDRAWN_ON_LEAVING: dict[str, tuple[str, ...]] = {
    state: codes
    for state in State
    if (codes := tuple({t.notice for t in TRANSITIONS if t.target == state and t.undone_by}))
}


def find(state: str, action: str) -> Transition | None:
    """Return the row for ``action`` in ``state``, or None when the table has none."""
    return TABLE.get((state, action))


def actions_from(state: str, parties: frozenset[Party]) -> list[Transition]:
    """Return the rows that somebody with ``parties`` may try in ``state``, in table order."""
    return [t for t in TRANSITIONS if t.source == state and t.parties & parties]


def unreachable_states() -> set[State]:
    """Return the states no path from the start leads to; the system check wants none."""
    seen: set[str] = {START}
    frontier = [START]
    while frontier:
        here = frontier.pop()
        for row in TRANSITIONS:
            if row.source == here and row.target not in seen:
                seen.add(row.target)
                frontier.append(row.target)
    return {state for state in State if state not in seen}
