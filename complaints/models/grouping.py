"""Further kinds of a case, and what the house has learned about kinds from its dispatchers."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FurtherKind(models.Model):
    """One more kind of problem in a case, beside the main one on the case itself.

    The main kind is ``Case.category`` and nowhere else: it sets urgency, clocks and the owner. A
    case of two kinds counts in both, so that shares by kind may sum past 100 %.
    """

    case = models.ForeignKey(
        "complaints.Case", on_delete=models.CASCADE, related_name="further_kinds"
    )
    category = models.ForeignKey("complaints.Category", on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("further kind of a case")
        verbose_name_plural = _("further kinds of cases")
        constraints = [
            models.UniqueConstraint(fields=["category", "case"], name="one_row_per_further_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.case} + {self.category}"


class TermCount(models.Model):
    """In how many taught texts of a category a feature was seen.

    ``feature`` is a bucket of a keyed hash of two or three characters: many share one bucket and no
    text can be read from it, so that nothing has to be forgotten when a case is anonymised. Two
    buckets above the others hold how many texts and how many features the category was taught.
    """

    feature = models.PositiveIntegerField(_("bucket of a hashed n-gram"))
    category = models.ForeignKey("complaints.Category", on_delete=models.CASCADE, related_name="+")
    count = models.IntegerField(_("texts"), default=0)

    class Meta:
        verbose_name = _("learned feature")
        verbose_name_plural = _("learned features")
        constraints = [
            models.UniqueConstraint(fields=["feature", "category"], name="one_count_per_feature"),
        ]

    def __str__(self) -> str:
        return f"{self.feature}/{self.category_id}: {self.count}"


class Lesson(models.Model):
    """What a case taught, so that a job that runs twice teaches once and a correction is undone."""

    case = models.OneToOneField(
        "complaints.Case", primary_key=True, on_delete=models.CASCADE, related_name="lesson"
    )
    category = models.ForeignKey("complaints.Category", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("lesson")
        verbose_name_plural = _("lessons")

    def __str__(self) -> str:
        return f"{self.case_id}: {self.category_id}"
