"""What the case page shows of supervision: the orders on it, and the form of a new one."""

from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.models import SupervisionOrder
from complaints.performer import Performer
from complaints.selectors.desk import CaseView
from complaints.selectors.finality import decided_finally
from complaints.selectors.supervision import orders_of
from complaints.services.supervision import LADDER, answering_parties
from complaints.workflow import Party, Text

#: Limits a supervisor may give for the answer, and the usual one.
DUE_LIMITS: dict[str, Text] = {
    "1wd": _("1 working day"),
    "2wd": _("2 working days"),
    "3wd": _("3 working days"),
    "5wd": _("5 working days"),
}
DEFAULT_LIMIT = "2wd"
DEMAND: Text = _(
    "Report by the date how far it is, why it is not done, and what follows until when."
)
Colour, Reason = SupervisionOrder.Colour, SupervisionOrder.Reason


def orders_context(by: Performer, view: CaseView) -> dict[str, Any]:
    """Return the orders on a case and what the reader may do. No query if there never were any.

    One query otherwise.
    """
    case = view.case
    had = case.is_supervised or any(act.action == "supervise" for act in view.acts)
    may_decide = Party.SUPERVISOR in view.parties
    answering = bool(set(answering_parties(case)) & view.parties)
    return {
        "decided_finally": decided_finally(case),
        "orders": orders_of(case) if had else (),
        "may_decide_order": may_decide,
        "may_answer_order": answering,
        "order_top": LADDER[-1],
        "order_form": _form(view) if may_decide else None,
    }


def _form(view: CaseView) -> dict[str, Any]:
    """Return choices and what fits the case best, so that issuing takes two clicks."""
    case = view.case
    late = case.is_open and case.due_at is not None and case.due_at <= timezone.now()
    reason = Reason.OVERDUE if late else Reason.DELAYING
    if case.reopen_count and case.rating and case.rating <= 2:
        reason = Reason.UNSATISFIED
    return {
        "key": uuid4(),
        "colours": Colour.choices,
        "colour": Colour.RED if late else Colour.BLUE,
        "levels": SupervisionOrder.Level.choices,
        "level": SupervisionOrder.Level.ORDER,
        "reasons": Reason.choices,
        "reason": reason,
        "limits": DUE_LIMITS.items(),
        "limit": DEFAULT_LIMIT,
        "demand": DEMAND,
    }
