"""Keys of other systems: ``manage.py api_client add NAME | list | revoke NAME``."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints.models import ApiClient
from complaints.services.clients import make_client, revoke_client
from foundation.ledger.actor import Actor
from foundation.places.models import Department

OPERATOR = Actor.system("operator")


class Command(BaseCommand):
    help = "Make, list and revoke the keys of systems that use the API."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="make a client; its key is printed once")
        add.add_argument("name")
        add.add_argument("--minute-limit", type=int, default=60)
        add.add_argument("--day-limit", type=int, default=5000)
        add.add_argument("--department", default="", help="code: may work on its cases")
        add.add_argument("--until", type=date.fromisoformat, help="last day in use: 2027-12-31")
        verbs.add_parser("list", help="every client, without keys")
        verbs.add_parser("revoke", help="take a key back at once").add_argument("name")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "add":
            self._add(**options)
        elif verb == "revoke":
            self._revoke(options["name"])
        else:
            for client in ApiClient.objects.select_related("department"):
                state = "in use" if client.is_active else "revoked"
                limits = f"{client.minute_limit}/min {client.day_limit}/day"
                works = f"\t{client.department.code}" if client.department else ""
                self.stdout.write(f"{client.name}\t{state}\t{limits}{works}")

    def _add(
        self,
        *,
        name: str,
        minute_limit: int,
        day_limit: int,
        department: str = "",
        until: date | None = None,
        **options: Any,
    ) -> None:
        if ApiClient.objects.filter(name=name).exists():
            raise CommandError(f"There is a client called {name} already; choose another name.")
        if minute_limit < 1 or day_limit < 1:
            raise CommandError("Limits are whole numbers from 1.")
        found = Department.objects.filter(code=department).first() if department else None
        if department and found is None:
            raise CommandError(f"There is no department with the code {department}.")
        made = make_client(
            name=name,
            by=OPERATOR,
            minute_limit=minute_limit,
            day_limit=day_limit,
            department=found,
            ends_on=until,
        )
        self.stdout.write(f"{made.key}\nKeep it now: it is not shown again.")

    def _revoke(self, name: str) -> None:
        if not revoke_client(name=name, by=OPERATOR):
            raise CommandError(f"No client in use is called {name}.")
        self.stdout.write(f"{name} is revoked.")
