"""The public cases as a dataset: the rows of the public map and nothing else of a case."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from django.db.models import Count, Max, Min, Sum
from django.utils.translation import gettext_lazy as _

from complaints.models import PointCount, PublicPoint, PublishedLink
from complaints.models.public_point import PublicState
from complaints.selectors.public_map import items_of
from complaints.selectors.rules import category_by_id
from foundation.metrics.datasets import Column, Filters, Row, dataset
from foundation.metrics.period import ZONE

LOT = 1000
PLACES = 5


def _updated() -> datetime | None:
    """The day on which a state last changed; points carry days, no times."""
    day: date | None = PublicPoint.objects.aggregate(day=Max("changed_on"))["day"]
    return datetime.combine(day, time(), ZONE) if day else None


def _mark() -> str:
    """What changes with any point that moves, comes, goes, or changes kind or state. 2 queries."""
    sums = PointCount.objects.order_by("state", "kind").values_list("state", "kind")
    rows = sums.annotate(n=Sum("count"), x=Sum("sum_x"), y=Sum("sum_y"))
    links = PublishedLink.objects.aggregate(n=Count("pk"), last=Max("pk"))
    return f"{list(rows)}{links}"


def _covers() -> tuple[date, date] | None:
    found = PublicPoint.objects.aggregate(first=Min("day"), last=Max("day"))
    return (found["first"], found["last"]) if found["first"] else None


@dataset(
    code="cases",
    title=_("Public cases"),
    description=_(
        "Accepted reports as the public map shows them: kind, street or area, state and days. "
        "No words, no persons, no exact places."
    ),
    every="change",
    updated_at=_updated,
    mark=_mark,
    covers=_covers,
    order=31,
    href="/map/",
    columns=(
        Column("id", _("public key"), required=True, unique=True,
               description=_("made by a keyed hash; it leads back to nobody")),
        Column("reported_on", _("reported on"), "date", required=True, filter=True),
        Column("state", _("state"), required=True, filter=True,
               choices={str(value): label for value, label in PublicState.choices}),
        Column("state_since", _("state since"), "date", required=True, filter=True),
        Column("kind", _("kind (code)"), required=True, filter=True),
        Column("category", _("category"), required=True),
        Column("place", _("street or area"), required=True),
        Column("town", _("town or street (code)"), required=True, filter=True),
        Column("town_name", _("town or street")),
        Column("longitude", _("longitude"), "decimal", unit="° WGS-84", minimum=-180, maximum=180,
               description=_("of the street or of the area's middle, never of the report")),
        Column("latitude", _("latitude"), "decimal", unit="° WGS-84", minimum=-90, maximum=90),
        Column("result", _("address of the published result"), "url"),
    ),
)  # fmt: skip
def cases(filters: Filters) -> Iterator[Row]:
    """Points of the public map by day, newest first. 2 queries per 1,000, on the map's index."""
    paths = {"reported_on": "day", "state": "state", "state_since": "changed_on",
             "kind": "kind__code", "town": "town"}  # fmt: skip
    wanted = PublicPoint.objects.filter(**filters.lookups(paths)).order_by("-day", "-pk")
    rest = wanted
    while True:
        lot = list(rest[:LOT])
        yield from _rows(lot)
        if len(lot) < LOT:
            return
        last = lot[-1]
        rest = wanted.filter(day__lte=last.day).exclude(day=last.day, pk__gte=last.pk)


def _rows(lot: list[PublicPoint]) -> Iterator[Row]:
    for point, item in zip(lot, items_of(lot), strict=True):
        kind = category_by_id(point.kind_id)
        yield (
            item.public_id, item.day, str(item.state), item.changed_on, kind.code if kind else "",
            item.kind, item.place, point.town, item.town, _degrees(item.lon), _degrees(item.lat),
            item.result,
        )  # fmt: skip


def _degrees(value: float) -> Decimal:
    return Decimal(str(round(value, PLACES)))
