"""Information requests (依申请公开): the request, its clocks and acts, what was released of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms.inforequest_workflow import (
    ACT_WORDS,
    ANSWERS,
    GROUNDS,
    OPEN_STATES,
    STATES,
    State,
    StateSpec,
)
from foundation.accounts.models import Role


class RequestCounter(models.Model):
    """The running number of a day."""

    day = models.DateField(primary_key=True)
    value = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("counter of requests")
        verbose_name_plural = _("counters of requests")

    def __str__(self) -> str:
        return f"{self.day}: {self.value}"


class ApplicantKind(models.TextChoices):
    """Who asks, as the yearly report counts it."""

    CITIZEN = "citizen", _("Citizen")
    BUSINESS = "business", _("Business")
    RESEARCH = "research", _("Research institution")
    CHARITY = "charity", _("Charity or association")
    LEGAL = "legal", _("Legal service")
    OTHER = "other", pgettext_lazy("applicant", "Other organisation")


class Medium(models.TextChoices):
    """In what shape the applicant wants the information."""

    ELECTRONIC = "electronic", _("Electronic text")
    PAPER = "paper", _("Paper copy")
    INSPECT = "inspect", _("Read it on site")


class Way(models.TextChoices):
    """How the applicant wants to get it."""

    ONLINE = "online", _("On this platform")
    EMAIL = "email", _("By e-mail")
    POST = "post", _("By post")
    PICKUP = "pickup", _("Fetch it")


class InfoRequest(models.Model):
    """One request for information. The applicant lives in the vault; the number is no secret.

    ``received_at`` is the day both sides confirmed (Art 31); a corrected request is received anew.
    ``public_*`` hold what an editor published of it, without personal data.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=24, unique=True)
    receipt_hash = models.CharField(max_length=64, unique=True)
    submission_hash = models.CharField(max_length=64, unique=True)
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(
        _("state"), max_length=12, choices=[(s.value, spec.label) for s, spec in STATES.items()]
    )
    is_open = models.BooleanField(default=True)
    next_party = models.CharField(_("next actor"), max_length=12, blank=True)
    due_at = models.DateTimeField(pgettext_lazy("duty", "due"), null=True)
    answer_due_at = models.DateTimeField(_("answer due"), null=True)

    title = models.CharField(_("what is asked for"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    medium = models.CharField(max_length=12, choices=Medium.choices, default=Medium.ELECTRONIC)
    way = models.CharField(max_length=12, choices=Way.choices, default=Way.ONLINE)
    applicant_kind = models.CharField(max_length=12, choices=ApplicantKind.choices)
    applicant_record = models.UUIDField(_("sealed applicant"), null=True)
    applicant_index = models.CharField(max_length=64, blank=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    submitted_at = models.DateTimeField(_("submitted"))
    received_at = models.DateTimeField(_("received"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    correction_count = models.PositiveSmallIntegerField(default=0)
    extension = models.CharField(max_length=8, blank=True)
    extension_limit = models.CharField(max_length=8, blank=True)
    asked_by = models.CharField(max_length=40, blank=True)

    answer_type = models.CharField(
        max_length=16, blank=True, choices=[(a.value, s.label) for a, s in ANSWERS.items()]
    )
    is_partial = models.BooleanField(default=False)
    ground = models.CharField(max_length=12, blank=True, choices=list(GROUNDS.items()))
    letter = models.TextField(_("answer"), blank=True)
    pointer = models.CharField(max_length=300, blank=True)
    drafted_by = models.CharField(max_length=40, blank=True)

    published_at = models.DateTimeField(_("published"), null=True)
    public_title = models.CharField(max_length=120, blank=True)
    public_question = models.TextField(blank=True)
    public_answer = models.TextField(blank=True)
    is_anonymised = models.BooleanField(default=False)
    is_demo = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("information request")
        verbose_name_plural = _("information requests")
        ordering = ["-submitted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="open_request_has_next_and_due",
                condition=Q(is_open=False) | (Q(due_at__isnull=False) & ~Q(next_party="")),
            ),
            models.CheckConstraint(
                name="request_is_open_as_its_state",
                condition=Q(is_open=True, state__in=sorted(OPEN_STATES))
                | Q(is_open=False) & ~Q(state__in=sorted(OPEN_STATES)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(is_open=True), name="request_due"),
            models.Index(fields=["state", "due_at", "id"], name="request_state"),
            models.Index(fields=["ended_at", "id"], name="request_ended"),
            models.Index(fields=["-published_at", "-id"], name="request_published"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """The public page of a published answer; it names neither number nor person."""
        return reverse("cms:answered-request", args=[self.uid])

    @property
    def stream(self) -> str:
        return f"inforequest:{self.uid}"

    @property
    def spec(self) -> StateSpec:
        return STATES[State(self.state)]


class RequestClock(models.Model):
    """A deadline of a request, with its explanation. Late stays late."""

    class Outcome(models.TextChoices):
        RUNNING = "running", pgettext_lazy("clock", "Running")
        MET = "met", pgettext_lazy("clock", "In time")
        LATE = "late", pgettext_lazy("clock", "Late")
        VOID = "void", pgettext_lazy("clock", "Void")

    request = models.ForeignKey(InfoRequest, on_delete=models.CASCADE, related_name="clocks")
    code = models.SlugField(_("clock"), max_length=16)
    limit = models.CharField(_("limit"), max_length=8)
    legal_basis = models.CharField(max_length=120, blank=True)
    started_at = models.DateTimeField(_("started"))
    due_at = models.DateTimeField(pgettext_lazy("duty", "due"))
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.RUNNING)
    explanation = models.JSONField(default=dict)
    # Past pauses as [[since, until], …], ISO moments.
    pauses = models.JSONField(default=list)
    paused_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("clock of a request")
        verbose_name_plural = _("clocks of requests")
        ordering = ["started_at", "id"]
        indexes = [models.Index(fields=["code", "due_at"], name="request_clock_due")]

    def __str__(self) -> str:
        return f"{self.code} {self.limit}"


class RequestAct(models.Model):
    """What happened, in words; the ledger keeps only their digest."""

    request = models.ForeignKey(InfoRequest, on_delete=models.CASCADE, related_name="acts")
    ledger_seq = models.BigIntegerField(unique=True)
    action = models.CharField(max_length=24)
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.CharField(max_length=40)
    actor_role = models.CharField(max_length=20, blank=True)
    at = models.DateTimeField()
    public_text = models.TextField(blank=True)
    internal_text = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("act on a request")
        verbose_name_plural = _("acts on requests")
        ordering = ["ledger_seq"]

    def __str__(self) -> str:
        return f"{self.action} {self.source}→{self.target}"

    @property
    def title(self) -> str:
        """What the act is called."""
        return str(ACT_WORDS.get(self.action, self.action))

    @property
    def role_label(self) -> str:
        return str(Role(self.actor_role).label) if self.actor_role in set(Role) else ""


class Release(models.Model):
    """The text given to the applicant: a new, clean copy. The marked original is sealed beside it.

    ``text`` never held what was marked: it is written anew from what was left.
    """

    request = models.OneToOneField(InfoRequest, on_delete=models.CASCADE, related_name="release")
    name = models.CharField(_("name of the document"), max_length=80)
    text = models.TextField(_("released text"))
    sealed_original = models.BinaryField()
    mark_count = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("released text")
        verbose_name_plural = _("released texts")

    def __str__(self) -> str:
        return self.name

    @property
    def seal_context(self) -> str:
        return f"release:{self.request_id}"


class CatalogueProposal(models.Model):
    """Several asked for the same: propose to publish it unasked (Art 44)."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("proposal", "Open")
        TAKEN = "taken", pgettext_lazy("proposal", "Taken into the catalogue")
        DECLINED = "declined", pgettext_lazy("proposal", "Declined")

    name = models.CharField(_("what to publish"), max_length=120)
    requests = models.ManyToManyField(InfoRequest, related_name="proposals")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    item = models.ForeignKey(
        "cms.CatalogueItem", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("proposal for the catalogue")
        verbose_name_plural = _("proposals for the catalogue")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return self.name


class AnswerFirst(models.Model):
    """How often similar published things were shown before sending, and answered the question."""

    day = models.DateField(primary_key=True)
    shown = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("answers before a request")
        verbose_name_plural = _("answers before requests")

    def __str__(self) -> str:
        return f"{self.day}: {self.answered}/{self.shown}"


class YearlyEntry(models.Model):
    """What people enter by hand for the yearly report (Art 50): reviews, lawsuits, words."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    figures = models.JSONField(default=dict)
    problems = models.TextField(blank=True)
    entered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("entry for the yearly report")
        verbose_name_plural = _("entries for the yearly report")

    def __str__(self) -> str:
        return str(self.year)
