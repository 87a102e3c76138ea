"""Machine pages (alive, ready, metrics) and the leaders' overview."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from foundation.metrics import exposition, health, registry
from foundation.metrics.memo import together
from foundation.metrics.period import Period
from foundation.metrics.policies import may_scrape
from foundation.metrics.registry import Panel
from foundation.metrics.selectors import shown_figures
from foundation.worktime.selectors import missing_notice


@dataclass(frozen=True)
class DrawnPanel:
    """A panel with its finished HTML."""

    panel: Panel
    html: str


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process lives. Touches nothing; also the trivial view that benchmarks compare with."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Each dependency by name; 503 when one is down that no page can do without."""
    # A page for machines speaks one language, whatever the site's is.
    with translation.override("en"):
        report = health.report()
    checks = {
        finding.check.name: {
            "state": finding.health.state,
            "required": finding.check.required,
            "detail": finding.health.detail,
            "milliseconds": finding.milliseconds,
        }
        for finding in report.findings
    }
    status = 503 if report.state == "down" else 200
    return JsonResponse({"status": report.state, "checks": checks}, status=status)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for the networks allowed to scrape."""
    if not may_scrape(request):
        return HttpResponse("Not for this address.\n", status=403, content_type="text/plain")
    return HttpResponse(exposition.text(), content_type=CONTENT_TYPE_LATEST)


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Figures and panels of the district; who may open it is said by the accounts app."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not registry.may_open_overview(request):
        raise PermissionDenied
    period = _period(request)
    following = _following(period)
    shared = {"period": period, "following": following, "now": timezone.now()}
    with together():
        figures = shown_figures(period)
        panels = [_drawn(panel, request, shared) for panel in registry.active().ordered_panels()]
    context = {
        **shared,
        "previous": period.previous(),
        "figures": figures,
        "panels": panels,
        "missing_notice": missing_notice(),
    }
    return render(request, "metrics/overview.html", context)


def _drawn(panel: Panel, request: HttpRequest, shared: dict[str, Any]) -> DrawnPanel:
    """Draw a panel; its template also knows the period, the one after it (if any) and ``now``."""
    context = {**shared, **panel.function(request)}
    return DrawnPanel(panel, render_to_string(panel.template, context, request))


def _period(request: HttpRequest) -> Period:
    """The period asked for; anything unreadable means the current month."""
    try:
        return Period.parse(request.GET.get("period", ""))
    except ValueError:
        return Period.holding(timezone.now())


def _following(period: Period) -> Period | None:
    if period.end_at > timezone.now():
        return None
    return Period.holding(period.end_at, period.kind)
