"""manage.py workday: enter a make-up working day or a day of rest, or announce a year."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.ledger.actor import Actor
from foundation.worktime.calendar import FIRST_YEAR, LAST_YEAR
from foundation.worktime.services import announce_year, clear_day, set_day


class Command(BaseCommand):
    help = (
        "Enter what a holiday notice says: 'workday 2027-02-04 --off --source …', "
        "'workday 2027-02-14 --on --source …', and at the end 'workday --announce 2027'. "
        "Open deadlines are recomputed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("date", nargs="?", help="like 2027-02-04")
        kind = parser.add_mutually_exclusive_group(required=True)
        kind.add_argument("--on", action="store_true", help="a working day")
        kind.add_argument("--off", action="store_true", help="a day of rest")
        kind.add_argument("--clear", action="store_true", help="forget what was entered")
        kind.add_argument("--announce", type=int, metavar="YEAR", help="the notice is complete")
        parser.add_argument("--source", default="", help="notice or decision, with its number")

    def handle(self, *args: Any, **options: Any) -> None:
        actor = Actor.system("workday")
        if options["announce"] is not None:
            self._announce(options["announce"], actor)
            return
        day = _day(options["date"])
        if options["clear"]:
            found = clear_day(day=day, actor=actor)
            self.stdout.write("Cleared." if found else "Nothing was entered for this day.")
            return
        try:
            set_day(day=day, is_working=options["on"], source=options["source"], actor=actor)
        except ValueError as error:
            raise CommandError(f"{error} Use --source.") from error
        self.stdout.write(f"{day} is now a {'working day' if options['on'] else 'day of rest'}.")

    def _announce(self, year: int, actor: Actor) -> None:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise CommandError(f"The year must lie within {FIRST_YEAR}–{LAST_YEAR}.")
        announce_year(year=year, actor=actor)
        self.stdout.write(f"Deadlines up to the end of {year} are no longer provisional.")


def _day(text: str | None) -> date:
    try:
        day = date.fromisoformat(text or "")
    except ValueError as error:
        raise CommandError("Give a date like 2027-02-04.") from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise CommandError(f"The date must lie within {FIRST_YEAR}–{LAST_YEAR}.")
    return day
