"""Datasets of cms: indicators and their values, results, projects and tasks, corrections."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cms import duty_datasets  # noqa: F401  registers its own
from cms.models import (
    Better,
    Indicator,
    IndicatorGroup,
    IndicatorValue,
    PlanTask,
    Progress,
    Project,
    ProjectCategory,
    PublishedResult,
    ValueStatus,
)
from cms.selectors import corrections
from cms.selectors.plan import is_late
from cms.selectors.results import published
from foundation.metrics.datasets import Column, Filters, Row, dataset, keyset
from foundation.metrics.models import Snapshot
from foundation.metrics.registry import active

#: Values of the platform's own figures stand beside those that people enter.
PLATFORM = "platform"
STATUSES = {str(value): label for value, label in ValueStatus.choices} | {
    PLATFORM: _("Counted by the platform")
}
STATES = {str(value): label for value, label in Progress.choices}


def _newest(model: type[Model], field: str = "updated_at") -> datetime | None:
    found: datetime | None = model._default_manager.aggregate(at=Max(field))["at"]
    return found


def _mark(queryset: QuerySet[Any]) -> str:
    found = queryset.aggregate(count=Count("pk"), last=Max("pk"))
    return f"{found['count']}.{found['last']}"


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def _values_mark() -> str:
    return "/".join(
        [
            _mark(IndicatorValue.objects.all()),
            _mark(Snapshot.objects.all()),
            str(corrections.last_at() or ""),
        ]
    )


@dataset(
    code="indicators",
    title=_("Eco-civilization indicators"),
    description=_("The plan's table: standard, base value and target of every indicator."),
    every="irregular",
    updated_at=lambda: _newest(Indicator),
    mark=lambda: _mark(Indicator.objects.all()),
    order=10,
    href="/indicators/",
    columns=(
        Column("code", _("code"), required=True, unique=True, filter=True),
        Column("number", _("number in the plan"), required=True),
        Column("group", _("kind"), choices={str(v): n for v, n in IndicatorGroup.choices},
               required=True, filter=True),
        Column("family", _("part of")),
        Column("name", _("name"), required=True),
        Column("unit", _("unit")),
        Column("standard", _("standard")),
        Column("limit_value", _("standard as a number"), "decimal"),
        Column("base_2023", _("base year 2023")),
        Column("base_value", _("base as a number"), "decimal"),
        Column("target_2030", _("target for 2030")),
        Column("target_value", _("target as a number"), "decimal"),
        Column("better", _("which way is better"),
               choices={str(v): n for v, n in Better.choices}),
        Column("not_applicable", _("does not apply here"), "boolean", filter=True),
        Column("metric", _("figure of the platform"),
               description=_("code of the metric in the dataset figures"), filter=True),
    ),
)  # fmt: skip
def indicators(filters: Filters) -> Iterator[Row]:
    """All rows of the table, in the plan's order. 1 query."""
    paths = {"code": "code", "group": "group", "not_applicable": "not_applicable",
             "metric": "metric_code"}  # fmt: skip
    yield from keyset(
        Indicator.objects.filter(**filters.lookups(paths)),
        "code", "number", "group", "family", "name", "unit", "standard", "limit_value",
        "base_2023", "base_value", "target_2030", "target_value", "better", "not_applicable",
        "metric_code",
    )  # fmt: skip


