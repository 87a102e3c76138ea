"""The indicator table, one indicator, and both as tables for spreadsheets."""

import csv
import io

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from cms import presenters
from cms.models import Indicator, IndicatorIndexPage
from cms.selectors.indicators import indicator_by_code, indicator_view
from cms.selectors.indicators import indicators as all_indicators
from cms.views.words import live_page

FIRST_LINE = (
    "number",
    "name",
    "group",
    "unit",
    "standard",
    "period",
    "value",
    "value_number",
    "status",
    "target_2030",
    "source",
)


@require_safe
def indicators(request: HttpRequest) -> HttpResponse:
    """The indicator table."""
    page = live_page(IndicatorIndexPage)
    context = {"page": page, "self": page, **presenters.indicator_index(None, request)}
    return render(request, "cms/indicator_index_page.html", context)


def _indicator_or_404(code: str) -> Indicator:
    found = indicator_by_code(code)
    if found is None:
        raise Http404
    return found


@require_safe
def indicator(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator: conclusion, chart, table, method, source."""
    found = _indicator_or_404(code)
    if found.code != code:
        return redirect(found, permanent=True)
    return render(request, "cms/indicator_detail.html", {"view": indicator_view(found)})


def _csv(rows: list[list[str]], filename: str) -> HttpResponse:
    output = io.StringIO()
    csv.writer(output, lineterminator="\r\n").writerows([list(FIRST_LINE), *rows])
    # A byte order mark, so that spreadsheet programs read the Chinese text correctly.
    response = HttpResponse("\ufeff" + output.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _csv_cell(text: str) -> str:
    """Texts that a spreadsheet would run as a formula are written as text."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} and len(text) > 1 else text


def _csv_rows(found: Indicator) -> list[list[str]]:
    fixed = [found.number, found.name, str(found.get_group_display()), found.unit, found.standard]
    rows = [
        [
            *fixed,
            value.period,
            value.text,
            "" if value.value is None else f"{value.value.normalize():f}",
            value.status,
            found.target_2030,
            value.source,
        ]
        for value in found.values.all()
    ] or [[*fixed, "", "", "", "", found.target_2030, ""]]
    return [[_csv_cell(cell) for cell in row] for row in rows]


@require_safe
def indicator_csv(request: HttpRequest, code: str) -> HttpResponse:
    """One indicator's values as a table for spreadsheets (UTF-8 with byte order mark)."""
    found = _indicator_or_404(code)
    return _csv(_csv_rows(found), f"indicator-{found.code}.csv")


@require_safe
def indicators_csv(request: HttpRequest) -> HttpResponse:
    """All indicators' values in one table."""
    rows = [row for found in all_indicators() for row in _csv_rows(found)]
    return _csv(rows, "indicators.csv")
