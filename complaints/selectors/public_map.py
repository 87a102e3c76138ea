"""Every read of the public map: list, clusters, numbers. Nothing private is selected."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Count, F, QuerySet, Sum
from django.db.models.functions import Cast

from complaints.cells import COARSE, FINEST, Window, point_at, shift_of
from complaints.models import Category, PointCount, PublicPoint, PublishedLink
from complaints.models.public_point import PublicState
from complaints.selectors.rules import categories, category_by_id
from foundation.places.models import Area
from foundation.places.selectors import area_by_code

PAGE = 30
#: A view of more cells than these is answered with larger ones: so many from the counts, so many
#: where the points themselves are counted. A desktop screen holds some 70 cells.
MOST_CELLS, MOST_MET = 6000, 700


@dataclass(frozen=True)
class Cell:
    """One cell of the map, which a cluster leads to: finest cells shifted for ``zoom``."""

    zoom: int
    x: int
    y: int

    @property
    def window(self) -> Window:
        shift = shift_of(self.zoom)
        size = 1 << shift
        west, north = self.x << shift, self.y << shift
        return Window(west, north, west + size - 1, north + size - 1)

    def __str__(self) -> str:
        return f"{self.zoom}-{self.x}-{self.y}"


@dataclass(frozen=True)
class Wanted:
    """What the reader filters by; everything may be absent. ``month`` is its first day."""

    kind: Category | None = None
    state: PublicState | None = None
    town: Area | None = None
    month: date | None = None
    cell: Cell | None = None

    def days(self) -> tuple[date, date] | None:
        if self.month is None:
            return None
        return self.month, self.month.replace(day=monthrange(self.month.year, self.month.month)[1])


@dataclass(frozen=True)
class Item:
    """One line of the list. ``result`` is the address of the published result, or ''."""

    pk: int
    public_id: str
    kind: str
    icon: str
    place: str
    town: str
    state: PublicState
    day: date
    changed_on: date
    lon: float
    lat: float
    result: str = ""


@dataclass(frozen=True)
class Listing:
    """One page of the list; ``after`` continues it ('' at the end)."""

    items: list[Item]
    total: int
    after: str


@dataclass(frozen=True)
class Cluster:
    """Points of one cell: where their middle is, and how many of each state."""

    lon: float
    lat: float
    cell: Cell
    counts: dict[str, int]


def kinds() -> list[Category]:
    """Return the top categories, in the pack's order. No query when warm."""
    return [c for c in categories() if c.parent_id is None]


def listing(wanted: Wanted, *, after: tuple[date, int] | None = None) -> Listing:
    """Return a page of public points, newest first, after a key (day, pk). Three queries."""
    points = points_of(wanted)
    if after is not None:
        day, pk = after
        points = points.filter(day__lte=day).exclude(day=day, pk__gte=pk)
    rows = list(points.order_by("-day", "-pk")[: PAGE + 1])
    more = len(rows) > PAGE
    items = items_of(rows[:PAGE])
    last = items[-1] if more else None
    key = f"{last.day.isoformat()}.{last.pk}" if last else ""
    return Listing(items, total_of(wanted), key)


def points_of(wanted: Wanted) -> QuerySet[PublicPoint]:
    """Return the points that ``wanted`` asks for, unordered."""
    found = PublicPoint.objects.all()
    if wanted.kind is not None:
        found = found.filter(kind_id=wanted.kind.pk)
    if wanted.state is not None:
        found = found.filter(state=wanted.state)
    if wanted.town is not None:
        found = found.filter(town=wanted.town.code)
    days = wanted.days()
    if days is not None:
        found = found.filter(day__range=days)
    if wanted.cell is not None:
        found = _inside(found, wanted.cell.window, 0)
    return found


def items_of(rows: list[PublicPoint]) -> list[Item]:
    """Return points as the list shows them. One query for published results."""
    links = dict(
        PublishedLink.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "path")
    )
    return [_item(row, links.get(row.pk, "")) for row in rows]


