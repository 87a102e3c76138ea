"""What the resident reads: one case by receipt code, its steps in plain words, the next step."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from complaints.guards import REDRESS_WINDOW, REOPEN_WINDOW, Facts
from complaints.models import Act, Case
from complaints.numbers import RECEIPT_DIGITS, clean_receipt_code, receipt_hash
from complaints.selectors.deadlines import Deadline, deadline_of, with_clock
from complaints.selectors.evidence import CasePhotos, photos_of
from complaints.selectors.groups import FOLLOWED, shown_case
from complaints.wording import Route, wording
from complaints.workflow import STATES, URGEABLE, Party, State, Text, actions_from
from foundation.accounts.models import Post, Role
from foundation.ledger.models import Entry
from foundation.ledger.selectors import entries_of
from foundation.places.selectors import full_name
from foundation.vault.masking import masked

PAGE_SIZE = 20

#: Steps that concern staff only; residents see that the case moves, not the quarrel behind it.
INTERNAL = {
    "request_return",
    "uphold_return",
    "deny_return",
    "dispute_again",
    "recall",
    "take_over",
    "rule",
    "consult",
    "conclude_consultation",
    "send_back",
    "deny_extension",
    "request_extension",
    "fall_to_first",
    "warn",
    "whistle_plan",
    "assist_result",
    "assist_grade",
    "add_task",
    "withdraw_task",
    "kinds",
    "supervise_sign",
    "supervise_answer",
    "supervise_colour",
    "supervise_raise",
    "recheck",
    "note",
    "archive",
}

STEP_TITLES: dict[str, Text] = {
    "submit": _("You sent the report"),
    "accept": _("The report was accepted"),
    "ask_info": _("We asked you for information"),
    "supply_info": _("You added information"),
    "reject": _("The report was not accepted"),
    "merge": _("Handled together with an earlier report"),
    "split": _("Looked at on its own again"),
    "ask_split": _("Looked at on its own again"),
    "refer_out": _("Passed to the responsible body"),
    "dispatch": _("Assigned"),
    "answer_directly": _("Answered"),
    "sign_for": _("Work has begun"),
    "blow_whistle": _("Departments were called together"),
    "report_in": _("A department has come"),
    "end_whistle": _("Departments have agreed"),
    "grant_extension": _("More time was granted"),
    "suspend": _("Paused"),
    "respond": _("News from those who handle it"),
    "begin_hearing": _("Hearing"),
    "end_hearing": _("Hearing ended"),
    "resume": _("Work goes on"),
    "complete": _("Work reported as done, now being checked"),
    "approve": _("Checked and answered"),
    "start_followup": _("We will ask whether you are satisfied"),
    "rate": _("You rated the answer"),
    "reopen": _("Opened again"),
    "close": _("Closed"),
    "close_stage": _("Closed for this stage"),
    "escalate": _("Passed to a supervisor"),
    "supervise": _("A supervisor demands an account of it"),
    "supervise_close": _("Supervision ended"),
    "continue": _("Work goes on"),
    "request_review": _("A review was asked for"),
    "request_second_review": _("A second review was asked for"),
    "uphold_answer": _("The review upheld the answer"),
    "uphold_finally": _("The second review upheld the answer"),
    "overturn_answer": _("The review overturned the answer"),
    "withdraw": _("You withdrew the report"),
    "supplement": _("You added something"),
    "evidence": _("Photos were added"),
    "urge": _("You asked us to hurry"),
    "contact": _("You left a telephone number"),
    "forget": _("You had your contact deleted"),
    "anonymise": _("Your words were deleted after the time they are kept"),
}

#: What happens next, as the resident reads it above the date. Ended states say how to go on.
NEXT_STEPS: dict[State, Text] = {
    State.SUBMITTED: _("We read your report and decide who handles it."),
    State.AWAITING_INFO: _("Please answer our question below, then it goes on."),
    State.ACCEPTED: _("We assign it to the office on duty."),
    State.PENDING_DISPATCH: _("We assign it to the office on duty."),
    State.DISPATCHED: _("The office on duty takes it over."),
    State.RETURN_REQUESTED: _("We settle which office handles it."),
    State.IN_PROGRESS: _("People look at the place, deal with it and answer you."),
    State.WHISTLED: _("Several offices deal with it together and answer you."),
    State.IN_CONSULTATION: _("Several offices agree on who does what."),
    State.EXTENSION_REQUESTED: _("People look at the place, deal with it and answer you."),
    State.SUSPENDED: _("Work is paused; the reason is below. We look at it again in time."),
    State.PENDING_REVIEW: _("Somebody else checks the result before you get the answer."),
    State.REPLIED: _("The answer is here. Please say whether you are satisfied."),
    State.PENDING_FOLLOWUP: _("We ask you whether the problem is really gone."),
    State.REOPENED: _("It was opened again; we assign it once more."),
    State.PARTIALLY_CLOSED: _("A longer plan is running; the next stage follows."),
    State.CLOSED: _("It is closed. If the problem is back, you can open it again here."),
    State.REVIEWING: _("A supervisor looks at the whole case once more."),
    State.RE_REVIEWING: _("A supervisor looks at the whole case once more."),
    State.REJECTED: _("We cannot handle it here; the reason is below."),
    State.MERGED: _("It is handled together with an earlier report of the same problem."),
    State.REFERRED_OUT: _("Another body is responsible; it is named below."),
    State.ARCHIVED: _("It is closed and filed."),
    State.WITHDRAWN: _("You took it back. You can report again at any time."),
}

#: States in which an answer stands that can be contested; 复查 and 复核 are the most reviews.
CONTESTABLE = {State.REPLIED, State.PENDING_FOLLOWUP, State.PARTIALLY_CLOSED, State.CLOSED}
MOST_REVIEWS = 2

#: Steps of the table that the complainant is offered; rating has a panel of its own.
OFFERED = (
    "supply_info",
    "ask_split",
    "reopen",
    "request_review",
    "request_second_review",
    "withdraw",
)

#: States of a main case whose next step is the same for everybody who joined it.
JOINED_TOO = frozenset(
    set(State) - {State.SUBMITTED, State.AWAITING_INFO, State.REVIEWING, State.RE_REVIEWING}
) - {State.WITHDRAWN, State.REJECTED, State.CLOSED}

REVEALED = ("vault.revealed", "photo.original_opened")


@dataclass(frozen=True)
class Step:
    """One line of the resident's timeline; ``times``: so many acts of the kind in a row."""

    title: Text
    at: datetime
    text: str
    action: str
    times: int = 1


