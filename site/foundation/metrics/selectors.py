"""Figures as pages show them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.metrics import registry
from foundation.metrics.figure import Figure, plain
from foundation.metrics.memo import together
from foundation.metrics.models import Snapshot
from foundation.metrics.period import Period
from foundation.metrics.registry import Metric

PLACES = Decimal("0.0001")


class UnknownMetric(LookupError):
    """No app registered a metric of this code."""


@dataclass(frozen=True)
class Shown:
    """A metric with the figure that pages show for a period."""

    metric: Metric
    figure: Figure

    @property
    def on_target(self) -> bool | None:
        return self.metric.meets_target(self.figure)

    @property
    def target_text(self) -> str:
        """What the metric aims at, as a short sentence; empty without a target."""
        metric = self.metric
        if metric.target is None:
            return ""
        value = f"{plain(metric.target)}{metric.unit if metric.unit == '%' else ' ' + metric.unit}"
        if metric.better == "higher" and metric.unit == "%" and metric.target == 100:
            return _("target: %(value)s") % {"value": value}  # there is no more than all
        if metric.better == "higher":
            return _("target: at least %(value)s") % {"value": value}
        return _("target: at most %(value)s") % {"value": value}


@dataclass(frozen=True)
class Comparison:
    """A figure as shown and as counted again with the knowledge of the same moment."""

    code: str
    shown: Figure
    recomputed: Figure

    @property
    def same(self) -> bool:
        return self.shown.same_counts(self.recomputed)


def metric_of(code: str) -> Metric:
    """Return the registered metric; raises ``UnknownMetric``."""
    try:
        return registry.active().metrics[code]
    except KeyError as error:
        raise UnknownMetric(f"No metric is registered as {code}.") from error


def figure(code: str, period: Period) -> Figure:
    """The figure that every page shows: the published snapshot, else computed now.

    1 query, plus those of the metric when nothing was published yet.
    """
    metric = metric_of(code)
    snapshot = latest_snapshot(code, period)
    return snapshot.as_figure(metric.unit) if snapshot else recomputed(code, period)


def recomputed(code: str, period: Period) -> Figure:
    """Count again, whatever was published. Queries: those of the metric."""
    metric = metric_of(code)
    return _counted(metric, metric.function(period))


def proved(code: str, period: Period) -> Figure:
    """Count again from the ledger where the metric can, else as pages do."""
    metric = metric_of(code)
    return _counted(metric, (metric.recount or metric.function)(period))


def _counted(metric: Metric, raw: Figure) -> Figure:
    counts = (Decimal(raw.numerator).quantize(PLACES), Decimal(raw.denominator).quantize(PLACES))
    return replace(raw, numerator=counts[0], denominator=counts[1], unit=metric.unit)


def latest_snapshot(code: str, period: Period) -> Snapshot | None:
    """The newest revision published for a metric and period (1 query)."""
    return Snapshot.objects.filter(code=code, period=str(period)).order_by("revision").last()


def shown_figures(period: Period, codes: Collection[str] | None = None) -> list[Shown]:
    """All metrics (or those of ``codes``) with their figures of one period, as registered.

    1 query, plus those of the metrics that were not published yet; these are counted together, as
    of one moment.
    """
    chosen = registry.active().metrics
    if codes is not None:
        chosen = {code: metric_of(code) for code in codes}
    with together():
        return _shown(period if period.as_of else period.known_at(timezone.now()), chosen)


def _shown(period: Period, chosen: Mapping[str, Metric]) -> list[Shown]:
    rows = Snapshot.objects.filter(period=str(period)).order_by("revision")
    newest = {snapshot.code: snapshot for snapshot in rows}
    return [
        Shown(metric, newest[code].as_figure(metric.unit))
        if code in newest
        else Shown(metric, recomputed(code, period))
        for code, metric in chosen.items()
    ]


def comparisons(period: Period) -> list[Comparison]:
    """Every figure as shown beside the same proved again, known as of the same moment."""
    return [
        Comparison(
            shown.metric.code,
            shown.figure,
            proved(shown.metric.code, period.known_at(shown.figure.as_of)),
        )
        for shown in shown_figures(period)
    ]
