"""``manage.py receive_mail``: one message from standard input, or all new ones of a maildir.

As an MTA calls it: exit status 75 (try again later) when the house is not ready, else 0; what is in
a message never fails the call.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import translation

from complaints.mailparse import LARGEST
from complaints.models import IncomingMail
from complaints.services.mail_in import Received, mail_set_aside, receive_mail

TRY_LATER = 75


class Command(BaseCommand):
    help = "Take reports in by e-mail: a message on standard input, or --maildir."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--maildir", type=Path, help="take in every new message of a maildir")
        parser.add_argument("--aside", action="store_true", help="list what was set aside, and why")
        parser.add_argument("--show", type=UUID, help="print one message that was set aside")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["aside"]:
            self._list_aside()
        elif options["show"]:
            self._show(options["show"])
        else:
            try:
                with translation.override("zh-hans"):
                    self._receive(options["maildir"])
            except (DatabaseError, OSError) as error:
                self.stderr.write(f"Not taken, try again later: {type(error).__name__}")
                sys.exit(TRY_LATER)

    def _receive(self, folder: Path | None) -> None:
        if folder is None:
            self._tell(receive_mail(raw=sys.stdin.buffer.read(LARGEST + 1)))
            return
        if not (folder / "new").is_dir():
            raise CommandError(f"{folder} is no maildir: it has no folder called new.")
        for path in sorted((folder / "new").iterdir()):
            with path.open("rb") as file:
                self._tell(receive_mail(raw=file.read(LARGEST + 1)))
            # Only now: a crash in between takes it in again, which changes nothing.
            path.rename(folder / "cur" / f"{path.name}:2,S")

    def _tell(self, received: Received) -> None:
        record = received.record
        number = record.case.number if record.case else ""
        known = "" if received.is_new else " (known)"
        self.stdout.write(
            " ".join(filter(None, [str(record.state), record.reason, number])) + known
        )

    def _list_aside(self) -> None:
        for record in IncomingMail.objects.filter(state=IncomingMail.State.ASIDE):
            self.stdout.write(f"{record.uid}  {record.received_at:%Y-%m-%d %H:%M}  {record.reason}")

    def _show(self, uid: UUID) -> None:
        try:
            raw = mail_set_aside(uid)
        except (IncomingMail.DoesNotExist, FileNotFoundError) as gone:
            raise CommandError("No such message is set aside.") from gone
        self.stdout.write(raw.decode("utf-8", "replace"))
