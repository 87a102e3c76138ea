"""Personal data, one encrypted row per record."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class PersonalRecord(models.Model):
    """Somebody's contact details: never joined into lists, never in the admin, read by services.

    ``ciphertext`` is a JSON object of the fields under a data key of its own; ``wrapped_key`` is
    that key under the master key ``key_id``. Destroying the two makes the record unreadable for
    ever, while its id stays valid for the rows that point at it. ``phone_index`` is a keyed hash
    that answers "same number?" and nothing else; '' means no number.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=32)
    stream = models.CharField(_("ledger stream"), max_length=120)
    ciphertext = models.BinaryField(_("encrypted fields"))
    wrapped_key = models.BinaryField(_("wrapped data key"))
    key_id = models.CharField(_("master key"), max_length=16)
    phone_index = models.CharField(_("telephone index"), max_length=64, blank=True, default="")
    created = models.DateTimeField(_("stored at"), auto_now_add=True)
    shredded_at = models.DateTimeField(_("destroyed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("personal record")
        verbose_name_plural = _("personal records")
        indexes = [
            models.Index(fields=["phone_index"], name="vault_phone_index"),
            models.Index(fields=["stream"], name="vault_stream"),
            models.Index(fields=["key_id"], name="vault_key_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def context(self) -> str:
        """What the ciphertext is bound to: a row's bytes do not open in another row."""
        return f"vault:{self.id}:{self.kind}:{self.stream}"

    @property
    def is_shredded(self) -> bool:
        return self.shredded_at is not None
