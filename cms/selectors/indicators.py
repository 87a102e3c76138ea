"""Reads of the indicator table and of one indicator's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from cms.chart import Chart, draw, plain
from cms.key_figures import KeyFigure, figures_of
from cms.models import Better, Indicator, IndicatorGroup, IndicatorValue, ValueStatus

BASE_YEAR = "2023"
# Shown beside the row's own figure, as what they are: they never stand in for it.
RELATED_FIGURES = {"public_satisfaction": ("case_satisfaction", "reply_rate")}


@dataclass(frozen=True)
class Group:
    """Rows of one kind; ``count`` counts indicators, of which some have several rows."""

    code: str
    name: str
    rows: list[Indicator]

    @property
    def count(self) -> int:
        return len({row.number for row in self.rows})


@dataclass(frozen=True)
class Newest:
    """The newest value of a row and its period, or why there is none."""

    text: str = ""
    period: str = ""
    why: str = ""


@dataclass(frozen=True)
class Reading:
    """One line of the table twin: period, printed value, what kind of value it is."""

    period: str
    text: str
    value: Decimal | None
    status: str
    status_name: str
    source: str
    source_url: str


@dataclass(frozen=True)
class IndicatorView:
    """All that an indicator's page shows; ``verdict`` is met, missed or none (not to be told)."""

    indicator: Indicator
    conclusion: str
    verdict: str
    readings: list[Reading]
    chart: Chart | None
    figures: list[KeyFigure]
    previous: Indicator | None
    following: Indicator | None


def indicators() -> QuerySet[Indicator]:
    """All rows in the plan's order with their values. 2 queries."""
    values = IndicatorValue.objects.order_by("period")
    return Indicator.objects.order_by("order").prefetch_related(Prefetch("values", queryset=values))


def indicator_table() -> list[Group]:
    """The table by kind, each row with ``newest``: what was published since 2023. 2 queries."""
    rows = list(indicators())
    for row in rows:
        row.newest = _newest(row)  # type: ignore[attr-defined]
    return _grouped(rows)


def _newest(indicator: Indicator) -> Newest:
    """The newest value after the base year, else why there is none."""
    if indicator.not_applicable:
        return Newest(why=_("not assessed here"))
    later = [value for value in indicator.values.all() if value.period > BASE_YEAR]
    known = [value for value in later if value.status != ValueStatus.MISSING and value.text]
    if known:
        return Newest(known[-1].text, known[-1].period)
    reasons = [value.reason for value in later if value.reason]
    return Newest(why=reasons[-1] if reasons else _("nothing published since 2023"))


def explaining_pages(groups: Iterable[Group]) -> dict[str, str]:
    """Where each figure of the platform is explained: code of the figure to address. No query."""
    pages: dict[str, str] = {}
    for row in (row for group in groups for row in group.rows if row.metric_code):
        for code in (row.metric_code, *RELATED_FIGURES.get(row.metric_code, ())):
            pages.setdefault(code, row.get_absolute_url())
    return pages


def indicator_groups() -> list[Group]:
    """The table by kind, empty kinds left out. 1 query."""
    return _grouped(list(Indicator.objects.order_by("order")))


def _grouped(rows: list[Indicator]) -> list[Group]:
    groups = [
        Group(str(code), str(label), [row for row in rows if row.group == code])
        for code, label in IndicatorGroup.choices
    ]
    return [group for group in groups if group.rows]


def _reading(value: IndicatorValue) -> Reading:
    return Reading(
        period=value.period,
        text=value.text or value.reason,
        value=value.value,
        status=value.status,
        status_name=str(value.get_status_display()),
        source=value.source,
        source_url=value.source_url,
    )


def _latest(readings: Iterable[Reading]) -> Reading | None:
    known = [r for r in readings if r.status != ValueStatus.MISSING and r.text]
    return known[-1] if known else None


def _is_numeric_standard(indicator: Indicator) -> bool:
    limit = indicator.limit_value
    return limit is not None and plain(limit) in indicator.standard


def verdict_of(indicator: Indicator, value: Decimal | None) -> str:
    """Whether ``value`` meets the standard: "met", "missed", or "" when numbers cannot tell.

    A limit that the standard's own words do not name (row 4) is a line to compare with, no verdict.
    """
    limit = indicator.limit_value if _is_numeric_standard(indicator) else None
    if indicator.not_applicable or value is None or limit is None:
        return ""
    if indicator.better == Better.LOWER:
        return "met" if value <= limit else "missed"
    return "met" if value >= limit else "missed"


def _with_unit(indicator: Indicator, text: str, value: Decimal | None) -> str:
    return f"{text}{indicator.shown_unit}" if value is not None and text == plain(value) else text


def conclusion_of(indicator: Indicator, latest: Reading | None) -> tuple[str, str]:
    """The page's first sentence and its verdict."""
    if indicator.not_applicable:
        return _("This indicator does not apply to the district and is not assessed."), ""
    if latest is None:
        return _("No value has been published for this indicator yet."), ""
    said = {
        "period": latest.period,
        "value": _with_unit(indicator, latest.text, latest.value),
        "standard": indicator.standard,
        "target": indicator.target_2030,
    }
    verdict = verdict_of(indicator, latest.value)
    if verdict == "met":
        return _("%(period)s: %(value)s, which meets the standard (%(standard)s).") % said, verdict
    if verdict == "missed":
        return _("%(period)s: %(value)s; the standard (%(standard)s) is not met.") % said, verdict
    return _("%(period)s: %(value)s. Target for 2030: %(target)s.") % said, ""


def _limits(indicator: Indicator) -> list[tuple[str, str, Decimal]]:
    limits = []
    if indicator.limit_value is not None:
        said = {"value": plain(indicator.limit_value)}
        known = _is_numeric_standard(indicator)
        words = (_("Standard %(value)s") if known else _("Limit %(value)s")) % said
        limits.append(("standard", words, indicator.limit_value))
    if indicator.target_value is not None:
        words = _("2030: %(value)s") % {"value": plain(indicator.target_value)}
        limits.append(("target", words, indicator.target_value))
    return limits


def chart_of(indicator: Indicator, readings: Iterable[Reading]) -> Chart | None:
    """The chart of all readings that are numbers; None when there are none."""
    points = [(r.period, r.value, r.status) for r in readings if r.value is not None]
    return draw(points, _limits(indicator)) if not indicator.not_applicable else None


def _figures(indicator: Indicator) -> list[KeyFigure]:
    if not indicator.metric_code:
        return []
    return figures_of((indicator.metric_code, *RELATED_FIGURES.get(indicator.metric_code, ())))


def indicator_by_code(code: str) -> Indicator | None:
    """The row with this code or this number of the plan ("参1"), else None. 2 or 3 queries."""
    found = indicators().filter(code=code).first()
    return found or indicators().filter(number=code).first()


def indicator_view(indicator: Indicator) -> IndicatorView:
    """Work out an indicator's page. At most 4 queries and those of the platform's figures."""
    readings = [_reading(value) for value in indicator.values.all()]
    conclusion, verdict = conclusion_of(indicator, _latest(readings))
    near = {
        row.order: row
        for row in Indicator.objects.filter(
            order__in=[indicator.order - 1, indicator.order + 1]
        ).only("code", "number", "name", "order")
    }
    return IndicatorView(
        indicator=indicator,
        conclusion=conclusion,
        verdict=verdict,
        readings=readings,
        chart=chart_of(indicator, readings),
        figures=_figures(indicator),
        previous=near.get(indicator.order - 1),
        following=near.get(indicator.order + 1),
    )
