"""What each act changes on the case besides its state. One small function an act, in one map."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.inputs import refuse_blanks
from complaints.models import Case, Urgency
from complaints.performer import Performer
from complaints.selectors.assists import called_departments, open_tasks_of
from complaints.selectors.conflicts import refuse_owner
from complaints.selectors.disputes import owner_key
from complaints.selectors.groups import main_for
from complaints.selectors.rules import category_by_code
from complaints.services.routing import Owner, owner_from_key, route
from complaints.wording import wording
from complaints.workflow import Transition
from foundation.places.models import Department
from foundation.ui.clock import date_text


@dataclass
class Change:
    """One act on its way: the locked case, the table's row, who, when, and the tidy inputs.

    ``story`` is what the ledger gets to know of the clocks, so that rates can be counted from it.
    """

    case: Case
    row: Transition
    by: Performer
    now: datetime
    data: dict[str, str]
    public_text: str = ""
    internal_text: str = ""
    called: tuple[Department, ...] = ()
    story: dict[str, Any] = field(default_factory=dict)


Effect = Callable[[Change], None]


def apply_effect(change: Change) -> None:
    """Run the effect of the act, if it has one. May raise InvalidInput; writes nothing itself."""
    effect = EFFECTS.get(change.row.action)
    if effect:
        effect(change)


def _tell_resident(change: Change) -> None:
    change.public_text = change.data.get("message", "")
    if change.by.actor.kind in ("staff", "client"):
        refuse_blanks("message", change.public_text)


def _tell_staff(change: Change) -> None:
    change.internal_text = change.data.get("message", "")


def _accept(change: Change) -> None:
    case = change.case
    code = change.data.get("category")
    if code:
        category = category_by_code(code)
        if category is None:
            raise InvalidInput(_("Choose what kind of problem it is."), field="category")
        case.category, case.urgency = category, category.urgency
        route(case)
    case.track = change.data.get("track") or case.track
    case.is_key = case.is_key or case.urgency == Urgency.CRITICAL
    change.data["key"] = "1" if case.is_key else ""
    case.accepted_at = case.accepted_at or change.now


def _reject(change: Change) -> None:
    """不予受理 always says where to go instead (domain §2d)."""
    if wording().route(change.data["reason_code"]) is None:
        raise InvalidInput(
            _("The district's data names no way for this reason; it cannot be chosen."),
            field="reason_code",
        )
    _tell_resident(change)
    change.case.closed_at = change.now


def _merge(change: Change) -> None:
    """Join an open main case. Taken on together with it, the report counts as accepted."""
    case = change.case
    case.main_case = main_for(case, change.data["main_number"].upper())
    case.accepted_at = case.accepted_at or change.now
    case.closed_at = change.now


def _split(change: Change) -> None:
    """Leave the group. After the group's answer everything starts anew, before it clocks run on."""
    case = change.case
    code = change.data.get("category")
    category = category_by_code(code) if code else None
    if category is not None and category.pk != case.category_id:
        case.category, case.urgency = category, category.urgency
        route(case)
    if case.replied_at is not None:
        case.replied_at = case.handling_due_at = None
        case.accepted_at = change.now
    case.main_case = case.closed_at = None
    _tell_staff(change)


def _refer_out(change: Change) -> None:
    change.public_text = "\n".join(filter(None, [change.data["body"], change.data["message"]]))
    refuse_blanks("message", change.public_text)
    change.case.closed_at = change.now


def _dispatch(change: Change) -> None:
    owner = owner_from_key(change.data["owner"])
    case = change.case
    refuse_owner(case, owner.department, owner.grid)
    case.owner_grid, case.owner_department = owner.grid, owner.department
    case.handler = None
    case.first_owner = case.first_owner or owner.key
    _tell_staff(change)


def _rule(change: Change) -> None:
    """The ruling binds: from now on nobody hands the case back."""
    change.case.is_ruled = True
    _dispatch(change)


def _fall_to_first(change: Change) -> None:
    """首接负责制: what nobody ruled in time stays with who received it first."""
    case = change.case
    owner = _first_receiver(case)
    case.owner_grid, case.owner_department = owner.grid, owner.department
    case.is_ruled, case.handler = True, None


def _first_receiver(case: Case) -> Owner:
    """Return who received a disputed case first; the present owner if that one is gone.

    A consultation without a dispute about the owner leaves the owner as it is.
    """
    present = Owner(case.owner_grid, case.owner_department)
    if not case.return_count or not case.first_owner:
        return present
    try:
        owner = owner_from_key(case.first_owner)
        refuse_owner(case, owner.department, owner.grid)
    except InvalidInput:
        return present
    return owner


def _conclude(change: Change) -> None:
    """The owner keeps the case; if that was disputed, this is the ruling."""
    change.case.is_ruled = bool(change.case.return_count)
    _tell_staff(change)


def _recall(change: Change) -> None:
    """What is taken back before anybody signed was not received."""
    case = change.case
    if not case.return_count and case.first_owner == owner_key(case):
        case.first_owner = ""
    _take_back(change)


