"""manage.py due: count a deadline and show how (design: contract, "Commands")."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.worktime.calendar import SHANGHAI
from foundation.worktime.errors import WorktimeError
from foundation.worktime.selectors import deadline


class Command(BaseCommand):
    help = "Deadline arithmetic: 5wd working days, 15d days, 4wh working hours, 2h hours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--start", required=True, help="like 2025-09-26T10:00; Shanghai time without an offset"
        )
        parser.add_argument("--limit", required=True, help="like 5wd, 15d, 4wh, 2h")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = deadline(_moment(options["start"]), options["limit"])
        except WorktimeError as error:
            raise CommandError(str(error)) from error
        explained = result.explanation()
        if options["json"]:
            names = ("due", "counted", "skipped", "provisional")
            answer = {name: explained[name] for name in names}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(f"due      {result.due:%Y-%m-%d %H:%M %A}")
        self.stdout.write("counted  " + ", ".join(day.isoformat() for day in result.counted))
        for skip in result.skipped:
            self.stdout.write(f"skipped  {skip.date} {skip.why}")
        if result.provisional:
            self.stdout.write(
                f"provisional: the holiday notice of {result.due.year} is not entered yet; "
                "the deadline may move when it is."
            )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise CommandError(
            f"The start {text!r} cannot be read: write a date and time like 2025-09-26T10:00."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
