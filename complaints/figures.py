"""Figures and the overview panel that cases offer. Definitions: docs/glossary.md, selectors."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.clockwork import FIRST_RESPONSE, OVERALL
from complaints.policies import DESK_ROLES
from complaints.selectors import ledger_figures, statistics, whistles
from complaints.selectors.rechecks import agreement_figure
from complaints.workflow import Text
from foundation.accounts.access import access_of
from foundation.metrics.figure import Figure
from foundation.metrics.period import Period
from foundation.metrics.registry import metric, panel

PLAN = _("District plan 2024–2030")


ACCEPT, SIGN, REPORT_IN = ("accept",), ("sign_for",), ("report_in",)


def _clock_metric(
    code: str,
    title: Text,
    clocks: Collection[str],
    *,
    on_time: bool = False,
    only_key: bool = False,
    target: float | None = 100,
) -> None:
    """Register a rate over clocks: due in the period, counted from rows and from the ledger."""

    def shown(period: Period) -> Figure:
        return statistics.clocks_stopped(period, clocks, on_time=on_time, only_key=only_key)

    def proof(period: Period) -> Figure:
        if on_time:
            return ledger_figures.clocks_on_time(period, clocks)
        return ledger_figures.clocks_met(period, clocks, only_key=only_key)

    source = PLAN if target is not None else ""
    metric(code=code, title=title, target=target, source=source, recount=proof)(shown)


#: 受理率: every report gets its decision; 不予受理 is one, and always names the right route.
_clock_metric("accept_rate", _("Reports decided on"), ACCEPT)
_clock_metric("accept_on_time", _("Decided on in time"), ACCEPT, on_time=True)
#: 响应率: a first word to the reporter, on site, by telephone or in writing.
_clock_metric("response_rate", _("First response"), (FIRST_RESPONSE,))
_clock_metric("response_on_time", _("First response in time"), (FIRST_RESPONSE,), on_time=True)
#: 答复率, 按期办结率: answers given ÷ answers due, late ones included or not.
_clock_metric("reply_rate", _("Reply rate"), OVERALL)
_clock_metric("on_time_rate", _("Answered on time"), OVERALL, on_time=True)
#: 重点办结率: the same of key cases (特急, or marked).
_clock_metric("key_case_rate", _("Key cases answered"), OVERALL, only_key=True)
_clock_metric("sign_on_time", _("Signed for in time"), SIGN, on_time=True, target=None)
#: 吹哨报到及时率.
_clock_metric("report_in_on_time", _("Reported in on time"), REPORT_IN, on_time=True, target=None)


@metric(
    code="resolved_rate",
    title=_("Settled, as follow-ups found"),
    recount=ledger_figures.resolved,
)
def resolved_rate(period: Period) -> Figure:
    """解决率: settled ÷ reached by the follow-up."""
    return statistics.resolved(period)


@metric(
    code="case_satisfaction",
    title=_("Satisfied with the answer"),
    target=97,
    source=PLAN,
    recount=ledger_figures.rated,
)
def case_satisfaction(period: Period) -> Figure:
    """办件满意率: ratings of 4 and 5 ÷ all ratings. The official indicator is a survey instead."""
    return statistics.satisfaction(period)


@metric(
    code="rating_share", title=_("Answers that were rated"), recount=ledger_figures.rating_share
)
def rating_share(period: Period) -> Figure:
    """参评率: ratings ÷ answers given."""
    return statistics.rating_share(period)


@metric(
    code="whistle_rate",
    title=_("Whistles per accepted case"),
    recount=whistles.whistle_rate_in_ledger,
)
def whistle_rate(period: Period) -> Figure:
    """吹哨率: whistles ÷ accepted cases; neither too low nor too high is good, so no target."""
    return whistles.whistle_rate(period)


@panel(code="whistles", title=_("Whistles"), order=20, template="complaints/_whistles.html")
def whistled(request: HttpRequest) -> dict[str, Any]:
    """Who blew, who came in time, how streets graded them, in the month asked for. Six queries."""
    try:
        period = Period.parse(request.GET.get("period", ""))
    except ValueError:
        period = Period.holding(timezone.now())
    return {"table": whistles.whistle_table(period)}


@metric(code="recheck_agreement", title=_("Blind re-checks that agree"))
def recheck_agreement(period: Period) -> Figure:
    """盲样认可率: re-checks that agreed ÷ those that agreed or disagreed."""
    return agreement_figure(period)


@panel(code="cases", title=_("Cases"), order=10, template="complaints/_overview.html")
def cases(request: HttpRequest) -> dict[str, Any]:
    """Where cases pile up now, with links for those who have a desk. Two queries."""
    may_open = access_of(request.user).has(*DESK_ROLES)
    return {"load": statistics.current_load(), "may_open": may_open}
