"""manage.py demo_logins: the demonstration's accounts, their codes and their desks."""

import unicodedata
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from foundation.accounts.demo import logins
from foundation.places.pack import Pack


def _padded(text: str, width: int) -> str:
    """Pad to columns of a terminal, where a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return text + " " * max(0, width - taken)


class Command(BaseCommand):
    help = "Prints the demonstration accounts: user name, password, current code, desk."

    def handle(self, *args: Any, **options: Any) -> None:
        people = logins()
        if not people:
            raise CommandError("No demonstration accounts: set DEMO=1 and run load_demo.")
        password = Pack(settings.DISTRICT_PACK).row("demo/staff").text("password")
        self.stdout.write(f"Demonstration logins (password of all: {password})")
        heads = ("account", "code now", "starts at", "who")
        self.stdout.write("  " + "".join(_padded(head, 12) for head in heads).rstrip())
        for login in people:
            cells = (login.username, login.code or "-", login.lands_on, login.name)
            self.stdout.write("  " + "".join(_padded(cell, 12) for cell in cells).rstrip())
        self.stdout.write("  A code lasts 30 s; the code page of a demonstration shows it, and")
        self.stdout.write("  manage.py demo_code ACCOUNT prints it.")
