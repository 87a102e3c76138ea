"""Append-only, hash-chained record of every act."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "foundation.ledger"
    label = "ledger"
    verbose_name = "Ledger"

    def ready(self) -> None:
        post_migrate.connect(_ensure_ground, sender=self, dispatch_uid="ledger.ground")


def _ensure_ground(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Guarantee the head row and the triggers after migrations and flushes (idempotent)."""
    from foundation.ledger import guard  # models are not loaded when this module is
    from foundation.ledger.models import Head

    if Head._meta.db_table not in connections[using].introspection.table_names():
        return
    Head.objects.using(using).get_or_create(pk=1)
    guard.install(connections[using])
