"""What the case page shows of other offices' shares in a case."""

from typing import Any
from uuid import uuid4

from complaints.forms import department_boxes
from complaints.inputs import ASSIST_RESULTS, RATINGS
from complaints.performer import Performer
from complaints.selectors.assists import Shares, shares_of
from complaints.selectors.casefile import owner_name
from complaints.selectors.desk import CaseView
from complaints.workflow import Party, State
from foundation.places.selectors import department_by_code


def shares_context(by: Performer, view: CaseView) -> dict[str, Any]:
    """Return what the case page shows of other offices' shares. No query if there never were any.

    Two queries otherwise.
    """
    case = view.case
    had = any(act.action in {"blow_whistle", "add_task"} for act in view.acts)
    known = [department_by_code(code) for code in by.departments]
    mine = {department.pk for department in known if department is not None}
    may_give = bool({Party.HANDLER, Party.DISPATCHER} & view.parties) and case.state in {
        State.IN_PROGRESS,
        State.WHISTLED,
    }
    return {
        "shares": shares_of(case, mine) if had else Shares(),
        "may_lead": Party.HANDLER in view.parties,
        "may_give_task": may_give,
        "task_boxes": department_boxes(case) if may_give else None,
        "assist_results": ASSIST_RESULTS.items(),
        "grades": RATINGS.items(),
        "share_key": uuid4(),
        "first_receiver": owner_name(case.first_owner) if case.first_owner else "",
    }
