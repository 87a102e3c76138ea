"""Published figures, kept with every correction."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.metrics.figure import Figure


class Snapshot(models.Model):
    """What was published for a metric and a period; a correction is a new revision."""

    code = models.CharField(_("metric"), max_length=60)
    period = models.CharField(_("period"), max_length=10)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    numerator = models.DecimalField(_("numerator"), max_digits=18, decimal_places=4)
    denominator = models.DecimalField(_("denominator"), max_digits=18, decimal_places=4)
    as_of = models.DateTimeField(_("true as of"))
    published_at = models.DateTimeField(_("published at"))
    #: The period was over and its figure public when it changed; such rows are listed openly.
    is_correction = models.BooleanField(_("correction"), default=False)

    class Meta:
        verbose_name = _("published figure")
        verbose_name_plural = _("published figures")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "period", "revision"], name="one_snapshot_per_revision"
            )
        ]
        indexes = [
            models.Index(
                fields=["published_at"],
                condition=models.Q(is_correction=True),
                name="snapshot_corrections",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.period} r{self.revision}"

    @property
    def citation(self) -> str:
        """How pages, charts and datasets name exactly this figure: ``reply_rate/2026-10/r2``."""
        return f"{self.code}/{self.period}/r{self.revision}"

    def as_figure(self, unit: str) -> Figure:
        """Return the published figure, in the unit of its metric."""
        return Figure(self.numerator, self.denominator, self.as_of, unit, True, self.revision)
