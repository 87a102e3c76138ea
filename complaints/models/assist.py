"""Other offices' share in a case: whistles with the departments they call, and sub-tasks."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Whistle(models.Model):
    """网格吹哨: departments are called to a case that its owner cannot settle alone."""

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="whistles")
    kind = models.CharField(_("kind"), max_length=20)
    blown_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    blown_at = models.DateTimeField(_("blown"))
    plan = models.TextField(_("joint plan"), blank=True)
    planned_until = models.DateField(_("to be done until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("whistle")
        verbose_name_plural = _("whistles")
        ordering = ["blown_at", "id"]
        indexes = [models.Index(fields=["case", "id"], name="whistle_case")]

    def __str__(self) -> str:
        return f"{self.case} {self.kind}"


class Assist(models.Model):
    """协办: what one department has to do on another's case; it sees the case while this is open.

    Called by a whistle it first reports in (报到); without one it is a sub-task.
    """

    class Result(models.TextChoices):
        DONE = "done", _("Done")
        PARTLY = "partly", _("Done in part")
        NOT_OURS = "not_ours", _("Not our duty")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="assists")
    whistle = models.ForeignKey(
        Whistle, null=True, on_delete=models.CASCADE, related_name="assists"
    )
    department = models.ForeignKey("places.Department", on_delete=models.PROTECT, related_name="+")
    clock = models.OneToOneField(
        "complaints.Clock", null=True, on_delete=models.SET_NULL, related_name="assist"
    )
    text = models.TextField(_("what to do"), blank=True)
    asked_at = models.DateTimeField(_("asked"))
    reported_in_at = models.DateTimeField(_("reported in"), null=True, blank=True)
    reported_in_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    result = models.CharField(_("result"), max_length=12, choices=Result.choices, blank=True)
    result_text = models.TextField(_("what was done"), blank=True)
    result_at = models.DateTimeField(null=True, blank=True)
    grade = models.PositiveSmallIntegerField(_("grade"), null=True, blank=True)
    grade_text = models.CharField(_("why"), max_length=500, blank=True)
    is_open = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("assisting department")
        verbose_name_plural = _("assisting departments")
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(fields=["case", "id"], name="assist_case"),
            models.Index(
                fields=["department", "case"], condition=Q(is_open=True), name="assist_open"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="assist_grade_one_to_five",
                condition=Q(grade__isnull=True) | Q(grade__range=(1, 5)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} {self.department}"

    @property
    def is_late(self) -> bool:
        """Whether it reported in, or was done, after its time."""
        return self.clock is not None and self.clock.outcome == "late"
