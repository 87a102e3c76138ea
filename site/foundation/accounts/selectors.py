"""Reads about people: who acts, who may do what, how a user is reached."""

from datetime import date
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from foundation.accounts.access import access_of
from foundation.accounts.models import Post, PostQuerySet, Role, User
from foundation.ledger.actor import Actor
from foundation.vault.crypto import blind_index
from foundation.vault.errors import RecordNotFound
from foundation.vault.services import read_for_delivery

GUEST = Actor(kind="resident", id="guest")


def actor_of(request: HttpRequest, *roles: Role) -> Actor:
    """Return who acts in this request, for the ledger: ids only, no names or numbers.

    ``roles`` (optional) are those that the view is about; the first one held is recorded, otherwise
    the first post in force. Guests are ``resident:guest``. At most 1 query (the access).
    """
    user = request.user
    if not user.is_authenticated:
        return GUEST
    return actor_for(user, *roles)


def actor_for(user: User, *roles: Role) -> Actor:
    """Return the actor that ``user`` is. See :func:`actor_of`."""
    access = access_of(user)
    if not access.is_staff_member:
        return Actor(kind="resident", id=str(user.pk))
    held = next((role for role in roles if access.has(role)), access.duties[0].role)
    return Actor(kind="staff", id=str(user.pk), role=str(held))


def user_of(request: HttpRequest) -> User:
    """Return the signed-in user; raises PermissionDenied for guests (views guard before)."""
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied


def stream_of(user: User) -> str:
    """Return the ledger stream that tells the life of an account."""
    return f"account:{user.pk}"


def display_of(user: User) -> str:
    """What pages call a user: the display name; residents without one are just residents."""
    if user.display_name:
        return user.display_name
    return user.username if access_of(user).is_staff_member else _("Resident")


def user_by_phone(e164: str) -> User | None:
    """Return the account with this number (+8613…), confirmed or not. 1 query on a blind index."""
    return User.objects.filter(phone_index=blind_index("phone", e164)).first()


def phone_of(user: User) -> str:
    """Return the account's number in E.164 or ''. 1 query; decrypts, for delivery and the owner."""
    if user.phone_record_id is None:
        return ""
    return _phone_in(user.phone_record_id)


def _phone_in(record_id: UUID) -> str:
    try:
        return read_for_delivery(record_id, "phone")
    except RecordNotFound:
        return ""


def contacts_of(user_id: int) -> dict[str, str]:
    """Return channel → confirmed address of an account (``sms``, ``email``). At most 3 queries.

    Unconfirmed addresses are left out: they may belong to somebody else.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return {}
    found: dict[str, str] = {}
    if user.phone_verified and (phone := phone_of(user)):
        found["sms"] = phone
    verified = EmailAddress.objects.filter(user_id=user_id, verified=True)
    if email := verified.order_by("-primary").values_list("email", flat=True).first():
        found["email"] = email
    return found


def holders_of(
    role: Role, *, area_path: str = "", department: str = "", day: date | None = None
) -> PostQuerySet:
    """Return the posts in force with ``role`` (users joined), newest first. 1 query when read.

    ``area_path`` keeps posts whose area contains that path (or the whole district);
    ``department`` keeps posts of that department code.
    """
    posts = Post.objects.in_force(day).filter(role=role, user__is_active=True)
    if department:
        posts = posts.filter(department__code=department)
    if area_path:
        parts = area_path.strip("/").split("/")
        paths = ["/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
        posts = posts.filter(area__path__in=paths) | posts.filter(area__isnull=True)
    return posts.select_related("user", "area", "department").order_by("-starts_on", "pk")


def staff_accounts(query: str = "", *, limit: int = 300) -> list[User]:
    """Return staff accounts by name, each with ``duties``: its posts in force. 2 queries."""
    people = User.objects.filter(Q(is_staff=True) | Q(posts__isnull=False)).distinct()
    if query:
        people = people.filter(Q(username__icontains=query) | Q(display_name__icontains=query))
    posts = Post.objects.in_force().select_related("area", "department").order_by("pk")
    people = people.prefetch_related(Prefetch("posts", queryset=posts, to_attr="duties"))
    return list(people.order_by("-is_active", "username")[:limit])


def user_by_email(email: str) -> User | None:
    """Return the account that an e-mail address signs in to: its confirmed owner, else the account
    that an administrator or its own opening gave the address. At most 2 queries.

    An address that somebody merely typed into their own account does not count: otherwise its true
    owner could be led into a stranger's account.
    """
    owned = EmailAddress.objects.filter(email__iexact=email, verified=True).select_related("user")
    confirmed = owned.first()
    if confirmed is not None:
        return confirmed.user
    return User.objects.filter(email__iexact=email).first()


def posts_of(user: User) -> list[Post]:
    """Return every post of ``user``, those in force first, newest first. 1 query."""
    rows = user.posts.select_related("area", "department").order_by("-starts_on", "-pk")
    return sorted(rows, key=lambda post: not post.is_in_force())
