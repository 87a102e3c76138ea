"""Who acts on a request: the ledger's actor, today's duties, the receipts shown."""

from dataclasses import dataclass, field
from uuid import UUID

from foundation.accounts.access import NO_ACCESS, Access
from foundation.ledger.actor import Actor


@dataclass(frozen=True)
class Performer:
    """An actor with current duties, or an applicant holding receipts."""

    actor: Actor
    access: Access = NO_ACCESS
    receipts: frozenset[UUID] = field(default_factory=frozenset)
    account_id: int | None = None

    @property
    def name(self) -> str:
        """Stable key of the person, for the four-eyes rule."""
        return f"{self.actor.kind}:{self.actor.id}"


SYSTEM = Performer(Actor.system("requests"))
