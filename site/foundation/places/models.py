"""Areas of the district (a tree), the departments that serve it, and the district itself."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class AreaKind(models.TextChoices):
    DISTRICT = "district", _("District")
    TOWN = "town", _("Town or street")
    COMMUNITY = "community", _("Community or village")
    GRID = "grid", _("Grid")


class Area(models.Model):
    """One node of district → town/street → community → grid.

    ``path`` is materialised from codes with a closing slash ("320402/320402002/…/"), so that
    "everything inside" is one indexed prefix search. Only grids carry polygons (WGS-84 GeoJSON).
    """

    code = models.CharField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=16, choices=AreaKind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.CharField(_("path"), max_length=160, unique=True)
    geometry = models.JSONField(_("polygon (GeoJSON, WGS-84)"), null=True, blank=True)
    is_demo = models.BooleanField(_("demonstration boundary"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["order", "code"]
        indexes = [models.Index(fields=["kind", "is_active"], name="area_kind_active")]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A body that can own a case: a bureau, a town or street office, a service centre."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=30, blank=True)
    phone = models.CharField(_("public telephone"), max_length=40, blank=True)
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="departments"
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.short_name or self.name


class District(models.Model):
    """The one district of this installation: the checked content of ``district.toml``."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    code = models.CharField(_("code"), max_length=12)
    name = models.CharField(_("name"), max_length=80)
    profile = models.JSONField(_("profile"), default=dict)
    loaded_at = models.DateTimeField(_("loaded at"), auto_now=True)

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_district_only"),
        ]

    def __str__(self) -> str:
        return self.name


class PlacesVersion(models.Model):
    """One row whose value changes with every change of district, areas or departments.

    A random value, not a counter: a rolled-back change followed by another one must not bring
    the same version back with different content.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    version = models.UUIDField(_("version"), default=uuid.uuid4)

    class Meta:
        verbose_name = _("places version")
        verbose_name_plural = _("places versions")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_places_version_only"),
        ]

    def __str__(self) -> str:
        return str(self.version)
