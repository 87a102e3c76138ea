"""manage.py load_demo [PATH]: load the pack's demonstration content (only with DEMO=1)."""

from typing import Any

from django.core.management.base import CommandError

from foundation.places.errors import DemoDisabled, PackError
from foundation.places.management.commands.load_district import Command as LoadDistrict
from foundation.places.services import load_demo


class Command(LoadDistrict):
    help = "Load demonstration content of the district pack; idempotent; refuses without DEMO=1."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = load_demo(path=options["path"], tell=self._tell)
        except (PackError, DemoDisabled) as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        changed = any(report.changes for report in reports)
        self.stdout.write("Loaded." if changed else "Nothing to change.")
