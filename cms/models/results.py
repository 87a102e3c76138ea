"""Published results: what was reported, where, and how it was handled."""

from datetime import date
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.models import (
    DraftStateMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from search.analysis import tokens


class PublishedResult(
    WorkflowMixin, DraftStateMixin, RevisionMixin, PreviewableMixin, index.Indexed, models.Model
):
    """One row of the public result list, in the shape that Changzhou publishes every month.

    Made as a draft when a case closes; only an editor's approval makes it public. The texts hold
    no personal data: they are masked before they are stored (``cms.masking``).
    """

    case_id = models.UUIDField(_("case"), null=True, blank=True, unique=True, editable=False)
    source_mark = models.CharField(max_length=64, blank=True, editable=False)
    number = models.CharField(_("case number"), max_length=32, blank=True)
    area = models.ForeignKey(
        "places.Area",
        verbose_name=_("area"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": "town"},
    )
    category = models.CharField(_("category"), max_length=60, blank=True)
    problem = models.TextField(_("problem reported"), max_length=600)
    outcome = models.TextField(_("how it was handled"), max_length=1500)
    closed_on = models.DateField(_("closed on"))
    month = models.DateField(_("month"), editable=False)

    live = models.BooleanField(_("published"), default=False, editable=False)
    search_fields = [
        index.SearchField("zh_tokens", boost=2),
        index.AutocompleteField("zh_tokens"),
        index.FilterField("live"),
        index.FilterField("month"),
        index.FilterField("area_id"),
    ]

    class Meta:
        verbose_name = _("published result")
        verbose_name_plural = _("published results")
        ordering = ["-closed_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="result_month_is_first_day"
            )
        ]
        indexes = [
            models.Index(fields=["live", "month", "closed_on"], name="result_by_month"),
            models.Index(fields=["live", "area", "month"], name="result_by_area"),
        ]

    def __str__(self) -> str:
        return self.problem[:40]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.month = date(self.closed_on.year, self.closed_on.month, 1)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("cms:result", args=[self.pk])

    @property
    def zh_tokens(self) -> str:
        """The texts cut into words, for the admin's search."""
        return " ".join(tokens(f"{self.number} {self.category} {self.problem} {self.outcome}"))

    @property
    def area_name(self) -> str:
        return self.area.name if self.area else ""

    def get_preview_template(self, request: object, mode_name: str) -> str:
        return "cms/result_detail.html"

    def get_preview_context(self, request: Any, mode_name: str) -> dict[str, object]:
        return {**super().get_preview_context(request, mode_name), "result": self}
