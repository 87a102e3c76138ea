"""Short ways to an information request in any state."""

from typing import Any
from uuid import uuid4

from cms.inforequest_inputs import Application
from cms.models import InfoRequest
from cms.performer import SYSTEM, Performer
from cms.services.inforequest_intake import Receipt, submit_request
from cms.services.inforequests import perform
from foundation.accounts.access import access_of
from foundation.accounts.models import User
from foundation.ledger.actor import Actor
from search.engines.chosen import engines

GUEST = Performer(Actor("resident", "guest"))
APPLICANT = {"name": "金丽雀", "identity": "11010519491231002X", "phone": "13961190777"}
LETTER = "经审查，现将您申请的信息提供给您。如对本答复不服，可以依法申请行政复议。"


def staff(user: User) -> Performer:
    access = access_of(user)
    role = sorted(str(role) for role in access.roles)[0]
    return Performer(Actor("staff", str(user.pk), role), access=access, account_id=user.pk)


def ask(**parts: Any) -> Receipt:
    """A request of a citizen, unless told otherwise."""
    known: dict[str, Any] = {
        "key": uuid4(),
        "title": "青龙街道2025年噪声监测点位数据",
        "description": "想了解各点位昼夜监测值",
        "applicant": APPLICANT,
        **parts,
    }
    return submit_request(application=Application(**known), by=GUEST)


class Path:
    """Walks a request along with the named cast; ``applicant`` and ``system`` act too."""

    def __init__(self, cast: Any, request: InfoRequest) -> None:
        self.cast, self.request = cast, request

    def act(self, who: str, action: str, **data: str) -> InfoRequest:
        applicant = Performer(GUEST.actor, receipts=frozenset({self.request.uid}))
        by = {"applicant": applicant, "system": SYSTEM}.get(who)
        self.request = perform(
            request_id=self.request.pk,
            action=action,
            by=by or staff(getattr(self.cast, who)),
            data=data,
            version=self.request.version,
        )
        return self.request

    def answered(self, **data: str) -> InfoRequest:
        """Confirm, draft and approve: released, unless told otherwise."""
        self.act("editor", "confirm")
        known = {"answer_type": "granted", "letter": LETTER, **data}
        self.act("editor", "draft_answer", **known)
        return self.act("leader", "approve")


def show_everything() -> None:
    """Elasticsearch shows what was written after its next refresh only."""
    for engine in engines().values():
        if hasattr(engine, "refresh"):
            engine.refresh()
