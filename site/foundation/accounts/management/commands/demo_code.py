"""manage.py demo_code dispatcher: the code that this demonstration account needs now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.accounts.demo import current_code
from foundation.accounts.errors import NoSecondFactor
from foundation.accounts.models import User


class Command(BaseCommand):
    help = "Prints the current code of a demonstration account (DEMO=1 only)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']!r}.")
        try:
            self.stdout.write(current_code(user))
        except NoSecondFactor as error:
            raise CommandError(str(error)) from error
