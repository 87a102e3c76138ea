"""What somebody keeps for the own desk: named filters; and the sign that a case is being read."""

from datetime import timedelta

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from complaints.models import Case, Looking, SavedFilter

MOST_FILTERS = 8
KEPT = ("tab", "state", "category", "area", "department", "identity")


def save_filter(*, user_id: int, name: str, query: str) -> bool:
    """Keep a filter of the queue under a name, or change the one of that name; own transaction.

    ``query`` is cut down to the known filters. False when the name is empty or the desk is full.
    """
    name = " ".join(name.replace("\x00", "").split())[:20]
    given = QueryDict(query[:2000].replace("\x00", ""))
    wanted = QueryDict(mutable=True)
    for part in KEPT:
        if value := given.get(part, "").replace("\x00", "")[:60]:
            wanted[part] = value
    if not name:
        return False
    with transaction.atomic():
        own = SavedFilter.objects.filter(user_id=user_id)
        if not own.filter(name=name).exists() and own.count() >= MOST_FILTERS:
            return False
        SavedFilter.objects.update_or_create(
            user_id=user_id, name=name, defaults={"query": wanted.urlencode()[:400]}
        )
    return True


def drop_filter(*, user_id: int, pk: int) -> None:
    """Forget one of the own filters; somebody else's stays."""
    SavedFilter.objects.filter(user_id=user_id, pk=pk).delete()


def look(*, case: Case, user_id: int) -> None:
    """Say that somebody has the case open. One upsert."""
    Looking.objects.bulk_create(
        [Looking(case=case, user_id=user_id, seen_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["case", "user"],
        update_fields=["seen_at"],
    )


def look_away(*, case: Case, user_id: int) -> None:
    """Say that somebody closed the case."""
    Looking.objects.filter(case=case, user_id=user_id).delete()


def forget_looks() -> int:
    """Delete looks of the past; return how many. Touches only due rows."""
    return Looking.objects.filter(seen_at__lt=timezone.now() - timedelta(minutes=10)).delete()[0]