def _item(row: PublicPoint, result: str) -> Item:
    category = category_by_id(row.category_id)
    kind = category_by_id(row.kind_id)
    town = area_by_code(row.town)
    icon = next((c.icon for c in (category, kind) if c is not None and c.icon), "circle-help")
    return Item(
        pk=row.pk,
        public_id=str(row.public_id),
        kind=category.name if category else "",
        icon=icon,
        place=row.place,
        town=town.name if town else "",
        state=PublicState(row.state),
        day=row.day,
        changed_on=row.changed_on,
        lon=row.lon,
        lat=row.lat,
        result=result,
    )


def total_of(wanted: Wanted) -> int:
    """Return how many points ``wanted`` finds: added up from the counts; one query."""
    if wanted.cell is not None:
        return points_of(wanted).count()
    total = _counts(wanted).aggregate(n=Sum("count"))["n"]
    return int(total or 0)


def clusters(wanted: Wanted, window: Window, zoom: int) -> list[Cluster]:
    """Return the clusters of ``window`` at ``zoom``, in a fixed order. One query.

    Up to zoom 14 from the counts (the whole district), above from the index of the points in view.
    """
    rows = _counted(wanted, window, zoom) if zoom <= COARSE else _met(wanted, window, zoom)
    return _gathered(rows, zoom)


def _counts(wanted: Wanted) -> QuerySet[PointCount]:
    found = PointCount.objects.filter(count__gt=0)
    if wanted.kind is not None:
        found = found.filter(kind_id=wanted.kind.pk)
    if wanted.state is not None:
        found = found.filter(state=wanted.state)
    if wanted.town is not None:
        found = found.filter(town=wanted.town.code)
    if wanted.month is not None:
        found = found.filter(month=wanted.month)
    return found


def _inside(found: QuerySet[Any], window: Window, shift: int) -> QuerySet[Any]:
    return found.filter(
        x__range=(window.west >> shift, window.east >> shift),
        y__range=(window.north >> shift, window.south >> shift),
    )


def _counted(wanted: Wanted, window: Window, zoom: int) -> Iterable[tuple[Any, ...]]:
    coarse = shift_of(COARSE)
    shift = shift_of(zoom) - coarse
    cells = _inside(_counts(wanted), window, coarse)
    cells = cells.annotate(gx=F("x").bitrightshift(shift), gy=F("y").bitrightshift(shift))
    sums = cells.values("gx", "gy", "state").annotate(
        n=Sum("count"), at_x=Sum("sum_x"), at_y=Sum("sum_y")
    )
    return sums.values_list("gx", "gy", "state", "n", "at_x", "at_y").order_by("gx", "gy", "state")


def _met(wanted: Wanted, window: Window, zoom: int) -> Iterable[tuple[Any, ...]]:
    shift = shift_of(zoom)
    points = _inside(points_of(wanted), window, 0)
    points = points.annotate(gx=F("x").bitrightshift(shift), gy=F("y").bitrightshift(shift))
    sums = points.values("gx", "gy", "state").annotate(
        n=Count("*"),
        at_x=Sum(Cast("x", BigIntegerField())),
        at_y=Sum(Cast("y", BigIntegerField())),
    )
    return sums.values_list("gx", "gy", "state", "n", "at_x", "at_y").order_by("gx", "gy", "state")


def _gathered(rows: Iterable[tuple[Any, ...]], zoom: int) -> list[Cluster]:
    zoom = FINEST - shift_of(zoom)
    met: dict[tuple[int, int], list[tuple[Any, ...]]] = {}
    for row in rows:
        met.setdefault((row[0], row[1]), []).append(row)
    found = []
    for (x, y), parts in met.items():
        total = sum(part[3] for part in parts)
        # A finest cell is numbered by its north-west corner; its middle is half a cell further.
        lon, lat = point_at(
            sum(part[4] for part in parts) / total + 0.5,
            sum(part[5] for part in parts) / total + 0.5,
        )
        counts = {str(part[2]): int(part[3]) for part in parts}
        found.append(Cluster(lon, lat, Cell(zoom, x, y), counts))
    return found


def newest(wanted: Wanted, limit: int) -> list[Item]:
    """Return the points whose state changed last. Two queries."""
    return items_of(list(points_of(wanted).order_by("-changed_on", "-pk")[:limit]))


def news_on(day: date) -> list[PublicPoint]:
    """Return the points whose state changed on ``day``, newest first. One query on an index."""
    return list(PublicPoint.objects.filter(changed_on=day).order_by("-pk"))
