"""Clocks: rules as data with their legal basis, and the clocks that run on a case."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ClockRule(models.Model):
    """How long a step may take on a track; a case keeps the rule of its day (domain §2a–2c)."""

    code = models.SlugField(_("clock"), max_length=40)
    track = models.CharField(_("track"), max_length=20, blank=True)
    urgency = models.CharField(_("urgency"), max_length=12, blank=True)
    limit = models.CharField(_("limit"), max_length=8)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("clock rule")
        verbose_name_plural = _("clock rules")
        ordering = ["code", "track", "urgency", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "track", "urgency", "valid_from"], name="one_clock_rule_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.track} {self.urgency} {self.limit}".strip()


class Rung(models.Model):
    """One step of the ladder of warnings; the last names a person (design: the no-orphan rule).

    Reached when ``share`` per cent of a clock have passed, or ``after`` (a limit) past its end.
    ``tell``: "actor" (who has to act next), "dispatcher", "supervisor", "leader", or the username
    of ``person``. ``order``: the colour of the supervision order that an answer's clock then gets.
    """

    position = models.PositiveSmallIntegerField(_("rung number"), unique=True)
    share = models.PositiveSmallIntegerField(_("share of the time, per cent"), default=100)
    after = models.CharField(_("time past the end"), max_length=8, blank=True)
    tell = models.JSONField(_("whom to tell"), default=list)
    person = models.CharField(_("named person (username)"), max_length=150, blank=True)
    order = models.CharField(_("colour of the supervision order"), max_length=8, blank=True)

    class Meta:
        verbose_name = _("rung of the ladder")
        verbose_name_plural = _("rungs of the ladder")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position}: {self.share} % {self.after}".strip()


class Clock(models.Model):
    """A deadline on a case with its explanation (start, rule, counted and skipped days)."""

    class Outcome(models.TextChoices):
        RUNNING = "running", _("running")
        MET = "met", _("met")
        LATE = "late", _("late")
        VOID = "void", _("void")

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="clocks")
    code = models.SlugField(_("clock"), max_length=40)
    limit = models.CharField(_("limit"), max_length=8)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(_("due"))
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=Outcome.choices, default=Outcome.RUNNING
    )
    explanation = models.JSONField(_("explanation"), default=dict)
    version = models.PositiveIntegerField(_("version"), default=1)
    # Past pauses as [[since, until], …], ISO moments; the running one has its start only.
    pauses = models.JSONField(_("pauses"), default=list)
    paused_at = models.DateTimeField(_("paused since"), null=True, blank=True)
    rung = models.PositiveSmallIntegerField(_("warnings given"), default=0)
    warn_at = models.DateTimeField(_("next warning"), null=True, blank=True)

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        ordering = ["started_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(outcome="running"), name="clock_running_due"
            ),
            # What the published rates count: answers whose time was up in a period.
            models.Index(
                fields=["due_at"],
                condition=Q(code__in=["extension", "handling", "redo"]),
                name="clock_answer_due",
            ),
            models.Index(
                fields=["warn_at"],
                condition=Q(outcome="running", warn_at__isnull=False),
                name="clock_running_warn",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.limit}"
