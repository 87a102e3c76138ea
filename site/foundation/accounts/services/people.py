"""Accounts: opening, telephone numbers, sessions, closing."""

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.access import forget_access
from foundation.accounts.errors import PhoneTaken
from foundation.accounts.models import User
from foundation.accounts.selectors import actor_for, stream_of
from foundation.accounts.services.posts import REVOKED, sync_groups
from foundation.jobs.services import emit
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.vault.crypto import blind_index
from foundation.vault.services import shred, store

#: An account whose owner never proved a number or an address is forgotten after this time.
UNCLAIMED_FOR = timedelta(days=1)

_LEGIBLE = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def open_account(*, phone: str = "", email: str = "") -> User:
    """Open a resident's account for a number (E.164) or an e-mail address, not yet confirmed.

    It has no password, so whoever confirms the code is its first and only user. 3–4 statements.
    """
    with transaction.atomic():
        user = User(username=f"r{secrets.token_hex(8)}", email=email.lower() or None)
        user.set_unusable_password()
        user.save()
        if email:
            EmailAddress.objects.create(user=user, email=email.lower(), primary=True)
        if phone:
            set_phone(user=user, phone=phone, verified=False)
    return user


def open_staff_account(
    *, actor: Actor, username: str, display_name: str, email: str = ""
) -> tuple[User, str]:
    """Open an account for a member of staff; returns it with its first password.

    It enters nothing before a post is granted to it. The password is shown once, to hand over in
    person.
    """
    password = _new_password()
    with transaction.atomic():
        user = User(username=username, display_name=display_name, is_staff=True)
        user.set_password(password)
        user.save()
        if email:
            attach_email(user=user, email=email)
        append(stream=stream_of(user), action="account.opened", actor=actor, data={})
    return user, password


def attach_email(*, user: User, email: str) -> None:
    """Give ``user`` an address that an administrator vouches for. 2 statements."""
    user.email = email.lower()
    user.save(update_fields=["email"])
    EmailAddress.objects.create(user=user, email=email.lower(), primary=True, verified=True)


def set_phone(*, user: User, phone: str, verified: bool) -> None:
    """Give ``user`` the number ``phone`` (E.164), sealed; the former number's record is shredded.

    A number held by another, unconfirmed account moves when ``verified``; one confirmed elsewhere
    raises PhoneTaken. Locks the rows of both accounts. 4–8 statements.
    """
    index = blind_index("phone", phone)
    with transaction.atomic():
        other = User.objects.select_for_update().filter(phone_index=index).exclude(pk=user.pk)
        _release(other.first(), wanted_by_owner=verified)
        if user.phone_index != index:
            _shred_number(user)
            record = store(kind="account", stream=stream_of(user), fields={"phone": phone})
            user.phone_record_id, user.phone_index = record.pk, index
        user.phone_verified = verified
        user.save(update_fields=["phone_record_id", "phone_index", "phone_verified"])


def confirm_phone(*, user: User, phone: str) -> None:
    """Record that ``user`` proved to hold ``phone`` (E.164). See :func:`set_phone`."""
    set_phone(user=user, phone=phone, verified=True)


def _release(holder: User | None, *, wanted_by_owner: bool) -> None:
    if holder is None:
        return
    if holder.phone_verified or not wanted_by_owner:
        raise PhoneTaken(_("This number belongs to another account."))
    _shred_number(holder)
    holder.save(update_fields=["phone_record_id", "phone_index", "phone_verified"])


def _shred_number(user: User) -> None:
    if user.phone_record_id is not None:
        shred(user.phone_record_id, actor=actor_for(user), reason="number replaced or removed")
    user.phone_record_id = user.phone_index = None
    user.phone_verified = False


def end_sessions(*, user: User) -> int:
    """End every session of ``user`` at once; returns how many. Two statements per session."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)


def forget_ended_sessions(*, now: datetime | None = None) -> int:
    """Delete sessions that have run out and the addresses they were used from; returns how many.

    What Django's ``clearsessions`` does, and the rows of allauth's list of sessions besides; those
    are spared for a day, because a new session is stored only with its first answer. Two
    statements.
    """
    moment = now or timezone.now()
    _total, gone = Session.objects.filter(expire_date__lt=moment).delete()
    alive = Session.objects.filter(session_key=OuterRef("session_key"))
    listed = UserSession.objects.filter(last_seen_at__lt=moment - timedelta(days=1))
    listed.filter(~Exists(alive)).delete()
    return gone.get("sessions.Session", 0)


def _revoke(user: User, why: str) -> None:
    end_sessions(user=user)
    emit(REVOKED, key=f"{user.pk}:{uuid4()}", payload={"user": user.pk, "why": why})


def deactivate_user(*, actor: Actor, user: User, reason: str) -> None:
    """Shut ``user`` out at once: account off, sessions ended, sockets told (``accounts.revoked``).

    The posts stay for the record; rights are re-read on every request. Locks the row.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        user.is_active = False
        user.save(update_fields=["is_active"])
        forget_access(user)
        append(
            stream=stream_of(user),
            action="account.deactivated",
            actor=actor,
            data={"reason": reason},
        )
        _revoke(user, "deactivated")


def reactivate_user(*, actor: Actor, user: User, reason: str) -> None:
    """Let ``user`` in again, with the posts that are in force."""
    with transaction.atomic():
        user.is_active = True
        user.save(update_fields=["is_active"])
        forget_access(user)
        append(
            stream=stream_of(user),
            action="account.reactivated",
            actor=actor,
            data={"reason": reason},
        )
        sync_groups(user=user)


def reset_sign_in(*, actor: Actor, user: User) -> str:
    """Give a member of staff who lost password or phone a fresh start; returns the new password.

    The second factor is removed and set up anew at the next sign-in; sessions end. The password is
    shown once, to hand over in person; it is in no log and no ledger.
    """
    password = _new_password()
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password"])
        Authenticator.objects.filter(user=user).delete()
        append(stream=stream_of(user), action="account.sign_in_reset", actor=actor, data={})
        _revoke(user, "sign-in reset")
    return password


def _new_password() -> str:
    return "".join(secrets.choice(_LEGIBLE) for _n in range(16))


def close_account(*, user: User) -> None:
    """Close a resident's own account and destroy its contact data (PIPL Art 47).

    Cases stay as they are: they belong to the public record and hold their own sealed contact.
    """
    actor = actor_for(user)
    with transaction.atomic():
        _shred_number(user)
        EmailAddress.objects.filter(user=user).delete()
        Authenticator.objects.filter(user=user).delete()
        user.email, user.display_name = None, ""
        user.username, user.is_active = f"closed-{user.pk}", False
        user.set_unusable_password()
        user.save()
        append(stream=stream_of(user), action="account.closed", actor=actor, data={})
        _revoke(user, "closed")


def forget_unclaimed(*, now: datetime | None = None) -> int:
    """Delete accounts whose number or address nobody confirmed within a day; returns how many.

    Their sealed number is shredded. At most 500 at a time; for the periodic job.
    """
    before = (now or timezone.now()) - UNCLAIMED_FOR
    stale = User.objects.filter(
        date_joined__lt=before,
        last_login__isnull=True,
        phone_verified=False,
        posts__isnull=True,
        is_staff=False,
        password__startswith=UNUSABLE_PASSWORD_PREFIX,
    ).exclude(emailaddress__verified=True)
    rows = list(stale[:500])
    for user in rows:
        with transaction.atomic():
            _shred_number(user)
            user.delete()
    return len(rows)
