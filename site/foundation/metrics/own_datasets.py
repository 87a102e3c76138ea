"""Datasets of the floor: published figures with every revision, areas, departments."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from foundation.metrics import registry
from foundation.metrics.datasets import Column, Filters, Row, dataset, keyset
from foundation.metrics.figure import Figure
from foundation.metrics.models import Snapshot
from foundation.metrics.period import Period
from foundation.places.models import Area, AreaKind, Department, District

PLACES = Decimal("0.0001")


def _figures_updated() -> datetime | None:
    found: datetime | None = Snapshot.objects.aggregate(at=Max("as_of"))["at"]
    return found


def _figures_mark() -> str:
    found = Snapshot.objects.aggregate(last=Max("pk"), count=Count("pk"))
    return f"{found['last']}.{found['count']}"


@dataset(
    code="figures",
    title=_("Figures of the platform"),
    description=_(
        "Every published rate with what was counted, each revision kept: the pages, the charts "
        "and the indicators show the newest revision of exactly these rows."
    ),
    every="hour",
    updated_at=_figures_updated,
    mark=_figures_mark,
    order=20,
    href="/statistics/",
    keywords=(_("rate"), _("statistics")),
    columns=(
        Column("id", _("citation"), unique=True, required=True,
               description=_("metric/period/revision, as pages cite it")),
        Column("metric", _("metric"), required=True, filter=True),
        Column("title", _("name")),
        Column("period", _("period"), "period", required=True, filter=True),
        Column("revision", _("revision"), "integer", required=True, minimum=1),
        Column("numerator", _("numerator"), "decimal", required=True),
        Column("denominator", _("denominator"), "decimal", required=True, minimum=0),
        Column("value", _("value"), "decimal",
               description=_("numerator ÷ denominator, in percent where the unit is %; "
                             "empty when nothing was counted")),
        Column("unit", _("unit")),
        Column("as_of", _("true as of"), "datetime", required=True),
        Column("published_at", _("published at"), "datetime", required=True, filter=True),
        Column("is_correction", _("correction"), "boolean", filter=True,
               description=_("changed after its period was over")),
        Column("is_current", _("newest revision"), "boolean", filter=True),
    ),
)  # fmt: skip
def figures(filters: Filters) -> Iterator[Row]:
    """Every revision, in the order in which they were published. 1 query, and 1 per 2,000 rows."""
    paths = {name: name for name in ("period", "published_at", "is_correction")}
    wanted = Snapshot.objects.filter(**filters.lookups({**paths, "metric": "code"}))
    if filters.equal.get("is_current") is True:
        wanted = wanted.filter(pk__in=_newest())
    newest = set(_newest())
    fields = ("pk", "code", "period", "revision", "numerator", "denominator", "as_of",
              "published_at", "is_correction")  # fmt: skip
    for row in keyset(wanted, *fields):
        yield _figure_row(*row[1:], is_current=row[0] in newest)  # type: ignore[arg-type]


def _newest() -> QuerySet[Snapshot, int]:
    """Keys of the newest revision of each figure: a later one is always stored later."""
    groups = Snapshot.objects.order_by().values("code", "period")
    return groups.annotate(newest=Max("pk")).values_list("newest", flat=True)


def _figure_row(
    code: str,
    period: str,
    revision: int,
    numerator: Decimal,
    denominator: Decimal,
    as_of: datetime,
    published_at: datetime,
    is_correction: bool,
    *,
    is_current: bool,
) -> Row:
    metric = registry.active().metrics.get(code)
    unit = metric.unit if metric else "%"
    value = Figure(numerator, denominator, as_of, unit).value
    return (
        f"{code}/{period}/r{revision}",
        code,
        str(metric.title) if metric else "",
        period,
        revision,
        numerator,
        denominator,
        None if value is None else value.quantize(PLACES),
        unit,
        as_of,
        published_at,
        is_correction,
        is_current,
    )


@dataclass(frozen=True)
class FigureCorrection:
    """A figure that changed after its period was over: the revision before and the new one."""

    code: str
    title: str
    period: Period
    before: Figure
    after: Figure
    revision: int
    at: datetime

    @property
    def citation(self) -> str:
        return f"{self.code}/{self.period}/r{self.revision}"


def corrections_of(rows: list[Snapshot]) -> list[FigureCorrection]:
    """Set corrected snapshots beside what they replaced; unknown metrics left out. 1 query."""
    metrics = registry.active().metrics
    known = [row for row in rows if row.code in metrics]
    wanted = Q(pk__in=[])
    for row in known:
        wanted |= Q(code=row.code, period=row.period, revision=row.revision - 1)
    found = Snapshot.objects.filter(wanted) if known else Snapshot.objects.none()
    before = {(old.code, old.period, old.revision + 1): old for old in found}
    return [
        _correction(row, before[key])
        for row in known
        if (key := (row.code, row.period, row.revision)) in before
    ]


def _correction(row: Snapshot, old: Snapshot) -> FigureCorrection:
    metric = registry.active().metrics[row.code]
    return FigureCorrection(
        row.code,
        str(metric.title),
        Period.parse(row.period),
        old.as_figure(metric.unit),
        row.as_figure(metric.unit),
        row.revision,
        row.published_at,
    )


def newest_corrections(count: int) -> list[FigureCorrection]:
    """The newest corrected figures. 2 queries."""
    rows = Snapshot.objects.filter(is_correction=True).order_by("-published_at", "-pk")
    return corrections_of(list(rows[:count]))


def all_corrections(size: int = 100) -> Iterator[FigureCorrection]:
    """Every corrected figure, oldest first; 2 queries per ``size``."""
    last = 0
    while True:
        rows = Snapshot.objects.filter(is_correction=True, pk__gt=last).order_by("pk")
        lot = list(rows[:size])
        yield from corrections_of(lot)
        if len(lot) < size:
            return
        last = lot[-1].pk


def _places_updated() -> datetime | None:
    found: datetime | None = District.objects.aggregate(at=Max("loaded_at"))["at"]
    return found


KINDS = {str(value): label for value, label in AreaKind.choices}


@dataset(
    code="areas",
    title=_("Areas of the district"),
    description=_("Towns and streets, communities and grids, with the code that other tables use."),
    every="irregular",
    updated_at=_places_updated,
    mark=lambda: str(Area.objects.count()),
    order=80,
    columns=(
        Column("code", _("code"), unique=True, required=True, filter=True),
        Column("name", _("name"), required=True),
        Column("kind", _("kind"), required=True, choices=KINDS, filter=True),
        Column("parent", _("lies in (code)"), filter=True),
        Column("is_demo", _("demonstration boundary"), "boolean"),
    ),
)
def areas(filters: Filters) -> Iterator[Row]:
    """Areas in use. 1 query per 2,000."""
    paths = {"code": "code", "kind": "kind", "parent": "parent__code"}
    wanted = Area.objects.filter(is_active=True, **filters.lookups(paths))
    yield from keyset(wanted, "code", "name", "kind", "parent__code", "is_demo")


@dataset(
    code="departments",
    title=_("Departments"),
    description=_("Bodies that answer for cases and for disclosure, with their public telephone."),
    every="irregular",
    updated_at=_places_updated,
    mark=lambda: str(Department.objects.count()),
    order=81,
    columns=(
        Column("code", _("code"), unique=True, required=True, filter=True),
        Column("name", _("name"), required=True),
        Column("short_name", _("short name")),
        Column("phone", _("public telephone")),
        Column("area", _("serves (code of the area)"), filter=True),
    ),
)
def departments(filters: Filters) -> Iterator[Row]:
    """Departments in use. 1 query per 2,000."""
    wanted = Department.objects.filter(
        is_active=True, **filters.lookups({"code": "code", "area": "area__code"})
    )
    yield from keyset(wanted, "code", "name", "short_name", "phone", "area__code")
