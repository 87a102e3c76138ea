"""Digests of answers that were sent, to notice one that is sent again to somebody else."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SentAnswer(models.Model):
    """That an answer with these words went to a case; the words themselves stand in its act."""

    digest = models.CharField(max_length=64)
    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        verbose_name = _("sent answer")
        verbose_name_plural = _("sent answers")
        indexes = [models.Index(fields=["digest", "-sent_at"], name="answer_digest")]

    def __str__(self) -> str:
        return f"{self.case}"
