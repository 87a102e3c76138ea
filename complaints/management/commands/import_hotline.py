"""``manage.py import_hotline FILE``: take a 12345 export in; rows with problems go to a file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from tqdm import tqdm

from complaints.performer import Performer
from complaints.services.hotline_file import Progress, import_hotline
from complaints.sheets import SheetRefused
from foundation.ledger.actor import Actor
from foundation.places.pack import PackError


class Command(BaseCommand):
    help = "Take in a 12345 spreadsheet or CSV. Importing it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV, XLSX or XLS")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--errors", type=Path, help="where the rows with problems go")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        with tqdm(unit=" rows", disable=options["verbosity"] < 1 or None) as bar, _in_chinese():
            try:
                progress = import_hotline(
                    data=data,
                    by=Performer(Actor.system("import")),
                    dry_run=options["dry_run"],
                    tell=lambda so_far: _moved(bar, so_far),
                )
            except SheetRefused as refused:
                raise CommandError(str(refused.sentence)) from refused
            except PackError as error:
                raise CommandError(str(error)) from error
        self._report(progress, options)

    def _report(self, progress: Progress, options: dict[str, Any]) -> None:
        verb = "would be imported" if options["dry_run"] else "imported"
        fresh = progress.total - progress.bad - progress.known
        count = fresh if options["dry_run"] else progress.stored
        self.stdout.write(
            f"{count:,} of {progress.total:,} rows {verb}; {progress.known:,} known already; "
            f"{progress.bad:,} with problems."
        )
        if progress.bad:
            source: Path = options["file"]
            target: Path = options["errors"] or source.with_name(f"{source.stem}-problems.csv")
            # The rows hold personal data: for the owner's eyes only.
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(progress.problems_file)
            self.stdout.write(f"Rows with problems: {target}")


def _in_chinese() -> Any:
    return translation.override("zh-hans")


def _moved(bar: Any, progress: Progress) -> bool:
    bar.total = progress.total * 2
    bar.update(progress.checked + progress.stored + progress.known - bar.n)
    return True
