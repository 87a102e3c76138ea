"""The working calendar's data: hours and announced years, and days that differ."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class WorkingCalendar(models.Model):
    """One row: business hours, last announced year, and a version that changes with every change.

    ``version`` is random, not counted: a rolled-back change must never share its version with a
    later one.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.UUIDField(_("version"), default=uuid.uuid4)
    announced_until = models.PositiveSmallIntegerField(
        _("last year whose holiday notice is entered"), default=0
    )
    hours = models.JSONField(_("business hours"), default=list)

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_working_calendar_only"),
        ]

    def __str__(self) -> str:
        return str(self.version)


class Origin(models.TextChoices):
    PACK = "pack", _("District pack")
    MANUAL = "manual", _("Entered by hand")


class DayOverride(models.Model):
    """A day that is a working day or a day of rest, whatever the published data say.

    A day entered by hand outlives every reload of the district pack.
    """

    date = models.DateField(_("date"), unique=True)
    is_working = models.BooleanField(_("working day"))
    source = models.CharField(_("source (notice or decision)"), max_length=200)
    origin = models.CharField(
        _("origin"), max_length=8, choices=Origin.choices, default=Origin.MANUAL
    )

    class Meta:
        verbose_name = _("calendar exception")
        verbose_name_plural = _("calendar exceptions")
        ordering = ["date"]

    def __str__(self) -> str:
        return self.date.isoformat()
