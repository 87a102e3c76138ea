"""Look at the queue and give failed jobs a new start."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from foundation.jobs import selectors, services


class Command(BaseCommand):
    help = "Show the backlog and the failed jobs; --retry ID or --retry all starts them again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retry", nargs="+", metavar="ID", help="ids of failed jobs, or 'all'")
        parser.add_argument("--json", action="store_true", help="machine-readable answer")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["retry"]:
            count = services.retry_failed(ids=_ids(options["retry"]))
            self.stdout.write(f"{count} failed job(s) queued again")
            return
        dead = [
            {"id": str(job.pk), "handler": job.handler_name, "error": job.exception_class_path}
            for job in selectors.dead_jobs()[:100]
        ]
        backlog = asdict(selectors.backlog())
        if options["json"]:
            self.stdout.write(json.dumps({"backlog": backlog, "failed": dead}, default=str))
            return
        for name, value in backlog.items():
            self.stdout.write(f"{name:12} {value}")
        for row in dead:
            self.stdout.write(f"FAILED {row['id']} {row['handler']} {row['error']}")


def _ids(words: list[str]) -> list[UUID] | None:
    if words == ["all"]:
        return None
    try:
        return [UUID(word) for word in words]
    except ValueError as error:
        raise CommandError("--retry takes ids as shown by this command, or the word all") from error
