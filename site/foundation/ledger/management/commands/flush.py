"""Empty the database, ledger included.

Django's command, which the triggers of the ledger would refuse. Only the owner of the tables can
drop triggers, so this works for a developer, not for the application's role in production.
"""

from typing import Any

from django.core.management.commands.flush import Command as FlushCommand
from django.db import connections

from foundation.ledger import guard


class Command(FlushCommand):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        guard.remove(connection)
        try:
            super().handle(**options)
        finally:
            guard.install(connection)
