"""What the plan promises to build and to do: projects by category, tasks with owner and year."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.metrics.figure import plain


class ProjectCategory(models.Model):
    """One line of the plan's project table; the plan names sums only, no single projects.

    ``planned_money`` is in 10,000 yuan (万元), as the plan writes it.
    """

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=40)
    order = models.PositiveIntegerField(_("order"), default=0)
    planned_count = models.PositiveIntegerField(_("projects in the plan"))
    planned_money = models.DecimalField(
        _("money in the plan (10,000 yuan)"), max_digits=14, decimal_places=2
    )
    source = models.CharField(_("source"), max_length=120, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("project category")
        verbose_name_plural = _("project categories")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name

    @property
    def money_text(self) -> str:
        """The plan's sum as people read it: 316,797.4."""
        return plain(self.planned_money)


class Progress(models.TextChoices):
    """How far a project or a task is."""

    PLANNED = "planned", pgettext_lazy("plan", "Not begun")
    UNDER_WAY = "under_way", pgettext_lazy("plan", "Under way")
    DONE = "done", pgettext_lazy("plan", "Done")
    STOPPED = "stopped", pgettext_lazy("plan", "Stopped")


class Project(models.Model):
    """A single project, entered by an editor with its progress and source."""

    category = models.ForeignKey(
        ProjectCategory,
        verbose_name=_("project category"),
        on_delete=models.PROTECT,
        related_name="projects",
    )
    name = models.CharField(_("name"), max_length=120, unique=True)
    department = models.ForeignKey(
        "places.Department",
        verbose_name=pgettext_lazy("duty", "department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    money = models.DecimalField(
        _("money (10,000 yuan)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    starts = models.PositiveSmallIntegerField(_("first year"), null=True, blank=True)
    ends = models.PositiveSmallIntegerField(_("last year"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=Progress.choices, default=Progress.PLANNED
    )
    percent = models.PositiveSmallIntegerField(
        _("progress in percent"), default=0, validators=[MaxValueValidator(100)]
    )
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)
    is_demo = models.BooleanField(_("demonstration"), default=False, editable=False)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["category__order", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(percent__lte=100), name="project_percent_is_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(ends__isnull=True)
                | models.Q(starts__isnull=True)
                | models.Q(ends__gte=models.F("starts")),
                name="project_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def money_text(self) -> str:
        """The money as people read it; empty when it is not known."""
        return "" if self.money is None else plain(self.money)


class PlanTask(models.Model):
    """One dated task of the plan in the plan's words, with the body that owns it."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    order = models.PositiveIntegerField(_("order"), default=0)
    head = models.CharField(_("chapter of the plan"), max_length=40, blank=True)
    text = models.CharField(_("task"), max_length=300)
    department = models.ForeignKey(
        "places.Department",
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    due_year = models.PositiveSmallIntegerField(_("due by the end of"))
    state = models.CharField(
        _("state"), max_length=12, choices=Progress.choices, default=Progress.PLANNED
    )
    done_on = models.DateField(_("done on"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("task of the plan")
        verbose_name_plural = _("tasks of the plan")
        ordering = ["due_year", "order"]

    def __str__(self) -> str:
        return self.text[:60]


class ValueCorrection(models.Model):
    """A value of an indicator that was changed after it had been published. Never edited.

    Told by the plan's own code and period, so that it outlives the row it speaks of.
    """

    indicator_code = models.CharField(max_length=8, db_index=True)
    indicator_name = models.CharField(max_length=80)
    period = models.CharField(max_length=7)
    before = models.CharField(_("before"), max_length=120)
    after = models.CharField(_("after"), max_length=120, blank=True)
    corrected_at = models.DateTimeField(_("corrected at"), db_index=True)

    class Meta:
        verbose_name = _("corrected value")
        verbose_name_plural = _("corrected values")
        ordering = ["-corrected_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.indicator_code} {self.period}"
