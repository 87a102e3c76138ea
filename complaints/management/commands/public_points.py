"""``manage.py public_points``: bring the public map in step with all cases."""

from typing import Any

from django.core.management.base import BaseCommand

from complaints.services.public_points import rebuild


class Command(BaseCommand):
    """Looks at every case, mends points that differ and counts everything anew."""

    help = "Rebuild the public map from the cases; may run while the house works."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print how many points were mended."""
        self.stdout.write(f"{rebuild()} points mended")
