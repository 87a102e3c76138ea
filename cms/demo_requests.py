"""Demonstration of information requests: invented applicants, five states. Idempotent."""

from dataclasses import dataclass, field
from uuid import UUID, uuid5

from cms.inforequest_inputs import Application
from cms.models import InfoRequest
from cms.performer import Performer
from cms.services.inforequest_intake import submit_request
from cms.services.inforequests import perform
from cms.services.request_publication import publish_answer
from foundation.accounts.access import access_of
from foundation.accounts.models import User
from foundation.ledger.actor import Actor
from foundation.places.pack import Changes, Pack, Row

SPACE = UUID("6c1d1df7-5f0a-4a5e-9a39-3a1c5a3f9b10")
GUEST = Performer(Actor("resident", "guest"))


@dataclass(frozen=True)
class Story:
    """One request: what is asked, and the acts that follow, as ``who action`` with their words."""

    application: Application
    acts: list[dict[str, str]] = field(default_factory=list)
    public: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Row, order: int) -> "Story":
        key = uuid5(SPACE, f"request-{order}")
        # The receipt's code comes from the key through a secret of this installation.
        application = Application(
            key=UUID(bytes=key.bytes, version=4),
            title=row.text("title", longest=120),
            description=row.text("description", ""),
            applicant={
                "name": row.text("name"),
                "identity": row.text("identity"),
                "phone": row.text("phone"),
            },
        )
        acts, public = row.raw("acts", []), row.raw("public", {})
        row.finish()
        return cls(application, acts, public)


def _performers() -> dict[str, Performer]:
    names = ("editor", "leader")
    found = {user.username: user for user in User.objects.filter(username__in=names)}
    return {
        name: Performer(Actor("staff", str(user.pk), name), access=access_of(user))
        for name, user in found.items()
    }


def load_requests(pack: Pack) -> Changes:
    """``demo/requests.toml`` → requests in different states, known by their submission key."""
    staff, changes = _performers(), Changes()
    for order, row in enumerate(pack.rows("demo/requests", "requests"), start=1):
        story = Story.of(row, order)
        request = submit_request(application=story.application, by=GUEST).request
        if request.is_demo or len(staff) < 2:
            changes += Changes(unchanged=1)
            continue
        InfoRequest.objects.filter(pk=request.pk).update(is_demo=True)
        for act in story.acts:
            data = {name: value for name, value in act.items() if name not in {"who", "action"}}
            perform(request_id=request.pk, action=act["action"], by=staff[act["who"]], data=data)
        if story.public:
            publish_answer(request_id=request.pk, by=staff["editor"], **story.public)
        changes += Changes(added=1)
    return changes
