"""Entries, the head of the chain, and the lease of the live follower."""

import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.ledger.actor import Actor
from foundation.ledger.chain import GENESIS, canonical
from foundation.ledger.errors import Immutable


class CanonicalJSONField(models.TextField):
    """JSON kept as its canonical text: what was hashed is, byte for byte, what is stored.

    A binary JSON column may rewrite numbers and key order, and then nobody could hash it again.
    """

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str:
        return canonical(value)

    def value_to_string(self, obj: models.Model) -> str:
        return canonical(self.value_from_object(obj))

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value


class Entry(models.Model):
    """One act. Written only by ``ledger.services.append``; the database refuses later changes."""

    seq = models.BigIntegerField(_("number"), primary_key=True)
    stream = models.CharField(_("stream"), max_length=120)
    action = models.CharField(_("action"), max_length=60)
    actor_kind = models.CharField(_("kind of actor"), max_length=10)
    actor_id = models.CharField(_("actor"), max_length=64)
    actor_role = models.CharField(_("role"), max_length=40, blank=True)
    data = CanonicalJSONField(_("data"))
    at = models.DateTimeField(_("time"))
    prev_hash = models.CharField(_("previous hash"), max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        indexes = [
            models.Index(fields=["stream", "seq"], name="entry_stream_seq"),
            models.Index(fields=["action", "at"], name="entry_action_at"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.stream} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise Immutable("Entries are written by ledger.services.append and never changed.")

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable("Ledger entries are never deleted.")

    @property
    def actor(self) -> Actor:
        return Actor(self.actor_kind, self.actor_id, self.actor_role)  # type: ignore[arg-type]


class Head(models.Model):
    """The single row that names the last entry; its lock gives the next number."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seq = models.BigIntegerField(_("last number"), default=0)
    hash = models.CharField(_("last hash"), max_length=64, default=GENESIS)

    class Meta:
        verbose_name = _("ledger head")
        verbose_name_plural = _("ledger heads")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_ledger_head")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"


class FollowerLease(models.Model):
    """Which worker follows the ledger for live updates, and how far it has told (one row)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    holder = models.CharField(_("holder"), max_length=48)
    position = models.BigIntegerField(_("told up to"), default=0)
    expires_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("follower lease")
        verbose_name_plural = _("follower leases")

    def __str__(self) -> str:
        return f"{self.holder} {self.position}"
