"""Who did it, as the ledger writes it down: an id and a role, never a name or a telephone."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["resident", "staff", "system", "client"]


@dataclass(frozen=True)
class Actor:
    """``id`` is a user id, a pseudonym, the name of a program or an API client's id."""

    kind: Kind
    id: str
    role: str = ""

    @classmethod
    def system(cls, name: str) -> "Actor":
        """Return the platform itself, acting through the part called ``name``."""
        return cls("system", name)
