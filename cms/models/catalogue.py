"""What has to be published: legal clauses, the catalogue's heads and items, and their rules."""

from datetime import date

from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cms.rota import Rhythm


class LegalClause(models.Model):
    """One article that demands a publication, with the days between which it is in force."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    law = models.CharField(_("law"), max_length=120)
    article = models.CharField(_("article"), max_length=60)
    summary = models.CharField(_("what it demands"), max_length=300)
    valid_from = models.DateField(_("in force from"))
    valid_until = models.DateField(_("in force until"), null=True, blank=True)

    class Meta:
        verbose_name = _("legal clause")
        verbose_name_plural = _("legal clauses")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"《{self.law}》{self.article}"


class CatalogueHead(models.Model):
    """A head of the catalogue; ``is_historical`` heads stay visible without new duties."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    note = models.CharField(_("note"), max_length=200, blank=True)
    is_historical = models.BooleanField(_("historical"), default=False)
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("catalogue head")
        verbose_name_plural = _("catalogue heads")
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class SubjectKind(models.TextChoices):
    """Of whom an item tells: one duty per subject and period."""

    DISTRICT = "district", _("The district")
    DEPARTMENT = "department", _("Each department")
    ENTERPRISE = "enterprise", _("Each enterprise")


class CatalogueItem(models.Model):
    """One thing to publish: of whom, by whom, in what shape.

    ``department`` answers for it; without one, each department answers for itself and for an
    enterprise the department that supervises it. ``departments`` are the subjects of an item of
    departments, ``firm_list`` the list of enterprises whose members are subjects.
    ``may_not_arise``: a period in which nothing happened may be declared (本月无).
    """

    code = models.SlugField(_("code"), max_length=60, unique=True)
    head = models.ForeignKey(
        CatalogueHead, verbose_name=_("head"), on_delete=models.PROTECT, related_name="items"
    )
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("what is published"), max_length=300, blank=True)
    subject = models.CharField(_("of whom"), max_length=12, choices=SubjectKind.choices)
    department = models.ForeignKey(
        "places.Department",
        verbose_name=pgettext_lazy("duty", "department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    departments = models.ManyToManyField(
        "places.Department", verbose_name=_("departments"), blank=True, related_name="+"
    )
    firm_list = models.SlugField(_("list of enterprises"), max_length=20, blank=True)
    may_not_arise = models.BooleanField(_("may not arise in a period"), default=False)
    is_active = models.BooleanField(_("in use"), default=True)
    order = models.PositiveIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("catalogue item")
        verbose_name_plural = _("catalogue items")
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class DutyRule(models.Model):
    """When an item is due under one clause, from one day to another.

    ``limit`` counts from the period's last day (or the occasion): ``20wd`` working days, ``15d``
    calendar days; or a day of the following year, ``03-15``. Of several rules in force on the
    period's last day, the newest counts: a period keeps the law of its day.
    """

    item = models.ForeignKey(CatalogueItem, on_delete=models.CASCADE, related_name="rules")
    clause = models.ForeignKey(
        LegalClause, verbose_name=_("legal clause"), on_delete=models.PROTECT, related_name="rules"
    )
    rhythm = models.CharField(_("rhythm"), max_length=8, choices=Rhythm.choices)
    limit = models.CharField(_("limit"), max_length=8)
    valid_from = models.DateField(_("in force from"))
    valid_until = models.DateField(_("in force until"), null=True, blank=True)
    entered_on = models.DateField(_("entered on"), auto_now_add=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering = ["item", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "rhythm", "valid_from"], name="one_rule_per_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_rhythm_display()} {self.limit}"

    @property
    def limit_words(self) -> str:
        return limit_words(self.limit)

    @property
    def last_day(self) -> date | None:
        """The last day on which the rule holds: its own end or its clause's; None without one."""
        return min(
            (end for end in (self.valid_until, self.clause.valid_until) if end), default=None
        )


def limit_words(limit: str) -> str:
    """A limit as people say it: "20wd", "15d", "03-15"."""
    if limit.endswith("wd"):
        return gettext("within %(n)s working days") % {"n": limit[:-2]}
    if limit.endswith("d"):
        return gettext("within %(n)s days") % {"n": limit[:-1]}
    month, _dash, day = limit.partition("-")
    if not day:
        return limit
    said = {"month": int(month), "day": int(day)}
    return gettext("by %(month)d/%(day)d of the following year") % said
