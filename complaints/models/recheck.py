"""Blind re-checks of closed cases: drawn by lot, judged by somebody who had no part in them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SampleDraw(models.Model):
    """One week's draw; seed and list stand in the ledger too, so that anyone can draw again."""

    first_day = models.DateField(_("first day of the week"), unique=True)
    seed = models.CharField(_("seed"), max_length=64)
    drawn_at = models.DateTimeField(_("drawn"))
    closed_count = models.PositiveIntegerField(_("closed cases"), default=0)

    class Meta:
        verbose_name = _("sample")
        verbose_name_plural = _("samples")
        ordering = ["-first_day"]

    def __str__(self) -> str:
        return f"{self.first_day}"

    @property
    def stream(self) -> str:
        """Name of its stream in the ledger."""
        return f"sample:{self.first_day.isoformat()}"


class Recheck(models.Model):
    """One drawn case and what somebody uninvolved found."""

    class Verdict(models.TextChoices):
        AGREE = "agree", _("Solved, I agree")
        DISAGREE = "disagree", _("Not solved, I disagree")
        UNCLEAR = "unclear", pgettext_lazy("recheck", "Cannot tell")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    draw = models.ForeignKey(SampleDraw, on_delete=models.CASCADE, related_name="rechecks")
    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="rechecks")
    unit = models.CharField(_("handling office"), max_length=60)
    verdict = models.CharField(_("verdict"), max_length=8, choices=Verdict.choices, blank=True)
    words = models.CharField(_("why"), max_length=500, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    judged_at = models.DateTimeField(_("judged"), null=True, blank=True)

    class Meta:
        verbose_name = _("re-check")
        verbose_name_plural = _("re-checks")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "case"], name="one_recheck_a_draw"),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(verdict=""), name="recheck_waiting"),
            models.Index(
                fields=["judged_at"], condition=Q(judged_at__isnull=False), name="recheck_judged"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw} {self.unit}"
