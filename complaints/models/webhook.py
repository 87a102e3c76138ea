"""News for a department's own system: where to send them, and what became of each."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Webhook(models.Model):
    """An address of a department's system; the secret that signs is sealed by the vault."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    department = models.ForeignKey("places.Department", on_delete=models.CASCADE, related_name="+")
    url = models.URLField(_("address"), max_length=300)
    sealed_secret = models.BinaryField()
    is_active = models.BooleanField(_("in use"), default=True)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["department", "pk"]

    def __str__(self) -> str:
        return f"{self.department}: {self.url}"


class WebhookDelivery(models.Model):
    """One piece of news for one address; ids and states only."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(_("event"), max_length=80)
    body = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    last_answer = models.CharField(_("last answer"), max_length=200, blank=True)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="one_delivery_per_event")
        ]

    def __str__(self) -> str:
        return f"{self.event} → {self.webhook_id}"
