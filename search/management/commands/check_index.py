"""``manage.py check_index``: does the search index hold exactly what is public? Exit 1 if not."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from search import drift, services
from search.engines.chosen import engines
from search.errors import SearchError

SHOWN = 20


class Command(BaseCommand):
    help = "Compare the search index with the database; exit 1 when they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--engine", choices=sorted(engines()), help="only this engine")
        parser.add_argument("--fix", action="store_true", help="put right what differs, exit 0")
        parser.add_argument("--json", action="store_true", help="print the keys as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = {
            name: self._compare(name) for name in engines() if options["engine"] in (None, name)
        }
        if options["json"]:
            report = {name: asdict(one) for name, one in found.items()}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
        else:
            for name, one in found.items():
                self._print(name, one)
        if options["fix"]:
            self._fix(found, silent=options["json"])
        elif any(found.values()):
            sys.exit(1)

    def _compare(self, name: str) -> drift.Drift:
        try:
            return drift.compare(engines()[name])
        except SearchError as error:
            raise CommandError(f"{name}: {error}") from error

    def _fix(self, found: dict[str, drift.Drift], *, silent: bool) -> None:
        for name, one in found.items():
            services.repair(engine=engines()[name], found=one)
            if one and not silent:
                self.stdout.write(f"{name}: put right.")

    def _print(self, name: str, found: drift.Drift) -> None:
        if not found:
            self.stdout.write(f"{name}: the index holds exactly what is public.")
        for word, keys in asdict(found).items():
            if keys:
                more = " …" if len(keys) > SHOWN else ""
                self.stdout.write(f"{name}: {len(keys)} {word}: {', '.join(keys[:SHOWN])}{more}")