@dataclass(frozen=True)
class Look:
    """Somebody looked at the complainant's own data: when, in which role, why, and at what."""

    at: datetime
    role: str
    reason: str
    is_photo: bool
    department: str = ""


@dataclass(frozen=True)
class Progress:
    """Everything the tracking page shows."""

    case: Case
    shown: Case
    reply: str
    state_label: Text
    owner_name: str
    steps: tuple[Step, ...]
    photos: CasePhotos
    question: str = ""
    chip: str = ""
    next_step: Text = ""
    looks: tuple[Look, ...] = field(default_factory=tuple)
    place_name: str = ""
    answer_due: datetime | None = None
    deadline: Deadline = field(default_factory=Deadline)
    urged_today: bool = False
    route: Route | None = None
    contest_until: datetime | None = None

    @property
    def can_urge(self) -> bool:
        """Whether the house owes the next step, and was not hurried today."""
        return self.case.state in URGEABLE and not self.urged_today


@dataclass(frozen=True)
class MyCase:
    """One of somebody's own cases with the clock behind its due time."""

    case: Case
    deadline: Deadline


@dataclass(frozen=True)
class MyCases:
    """One page of somebody's own cases and the cursor of the next ('' when it is the last)."""

    cases: tuple[MyCase, ...]
    next_cursor: str


def find_by_receipt(typed: str) -> Case | None:
    """Return the case of a typed receipt code; one query, also for a wrong one of right length."""
    code = clean_receipt_code(typed)
    if len(code) != RECEIPT_DIGITS:
        return None
    return Case.objects.filter(receipt_hash=receipt_hash(code)).first()


