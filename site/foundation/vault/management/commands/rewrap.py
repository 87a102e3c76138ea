"""``manage.py rewrap``: bring everything sealed under the active master key and cipher."""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from foundation.vault.crypto import active_key_id
from foundation.vault.keys import (
    forget_providers,
    new_key_entries,
    read_key_file,
    write_key_file,
)
from foundation.vault.registry import rewrappers
from foundation.vault.selectors import records_per_key
from foundation.vault.services import rewrap_records


class Command(BaseCommand):
    """Safe beside the live system; may be stopped and started again."""

    help = "Rewrap personal records and sealed files under the active vault key and cipher."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--new-key",
            action="store_true",
            help="first put a fresh key in front of VAULT_KEY_FILE, then restart web and worker",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["new_key"]:
            self._add_key()
        self.stdout.write(f"active key: {active_key_id()}")
        for name, renew in {"records": rewrap_records, **rewrappers()}.items():
            self.stdout.write(f"{name}: {sum(renew())} rewrapped")
        for key_id, count in records_per_key().items():
            self.stdout.write(f"key {key_id}: {count} records")

    def _add_key(self) -> None:
        if settings.VAULT_KEY or getattr(settings, "VAULT_KEY_PROVIDER", ""):
            raise CommandError("--new-key needs a key file; put the new key in front of VAULT_KEY.")
        old = read_key_file(settings.VAULT_KEY_FILE).split()
        write_key_file(
            settings.VAULT_KEY_FILE, new_key_entries(with_index=False) + old, replace=True
        )
        forget_providers()