@dataset(
    code="indicator-values",
    title=_("Values of the indicators"),
    description=_(
        "Every value with its period, status and source. Values that the platform counts itself "
        "cite the figure they come from."
    ),
    every="irregular",
    updated_at=lambda: _latest(_newest(Indicator), _newest(Snapshot, "as_of")),
    mark=_values_mark,
    order=11,
    href="/indicators/",
    columns=(
        Column("indicator", _("indicator (code)"), required=True, filter=True),
        Column("name", _("name"), required=True),
        Column("period", _("period"), "period", required=True, filter=True),
        Column("text", _("value as printed")),
        Column("value", _("value as a number"), "decimal"),
        Column("unit", _("unit")),
        Column("status", _("status"), choices=STATUSES, required=True, filter=True),
        Column("reason", _("reason when not published")),
        Column("source", _("source")),
        Column("source_url", _("address of the source"), "url"),
        Column("figure", _("citation"),
               description=_("id in the dataset figures, when the platform counted it")),
        Column("as_of", _("true as of"), "datetime"),
    ),
)  # fmt: skip
def indicator_values(filters: Filters) -> Iterator[Row]:
    """Values people entered, then those of the platform's figures. 1 query per 2,000, +2."""
    paths = {"indicator": "indicator__code", "period": "period", "status": "status"}
    yield from (
        (*row, None, None)
        for row in keyset(
            IndicatorValue.objects.filter(**filters.lookups(paths)),
            "indicator__code", "indicator__name", "period", "text", "value", "indicator__unit",
            "status", "reason", "source", "source_url",
        )
    )  # fmt: skip
    if filters.equal.get("status", PLATFORM) == PLATFORM:
        yield from _counted()


def _counted() -> Iterator[Row]:
    """The newest revision of each figure that feeds an indicator. 2 queries."""
    fed = list(Indicator.objects.exclude(metric_code="").order_by("order"))
    metrics = active().metrics
    rows = Snapshot.objects.filter(code__in={row.metric_code for row in fed})
    newest = {(one.code, one.period): one for one in rows.order_by("revision")}
    for indicator in fed:
        metric = metrics.get(indicator.metric_code)
        for (code, period), one in sorted(newest.items()):
            if code != indicator.metric_code or metric is None:
                continue
            figure = one.as_figure(metric.unit)
            value = None if figure.value is None else round(figure.value, 4)
            yield (
                indicator.code, indicator.name, period, figure.text, value, metric.unit, PLATFORM,
                "", str(metric.title), "", one.citation, one.as_of,
            )  # fmt: skip


def _results_cover() -> tuple[date, date] | None:
    found = published().aggregate(first=Min("closed_on"), last=Max("closed_on"))
    return (found["first"], found["last"]) if found["first"] else None


@dataset(
    code="results",
    title=_("Published results"),
    description=_("What was reported and how it was handled, as an editor published it."),
    every="month",
    updated_at=lambda: _newest(PublishedResult, "last_published_at"),
    mark=lambda: _mark(published()),
    covers=_results_cover,
    order=30,
    href="/results/",
    columns=(
        Column("id", _("row number"), "integer", required=True, unique=True),
        Column("closed_on", _("closed on"), "date", required=True, filter=True),
        Column("area", _("area (code)"), filter=True),
        Column("area_name", _("area")),
        Column("category", _("category"), filter=True),
        Column("problem", _("problem reported"), required=True),
        Column("outcome", _("how it was handled"), required=True),
        Column("address", _("address of the page"), "url", required=True, unique=True),
    ),
)
def results(filters: Filters) -> Iterator[Row]:
    """Published results only, by key. 1 query per 2,000."""
    paths = {"closed_on": "closed_on", "area": "area__code", "category": "category"}
    found = published().filter(**filters.lookups(paths))
    fields = ("pk", "closed_on", "area__code", "area__name", "category", "problem", "outcome")
    for row in keyset(found, *fields):
        yield (*row, f"/results/{row[0]}/")


@dataset(
    code="project-categories",
    title=_("Projects of the plan by category"),
    description=_("How many projects and how much money the plan names for each category."),
    every="irregular",
    updated_at=lambda: _newest(ProjectCategory),
    mark=lambda: _mark(ProjectCategory.objects.all()),
    order=12,
    href="/indicators/projects/",
    columns=(
        Column("code", _("code"), required=True, unique=True),
        Column("name", _("name"), required=True),
        Column("count", _("projects in the plan"), "integer", required=True, minimum=0),
        Column("money", _("money in the plan"), "decimal", unit="万元", required=True, minimum=0),
        Column("source", _("source")),
    ),
)
def project_categories(filters: Filters) -> Iterator[Row]:
    """The plan's table without its sum. 1 query."""
    yield from keyset(
        ProjectCategory.objects.all(), "code", "name", "planned_count", "planned_money", "source"
    )