def find_for_complainant(
    number: str, receipts: frozenset[UUID], account_id: int | None
) -> Case | None:
    """Return the case with ``number`` if its receipt was shown or it was filed in the account.

    One query, whether such a number exists or not.
    """
    case = (
        with_clock(Case.objects.filter(number=number.upper()))
        .select_related(
            "category",
            "area",
            "owner_department",
            "owner_grid",
            "main_case__owner_department",
            "main_case__owner_grid",
        )
        .first()
    )
    if case is None:
        return None
    owned = account_id is not None and case.account_id == account_id
    return case if owned or case.uid in receipts else None


def my_cases(account_id: int, cursor: str = "") -> MyCases:
    """Return one page of the cases filed in an account, newest first, keyset paged. One query."""
    found = with_clock(Case.objects.filter(account_id=account_id))
    after = _read_cursor(cursor)
    if after:
        moment, pk = after
        found = found.filter(Q(submitted_at__lt=moment) | Q(submitted_at=moment, pk__lt=pk))
    rows = list(
        found.select_related("category", "area")
        .only(
            "uid",
            "number",
            "state",
            "is_open",
            "due_at",
            "submitted_at",
            "description",
            "address",
            "category__name",
            "area__name",
        )
        .order_by("-submitted_at", "-id")[: PAGE_SIZE + 1]
    )
    page = rows[:PAGE_SIZE]
    more = len(rows) > PAGE_SIZE
    mine = tuple(MyCase(case, deadline_of(case)) for case in page)
    return MyCases(mine, _cursor(page[-1]) if more else "")


def _cursor(case: Case) -> str:
    return _signer().sign(f"{case.submitted_at.isoformat()}|{case.pk}")


def _read_cursor(cursor: str) -> tuple[datetime, int] | None:
    """Read a cursor; one that was tampered with starts from the beginning."""
    try:
        moment_text, _sep, pk_text = _signer().unsign(cursor).partition("|")
    except BadSignature:
        return None
    moment = parse_datetime(moment_text)
    return (moment, int(pk_text)) if moment else None


def _signer() -> Signer:
    return Signer(salt="complaints.tracking.cursor")


def progress_of(case: Case) -> Progress:
    """Return the resident's view of ``case``, newest step first.

    Joined to another case it shows that one's progress and answer. Three queries, and one for the
    clock of a case that came without it.
    """
    shown = shown_case(case)
    acts = list(Act.objects.filter(case__in={case.pk, shown.pk}).order_by("-ledger_seq"))
    state = State(shown.state)
    spec = STATES[state]
    steps = _gathered(
        Step(STEP_TITLES[act.action], act.at, _words_of(act, case, shown), act.action)
        for act in acts
        if act.action not in INTERNAL
        and act.action in (STEP_TITLES if act.case_id == case.pk else FOLLOWED)
    )
    asked = next((act.public_text for act in acts if act.action == "ask_info"), "")
    return Progress(
        case=case,
        shown=shown,
        reply=shown.reply if shown is case else masked(shown.reply),
        state_label=spec.public_label,
        owner_name=_owner_name(shown),
        steps=steps,
        photos=photos_of(case),
        question=asked if case.state == State.AWAITING_INFO else "",
        chip=spec.chip,
        next_step=NEXT_STEPS[state if shown is case or state in JOINED_TOO else State.MERGED],
        looks=looks_at(case),
        place_name=full_name(case.area) if case.area else "",
        answer_due=_answer_due(shown),
        deadline=deadline_of(shown),
        urged_today=any(act.action == "urge" and is_today(act.at) for act in acts),
        route=_route(acts) if state == State.REJECTED else None,
        contest_until=_contest_until(case),
    )


def _route(acts: list[Act]) -> Route | None:
    """Return where to go instead, as the refusal's reason says."""
    refused = next((act for act in acts if act.action == "reject"), None)
    return wording().route(str(refused.data.get("reason_code", ""))) if refused else None


