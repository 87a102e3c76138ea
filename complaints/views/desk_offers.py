"""What a person is offered on a case at the desk: one form per act, in the order of likelihood."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.forms import ActForm
from complaints.guards import Refusal
from complaints.models import Case
from complaints.performer import Performer
from complaints.selectors.casefile import owner_name, refusal_of
from complaints.selectors.wording import Choice
from complaints.services.shortcut import ACCEPT_AND_DISPATCH
from complaints.workflow import Party, Text, Transition, actions_from

#: The likeliest act of a state first; it is drawn as the primary button.
LIKELY = (
    "accept",
    "accept_dispatch",
    "dispatch",
    "rule",
    "sign_for",
    "complete",
    "approve",
    "close",
    "start_followup",
    "grant_extension",
    "uphold_return",
    "end_whistle",
    "resume",
    "continue",
    "uphold_answer",
    "uphold_finally",
)
#: Single keys, shown on the buttons. In any state each belongs to one act at most.
KEYS = {
    "accept": "1",
    "sign_for": "1",
    "start_followup": "1",
    "grant_extension": "1",
    "uphold_return": "1",
    "resume": "1",
    "continue": "1",
    "close": "1",
    "complete": "1",
    "merge": "2",
    "deny_return": "2",
    "deny_extension": "2",
    "send_back": "2",
    "close_stage": "2",
    "request_return": "3",
    "reject": "3",
    "accept_dispatch": "A",
    "dispatch": "A",
    "rule": "A",
    "answer_directly": "E",
    "approve": "E",
    "uphold_answer": "E",
    "uphold_finally": "E",
    "recall": "Z",
}
#: Acts that end something for the resident or undo what others did.
GRAVE = {"reject", "deny_extension"}
#: Inputs whose words the resident will read; their form shows the report beside them.
PUBLIC_INPUTS = {"reply"}
PUBLIC_MESSAGES = {
    "ask_info",
    "reject",
    "refer_out",
    "suspend",
    "respond",
    "begin_hearing",
    "end_hearing",
    "reopen",
    "close_stage",
}
#: Who reads the words of an act.
HINTS: dict[str, Text] = {
    "public": _("The resident reads this."),
    "internal": _("Only staff read this."),
}


@dataclass(frozen=True)
class Offer:
    """One act: its form, its key, why it cannot work now (if so), and how it is drawn."""

    row: Transition
    form: ActForm
    refusal: Refusal | None
    key: str
    is_primary: bool
    is_direct: bool
    is_open: bool
    #: The input whose words the resident reads ('' = none), and the templates for it.
    words_field: str = ""
    templates: tuple[Choice, ...] = ()

    @property
    def action(self) -> str:
        return self.row.action

    @property
    def is_grave(self) -> bool:
        return self.row.action in GRAVE

    @property
    def is_reply(self) -> bool:
        return bool(PUBLIC_INPUTS & set(self.row.required))

    @property
    def words_hint(self) -> Text:
        """Say who reads the message of this act."""
        return HINTS["public" if self.row.action in PUBLIC_MESSAGES else "internal"]


def rows_for(case: Case, parties: frozenset[Party]) -> list[Transition]:
    """Return the acts somebody with ``parties`` may try at the desk, the likeliest first."""
    rows = actions_from(case.state, parties)
    if (
        case.state == ACCEPT_AND_DISPATCH.source
        and case.category_id
        and ACCEPT_AND_DISPATCH.parties & parties
    ):
        rows.append(ACCEPT_AND_DISPATCH)
    rank = {action: place for place, action in enumerate(LIKELY)}
    return sorted(rows, key=lambda row: rank.get(row.action, len(LIKELY)))


def row_of(case: Case, action: str) -> Transition | None:
    """Return the row of ``action`` in the case's present state, the desk's shortcut included."""
    if action == ACCEPT_AND_DISPATCH.action:
        return ACCEPT_AND_DISPATCH if case.state == ACCEPT_AND_DISPATCH.source else None
    return next((r for r in actions_from(case.state, frozenset(Party)) if r.action == action), None)


def offers_for(
    case: Case,
    by: Performer,
    parties: frozenset[Party],
    *,
    failed: ActForm | None = None,
    compact: bool = False,
) -> list[Offer]:
    """Return every act ``by`` may try, as forms. ``failed`` replaces its own, with what was typed.

    ``compact``: beside the queue one click suffices where nothing must be typed; the case page
    shows optional inputs too. No query with warm places and rules.
    """
    now = timezone.now()
    offers = []
    for place, row in enumerate(rows_for(case, parties)):
        mine = failed is not None and failed.row.action == row.action
        form = failed if mine and failed is not None else ActForm(row=row, case=case)
        offer = _offer(
            case, by, now, form, is_primary=place == 0 and row.action in LIKELY, compact=compact
        )
        offers.append(replace(offer, is_open=True, is_direct=False) if mine else offer)
    return offers


def _offer(
    case: Case, by: Performer, now: datetime, form: ActForm, *, is_primary: bool, compact: bool
) -> Offer:
    row, fields = form.row, form.visible_fields()
    asked = [field for field in fields if field.field.required] if compact else fields
    return Offer(
        row=row,
        form=form,
        refusal=refusal_of(row, case, by, now),
        key=KEYS.get(row.action, ""),
        is_primary=is_primary,
        is_direct=not asked and not _lacks_category(row, case),
        is_open=False,
    )


def _lacks_category(row: Transition, case: Case) -> bool:
    return row.action == "accept" and case.category_id is None


def suggestion_name(case: Case) -> str:
    """Return the name of the duty matrix's owner; '' when only a dispatcher can decide."""
    if case.suggested_grid:
        return owner_name(f"grid:{case.suggested_grid.code}")
    return case.suggested_department.name if case.suggested_department else ""
