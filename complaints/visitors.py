"""Turns a request, or a socket's scope, into a performer: staff on duty or the holder of receipts.

A receipt that was shown is remembered in the session for a while, as the case's id only.
"""

from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from complaints.models import Case
from complaints.performer import Performer
from foundation.accounts.access import NO_ACCESS, access_of
from foundation.accounts.policies import has_second_factor
from foundation.ledger.actor import Actor

SESSION_KEY = "receipts"
RECEIPT_MEMORY = timedelta(hours=12)
RECEIPTS_KEPT = 20


def performer_of(request: HttpRequest) -> Performer:
    """Return who acts in ``request``: at most one query, for the posts of a signed-in user."""
    return performer_from(request.user, request.session)


def performer_from(user: Any, session: Mapping[str, Any]) -> Performer:
    """Return who a signed-in or guest visitor is to cases; also serves a socket's scope."""
    receipts = shown_receipts(session)
    if not getattr(user, "is_authenticated", False):
        return Performer(Actor(kind="resident", id="guest"), receipts=receipts)
    # Without the second factor a member of staff is a resident: no duty opens anything.
    proved = has_second_factor({"user": user, "session": session})
    access = access_of(user) if proved else NO_ACCESS
    if not access.is_staff_member:
        actor = Actor(kind="resident", id=str(user.pk))
        return Performer(actor, receipts=receipts, account_id=user.pk)
    role = sorted(str(role) for role in access.roles)[0]
    actor = Actor(kind="staff", id=str(user.pk), role=role)
    return Performer(actor, access=access, receipts=receipts, account_id=user.pk)


def remember_receipt(session: MutableMapping[str, Any], case: Case) -> None:
    """Let this visitor see ``case`` for twelve hours; the newest twenty cases are kept."""
    kept = dict(session.get(SESSION_KEY, {}))
    kept.pop(str(case.uid), None)
    kept[str(case.uid)] = timezone.now().isoformat()
    session[SESSION_KEY] = dict(list(kept.items())[-RECEIPTS_KEPT:])


def shown_receipts(session: Mapping[str, Any]) -> frozenset[UUID]:
    """Return the cases whose receipt was shown in this session and is still remembered."""
    oldest = timezone.now() - RECEIPT_MEMORY
    return frozenset(
        UUID(uid)
        for uid, shown_at in session.get(SESSION_KEY, {}).items()
        if datetime.fromisoformat(shown_at) > oldest
    )
