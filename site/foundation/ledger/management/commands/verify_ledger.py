"""Verify the whole ledger."""

import json
import sys
import time
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from foundation.ledger import selectors, services
from foundation.ledger.selectors import Verification


class Command(BaseCommand):
    help = "Walk the chain; exit 1 and name the first bad entry on tampering, reordering or a cut."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="machine-readable answer")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        outcome = self._verify()
        seconds = time.monotonic() - started
        if outcome.ok:
            services.anchor()
        if options["json"]:
            answer = {**asdict(outcome), "ok": outcome.ok, "seconds": round(seconds, 3)}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.stdout.write(_sentence(outcome, seconds))
        if not outcome.ok:
            sys.exit(1)

    def _verify(self) -> Verification:
        quiet = not sys.stderr.isatty()
        with tqdm(unit=" entries", disable=quiet, leave=False) as bar:

            def show(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            return selectors.verify(progress=show)


def _sentence(outcome: Verification, seconds: float) -> str:
    problem = outcome.problem
    if problem:
        return f"BROKEN at entry {problem.seq} ({problem.code}): {problem.text}"
    return f"OK: {outcome.entries} entries, {outcome.anchors} anchors, {seconds:.1f} s"
