"""Acts beside the workflow table: locked, written to the ledger and told like its rows."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.errors import CaseNotFound, NotPermitted
from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.policies import may_see, parties_of
from complaints.services.digests import digest
from complaints.workflow import Party
from foundation.jobs.services import emit
from foundation.ledger.services import append


def locked_for(case_id: int, by: Performer, *parties: Party) -> Case:
    """Lock and return the case if ``by`` sees it and is one of ``parties`` to it.

    Raises CaseNotFound and NotPermitted. One statement, two for who has a share in it.
    """
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("owner_department", "owner_grid")
        .filter(pk=case_id)
        .first()
    )
    if case is None or not may_see(by, case):
        raise CaseNotFound(_("There is no such case here."))
    if not set(parties) & parties_of(by, case):
        raise NotPermitted(_("This step belongs to somebody else."))
    return case


def seen(case: Case, key: UUID | None) -> bool:
    """Whether the act with this idempotency key was done already. At most one statement."""
    return key is not None and Act.objects.filter(case=case, key=key).exists()


def record(
    case: Case,
    action: str,
    by: Performer,
    *,
    key: UUID | None = None,
    public: str = "",
    internal: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """Write the case, its ledger entry, the act and the event: 7 statements."""
    now = timezone.now()
    case.version += 1
    case.save()
    data: dict[str, object] = {"number": case.number, "version": case.version, **(details or {})}
    if public or internal:
        data["message_sha256"] = digest(public or internal)
    entry = append(stream=case.stream, action=f"case.{action}", actor=by.actor, at=now, data=data)
    Act.objects.create(
        case=case,
        ledger_seq=entry.seq,
        key=key,
        action=action,
        source=case.state,
        target=case.state,
        actor_kind=by.actor.kind,
        actor_id=by.actor.id,
        actor_role=by.actor.role,
        at=now,
        public_text=public,
        internal_text=internal,
        data=details or {},
    )
    emit(
        "case.changed",
        key=f"{case.uid}:{case.version}",
        payload={"case": str(case.uid), "action": action, "state": case.state},
    )
