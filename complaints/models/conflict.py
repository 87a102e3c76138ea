"""Conflicts of interest, and how long things are kept."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.tracks import Track


class Accused(models.Model):
    """A firm or body that a case complains about, with the department that is in conflict by it.

    While the row stands, that department neither owns nor sees the case (信访工作条例 Art 30).
    """

    class Relation(models.TextChoices):
        ACCUSED = "accused", _("Is complained about")
        SUPERVISES = "supervises", _("Runs or supervises what is complained about")

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="accused")
    name = models.CharField(_("firm or body"), max_length=100, blank=True)
    department = models.ForeignKey(
        "places.Department", null=True, on_delete=models.PROTECT, related_name="+"
    )
    relation = models.CharField(max_length=12, choices=Relation.choices, default=Relation.ACCUSED)
    declared_at = models.DateTimeField()

    class Meta:
        verbose_name = _("party complained about")
        verbose_name_plural = _("parties complained about")
        constraints = [
            models.CheckConstraint(
                name="accused_is_named", condition=~Q(name="") | Q(department__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["department", "case"], name="accused_department_case")]

    def __str__(self) -> str:
        return self.name or str(self.department)


class Recusal(models.Model):
    """Somebody who stepped back from a case (回避, 信访工作条例 Art 28): reads, does not act."""

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="recusals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        verbose_name = _("recusal")
        verbose_name_plural = _("recusals")
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="one_recusal_each")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"


class RetentionRule(models.Model):
    """How many days after its end a case of a track loses its contact, originals and words.

    ``track`` '' stands for all that have no rule of their own (个人信息保护法 Art 19).
    """

    track = models.CharField(max_length=12, choices=Track.choices, blank=True, unique=True)
    contact_days = models.PositiveIntegerField()
    originals_days = models.PositiveIntegerField()
    words_days = models.PositiveIntegerField()
    basis = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [
            models.CheckConstraint(
                name="retention_steps_in_order",
                condition=Q(contact_days__lte=models.F("originals_days"))
                & Q(originals_days__lte=models.F("words_days")),
            ),
        ]

    def __str__(self) -> str:
        return self.track or "*"
