"""Atomic message budgets against SMS bombing (design/threats.md row 15).

A budget is a row per (number, window) that only a conditional UPDATE may raise, so that a thousand
parallel requests send exactly what is allowed, on SQLite as on PostgreSQL.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from foundation.notices.models import Budget
from foundation.vault.crypto import blind_index, keyed_hash


@dataclass(frozen=True)
class Limit:
    """At most ``amount`` messages in each window of ``seconds``; per address or for the site."""

    scope: str
    seconds: int
    amount: int


def limits_of(channel: str) -> list[Limit]:
    """Return the limits that ``settings.NOTICE_BUDGETS`` sets for a channel."""
    return [Limit(*limit) for limit in settings.NOTICE_BUDGETS.get(channel, ())]


def spend(channel: str, address: str) -> bool:
    """Take one message to ``address`` off every budget; False, nothing taken, if one is used up.

    Own transaction; two statements per limit in the usual case.
    """
    now = timezone.now()
    with transaction.atomic():
        taken = all(_take(channel, address, limit, now) for limit in limits_of(channel))
        if not taken:
            transaction.set_rollback(True)
    return taken


def _take(channel: str, address: str, limit: Limit, now: datetime) -> bool:
    window, ends_at = _window(limit, now)
    bucket = _bucket(channel, address, limit, window)
    room = Budget.objects.filter(bucket=bucket, used__lt=limit.amount)
    if room.update(used=F("used") + 1):
        return True
    row = Budget(bucket=bucket, used=0, ends_at=ends_at)
    Budget.objects.bulk_create([row], ignore_conflicts=True)
    return bool(room.update(used=F("used") + 1))


def _window(limit: Limit, now: datetime) -> tuple[int, datetime]:
    number = int(now.timestamp()) // limit.seconds
    return number, datetime.fromtimestamp((number + 1) * limit.seconds, tz=UTC)


def _bucket(channel: str, address: str, limit: Limit, window: int) -> str:
    who = "*" if limit.scope == "site" else blind_index(_index_kind(channel), address)
    return keyed_hash("notices.budget", f"{channel}|{limit.scope}|{limit.seconds}|{window}|{who}")


def _index_kind(channel: str) -> str:
    return "phone" if channel == "sms" else channel


def forget_past_windows(now: datetime) -> int:
    """Delete budgets whose window ended an hour ago; returns how many."""
    return Budget.objects.filter(ends_at__lt=now - timedelta(hours=1)).delete()[0]
