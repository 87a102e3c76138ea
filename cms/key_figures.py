"""Figures of the platform as cms shows them: value, n/N, as of when, and an honest "no data".

Only published snapshots are shown, so that a page costs one query whatever a figure counts, and so
that the home page, an indicator and the overview never disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.metrics.figure import Figure
from foundation.metrics.models import Snapshot
from foundation.metrics.period import Period
from foundation.metrics.registry import Metric, active
from foundation.metrics.selectors import Shown

# The three promises, as rates that move every day. Their rooms register them; until then: no data.
# The yearly survey ("public_satisfaction") is another thing and is shown with indicator 17.
PROMISES: dict[str, str | Promise] = {
    "reply_rate": gettext_lazy("Answered on time"),
    "case_satisfaction": gettext_lazy("Residents satisfied"),
    "disclosure_rate": gettext_lazy("Published on time"),
}


@dataclass(frozen=True)
class KeyFigure:
    """A figure for a page; ``whole`` is 0 when there is no data."""

    code: str
    title: str
    part: int | Decimal = 0
    whole: int | Decimal = 0
    target_text: str = ""
    as_of: datetime | None = None
    note: str = ""
    href: str = ""
    citation: str = ""
    revision: int = 0

    @property
    def source(self) -> str:
        """Where exactly this figure stands in the open data; empty when nothing was published."""
        metric, _mark, rest = self.citation.partition("/")
        period = rest.partition("/")[0]
        return f"/data/figures/?metric={metric}&period={period}" if self.citation else ""


def choices() -> list[tuple[str, str]]:
    """Codes and names of all registered figures, for the editor's list."""
    return [(code, str(metric.title)) for code, metric in active().metrics.items()]


def _plain(number: Decimal) -> int | Decimal:
    return int(number) if number == number.to_integral_value() else number.normalize()


def _named(period: Period) -> str:
    if period.kind == "month":
        return formats.date_format(period.start, "YEAR_MONTH_FORMAT")
    return str(period)


def _periods(metric: Metric) -> list[Period]:
    """The current period first, then the one before: a month that just began has no data yet."""
    current = Period.holding(timezone.now(), metric.kind)
    return [current, current.previous()]


def _shown(metric: Metric, found: dict[tuple[str, str], Snapshot]) -> KeyFigure:
    for period in _periods(metric):
        snapshot = found.get((metric.code, str(period)))
        if snapshot is not None and snapshot.denominator:
            filled = _filled(metric, period, snapshot.as_figure(metric.unit))
            return replace(filled, citation=snapshot.citation, revision=snapshot.revision)
    note = _("Nothing was counted for this period or the last.")
    return KeyFigure(metric.code, str(metric.title), href=metric.href, note=note)


def _filled(metric: Metric, period: Period, figure: Figure) -> KeyFigure:
    return KeyFigure(
        code=metric.code,
        title=str(metric.title),
        part=_plain(figure.numerator),
        whole=_plain(figure.denominator),
        target_text=Shown(metric, figure).target_text,
        as_of=figure.as_of,
        note=_("Period: %(period)s") % {"period": _named(period)},
        href=metric.href,
    )


def figures_of(codes: Iterable[str]) -> list[KeyFigure]:
    """The newest published figures of these metrics, unknown codes left out. At most 1 query."""
    metrics = [metric for code in codes if (metric := active().metrics.get(code))]
    if not metrics:
        return []
    wanted: Sequence[str] = [str(period) for metric in metrics for period in _periods(metric)]
    rows = Snapshot.objects.filter(
        code__in=[metric.code for metric in metrics], period__in=wanted
    ).order_by("revision")
    found = {(row.code, row.period): row for row in rows}
    return [_shown(metric, found) for metric in metrics]


def home_figures(pages: Mapping[str, str]) -> list[KeyFigure]:
    """The three promises, a missing one as "no data" and why. At most 1 query.

    ``pages`` names the page that explains a figure, where its own app names none.
    """
    known = {figure.code: figure for figure in figures_of(PROMISES)}
    figures = [known.get(code) or _uncounted(code) for code in PROMISES]
    return [replace(figure, href=figure.href or pages.get(figure.code, "")) for figure in figures]


def _uncounted(code: str) -> KeyFigure:
    """A promise that no app of this platform counts yet."""
    return KeyFigure(code, str(PROMISES[code]), note=_("This platform does not count it yet."))