def _contest_until(case: Case) -> datetime | None:
    """Return until when the answer can be contested, by a second handling or else a review."""
    since = case.closed_at or case.replied_at
    if since is None or case.state not in CONTESTABLE:
        return None
    if not case.reopen_count:
        return since + REOPEN_WINDOW
    reviewable = case.state == State.CLOSED and case.redress_count < MOST_REVIEWS
    return since + REDRESS_WINDOW if reviewable else None


def is_today(at: datetime) -> bool:
    """Whether ``at`` (aware) lies on the district's present day."""
    return timezone.localdate(at) == timezone.localdate()


def _gathered(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Draw urging again and again, with nothing in between, together into its latest step."""
    found: list[Step] = []
    for step in steps:
        last = found[-1] if found else None
        if last is None or step.action != "urge" or last.action != "urge":
            found.append(step)
            continue
        times = last.times + 1
        title = ngettext(
            "You asked us to hurry %(n)d time", "You asked us to hurry %(n)d times", times
        )
        found[-1] = replace(last, times=times, title=title % {"n": times})
    return tuple(found)


def _words_of(act: Act, case: Case, shown: Case) -> str:
    """Return what the resident reads at a step; the present answer stands above, said once.

    Of another's case only what staff said, and no numbers of people in it.
    """
    if shown.reply and act.public_text == shown.reply:
        return ""
    if act.case_id == case.pk:
        return act.public_text
    return masked(act.public_text) if act.actor_kind == "staff" else ""


def _answer_due(case: Case) -> datetime | None:
    """Return by when the answer must be there, while it is not and the next date is another."""
    waiting = case.is_open and STATES[State(case.state)].next_party != Party.FOLLOWUP
    return case.handling_due_at if waiting and case.handling_due_at != case.due_at else None


def looks_at(case: Case) -> tuple[Look, ...]:
    """Return who looked at the complainant's contact or original photos, newest first. Two queries.

    Roles and reasons only: a resident learns why, not which clerk (the auditor knows the name).
    """
    entries = list(entries_of(case.stream).filter(action__in=REVEALED).order_by("-seq"))
    houses = _departments_of(entries)
    return tuple(
        Look(
            at=entry.at,
            role=_role_label(entry.actor_role),
            reason=str(_details(entry).get("reason", "")),
            is_photo=entry.action != "vault.revealed",
            department=houses.get(entry.seq, ""),
        )
        for entry in entries
    )


def _departments_of(entries: list[Entry]) -> dict[int, str]:
    """Return the department in which each look's person served that day, by entry. One query."""
    ids = {int(e.actor_id) for e in entries if e.actor_kind == "staff" and e.actor_id.isdigit()}
    if not ids:
        return {}
    posts = list(
        Post.objects.filter(user_id__in=ids, department__isnull=False).select_related("department")
    )
    return {
        entry.seq: post.department.name
        for entry in entries
        for post in posts
        if post.department
        and str(post.user_id) == entry.actor_id
        and post.role == entry.actor_role
        and post.is_in_force(timezone.localdate(entry.at))
    }


def _details(entry: Entry) -> dict[str, Any]:
    return dict(entry.data)  # type: ignore[arg-type]


def _role_label(role: str) -> str:
    return str(Role(role).label) if role in set(Role) else str(_("Staff"))


def _owner_name(case: Case) -> str:
    if case.owner_grid:
        return case.owner_grid.name
    return case.owner_department.name if case.owner_department else ""


def offered_to_complainant(case: Case, now: datetime) -> tuple[str, ...]:
    """Return the steps the complainant may take at ``now``, guards included. No query."""
    facts = Facts(
        now=now,
        reopen_count=case.reopen_count,
        redress_count=case.redress_count,
        replied_at=case.replied_at,
        closed_at=case.closed_at,
    )
    possible = {
        row.action
        for row in actions_from(case.state, frozenset({Party.COMPLAINANT}))
        if row.guard is None or row.guard(facts) is None
    }
    return tuple(name for name in OFFERED if name in possible)
