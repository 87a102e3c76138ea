"""manage.py open_staff chen "陈晓": opens the first administrator's account of an installation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from foundation.accounts.errors import PostRefused
from foundation.accounts.forms import StaffForm
from foundation.accounts.models import Role
from foundation.accounts.services import grant_post, open_staff_account
from foundation.ledger.actor import Actor
from foundation.places.models import Area, Department

ACTOR = Actor.system("operator")


class Command(BaseCommand):
    help = "Opens a staff account with a post and prints its first password, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("display_name")
        parser.add_argument("--role", choices=Role.values, default=Role.ADMINISTRATOR.value)
        parser.add_argument("--email", default="")
        parser.add_argument("--area", default="", help="code of an area; none: whole district")
        parser.add_argument("--department", default="", help="code of a department")

    def handle(self, *args: Any, **options: Any) -> None:
        form = StaffForm({name: options[name] for name in ("username", "display_name", "email")})
        if not form.is_valid():
            raise CommandError(" ".join(str(e) for errors in form.errors.values() for e in errors))
        try:
            with transaction.atomic():
                user, password = open_staff_account(actor=ACTOR, **form.cleaned_data)
                grant_post(
                    actor=ACTOR,
                    user=user,
                    role=Role(options["role"]),
                    area=_named(Area, options["area"]),
                    department=_named(Department, options["department"]),
                )
        except PostRefused as refusal:
            raise CommandError(str(refusal.sentence)) from refusal
        self.stdout.write(f"{user.username}: first password {password}")
        self.stdout.write("The second step is set up at the first sign-in.")


def _named(model: Any, code: str) -> Any:
    """Return the row with ``code``, None without one; an unknown code stops the command."""
    if not code:
        return None
    row = model.objects.filter(code=code).first()
    if row is None:
        raise CommandError(f"There is no {model._meta.model_name} {code!r}.")
    return row
