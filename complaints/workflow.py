"""The workflow of a case: states, one transition table, pure guards. No ORM, no I/O.

States follow 12345, 数字城管 and 信访 practice (design/domain.md §2e). Only
``complaints.services.transition.perform`` applies a row; selectors read the table to offer actions;
tests run every pair of state and action; ``manage.py workflow_diagram`` draws it for the docs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


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
#: What a follow-up clerk hears from somebody whose problem is still there.
DISSATISFIED = "dissatisfied"
START = "start"

REOPEN_WINDOW = timedelta(days=30)
REDRESS_WINDOW = timedelta(days=30)  # 信访工作条例 Art 35–36
#: How long staff are offered to take an act back, and how long nobody is told of it: the click
#: needs its time to the server.
UNDO_OFFERED = timedelta(seconds=8)
UNDO_WINDOW = timedelta(seconds=10)


@dataclass(frozen=True)
class Facts:
    """What guards may know of a case and of the act at hand."""

    now: datetime
    return_count: int = 0
    return_due_at: datetime | None = None
    returned_owners: frozenset[str] = frozenset()
    is_ruled: bool = False
    assist_count: int = 0
    extension_count: int = 0
    reopen_count: int = 0
    redress_count: int = 0
    split_count: int = 0
    handling_due_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    performer_completed_it: bool = False
    has_before_photo: bool = False
    has_after_photo: bool = False
    has_category: bool = True
    data: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Refusal:
    """Why a guard says no: a stable code, the sentence a person reads, the input that mends it."""

    code: str
    message: Text
    field: str = ""


Guard = Callable[[Facts], Refusal | None]


def category_known(facts: Facts) -> Refusal | None:
    if facts.has_category or facts.data.get("category"):
        return None
    return Refusal(
        "category_missing", _("Choose a category first, so that the right office gets it.")
    )


def first_return(facts: Facts) -> Refusal | None:
    """A task may be handed back once and in time; a second dispute is consulted (domain §2c)."""
    if facts.is_ruled:
        return Refusal("ruled", RULED)
    if facts.return_count:
        return Refusal(
            "already_returned", _("This task was handed back once. Ask for a consultation instead.")
        )
    if facts.return_due_at and facts.now > facts.return_due_at:
        return Refusal(
            "return_expired", _("The time for handing it back is over; please sign for it.")
        )
    return None


#: The ruling of a consultation binds: nobody bounces a case after it.
RULED: Text = _("A consultation has ruled who handles this case; the ruling binds.")


def returned_before(facts: Facts) -> Refusal | None:
    if facts.is_ruled:
        return Refusal("ruled", RULED)
    if facts.return_count > 0:
        return None
    return Refusal("not_returned_yet", _("Hand the task back first, with a reason and an owner."))


def not_ruled(facts: Facts) -> Refusal | None:
    """Neither owner nor dispatcher sends a case on that a ruling gave to somebody."""
    return Refusal("ruled", RULED) if facts.is_ruled else None


def owner_not_freed(facts: Facts) -> Refusal | None:
    """Who rightly handed a case back gets it again by a ruling only."""
    if facts.data.get("owner") not in facts.returned_owners:
        return None
    return Refusal(
        "owner_freed",
        _("Its return was accepted. Choose another owner, or let a consultation rule."),
        field="owner",
    )


def work_is_done(facts: Facts) -> Refusal | None:
    """Sub-tasks close before the case does; then the evidence counts."""
    if facts.assist_count:
        return Refusal(
            "tasks_open",
            _("Another office has not finished its part. Wait for it, or withdraw the task."),
        )
    return evidence_shown(facts)


def extension_available(facts: Facts) -> Refusal | None:
    """Once, and before expiry (domain §2c; 信访工作条例 Art 34)."""
    if facts.extension_count:
        return Refusal("already_extended", _("The time was extended once already."))
    if facts.handling_due_at and facts.now >= facts.handling_due_at:
        return Refusal("expired", _("The time has run out; it can only be extended before that."))
    return None


def evidence_shown(facts: Facts) -> Refusal | None:
    """Closing needs a before/after pair, or the reason why there is none.

    A photo from after counts for the present round only: see :data:`NEW_ROUND`.
    """
    if facts.has_after_photo and facts.has_before_photo:
        return None
    if str(facts.data.get("no_photo_reason") or "").strip():
        return None
    return Refusal(
        "evidence_missing",
        _("Add a photo from before and one from after, or say why there is none."),
    )


def other_pair_of_eyes(facts: Facts) -> Refusal | None:
    if not facts.performer_completed_it:
        return None
    return Refusal("own_work", _("You handled this case; somebody else has to approve it."))


def within_reopen_term(facts: Facts) -> Refusal | None:
    """重办 once, within the term after the answer (domain §2c)."""
    if facts.reopen_count:
        return Refusal(
            "already_reopened", _("This case was reopened once; you can ask for a review instead.")
        )
    since = facts.closed_at or facts.replied_at
    if since and facts.now > since + REOPEN_WINDOW:
        return Refusal("too_late", _("A case can be reopened within 30 days of the answer."))
    return None


def dissatisfaction_followed(facts: Facts) -> Refusal | None:
    """不满意 never closes a case: 重办 while that is possible, then 督办 (domain §2c)."""
    if facts.data.get("followup_result") != DISSATISFIED:
        return None
    if within_reopen_term(facts) is None:
        words = _("The resident is not satisfied: choose “Ask to handle it again”, do not close.")
    else:
        words = _("The resident is still not satisfied: choose “Pass to a supervisor”.")
    return Refusal("dissatisfied", words, field="followup_result")


def no_reopening_left(facts: Facts) -> Refusal | None:
    """督办 comes when handling it again was tried, or is too late (domain §2c)."""
    if within_reopen_term(facts) is not None:
        return None
    return Refusal("reopen_first", _("This case can still be handled again: choose that first."))


def first_split(facts: Facts) -> Refusal | None:
    """Who reported may say once that it is another problem; then a dispatcher has decided."""
    if facts.split_count == 0:
        return None
    return Refusal(
        "already_split",
        _("We looked at it on its own once already. Please call us if it is still wrong."),
    )


def first_redress(facts: Facts) -> Refusal | None:
    """复查 within 30 days of the answer, once (信访工作条例 Art 35)."""
    if facts.redress_count:
        return Refusal("already_reviewed", _("This case was reviewed; ask for a second review."))
    return _within_redress_term(facts)


def second_redress(facts: Facts) -> Refusal | None:
    """复核 after 复查, once, within 30 days; no further intake afterwards (Art 36)."""
    if facts.redress_count == 0:
        return Refusal("not_reviewed", _("Ask for a first review before the second."))
    if facts.redress_count > 1:
        return Refusal("redress_exhausted", _("The second review was the last step."))
    return _within_redress_term(facts)


def _within_redress_term(facts: Facts) -> Refusal | None:
    if facts.closed_at and facts.now > facts.closed_at + REDRESS_WINDOW:
        return Refusal("too_late", _("A review can be asked for within 30 days of the answer."))
    return None


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
             (P.FOLLOWUP,), required=("message",), notice="case.partially_closed"),
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
