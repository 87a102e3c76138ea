"""Departments' own systems hear of their cases: signed, retried, ids and states only."""

import ipaddress
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from complaints.models import Case, Webhook, WebhookDelivery
from complaints.outbound import Network, checked_host, post, signature
from foundation.jobs.services import Event, emit_many
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.places.models import Department
from foundation.vault.services import open_sealed, seal

TOPIC = "webhook.due"
STREAM = "api:webhooks"
KEPT = timedelta(days=30)


class NotDelivered(Exception):
    """The other system did not take it; the job is tried again later."""


@dataclass(frozen=True)
class NewWebhook:
    """A webhook with its secret, which is told now and never again."""

    webhook: Webhook
    secret: str


def make_webhook(*, department: Department, url: str, by: Actor) -> NewWebhook:
    """Add an address. Raises outbound.NotAllowed when it may not be called."""
    checked_host(url, allowed_networks())
    secret = secrets.token_urlsafe(32)
    webhook = Webhook(department=department, url=url)
    webhook.sealed_secret = seal(secret.encode(), context=_context(webhook))
    with transaction.atomic():
        webhook.save()
        data = {"webhook": webhook.pk, "department": department.code}
        append(stream=STREAM, action="api.webhook_made", actor=by, data=data)
    return NewWebhook(webhook, secret)


def stop_webhook(*, pk: int, by: Actor) -> bool:
    """Send nothing to an address any more; False when it is not in use."""
    with transaction.atomic():
        if not Webhook.objects.filter(pk=pk, is_active=True).update(is_active=False):
            return False
        append(stream=STREAM, action="api.webhook_stopped", actor=by, data={"webhook": pk})
    return True


def plan_deliveries(*, event: str, payload: dict[str, Any]) -> int:
    """Queue news of a changed case for the systems of its present owner; return how many.

    Idempotent: an event is queued once per address.
    """
    case = (
        Case.objects.filter(uid=payload["case"]).values_list("number", "owner_department").first()
    )
    if case is None or case[1] is None:
        return 0
    hooks = Webhook.objects.filter(is_active=True, department_id=case[1])
    body = {"number": case[0], "action": payload["action"], "state": payload["state"]}
    with transaction.atomic():
        made = [
            WebhookDelivery.objects.get_or_create(
                webhook=hook, event=event, defaults={"body": body}
            )
            for hook in hooks
        ]
        new = [delivery for delivery, is_new in made if is_new]
        emit_many([Event(TOPIC, str(d.uid), {"delivery": str(d.uid)}) for d in new])
    return len(new)


def deliver(*, uid: UUID) -> None:
    """Send one piece of news. Raises NotDelivered, so that the job is tried again."""
    found = WebhookDelivery.objects.select_related("webhook")
    delivery = found.filter(uid=uid, delivered_at=None, webhook__is_active=True).first()
    if delivery is None:
        return
    if not _is_still_owner(delivery):
        # The case was handed on meanwhile: its news are no longer this department's.
        delivery.delete()
        return
    answer, is_taken = _send(delivery)
    delivery.attempts += 1
    delivery.last_answer = answer[:200]
    delivery.delivered_at = timezone.now() if is_taken else None
    delivery.save(update_fields=["attempts", "last_answer", "delivered_at"])
    if not is_taken:
        raise NotDelivered(answer)


def _is_still_owner(delivery: WebhookDelivery) -> bool:
    number, department = delivery.body.get("number", ""), delivery.webhook.department_id
    return Case.objects.filter(number=number, owner_department_id=department).exists()


def _send(delivery: WebhookDelivery) -> tuple[str, bool]:
    hook = delivery.webhook
    body = json.dumps({"event": delivery.event, **delivery.body}, ensure_ascii=False).encode()
    secret = open_sealed(bytes(hook.sealed_secret), context=_context(hook))
    headers = {
        "Gongzhi-Delivery": str(delivery.uid),
        "Gongzhi-Signature": signature(secret, body, int(timezone.now().timestamp())),
    }
    try:
        status = post(hook.url, body, headers, allowed=allowed_networks())
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}", False
    return str(status), 200 <= status < 300


def allowed_networks() -> list[Network]:
    """Return the house's own networks in which systems may be called (``WEBHOOK_NETWORKS``)."""
    return [ipaddress.ip_network(text) for text in settings.WEBHOOK_NETWORKS]


def forget_deliveries() -> int:
    """Delete what was delivered or given up a month ago; return how many."""
    old = WebhookDelivery.objects.filter(made_at__lt=timezone.now() - KEPT)
    deleted, _rows = old.delete()
    return deleted


def _context(webhook: Webhook) -> str:
    return f"webhook:{webhook.uid}"
