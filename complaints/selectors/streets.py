"""The public place of a point: on a street, else in the middle of its grid or community."""

from dataclasses import dataclass
from uuid import UUID

from shapely.geometry import shape
from shapely.ops import unary_union

from complaints.models import Street
from complaints.snapping import Spot, StreetMap
from foundation.places.models import Area, AreaKind
from foundation.places.selectors import ancestors, current_district, descendants, snapshot
from foundation.versioned import Versioned


@dataclass(frozen=True)
class Streets:
    """The streets of one version of the pack, and middles of areas found so far. Shared: read."""

    map: StreetMap
    middles: dict[str, Spot | None]


def public_spot(lon: float | None, lat: float | None, area: Area | None) -> Spot | None:
    """Return where the public map puts a report (WGS-84), None when nothing says where.

    0 queries when warm, else one for all streets. Never the report's own point.
    """
    known = held.get()
    if lon is not None and lat is not None:
        spot = known.map.snap(lon, lat)
        if spot is not None:
            return spot
    around = reversed(ancestors(area)) if area is not None else ()
    for place in around:
        if place.kind == AreaKind.DISTRICT:
            break
        middle = _middle(known, place)
        if middle is not None and (middle.lon, middle.lat) != (lon, lat):
            return middle
    return None


def _middle(known: Streets, area: Area) -> Spot | None:
    """A point inside the area, the same for everything in it. No query."""
    if area.code not in known.middles:
        parts = [shape(a.geometry) for a in descendants(area.path) if a.geometry]
        point = unary_union(parts).representative_point() if parts else None
        known.middles[area.code] = (
            Spot(round(point.x, 5), round(point.y, 5), area.name) if point else None
        )
    return known.middles[area.code]


def has_demo_streets() -> bool:
    """Whether the streets are demonstration ones. One query."""
    return Street.objects.filter(is_demo=True).exists()


def _version() -> UUID | None:
    return snapshot().version


def _build(version: UUID | None) -> Streets:
    rows = Street.objects.values_list("code", "name", "lines")
    _, latitude = current_district().centre or (0.0, 31.8)
    return Streets(StreetMap(rows, latitude), {})


held = Versioned(_version, _build)
