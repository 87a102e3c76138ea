"""Dated duties to publish, the evidence that they were kept, and tallies of both."""

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.models.catalogue import CatalogueItem, limit_words
from cms.models.enterprise import Enterprise
from cms.rota import period_names

#: What can be wrong with evidence, as everybody reads it.
FAULTS = {
    "gone": _("The page or file was deleted."),
    "not_public": _("The page is not public."),
    "empty": _("The page says nothing: fewer than 40 characters and no table or file."),
    "wrong_period": _("The page does not name the period that is due."),
    "file_missing": _("The file is not in its place."),
    "file_empty": _("The file is empty."),
    "file_unreadable": _("The file does not open."),
    "no_rows": _("The dataset holds no row of this period."),
}


class DutyState(models.TextChoices):
    """Where a duty stands. Overdue is an open one whose day has passed; nothing stores it."""

    OPEN = "open", pgettext_lazy("duty", "Open")
    MET = "met", pgettext_lazy("duty", "Published")
    NONE = "none", pgettext_lazy("duty", "Did not arise")
    WITHDRAWN = "withdrawn", pgettext_lazy("duty", "Withdrawn")


class Duty(models.Model):
    """One item of one subject for one period, due at the end of ``due_on`` (Asia/Shanghai).

    ``subject_key`` is "district", "d:<department>" or "e:<credit code>". ``period`` is "2026",
    "2026-H1", "2026-Q3", "2026-10", or for an occasion its own mark. ``met_on`` is the day on
    which the catalogue could show good evidence, never an earlier one that somebody enters.
    ``fault`` tells what the last check found wrong with the evidence.
    """

    item = models.ForeignKey(CatalogueItem, on_delete=models.PROTECT, related_name="duties")
    department = models.ForeignKey(
        "places.Department",
        verbose_name=pgettext_lazy("duty", "department"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    enterprise = models.ForeignKey(
        Enterprise, null=True, blank=True, on_delete=models.PROTECT, related_name="duties"
    )
    subject_key = models.CharField(max_length=44)
    period = models.CharField(_("period"), max_length=40)
    title = models.CharField(_("occasion"), max_length=120, blank=True)
    starts_on = models.DateField(_("counted from"))
    due_on = models.DateField(pgettext_lazy("duty", "due"))
    limit = models.CharField(max_length=8)
    explanation = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=DutyState.choices, default=DutyState.OPEN
    )
    met_on = models.DateField(_("published on"), null=True, blank=True)
    is_late = models.BooleanField(pgettext_lazy("duty", "late"), default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    fault = models.CharField(max_length=30, blank=True)
    fault_since = models.DateField(null=True, blank=True)
    checked_on = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "subject_key", "period"], name="one_duty_per_period"
            )
        ]
        indexes = [
            models.Index(fields=["state", "due_on", "id"], name="duty_by_state"),
            models.Index(fields=["department", "state", "due_on", "id"], name="duty_by_dept"),
            models.Index(fields=["item", "due_on", "id"], name="duty_by_item"),
            models.Index(fields=["enterprise", "due_on", "id"], name="duty_by_enterprise"),
            models.Index(fields=["state", "checked_on", "id"], name="duty_to_check"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.subject_key} {self.period}"

    def get_absolute_url(self) -> str:
        return reverse("cms:duty", args=[self.pk])

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed without evidence, as of today in Asia/Shanghai."""
        return self.state == DutyState.OPEN and self.due_on < timezone.localdate()

    @property
    def fault_sentence(self) -> str:
        """What the last look found wrong, as a sentence; '' when nothing."""
        return str(FAULTS[self.fault]) if self.fault in FAULTS else ""

    @property
    def occasion(self) -> str:
        """What it is due for, as people say it: 2026年第三季度, or the occasion's title."""
        return self.title or next(iter(period_names(self.period)), self.period)

    @property
    def account(self) -> str:
        """How the due day was counted, as a sentence."""
        said = {
            "start": date_format(self.starts_on, "Y年n月j日"),
            "limit": limit_words(self.limit),
            "due": date_format(self.due_on, "Y年n月j日"),
        }
        words = _("Counted from %(start)s: %(limit)s, so until the end of %(due)s.") % said
        skipped = self.explanation.get("skipped", ())
        if skipped:
            days = _(" %(n)d days of rest were skipped.") % {"n": len(skipped)}
            return f"{words}{days}"
        return str(words)


class EvidenceKind(models.TextChoices):
    PAGE = "page", _("Page")
    FILE = "file", _("File")
    DATASET = "dataset", _("Dataset")


class Evidence(models.Model):
    """What proves that a duty was kept: a published page, a file, or a dataset.

    A row whose page or file was deleted stays, with its title, and proves nothing any more.
    ``mark`` names the version that the last look read, ``fault`` what was wrong with it: what has
    not changed is not read again.
    """

    duty = models.ForeignKey(Duty, on_delete=models.CASCADE, related_name="evidence")
    kind = models.CharField(_("kind"), max_length=8, choices=EvidenceKind.choices)
    page = models.ForeignKey(
        "wagtailcore.Page", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    document = models.ForeignKey(
        "wagtaildocs.Document", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    dataset = models.CharField(max_length=60, blank=True)
    title = models.CharField(_("title"), max_length=255)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField(_("added"), auto_now_add=True)
    removed_at = models.DateTimeField(pgettext_lazy("duty", "removed"), null=True, blank=True)
    mark = models.CharField(max_length=64, blank=True)
    fault = models.CharField(max_length=30, blank=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["duty", "page"],
                condition=models.Q(removed_at__isnull=True, page__isnull=False),
                name="one_page_per_duty",
            ),
            models.UniqueConstraint(
                fields=["duty", "document"],
                condition=models.Q(removed_at__isnull=True, document__isnull=False),
                name="one_file_per_duty",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def fault_sentence(self) -> str:
        """What the last look found wrong, as a sentence; '' when nothing."""
        return str(FAULTS[self.fault]) if self.fault in FAULTS else ""


class DutyTally(models.Model):
    """Duties of one item and department with one due day: how many, and how they stand.

    Kept in the transaction that changes a duty, so that ten million duties are read as some
    thousand rows.
    """

    item = models.ForeignKey(CatalogueItem, on_delete=models.PROTECT, related_name="+")
    department = models.ForeignKey("places.Department", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    total = models.PositiveIntegerField(default=0)
    on_time = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    none = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("tally of duties")
        verbose_name_plural = _("tallies of duties")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "department", "due_on"], name="one_tally_per_day"
            )
        ]
        indexes = [models.Index(fields=["due_on", "item"], name="tally_by_day")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.due_on}: {self.on_time}/{self.total}"
