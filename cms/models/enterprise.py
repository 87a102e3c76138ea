"""Enterprises that publish, or about which is published, and the lists that make them."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Enterprise(models.Model):
    """A firm with its place, trade and the department that supervises it.

    ``code`` is its unified social credit code (GB 32100); demonstration firms are invented and
    carry codes that no register can hold.
    """

    code = models.CharField(_("unified social credit code"), max_length=18, unique=True)
    name = models.CharField(_("name"), max_length=80)
    short_name = models.CharField(_("short name"), max_length=30, blank=True)
    area = models.ForeignKey(
        "places.Area",
        verbose_name=_("town or street"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    address = models.CharField(_("address"), max_length=120, blank=True)
    trade = models.CharField(_("trade"), max_length=60, blank=True)
    supervisor = models.ForeignKey(
        "places.Department",
        verbose_name=pgettext_lazy("duty", "supervising department"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_demo = models.BooleanField(_("demonstration"), default=False)
    is_active = models.BooleanField(_("in business"), default=True)

    class Meta:
        verbose_name = _("enterprise")
        verbose_name_plural = _("enterprises")
        ordering = ["code"]
        indexes = [models.Index(fields=["area", "code"], name="enterprise_by_area")]

    def __str__(self) -> str:
        return self.short_name or self.name

    def get_absolute_url(self) -> str:
        return reverse("cms:enterprise", args=[self.code])


class EnterpriseListing(models.Model):
    """An enterprise's time on a list of the authorities, e.g. 重点排污单位名录."""

    enterprise = models.ForeignKey(Enterprise, on_delete=models.CASCADE, related_name="listings")
    list_code = models.SlugField(_("list"), max_length=20)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=160, blank=True)

    class Meta:
        verbose_name = _("listing")
        verbose_name_plural = _("listings")
        ordering = ["list_code", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "list_code", "valid_from"], name="one_listing_per_start"
            )
        ]
        indexes = [models.Index(fields=["list_code", "valid_from"], name="listing_by_list")]

    def __str__(self) -> str:
        return f"{self.list_code} {self.valid_from}"
