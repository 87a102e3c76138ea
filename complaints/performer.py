"""Who acts: the ledger's actor together with what that person may reach right now."""

from dataclasses import dataclass, field
from uuid import UUID

from foundation.accounts.access import NO_ACCESS, Access
from foundation.accounts.models import Role
from foundation.ledger.actor import Actor


@dataclass(frozen=True)
class Performer:
    """An actor with current duties, or a resident holding the receipts of some cases."""

    actor: Actor
    access: Access = NO_ACCESS
    receipts: frozenset[UUID] = field(default_factory=frozenset)
    account_id: int | None = None

    @property
    def is_system(self) -> bool:
        return self.actor.kind == "system"

    @property
    def departments(self) -> frozenset[str]:
        """Codes of the departments for which the performer may act today."""
        return self.access.departments(Role.BUREAU_OFFICER) | self.access.departments(
            Role.STREET_OFFICER
        )

    @property
    def name(self) -> str:
        """Stable key of the person, for the four-eyes rule."""
        return f"{self.actor.kind}:{self.actor.id}"
