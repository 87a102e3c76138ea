"""Messages to people. A row says that and how somebody was told, never to which address."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Life of a notice."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Not sent")
    WITHDRAWN = "withdrawn", pgettext_lazy("notice", "Withdrawn")


FINAL_STATES = (State.SENT, State.FAILED, State.SKIPPED, State.WITHDRAWN)


class Notice(models.Model):
    """One message to one recipient, delivered once.

    ``record_id`` names a sealed record of the vault, ``user_id`` an account; the address is looked
    up at delivery. ``leave_after`` ends the time in which it is held back and may be withdrawn;
    empty: it leaves at once. ``sealed`` holds the text's context (and a one-off address),
    encrypted, and is emptied when the notice reaches a final state.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("key"), max_length=160, unique=True)
    code = models.CharField(_("message"), max_length=60)
    stream = models.CharField(_("stream"), max_length=80, blank=True)
    record_id = models.UUIDField(_("sealed record"), null=True, blank=True)
    user_id = models.PositiveBigIntegerField(_("account"), null=True, blank=True)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    sealed = models.BinaryField(_("sealed content"), blank=True, default=b"")
    queued_at = models.DateTimeField(_("queued at"))
    leave_after = models.DateTimeField(_("leaves after"), null=True, blank=True)
    valid_until = models.DateTimeField(_("worth sending until"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("being sent since"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["queued_at", "id"]
        indexes = [
            models.Index(fields=["stream", "queued_at"], name="notice_stream"),
            models.Index(
                fields=["state", "queued_at"],
                name="notice_unfinished",
                condition=Q(state__in=["queued", "sending"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} · {self.get_state_display()}"


class Budget(models.Model):
    """How many messages left for one number (or the whole site) in one window of time.

    ``bucket`` is a keyed hash, so the table names nobody.
    """

    bucket = models.CharField(_("bucket"), max_length=64, primary_key=True)
    used = models.PositiveIntegerField(_("used"), default=0)
    ends_at = models.DateTimeField(_("window ends at"), db_index=True)

    class Meta:
        verbose_name = _("message budget")
        verbose_name_plural = _("message budgets")

    def __str__(self) -> str:
        return f"{self.bucket[:8]}… {self.used}"
