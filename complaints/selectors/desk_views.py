"""Reads of what people keep for their desk, and of who looks at a case."""

from datetime import timedelta

from django.utils import timezone

from complaints.models import Case, Looking, SavedFilter
from foundation.accounts.access import access_of
from foundation.accounts.models import Role, User

#: A look counts this long after the page last said so; pages say so every ten seconds.
LOOK_LASTS = timedelta(seconds=25)
MOST_NAMED = 5


def filters_of(user_id: int) -> list[SavedFilter]:
    """Return somebody's named filters, oldest first. One query."""
    return list(SavedFilter.objects.filter(user_id=user_id))


def others_looking(case: Case, user_id: int) -> list[str]:
    """Return "name (role)" of colleagues who have the case open now. One query, two per person."""
    since = timezone.now() - LOOK_LASTS
    rows = Looking.objects.filter(case=case, seen_at__gt=since).exclude(user_id=user_id)
    users = [row.user for row in rows.select_related("user").order_by("pk")[:MOST_NAMED]]
    return [_named(user) for user in users]


def _named(user: User) -> str:
    roles = sorted(str(role) for role in access_of(user).roles)
    name = user.display_name or user.username
    return f"{name}（{Role(roles[0]).label}）" if roles else name
