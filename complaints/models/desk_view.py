"""What members of staff keep for their own desk, and which case they are looking at."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedFilter(models.Model):
    """A filter of the queue that somebody gave a name; it stands among the tabs of its owner."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=20)
    query = models.CharField(_("query"), max_length=400)

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="one_filter_per_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Looking(models.Model):
    """Somebody has this case open; told to colleagues for a moment after ``seen_at``."""

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("somebody looking at a case")
        verbose_name_plural = _("people looking at cases")
        constraints = [
            models.UniqueConstraint(fields=["case", "user"], name="one_look_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.user_id}"
