"""manage.py restore DIR: fill an empty place from a backup and prove it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.operations.errors import OperationRefused
from foundation.operations.services import restore


class Command(BaseCommand):
    help = "Fill an empty place from DIR and prove it: checksums, rows, ledger."
    requires_system_checks = []  # must work when the pages do not

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        try:
            manifest = restore(folder=folder.resolve(), tell=self.stdout.write)
        except OperationRefused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restore complete and verified: {len(manifest.files)} files, "
            f"{sum(manifest.rows.values())} rows in {len(manifest.rows)} tables."
        )
