"""``manage.py reindex``: build the search index anew without downtime."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from search import services, source
from search.engines.chosen import engines
from search.errors import SearchError


class Command(BaseCommand):
    help = "Build the search index anew while searches and writes go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--engine", choices=sorted(engines()), help="only this engine")

    def handle(self, *args: Any, **options: Any) -> None:
        total = source.count()
        for name, engine in engines().items():
            if options["engine"] not in (None, name):
                continue
            with tqdm(total=total, desc=name, unit="doc", file=self.stderr, disable=None) as bar:
                try:
                    written = services.reindex(engine=engine, tell=bar.update)
                except SearchError as error:
                    raise CommandError(f"{name}: {error}") from error
            self.stdout.write(f"{name}: {written} documents indexed.")
