"""How much guessing of receipt codes a source has done lately."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class GuessBucket(models.Model):
    """A leaky bucket per source. ``source`` is a keyed hash: no address is kept.

    Times are seconds since 1970, so that one statement can drain and fill the bucket anywhere.
    """

    source = models.CharField(_("source, hashed"), max_length=64, primary_key=True)
    level = models.FloatField(_("wrong codes, drained with time"), default=0)
    at = models.FloatField(_("last change"))
    turn_ends = models.FloatField(_("a slowed attempt runs until"), default=0)

    class Meta:
        verbose_name = _("guessing budget")
        verbose_name_plural = _("guessing budgets")
        indexes = [models.Index(fields=["at"], name="guess_bucket_at")]

    def __str__(self) -> str:
        return f"{self.source[:8]} {self.level:.1f}"
