"""Public corrections: figures that changed after their period, and values an editor changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _

from cms.models import ValueCorrection
from foundation.metrics.models import Snapshot
from foundation.metrics.own_datasets import FigureCorrection, all_corrections, newest_corrections

SHOWN = 100


@dataclass(frozen=True)
class Correction:
    """What was said before and is said now. ``mark`` names it for ever; ``href`` shows it."""

    mark: str
    kind: str
    code: str
    title: str
    period: str
    before: str
    after: str
    at: datetime
    href: str

    @property
    def kind_name(self) -> str:
        return _("figure") if self.kind == "figure" else _("indicator")


def _of_figure(found: FigureCorrection) -> Correction:
    page = reverse("cms:dataset", args=["figures"])
    return Correction(
        found.citation,
        "figure",
        found.code,
        found.title,
        str(found.period),
        found.before.text,
        found.after.text,
        found.at,
        f"{page}?metric={found.code}&period={found.period}",
    )


def _of_value(row: ValueCorrection) -> Correction:
    return Correction(
        f"indicator/{row.indicator_code}/{row.period}/{row.pk}",
        "indicator",
        row.indicator_code,
        row.indicator_name,
        row.period,
        row.before,
        row.after or _("taken back"),
        row.corrected_at,
        reverse("cms:indicator", args=[row.indicator_code]),
    )


def newest(count: int = SHOWN) -> list[Correction]:
    """The newest corrections of both kinds. 3 queries."""
    found = [_of_figure(one) for one in newest_corrections(count)]
    found += [_of_value(row) for row in ValueCorrection.objects.all()[:count]]
    return sorted(found, key=lambda one: (one.at, one.mark), reverse=True)[:count]


def every() -> Iterator[Correction]:
    """All corrections: figures, then indicators, each oldest first."""
    for one in all_corrections():
        yield _of_figure(one)
    for row in ValueCorrection.objects.order_by("pk").iterator(chunk_size=500):
        yield _of_value(row)


def last_at() -> datetime | None:
    """When something was last corrected. 2 queries."""
    figures = Snapshot.objects.filter(is_correction=True).aggregate(at=Max("published_at"))["at"]
    values = ValueCorrection.objects.aggregate(at=Max("corrected_at"))["at"]
    return max((moment for moment in (figures, values) if moment), default=None)
