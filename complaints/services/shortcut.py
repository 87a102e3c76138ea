"""Two acts of the desk in one go: a report that is clear at first sight is accepted and sent on."""

from collections.abc import Mapping
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints.guards import category_known
from complaints.models import Case
from complaints.performer import Performer
from complaints.services.transition import perform
from complaints.workflow import Party, State, Transition

#: Drawn like a row of the table, so that its form is made the same way; never stored anywhere.
ACCEPT_AND_DISPATCH = Transition(
    source=State.SUBMITTED,
    target=State.DISPATCHED,
    action="accept_dispatch",
    label=_("Accept and dispatch"),
    parties=frozenset({Party.DISPATCHER}),
    guard=category_known,
    required=("owner",),
)

#: Inputs of the first act; the others are the second's.
ACCEPTS = ("category", "track")


def accept_and_dispatch(
    *,
    case_id: int,
    by: Performer,
    data: Mapping[str, object],
    version: int | None = None,
    key: UUID | None = None,
) -> Case:
    """Accept a report and dispatch it to ``data["owner"]``: both acts, or none.

    Each is recorded, notified and clocked as if done alone. Errors, lock and idempotency as
    :func:`complaints.services.transition.perform`; twice its statements.
    """
    first = {name: data[name] for name in ACCEPTS if name in data}
    then = {name: value for name, value in data.items() if name not in ACCEPTS}
    with transaction.atomic():
        perform(case_id=case_id, action="accept", by=by, data=first, version=version, key=key)
        return perform(
            case_id=case_id,
            action="dispatch",
            by=by,
            data=then,
            key=uuid5(key, "dispatch") if key else None,
        )
