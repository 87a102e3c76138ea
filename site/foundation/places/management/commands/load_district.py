"""manage.py load_district [PATH]: load or update a district data pack."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from foundation.places.errors import PackError
from foundation.places.services import SectionReport, load_district


class Command(BaseCommand):
    help = "Load or update a district data pack; idempotent; says what it changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", nargs="?", default=str(settings.DISTRICT_PACK), help="the pack's folder"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = load_district(path=options["path"], tell=self._tell)
        except PackError as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        changed = any(report.changes for report in reports)
        self.stdout.write("Loaded." if changed else "Nothing to change.")

    def _tell(self, report: SectionReport) -> None:
        c = report.changes
        self.stdout.write(
            f"{report.section:<16} {c.added:>5} added {c.changed:>5} changed "
            f"{c.unchanged:>5} unchanged {c.removed:>5} removed"
        )
