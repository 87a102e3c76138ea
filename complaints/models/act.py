"""What happened on a case, in words. The ledger proves each row by its digest."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Act(models.Model):
    """One act on a case.

    The words live here, where retention rules can reach them; the ledger keeps only their digest.
    ``key`` makes an act that was sent twice (offline outbox, double click) happen once.
    """

    case = models.ForeignKey("complaints.Case", on_delete=models.CASCADE, related_name="acts")
    ledger_seq = models.BigIntegerField(_("ledger entry"), unique=True)
    key = models.UUIDField(_("idempotency key"), null=True, blank=True)
    action = models.CharField(_("act"), max_length=32)
    source = models.CharField(pgettext_lazy("state", "from"), max_length=20, blank=True)
    target = models.CharField(_("to"), max_length=20, blank=True)
    actor_kind = models.CharField(_("kind of actor"), max_length=10)
    actor_id = models.CharField(_("actor"), max_length=40)
    actor_role = models.CharField(_("role"), max_length=20, blank=True)
    at = models.DateTimeField(_("at"))
    public_text = models.TextField(_("what the resident reads"), blank=True)
    internal_text = models.TextField(_("what staff read"), blank=True)
    data = models.JSONField(_("details without personal data"), default=dict)

    class Meta:
        verbose_name = _("act")
        verbose_name_plural = _("acts")
        ordering = ["ledger_seq"]
        indexes = [models.Index(fields=["case", "ledger_seq"], name="act_case_seq")]
        constraints = [
            models.UniqueConstraint(fields=["case", "key"], name="one_act_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.source}→{self.target}"
