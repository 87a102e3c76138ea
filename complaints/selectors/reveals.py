"""Who looked at whose data: for the auditor, from the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db.models import Count
from django.utils import timezone

from complaints.models import Case
from complaints.selectors.tracking import REVEALED
from foundation.accounts.models import Role, User
from foundation.ledger.models import Entry

PAGE_SIZE = 50
#: So many looks by one person in a day are flagged.
MANY, WINDOW = 20, timedelta(hours=24)
#: Printing a slip and taking one's own data along are listed too; they count as no look.
LISTED = (*REVEALED, "case.slip")


@dataclass(frozen=True)
class Reveal:
    """One look: who, in which role, at which case, why and when."""

    at: datetime
    name: str
    role: str
    number: str
    reason: str
    action: str


@dataclass(frozen=True)
class Flag:
    """Somebody who looked often within the last day."""

    name: str
    times: int


@dataclass(frozen=True)
class RevealPage:
    """One page, newest first, the cursor of the next, and whoever looks too often."""

    reveals: tuple[Reveal, ...]
    next_cursor: str
    flags: tuple[Flag, ...]


def reveals(cursor: str = "") -> RevealPage:
    """Return one page of looks, keyset paged by the ledger's number. At most five queries."""
    found = Entry.objects.filter(action__in=LISTED)
    after = _read(cursor)
    if after:
        found = found.filter(seq__lt=after)
    rows = list(found.order_by("-seq")[: PAGE_SIZE + 1])
    page = rows[:PAGE_SIZE]
    often = _often()
    names = _names([*(entry.actor_id for entry in page), *(actor for actor, _n in often)])
    numbers = _numbers(page)
    more = _signer().sign(str(page[-1].seq)) if len(rows) > PAGE_SIZE else ""
    return RevealPage(
        tuple(_reveal(entry, names, numbers) for entry in page),
        more,
        tuple(Flag(names.get(actor, actor), times) for actor, times in often),
    )


def _often() -> list[tuple[str, int]]:
    """Return who looked :data:`MANY` times or more in the last day, by the index on action."""
    recent = Entry.objects.filter(
        action__in=REVEALED, at__gte=timezone.now() - WINDOW, actor_kind="staff"
    )
    counted = recent.values_list("actor_id").annotate(times=Count("seq")).order_by("-times")
    return [(actor, times) for actor, times in counted if times >= MANY]


def _reveal(entry: Entry, names: dict[str, str], numbers: dict[str, str]) -> Reveal:
    data = entry.data
    return Reveal(
        at=entry.at,
        name=names.get(entry.actor_id, entry.actor_id),
        role=str(Role(entry.actor_role).label) if entry.actor_role in set(Role) else "",
        number=numbers.get(entry.stream, ""),
        reason=str(data.get("reason", "")) if isinstance(data, dict) else "",
        action=entry.action,
    )


def _names(ids: Iterable[str]) -> dict[str, str]:
    wanted = {int(actor) for actor in ids if actor.isdigit()}
    users = User.objects.filter(pk__in=wanted)
    return {str(user.pk): user.display_name or user.username for user in users}


def _numbers(entries: Iterable[Entry]) -> dict[str, str]:
    uids = {UUID(e.stream[5:]) for e in entries if e.stream.startswith("case:")}
    found = Case.objects.filter(uid__in=uids).values_list("uid", "number")
    return {f"case:{uid}": number for uid, number in found}


def _read(cursor: str) -> int:
    """Read a cursor; one that was tampered with starts from the beginning."""
    try:
        return int(_signer().unsign(cursor)) if cursor else 0
    except (BadSignature, ValueError):
        return 0


def _signer() -> Signer:
    return Signer(salt="complaints.reveals.cursor")
