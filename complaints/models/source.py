"""Where cases come from when not from our own form: foreign tickets, imported files, e-mail."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class System(models.TextChoices):
    """Systems that hand cases over with a number of their own."""

    HOTLINE = "hotline12345", _("12345 hotline")
    CITY = "city", _("City level")
    PROVINCE = "province", _("Province level")
    NATION = "nation", _("National level")


class ExternalTicket(models.Model):
    """A case's number in another system; one number of a system belongs to one case for ever.

    That rule makes a file importable any number of times. ``due_at`` is what they asked for; our
    own clocks are kept apart.
    """

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="tickets")
    system = models.CharField(_("system"), max_length=20, choices=System.choices)
    number = models.CharField(_("ticket number"), max_length=64)
    received_at = models.DateTimeField(_("received there"), null=True, blank=True)
    due_at = models.DateTimeField(_("due there"), null=True, blank=True)
    run = models.ForeignKey(
        "complaints.ImportRun", null=True, on_delete=models.SET_NULL, related_name="tickets"
    )

    class Meta:
        verbose_name = _("ticket of another system")
        verbose_name_plural = _("tickets of other systems")
        constraints = [
            # Number first: the desk looks for a number without knowing the system.
            models.UniqueConstraint(fields=["number", "system"], name="one_case_a_ticket")
        ]

    def __str__(self) -> str:
        return f"{self.get_system_display()} {self.number}"


class ImportRun(models.Model):
    """One uploaded file on its way in. The file itself lies sealed beside, until it is done."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        CHECKING = "checking", _("Being checked")
        STORING = "storing", _("Being stored")
        DONE = "done", pgettext_lazy("import", "Done")
        CANCELLED = "cancelled", _("Stopped")
        REFUSED = "refused", _("Not taken")

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(_("file"), max_length=120)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.WAITING
    )
    total = models.PositiveIntegerField(_("rows"), default=0)
    checked = models.PositiveIntegerField(_("rows checked"), default=0)
    stored = models.PositiveIntegerField(_("cases made"), default=0)
    known = models.PositiveIntegerField(_("known already"), default=0)
    bad = models.PositiveIntegerField(_("rows with problems"), default=0)
    problem = models.CharField(_("why it was not taken"), max_length=600, blank=True)
    is_cancelling = models.BooleanField(default=False)
    has_errors_file = models.BooleanField(default=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    role = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(_("uploaded"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.file_name} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state in {self.State.DONE, self.State.CANCELLED, self.State.REFUSED}

    @property
    def done(self) -> int:
        """How many good rows were gone through while storing."""
        return self.stored + self.known


class IncomingMail(models.Model):
    """One e-mail that arrived: what became of it. No address and no word of it stands here.

    ``message_hash`` and ``sender_hash`` are keyed; what was set aside lies sealed on the disk.
    """

    class State(models.TextChoices):
        REPORTED = "reported", _("New report")
        SUPPLEMENTED = "supplemented", _("Added to a case")
        IGNORED = "ignored", _("Ignored")
        ASIDE = "aside", _("Set aside")

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message_hash = models.CharField(max_length=64, unique=True)
    sender_hash = models.CharField(max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    case = models.ForeignKey(
        "complaints.Case", null=True, on_delete=models.CASCADE, related_name="mails"
    )
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("incoming e-mail")
        verbose_name_plural = _("incoming e-mails")
        ordering = ["-received_at"]
        indexes = [
            models.Index(fields=["received_at"], condition=Q(state="aside"), name="mail_set_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.received_at:%Y-%m-%d %H:%M}"
