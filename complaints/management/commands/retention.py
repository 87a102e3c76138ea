"""Says what has been kept long enough, and deletes it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from complaints.services.retention import clear_due, counts

BATCH = 200


class Command(BaseCommand):
    help = "Delete contacts, photos and words whose time of retention is over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for name, number in counts(now).items():
            self.stdout.write(f"{name}: {number} due")
        if options["dry_run"]:
            return
        total: dict[str, int] = {}
        while any((done := clear_due(now=now, limit=BATCH)).values()):
            total = {name: total.get(name, 0) + number for name, number in done.items()}
        for name, number in total.items():
            self.stdout.write(f"{name}: {number} done")
