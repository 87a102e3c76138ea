"""The district's eco-civilization indicators, exactly as the plan writes them."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.search import index

from search.analysis import tokens


class IndicatorGroup(models.TextChoices):
    BINDING = "binding", _("Binding")
    REFERENCE = "reference", _("Reference")
    FEATURED = "featured", _("Featured")


class Better(models.TextChoices):
    HIGHER = "higher", _("Higher is better")
    LOWER = "lower", _("Lower is better")


class Indicator(index.Indexed, ClusterableModel):
    """One row of the indicator table; 26 indicators have 32 rows, because some have parts.

    Texts keep the plan's quirks (blank units, "/" as a standard); the numbers beside them exist
    only where a number can be drawn. Source: 环办生态〔2024〕4号 and the district's plan.
    """

    code = models.SlugField(_("code"), max_length=8, unique=True)
    number = models.CharField(_("number in the plan"), max_length=8)
    order = models.PositiveIntegerField(_("order"), default=0)
    group = models.CharField(
        pgettext_lazy("indicator", "group"), max_length=12, choices=IndicatorGroup.choices
    )
    family = models.CharField(_("part of"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=80)
    starred = models.BooleanField(_("starred in the plan"), default=False)
    unit = models.CharField(_("unit"), max_length=12, blank=True)
    standard = models.CharField(_("standard"), max_length=120, blank=True)
    base_2023 = models.CharField(_("base year 2023"), max_length=120, blank=True)
    base_value = models.DecimalField(
        _("base as a number"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    target_2030 = models.CharField(_("target for 2030"), max_length=120, blank=True)
    target_value = models.DecimalField(
        _("target as a number"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    limit_value = models.DecimalField(
        _("standard as a number"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    better = models.CharField(
        _("which way is better"), max_length=8, choices=Better.choices, blank=True
    )
    not_applicable = models.BooleanField(_("does not apply here"), default=False)
    metric_code = models.CharField(_("figure of the platform"), max_length=40, blank=True)
    method = models.TextField(_("how it is worked out"), blank=True)
    quirk = models.TextField(_("note"), blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    search_fields = [
        index.SearchField("zh_tokens", boost=2),
        index.AutocompleteField("zh_tokens"),
        index.FilterField("group"),
        index.FilterField("order"),
    ]

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["order"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    @property
    def zh_tokens(self) -> str:
        """Name, family and method cut into words, for the admin's search."""
        return " ".join(tokens(f"{self.number} {self.family} {self.name} {self.method}"))

    @property
    def shown_unit(self) -> str:
        """The unit as a reader expects it; '-' and blank mean that the plan states none."""
        return {"-": "", "ug/m3": "µg/m³"}.get(self.unit, self.unit)

    def get_absolute_url(self) -> str:
        return reverse("cms:indicator", args=[self.code])


class ValueStatus(models.TextChoices):
    FINAL = "final", _("Final")
    PRELIMINARY = "preliminary", _("Preliminary")
    DEMO = "demo", _("Demonstration figure")
    MISSING = "missing", _("Not published")


class IndicatorValue(models.Model):
    """The value of an indicator in one period ("2023" or "2026-10"), with its source."""

    indicator = ParentalKey(Indicator, on_delete=models.CASCADE, related_name="values")
    period = models.CharField(_("period"), max_length=7)
    text = models.CharField(_("value"), max_length=120, blank=True)
    value = models.DecimalField(
        _("value as a number"), max_digits=14, decimal_places=4, null=True, blank=True
    )
    status = models.CharField(
        _("status"), max_length=12, choices=ValueStatus.choices, default=ValueStatus.FINAL
    )
    reason = models.CharField(_("reason when not published"), max_length=120, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)
    source_url = models.URLField(_("address of the source"), blank=True)

    class Meta:
        verbose_name = _("value")
        verbose_name_plural = _("values")
        ordering = ["period"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "period"], name="indicator_period_once")
        ]

    def __str__(self) -> str:
        return f"{self.period}: {self.text}"
