"""``manage.py discard_orphans``: clear away uploads that nobody attached, of every day there is."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from foundation.media.services import discard_orphans


class Command(BaseCommand):
    """The worker does the same for the last 14 days by itself; this looks at all of them."""

    help = "Delete staged photos older than a day that belong to no report."

    def handle(self, *args: Any, **options: Any) -> None:
        removed = discard_orphans(now=timezone.now(), everything=True)
        self.stdout.write(f"{removed} abandoned uploads deleted")
