"""Durable work of notices."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from foundation.jobs.registry import handler, periodic
from foundation.notices.budget import forget_past_windows
from foundation.notices.services import TOPIC, deliver, take_over_abandoned


@handler(TOPIC)
def deliver_notice(key: str, payload: dict[str, Any]) -> None:
    """Deliver one notice; a raised TryLater makes the worker come back later."""
    deliver(notice_id=UUID(payload["notice"]))


@periodic("notices.take_over", every=timedelta(minutes=1))
def take_over(slot: datetime) -> None:
    """Bring back notices whose worker was killed between claiming and sending."""
    with transaction.atomic():
        take_over_abandoned()


@periodic("notices.forget_budgets", every=timedelta(hours=6))
def forget_budgets(slot: datetime) -> None:
    """Clear message budgets whose windows are over."""
    forget_past_windows(slot)
