"""Turns a request of the web into a performer; a receipt that was shown is remembered by id."""

from collections.abc import Mapping, MutableMapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from cms.models import InfoRequest
from cms.performer import Performer
from foundation.accounts.access import NO_ACCESS, access_of
from foundation.accounts.policies import has_second_factor
from foundation.ledger.actor import Actor
from foundation.vault.crypto import keyed_hash

SESSION_KEY = "request_receipts"
MEMORY = timedelta(hours=12)
KEPT = 20
#: Wrong codes of one address in ten minutes before it has to wait.
MOST_WRONG = 20
WINDOW_SECONDS = 600


def performer_of(request: HttpRequest) -> Performer:
    """Return who acts: at most one query, for the posts of a signed-in user."""
    shown = shown_receipts(request.session)
    if not request.user.is_authenticated:
        return Performer(Actor("resident", "guest"), receipts=shown)
    access = access_of(request.user) if has_second_factor(request) else NO_ACCESS
    pk = request.user.pk
    if not access.is_staff_member:
        return Performer(Actor("resident", str(pk)), receipts=shown, account_id=pk)
    role = sorted(str(role) for role in access.roles)[0]
    actor = Actor("staff", str(pk), role)
    return Performer(actor, access=access, receipts=shown, account_id=pk)


def remember(session: MutableMapping[str, Any], request: InfoRequest) -> None:
    """Let this visitor see ``request`` for twelve hours; the newest twenty are kept."""
    kept = dict(session.get(SESSION_KEY, {}))
    kept[str(request.uid)] = timezone.now().isoformat()
    session[SESSION_KEY] = dict(list(kept.items())[-KEPT:])


def shown_receipts(session: Mapping[str, Any]) -> frozenset[UUID]:
    """Return the requests whose receipt was shown in this session and is still remembered."""
    oldest = timezone.now() - MEMORY
    kept = session.get(SESSION_KEY, {}).items()
    return frozenset(UUID(uid) for uid, at in kept if datetime.fromisoformat(at) > oldest)


def _bucket(request: HttpRequest) -> str:
    address = get_adapter(request).get_client_ip(request)
    return f"request-code:{keyed_hash('request-code', str(address))}"


def has_guessed_enough(request: HttpRequest) -> bool:
    """Whether this address typed so many wrong codes lately that it has to wait."""
    return int(cache.get(_bucket(request), 0)) >= MOST_WRONG


def count_wrong(request: HttpRequest) -> None:
    """Count one wrong code of this address."""
    bucket = _bucket(request)
    if not cache.add(bucket, 1, WINDOW_SECONDS):
        cache.incr(bucket)
