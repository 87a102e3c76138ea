"""The figures of a month for everybody: with counts, definitions, and streets in bands."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from complaints.selectors.public_statistics import SMALLEST_CELL, SMALLEST_GRADED, month_page
from foundation.metrics.period import Period

EARLIEST_YEAR = 2015


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Show a month (``?period=2026-10``, else the last whole one). At most 10 statements."""
    period = _period(request.GET.get("period", ""))
    following = Period.holding(period.end_at)
    context = {
        "period": period,
        "previous": period.previous(),
        "following": following if following.start_at <= timezone.now() else None,
        "is_running": period.end_at > timezone.now(),
        "month": month_page(period),
        "smallest_cell": SMALLEST_CELL,
        "smallest_graded": SMALLEST_GRADED,
    }
    return render(request, "complaints/statistics.html", context)


def _period(text: str) -> Period:
    if not text:
        return Period.holding(timezone.now()).previous()
    try:
        period = Period.parse(text)
    except ValueError as error:
        raise Http404 from error
    if period.kind != "month" or period.start_at > timezone.now():
        raise Http404
    if period.start.year < EARLIEST_YEAR:
        raise Http404
    return period
