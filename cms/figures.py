"""Figures that cms publishes. Definitions: selectors, docs/glossary.md."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.selectors import catalogue, ledger_duties, request_figures
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period
from foundation.metrics.registry import metric, panel

MOST_SHOWN = 5


@metric(
    code="disclosure_rate",
    title=_("Disclosure rate"),
    target=100,
    source=_("District plan 2024–2030, indicator 19"),
    href="/disclosure/",
    recount=ledger_duties.disclosure_figure,
)
def disclosure_rate(period: Period) -> Figure:
    """生态环境信息公开率: published on time ÷ due."""
    return catalogue.disclosure_figure(period)


@panel(
    code="disclosure",
    title=_("Disclosure"),
    order=300,
    template="cms/partials/_panel.html",
)
def disclosure_panel(request: HttpRequest) -> dict[str, Any]:
    """The longest overdue duties; the rate itself stands among the key figures. 1 query."""
    return {"overdue": list(catalogue.overdue(timezone.localdate())[:MOST_SHOWN])}


@metric(
    code="request_on_time",
    title=_("Requests for information answered on time"),
    target=100,
    source=_("Open Government Information Regulations, Art 33"),
    href="/disclosure/requests/",
    recount=request_figures.answered_on_time_in_ledger,
)
def request_on_time(period: Period) -> Figure:
    """依申请公开按时答复率: answered within the time of the law ÷ answers due."""
    return request_figures.answered_on_time(period)
