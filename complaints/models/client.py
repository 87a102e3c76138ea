"""Other systems that may ask and report: their keys (as hashes only), rights, limits, and use."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiClient(models.Model):
    """A system with a key of its own. The key is shown once; only its keyed hash is kept."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    key_hash = models.CharField(max_length=64, unique=True)
    department = models.ForeignKey(
        "places.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    may_report = models.BooleanField(_("may send reports"), default=True)
    may_work = models.BooleanField(_("may work on the department's cases"), default=False)
    ends_on = models.DateField(_("last day in use"), null=True, blank=True)
    minute_limit = models.PositiveIntegerField(_("requests a minute"), default=60)
    day_limit = models.PositiveIntegerField(_("requests a day"), default=5000)
    is_active = models.BooleanField(_("in use"), default=True)
    made_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="working_client_has_department",
                condition=models.Q(may_work=False) | models.Q(department__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ApiUse(models.Model):
    """How many requests a client made in one window (a minute or a day); old rows are deleted."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="uses")
    window = models.CharField(max_length=20)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("use of the API")
        verbose_name_plural = _("uses of the API")
        constraints = [
            models.UniqueConstraint(fields=["client", "window"], name="one_count_per_window")
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.window}: {self.count}"


class ApiSubmission(models.Model):
    """Which client sent a case: it may ask for its state before the case is public."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="submissions")
    case = models.OneToOneField("complaints.Case", on_delete=models.CASCADE, related_name="+")
    public_id = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("report sent by a client")
        verbose_name_plural = _("reports sent by clients")

    def __str__(self) -> str:
        return str(self.public_id)
