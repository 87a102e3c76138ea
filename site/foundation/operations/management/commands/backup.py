"""manage.py backup DIR: a consistent copy with checksums, made while the house is in use."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.operations.errors import OperationRefused
from foundation.operations.services import back_up


class Command(BaseCommand):
    help = "Copy database, files and ledger anchors into DIR, with checksums."
    requires_system_checks = []  # must work when the pages do not

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = back_up(folder=folder.resolve(), tell=self.stdout.write)
        except OperationRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Backup complete: {len(manifest.files)} files, {sum(manifest.rows.values())} rows "
            f"in {len(manifest.rows)} tables."
        )
        self.stdout.write(
            "Keys are not in it: keep VAULT_KEY and SECRET_KEY apart (docs/operations.md)."
        )
