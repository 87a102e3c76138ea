"""What each act changes on the case besides its state. One small function an act, in one map."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.models import Case
from complaints.performer import Performer
from complaints.selectors.rules import category_by_code
from complaints.services.routing import owner_from_key, route
from complaints.workflow import Transition


@dataclass
class Change:
    """One act on its way: the locked case, the table's row, who, when, and the tidy inputs."""

    case: Case
    row: Transition
    by: Performer
    now: datetime
    data: dict[str, str]
    public_text: str = ""
    internal_text: str = ""


Effect = Callable[[Change], None]


def apply_effect(change: Change) -> None:
    """Run the effect of the act, if it has one. May raise InvalidInput; writes nothing itself."""
    effect = EFFECTS.get(change.row.action)
    if effect:
        effect(change)


def _tell_resident(change: Change) -> None:
    change.public_text = change.data.get("message", "")


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
    case.accepted_at = change.now


def _reject(change: Change) -> None:
    _tell_resident(change)
    change.case.closed_at = change.now


def _merge(change: Change) -> None:
    case = change.case
    main = Case.objects.filter(number=change.data["main_number"].upper()).first()
    if main is None or main.pk == case.pk or main.main_case_id is not None or not main.is_open:
        raise InvalidInput(
            _("Choose another open case that is not merged itself."), field="main_number"
        )
    case.main_case = main
    case.closed_at = change.now


def _refer_out(change: Change) -> None:
    change.public_text = "\n".join(filter(None, [change.data["body"], change.data["message"]]))
    change.case.closed_at = change.now


def _dispatch(change: Change) -> None:
    owner = owner_from_key(change.data["owner"])
    case = change.case
    case.owner_grid, case.owner_department = owner.grid, owner.department
    case.handler = None
    _tell_staff(change)


def _sign_for(change: Change) -> None:
    if change.by.actor.kind == "staff":
        change.case.handler_id = int(change.by.actor.id)


def _request_return(change: Change) -> None:
    owner_from_key(change.data["proposed_owner"])
    change.case.return_count += 1
    _tell_staff(change)


def _take_back(change: Change) -> None:
    change.case.handler = None
    change.case.owner_department = change.case.owner_grid = None
    _tell_staff(change)


def _grant_extension(change: Change) -> None:
    change.case.extension_count += 1


def _complete(change: Change) -> None:
    case = change.case
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
    case.closed_at = None
    case.completed_by = ""
    _tell_resident(change)


def _close(change: Change) -> None:
    change.case.closed_at = change.now
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


def _withdraw(change: Change) -> None:
    change.case.closed_at = change.now


EFFECTS: dict[str, Effect] = {
    "accept": _accept,
    "ask_info": _tell_resident,
    "supply_info": _tell_resident,
    "reject": _reject,
    "merge": _merge,
    "refer_out": _refer_out,
    "dispatch": _dispatch,
    "rule": _dispatch,
    "answer_directly": _reply,
    "recall": _take_back,
    "sign_for": _sign_for,
    "request_return": _request_return,
    "uphold_return": _take_back,
    "deny_return": _tell_staff,
    "dispute_again": _tell_staff,
    "consult": _tell_staff,
    "conclude_consultation": _tell_staff,
    "blow_whistle": _tell_staff,
    "end_whistle": _tell_staff,
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
    "close_stage": _tell_resident,
    "escalate": _escalate,
    "request_review": _request_redress,
    "request_second_review": _request_redress,
    "uphold_answer": _decide_redress,
    "overturn_answer": _decide_redress,
    "uphold_finally": _decide_redress,
    "withdraw": _withdraw,
}