def _sign_for(change: Change) -> None:
    if change.by.actor.kind == "staff":
        change.case.handler_id = int(change.by.actor.id)


def _blow_whistle(change: Change) -> None:
    change.called = tuple(called_departments(change.case, change.data["departments"]))
    change.case.assist_count += len(change.called)
    _tell_staff(change)


def _end_whistle(change: Change) -> None:
    """Whoever has not finished is let go; sub-tasks stay."""
    change.case.assist_count = open_tasks_of(change.case)
    _tell_staff(change)


def _request_return(change: Change) -> None:
    owner_from_key(change.data["proposed_owner"])
    change.case.return_count += 1
    _tell_staff(change)


def _uphold_return(change: Change) -> None:
    case = change.case
    change.data["returned_owner"] = owner_key(case)
    _take_back(change)


def _take_over(change: Change) -> None:
    """The owner is gone or in conflict: the case goes back to the dispatcher, ahead of others."""
    case = change.case
    change.data["former_owner"] = owner_key(case)
    case.completed_by = ""
    case.is_ruled = False
    if change.row.source == "whistled":
        case.assist_count = open_tasks_of(case)
    _take_back(change)


def _take_back(change: Change) -> None:
    change.case.handler = None
    change.case.owner_department = change.case.owner_grid = None
    _tell_staff(change)


def _grant_extension(change: Change) -> None:
    change.case.extension_count += 1


def _close_stage(change: Change) -> None:
    """阶段性办结: what remains and until when, as the resident reads it."""
    _tell_resident(change)
    noon = datetime.fromisoformat(f"{change.data['milestone_on']}T12:00:00+08:00")
    with translation.override(settings.LANGUAGE_CODE):
        words = gettext("The next stage is to be reached by %(day)s.") % {"day": date_text(noon)}
    change.public_text = f"{change.public_text}\n{words}"


def _complete(change: Change) -> None:
    case = change.case
    if change.data.get("no_photo_reason"):
        change.data["no_photo_code"] = change.data.get("no_photo_code") or "other"
    else:
        change.data.pop("no_photo_code", None)
    case.outcome = change.data["outcome_code"]
    case.completed_by = change.by.name
    change.internal_text = "\n".join(
        filter(None, [change.data["message"], change.data.get("no_photo_reason", "")])
    )


def _reply(change: Change) -> None:
    case = change.case
    case.reply = change.data["reply"]
    case.replied_at = change.now
    change.public_text = case.reply


def _rate(change: Change) -> None:
    case = change.case
    case.rating = int(change.data["rating"])
    case.rating_text = change.data.get("rating_text", "")
    case.rated_at = change.now


def _reopen(change: Change) -> None:
    case = change.case
    case.reopen_count += 1
    case.is_ruled = False
    case.closed_at = None
    case.completed_by = ""
    _tell_resident(change)


def _close(change: Change) -> None:
    change.case.closed_at = change.now
    change.case.followup_result = change.data["followup_result"]
    _tell_staff(change)


def _escalate(change: Change) -> None:
    """督办: a supervisor looks; the complainant's own right to a review stays untouched."""
    change.case.is_supervised = True
    _tell_staff(change)


def _request_redress(change: Change) -> None:
    change.case.redress_count += 1
    _tell_resident(change)


def _decide_redress(change: Change) -> None:
    case = change.case
    case.closed_at = change.now if change.row.target != "reopened" else None
    change.public_text = change.data["reply"]
    if change.row.target == "reopened":
        case.completed_by = ""
        case.is_ruled = False


def _withdraw(change: Change) -> None:
    change.case.closed_at = change.now


EFFECTS: dict[str, Effect] = {
    "accept": _accept,
    "ask_info": _tell_resident,
    "supply_info": _tell_resident,
    "reject": _reject,
    "merge": _merge,
    "split": _split,
    "ask_split": _split,
    "refer_out": _refer_out,
    "dispatch": _dispatch,
    "rule": _rule,
    "answer_directly": _reply,
    "recall": _recall,
    "take_over": _take_over,
    "sign_for": _sign_for,
    "request_return": _request_return,
    "uphold_return": _uphold_return,
    "fall_to_first": _fall_to_first,
    "deny_return": _tell_staff,
    "dispute_again": _tell_staff,
    "consult": _tell_staff,
    "conclude_consultation": _conclude,
    "blow_whistle": _blow_whistle,
    "end_whistle": _end_whistle,
    "request_extension": _tell_staff,
    "grant_extension": _grant_extension,
    "deny_extension": _tell_staff,
    "suspend": _tell_resident,
    "respond": _tell_resident,
    "begin_hearing": _tell_resident,
    "end_hearing": _tell_resident,
    "complete": _complete,
    "send_back": _tell_staff,
    "approve": _reply,
    "rate": _rate,
    "reopen": _reopen,
    "close": _close,
    "close_stage": _close_stage,
    "escalate": _escalate,
    "request_review": _request_redress,
    "request_second_review": _request_redress,
    "uphold_answer": _decide_redress,
    "overturn_answer": _decide_redress,
    "uphold_finally": _decide_redress,
    "withdraw": _withdraw,
}
