"""Categories and the duty matrix: who is responsible for what, where. Rows come from the pack."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Urgency(models.TextChoices):
    """How fast a case must be handled (domain §2c)."""

    CRITICAL = "critical", _("Critical")
    URGENT = "urgent", _("Urgent")
    NORMAL = "normal", _("Normal")
    COMPLEX = "complex", _("Complex")
    ENQUIRY = "enquiry", _("Enquiry")


class Category(models.Model):
    """A kind of problem; two levels, as national practice counts them (domain §3)."""

    code = models.SlugField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=40)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    icon = models.CharField(_("icon"), max_length=40, blank=True)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency.choices)
    keywords = models.JSONField(_("keywords"), default=list, blank=True)
    legal_basis = models.JSONField(_("legal basis, with validity"), default=list, blank=True)
    tile_order = models.PositiveSmallIntegerField(_("place among the residents' tiles"), null=True)
    tile_label = models.CharField(_("tile label"), max_length=10, blank=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """One cell of the duty matrix: a category, optionally an area, and its owner.

    ``to_grid`` sends the case to the grid of its location first; ``department`` is the lead.
    The most special rule wins: category before parent, smaller area before larger, then ``order``.
    """

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="routing")
    area = models.ForeignKey(
        "places.Area", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    department = models.ForeignKey(
        "places.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    supports = models.JSONField(_("supporting departments (codes)"), default=list, blank=True)
    to_grid = models.BooleanField(_("grid first"), default=False)
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("routing rule")
        verbose_name_plural = _("routing rules")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["category", "area"], name="one_rule_per_cell"),
            models.UniqueConstraint(
                fields=["category"],
                condition=models.Q(area__isnull=True),
                name="one_rule_for_the_rest",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} → {self.department or _('grid')}"
