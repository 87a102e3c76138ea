"""Figures and the overview panel that cases offer. Definitions: docs/glossary.md, selectors."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from complaints.policies import DESK_ROLES
from complaints.selectors import statistics
from foundation.accounts.access import access_of
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period
from foundation.metrics.registry import metric, panel

PLAN = _("District plan 2024–2030")


@metric(code="reply_rate", title=_("Reply rate"), target=100, source=PLAN)
def reply_rate(period: Period) -> Figure:
    """答复率: answered ÷ due in the period."""
    return statistics.replies(period)


@metric(code="on_time_rate", title=_("Answered on time"), target=100, source=PLAN)
def on_time_rate(period: Period) -> Figure:
    """按期答复率: answered by the deadline ÷ due in the period."""
    return statistics.replies_on_time(period)


@metric(code="case_satisfaction", title=_("Satisfied with the answer"), target=97, source=PLAN)
def case_satisfaction(period: Period) -> Figure:
    """办件满意率: ratings of 4 and 5 ÷ all ratings. The official indicator is a survey instead."""
    return statistics.satisfaction(period)


@panel(code="cases", title=_("Cases"), order=10, template="complaints/_overview.html")
def cases(request: HttpRequest) -> dict[str, Any]:
    """Where cases pile up now, with links for those who have a desk. Two queries."""
    may_open = access_of(request.user).has(*DESK_ROLES)
    return {"load": statistics.current_load(), "may_open": may_open}
