"""One follower per deployment: a row that one worker at a time holds, by the database's clock."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from foundation.ledger.models import FollowerLease, Head

LEASE = timedelta(seconds=10)
MOST_BEHIND = 2000


def hold(holder: str, position: int | None) -> int | None:
    """Take or renew the lease; return the position to follow from, None when another holds it.

    ``position`` is what ``holder`` has told so far (None when it does not hold the lease yet). A
    successor goes on where its predecessor stopped, unless that was long ago: then old news is
    worth nothing and it starts at the head. 1 statement to renew, up to 5 to take.
    """
    if position is not None:
        mine = FollowerLease.objects.filter(pk=1, holder=holder)
        kept = mine.update(position=position, expires_at=Now() + LEASE)
        return position if kept else None
    return _take(holder)


def release(holder: str) -> None:
    """Give the lease back at once (1 statement)."""
    FollowerLease.objects.filter(pk=1, holder=holder).update(expires_at=Now())


def _take(holder: str) -> int | None:
    with transaction.atomic():
        newest = Head.objects.values_list("seq", flat=True).get(pk=1)
        FollowerLease.objects.bulk_create(
            [FollowerLease(pk=1, holder=holder, position=newest, expires_at=Now())],
            ignore_conflicts=True,
        )
        free = Q(holder=holder) | Q(expires_at__lte=Now())
        taken = FollowerLease.objects.filter(free, pk=1).update(
            holder=holder, expires_at=Now() + LEASE
        )
        if not taken:
            return None
        told = FollowerLease.objects.values_list("position", flat=True).get(pk=1)
    return newest if newest - told > MOST_BEHIND else told
