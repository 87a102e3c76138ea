"""Synthetic cases: ``manage.py demo_cases --count N --seed S [--years Y]``."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError
from tqdm import tqdm

from complaints.selectors.rules import categories
from complaints.services.synthetic import make_cases


class Command(BaseCommand):
    help = "Write synthetic cases with real-life shares, whole histories and a valid ledger."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, required=True)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--years", type=float, default=1.0)

    def handle(self, *args: Any, count: int, seed: int, years: float, **options: Any) -> None:
        if count < 1 or years <= 0:
            raise CommandError("--count and --years must be greater than zero.")
        if not categories():
            raise CommandError("Load a district pack first: manage.py load_district PATH")
        began = monotonic()
        with tqdm(total=count, unit="case", disable=None) as bar:
            try:
                made = make_cases(count=count, seed=seed, years=years, tell=bar.update)
            except IntegrityError as error:
                raise CommandError(
                    f"Some cases of --seed {seed} are there already: choose another seed."
                ) from error
        pace = made / max(monotonic() - began, 0.001)
        self.stdout.write(f"{made} cases written, {pace:,.0f} a second.")
