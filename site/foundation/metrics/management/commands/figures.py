"""Recompute published figures and compare."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand

from foundation.metrics.figure import Figure
from foundation.metrics.period import Period
from foundation.metrics.selectors import Comparison, comparisons


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    help = (
        "Count every figure of a period again and compare with what pages show; 1 if they differ."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--period", type=_period, required=True, help="2026-10, 2026-Q4 or 2026"
        )
        parser.add_argument("--json", action="store_true", help="machine-readable answer")

    def handle(self, *args: Any, **options: Any) -> None:
        period: Period = options["period"]
        found = comparisons(period)
        if options["json"]:
            rows = [_row(item) for item in found]
            answer = {"period": str(period), "same": all(i.same for i in found), "figures": rows}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for item in found:
                mark = "=" if item.same else "DIFFERS"
                texts = (item.shown.text, item.recomputed.text)
                self.stdout.write(f"{item.code:32} {texts[0]:>28} {texts[1]:>28}  {mark}")
        if not all(item.same for item in found):
            sys.exit(1)


def _row(item: Comparison) -> dict[str, Any]:
    return {
        "code": item.code,
        "same": item.same,
        "shown": _counts(item.shown),
        "recomputed": _counts(item.recomputed),
    }


def _counts(figure: Figure) -> dict[str, Any]:
    return {
        "numerator": str(figure.numerator.normalize()),
        "denominator": str(figure.denominator.normalize()),
        "text": figure.text,
        "as_of": figure.as_of.isoformat(),
        "published": figure.published,
    }
