"""Run the job worker."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand

from foundation.jobs.worker import Crew


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 86_400:
        raise ArgumentTypeError("must be a number of seconds above 0")
    return value


def _threads(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 64:
        raise ArgumentTypeError("must be between 1 and 64")
    return value


class Command(BaseCommand):
    help = "Run queued jobs: heartbeat, reaper, periodic slots. Stops in good order on SIGTERM."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--threads", type=_threads, default=1, help="jobs at the same time")
        parser.add_argument("--once", action="store_true", help="run what is due, then exit")
        parser.add_argument(
            "--interval", type=_positive, default=0.5, help="seconds between two looks when idle"
        )
        parser.add_argument(
            "--heartbeat", type=_positive, default=2.0, help="seconds between two signs of life"
        )
        parser.add_argument(
            "--lost-after",
            type=_positive,
            default=12.0,
            help="seconds without a sign of life after which a worker counts as dead",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        crew = Crew(
            threads=options["threads"],
            once=options["once"],
            interval=options["interval"],
            heartbeat=options["heartbeat"],
            lost_after=timedelta(seconds=options["lost_after"]),
        )
        if options["verbosity"] and not options["once"]:
            self.stdout.write(f"worker {crew.worker_id}: {options['threads']} thread(s)")
        sys.exit(crew.run())
