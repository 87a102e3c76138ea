"""What the resident reads: one case by receipt code, its steps in plain words, the next step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from complaints.models import Act, Case
from complaints.numbers import RECEIPT_DIGITS, clean_receipt_code, receipt_hash
from complaints.selectors.evidence import CasePhotos, photos_of
from complaints.workflow import STATES, State, Text

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
    "end_whistle": _("Departments have agreed"),
    "grant_extension": _("More time was granted"),
    "suspend": _("Paused"),
    "resume": _("Work goes on"),
    "complete": _("Work reported as done, now being checked"),
    "approve": _("Checked and answered"),
    "start_followup": _("We will ask whether you are satisfied"),
    "rate": _("You rated the answer"),
    "reopen": _("Opened again"),
    "close": _("Closed"),
    "close_stage": _("Closed for this stage"),
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


@dataclass(frozen=True)
class Step:
    """One line of the resident's timeline."""

    title: Text
    at: datetime
    text: str
    action: str


@dataclass(frozen=True)
class Progress:
    """Everything the tracking page shows."""

    case: Case
    state_label: Text
    owner_name: str
    steps: tuple[Step, ...]
    photos: CasePhotos
    question: str = ""


def find_by_receipt(typed: str) -> Case | None:
    """Return the case of a typed receipt code; one query, also for a wrong one of right length."""
    code = clean_receipt_code(typed)
    if len(code) != RECEIPT_DIGITS:
        return None
    return Case.objects.filter(receipt_hash=receipt_hash(code)).first()


def find_for_complainant(
    number: str, receipts: frozenset[UUID], account_id: int | None
) -> Case | None:
    """Return the case with ``number`` if its receipt was shown or it was filed in the account."""
    case = (
        Case.objects.filter(number=number.upper())
        .select_related("category", "area", "owner_department", "owner_grid")
        .first()
    )
    if case is None:
        return None
    owned = account_id is not None and case.account_id == account_id
    return case if owned or case.uid in receipts else None


def progress_of(case: Case) -> Progress:
    """Return the resident's view of ``case``, newest step first. Two queries."""
    acts = list(Act.objects.filter(case=case).order_by("-ledger_seq"))
    spec = STATES[State(case.state)]
    steps = tuple(
        Step(STEP_TITLES[act.action], act.at, act.public_text, act.action)
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
    )


def _owner_name(case: Case) -> str:
    if case.owner_grid:
        return case.owner_grid.name
    return case.owner_department.name if case.owner_department else ""
