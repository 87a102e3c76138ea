"""Departments' systems: ``manage.py webhook add DEPARTMENT URL | list | stop NUMBER``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from complaints.models import Webhook
from complaints.outbound import NotAllowed
from complaints.services.webhooks import make_webhook, stop_webhook
from foundation.ledger.actor import Actor
from foundation.places.selectors import department_by_code

OPERATOR = Actor.system("operator")
SHOWN = 5


class Command(BaseCommand):
    help = "Send news of its cases to a department's own system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="add an address; its secret is printed once")
        add.add_argument("department", help="code of the department")
        add.add_argument("url")
        verbs.add_parser("list", help="addresses with their last deliveries")
        verbs.add_parser("stop", help="send nothing more").add_argument("number", type=int)

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        if verb == "add":
            self._add(options["department"], options["url"])
        elif verb == "stop":
            if not stop_webhook(pk=options["number"], by=OPERATOR):
                raise CommandError(f"No webhook in use has the number {options['number']}.")
            self.stdout.write("Stopped.")
        else:
            for hook in Webhook.objects.select_related("department"):
                self._show(hook)

    def _add(self, code: str, url: str) -> None:
        department = department_by_code(code)
        if department is None:
            raise CommandError(f"No department has the code {code!r}.")
        try:
            made = make_webhook(department=department, url=url, by=OPERATOR)
        except NotAllowed as refused:
            raise CommandError(str(refused.sentence)) from refused
        self.stdout.write(f"{made.secret}\nKeep it now: it is not shown again.")

    def _show(self, hook: Webhook) -> None:
        state = "in use" if hook.is_active else "stopped"
        self.stdout.write(f"{hook.pk}\t{hook.department.code}\t{state}\t{hook.url}")
        for delivery in hook.deliveries.all()[:SHOWN]:
            end = "delivered" if delivery.delivered_at else "not yet"
            told = f"{delivery.attempts} tries, {delivery.last_answer or '-'}, {end}"
            self.stdout.write(f"\t{delivery.made_at:%Y-%m-%d %H:%M} {told}")
