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

from complaints.models import Act, Case
from complaints.numbers import RECEIPT_DIGITS, clean_receipt_code, receipt_hash
from complaints.selectors.deadlines import Deadline, deadline_of, with_clock
from complaints.selectors.evidence import CasePhotos, photos_of
from complaints.workflow import STATES, URGEABLE, Facts, Party, State, Text, actions_from
from foundation.accounts.models import Role
from foundation.ledger.models import Entry
from foundation.ledger.selectors import entries_of
from foundation.places.selectors import full_name

PAGE_SIZE = 20

#: Steps that concern staff only; residents see that the case moves, not the quarrel behind it.
INTERNAL = {
    "request_return",
    "uphold_return",
    "deny_return",
    "dispute_again",
    "recall",
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

#: Steps of the table that the complainant is offered; rating has a panel of its own.
OFFERED = ("supply_info", "reopen", "request_review", "request_second_review", "withdraw")

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


@dataclass(frozen=True)
class Progress:
    """Everything the tracking page shows."""

    case: Case
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
        .select_related("category", "area", "owner_department", "owner_grid", "main_case")
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

    Three queries, and one for the clock of a case that came without it.
    """
    acts = list(Act.objects.filter(case=case).order_by("-ledger_seq"))
    state = State(case.state)
    spec = STATES[state]
    steps = _gathered(
        Step(STEP_TITLES[act.action], act.at, _words_of(act, case), act.action)
        for act in acts
        if act.action not in INTERNAL and act.action in STEP_TITLES
    )
    asked = next((act.public_text for act in acts if act.action == "ask_info"), "")
    return Progress(
        case=case,
        state_label=spec.public_label,
        owner_name=_owner_name(case),
        steps=steps,
        photos=photos_of(case),
        question=asked if case.state == State.AWAITING_INFO else "",
        chip=spec.chip,
        next_step=NEXT_STEPS[state],
        looks=looks_at(case),
        place_name=full_name(case.area) if case.area else "",
        answer_due=_answer_due(case),
        deadline=deadline_of(case),
        urged_today=any(act.action == "urge" and is_today(act.at) for act in acts),
    )


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


def _words_of(act: Act, case: Case) -> str:
    """Return what the resident reads at a step; the present answer stands above, said once."""
    return "" if case.reply and act.public_text == case.reply else act.public_text


def _answer_due(case: Case) -> datetime | None:
    """Return by when the answer must be there, while it is not and the next date is another."""
    waiting = case.is_open and STATES[State(case.state)].next_party != Party.FOLLOWUP
    return case.handling_due_at if waiting and case.handling_due_at != case.due_at else None


def looks_at(case: Case) -> tuple[Look, ...]:
    """Return who looked at the complainant's contact or original photos, newest first. One query.

    Roles and reasons only: a resident learns why, not which clerk (the auditor knows the name).
    """
    entries = entries_of(case.stream).filter(action__in=REVEALED).order_by("-seq")
    return tuple(
        Look(
            at=entry.at,
            role=_role_label(entry.actor_role),
            reason=str(_details(entry).get("reason", "")),
            is_photo=entry.action != "vault.revealed",
        )
        for entry in entries
    )


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
