"""The platform as Prometheus sees it."""

from collections.abc import Iterator

from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from foundation.jobs import selectors as jobs
from foundation.ledger import selectors as ledger
from foundation.metrics import health
from foundation.metrics.models import Snapshot

STATES = {"ok": 1.0, "degraded": 0.5, "down": 0.0}


class PlatformState(Collector):
    """Reads the database at scrape time: every process tells the same about the platform."""

    def collect(self) -> Iterator[Metric]:
        report = health.report()
        up = GaugeMetricFamily(
            "gongzhi_check", "1 ok, 0.5 degraded, 0 down, by dependency", labels=["check"]
        )
        for finding in report.findings:
            up.add_metric([finding.check.name], STATES[finding.health.state])
        yield up
        if report.state != "down":
            yield from _jobs()
            yield from _figures()
            yield GaugeMetricFamily(
                "gongzhi_ledger_entries", "Entries in the ledger", value=ledger.head().seq
            )


def _jobs() -> Iterator[Metric]:
    backlog = jobs.backlog()
    rows = GaugeMetricFamily("gongzhi_jobs", "Jobs by state", labels=["state"])
    for state in ("due", "scheduled", "running", "failed"):
        rows.add_metric([state], getattr(backlog, state))
    yield rows
    yield GaugeMetricFamily(
        "gongzhi_job_wait_seconds",
        "How long the oldest due job has waited",
        value=backlog.waiting.total_seconds(),
    )
    yield GaugeMetricFamily("gongzhi_workers", "Workers alive", value=jobs.live_workers().count())


def _figures() -> Iterator[Metric]:
    """The published figures of the newest period of each metric."""
    part = GaugeMetricFamily("gongzhi_figure_numerator", "Published figure", labels=["code"])
    whole = GaugeMetricFamily("gongzhi_figure_denominator", "Published figure", labels=["code"])
    newest: dict[str, Snapshot] = {}
    rows = Snapshot.objects.order_by("-period", "-revision")[:500]
    for row in rows:
        newest.setdefault(row.code, row)
    for code, row in newest.items():
        part.add_metric([code], float(row.numerator))
        whole.add_metric([code], float(row.denominator))
    yield part
    yield whole


_registry = CollectorRegistry(auto_describe=False)
ProcessCollector(registry=_registry)
PlatformCollector(registry=_registry)
_registry.register(PlatformState())


def text() -> bytes:
    """Return everything in Prometheus' text format. Queries: those of the checks, plus 4."""
    return generate_latest(_registry)