@dataset(
    code="projects",
    title=_("Single projects and their progress"),
    description=_("Projects as editors entered them; the plan itself names sums only."),
    every="quarter",
    updated_at=lambda: _newest(Project),
    mark=lambda: _mark(Project.objects.all()),
    order=13,
    href="/indicators/projects/",
    columns=(
        Column("name", _("name"), required=True, unique=True),
        Column("category", _("project category"), required=True, filter=True),
        Column("department", _("department"), filter=True),
        Column("money", _("money"), "decimal", unit="万元", minimum=0),
        Column("starts", _("first year"), "integer"),
        Column("ends", _("last year"), "integer", filter=True),
        Column("state", _("state"), choices=STATES, required=True, filter=True),
        Column("percent", _("progress"), "integer", unit="%", minimum=0, maximum=100),
        Column("note", _("note")),
        Column("source", _("source")),
        Column("is_demo", _("demonstration"), "boolean"),
        Column("updated_at", _("updated"), "datetime"),
    ),
)
def projects(filters: Filters) -> Iterator[Row]:
    """Every project that editors entered. 1 query per 2,000."""
    paths = {"category": "category__code", "department": "department__code", "ends": "ends",
             "state": "state"}  # fmt: skip
    yield from keyset(
        Project.objects.filter(**filters.lookups(paths)),
        "name", "category__code", "department__code", "money", "starts", "ends", "state",
        "percent", "note", "source", "is_demo", "updated_at",
    )  # fmt: skip


@dataset(
    code="plan-tasks",
    title=_("Dated tasks of the plan"),
    description=_("Tasks in the plan's words, with owner, due year and state."),
    every="year",
    updated_at=lambda: _newest(PlanTask),
    mark=lambda: _mark(PlanTask.objects.all()),
    order=14,
    href="/indicators/projects/",
    columns=(
        Column("code", _("code"), required=True, unique=True),
        Column("head", _("chapter of the plan")),
        Column("text", _("task"), required=True),
        Column("department", _("owner"), filter=True),
        Column("due_year", _("due by the end of"), "integer", required=True, filter=True),
        Column("state", _("state"), choices=STATES, required=True, filter=True),
        Column("done_on", _("done on"), "date"),
        Column("is_late", pgettext_lazy("plan", "late"), "boolean", filter=True),
        Column("source", _("source")),
    ),
)
def plan_tasks(filters: Filters) -> Iterator[Row]:
    """Every dated task. 1 query."""
    year = timezone.localdate().year
    paths = {"department": "department__code", "due_year": "due_year", "state": "state"}
    found = PlanTask.objects.filter(**filters.lookups(paths)).select_related("department")
    for task in found.order_by("pk").iterator(chunk_size=500):
        owner = task.department.code if task.department else None
        yield (
            task.code, task.head, task.text, owner, task.due_year, task.state, task.done_on,
            is_late(task, year), task.source,
        )  # fmt: skip


@dataset(
    code="corrections-list",
    title=_("Corrections"),
    description=_("Every figure and value that was changed after it had been published."),
    every="change",
    updated_at=corrections.last_at,
    order=25,
    href="/data/corrections/",
    columns=(
        Column("id", _("citation"), required=True, unique=True),
        Column("kind", _("kind"), required=True, filter=True,
               choices={"figure": _("figure"), "indicator": _("indicator")}),
        Column("code", _("code"), required=True, filter=True),
        Column("title", _("name"), required=True),
        Column("period", _("period"), "period", required=True, filter=True),
        Column("before", _("before"), required=True),
        Column("after", _("after"), required=True),
        Column("corrected_at", _("corrected at"), "datetime", required=True, filter=True),
    ),
)  # fmt: skip
def corrections_list(filters: Filters) -> Iterator[Row]:
    """Figures, then indicators, each oldest first."""
    for one in corrections.every():
        yield (
            one.mark, one.kind, one.code, one.title, one.period, one.before, one.after, one.at,
        )  # fmt: skip
