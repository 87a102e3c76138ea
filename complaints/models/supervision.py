"""督办: a supervisor's order on a case, signed for and answered by whoever owns it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SupervisionOrder(models.Model):
    """One 督办单. ``colour`` says how urgent it is, ``level`` how high it was taken.

    Open until a supervisor strikes it off (销号); raised, it goes on with a later date.
    """

    class Colour(models.TextChoices):
        BLUE = "blue", _("Reminder (blue)")
        YELLOW = "yellow", _("Warning (yellow)")
        RED = "red", _("Overdue (red)")

    class Level(models.TextChoices):
        ORDER = "order", pgettext_lazy("supervision", "Supervision order")
        LISTED = "listed", _("Publicly listed supervision")
        RAISED = "raised", _("Raised to the next level")
        SUMMONED = "summoned", _("Circular or summons")

    class Reason(models.TextChoices):
        """信访工作条例 Art 40 names the first four."""

        SHIFTING = "shifting", _("Shifting responsibility")
        PERFUNCTORY = "perfunctory", _("Perfunctory handling")
        DELAYING = "delaying", _("Delay")
        FALSIFYING = "falsifying", _("Falsification")
        OVERDUE = "overdue", _("Past the deadline")
        UNSATISFIED = "unsatisfied", _("Still unsatisfied after a second handling")
        DISAGREED = "disagreed", _("Re-check disagrees")

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=100, unique=True)
    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="orders")
    colour = models.CharField(_("colour"), max_length=8, choices=Colour.choices)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices, default=Level.ORDER)
    reason_code = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    demand = models.TextField(_("what is demanded"))
    note = models.TextField(_("instruction"), blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    issued_at = models.DateTimeField(_("issued"))
    due_at = models.DateTimeField(_("feedback due"))
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    signed_at = models.DateTimeField(_("signed for"), null=True, blank=True)
    feedback = models.TextField(_("feedback"), blank=True)
    feedback_at = models.DateTimeField(_("feedback given"), null=True, blank=True)
    closed_at = models.DateTimeField(_("struck off"), null=True, blank=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("supervision order")
        verbose_name_plural = _("supervision orders")
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["colour", "due_at", "id"], condition=Q(is_open=True), name="order_open_due"
            ),
            models.Index(
                fields=["-closed_at", "-id"], condition=Q(is_open=False), name="order_closed"
            ),
            models.Index(fields=["-issued_at", "-id"], name="order_newest"),
            models.Index(fields=["case", "id"], name="order_case"),
        ]
        constraints = [
            models.CheckConstraint(
                name="order_open_until_struck_off",
                condition=Q(is_open=True, closed_at=None)
                | Q(is_open=False, closed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.level}"
