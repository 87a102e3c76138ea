"""Where the public map puts a case: on the street near it, never where it was reported. No ORM.

A street offers places every 150 m; of the street nearest to the report (within 300 m) the place
nearest to it is taken. The same report always gets the same place, many reports share one, and no
place is the report's own point.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from shapely import STRtree
from shapely.geometry import LineString, MultiLineString, Point

REACH = 300.0
STEP = 150.0
METRES_PER_DEGREE = 111_320.0
Lines = Sequence[Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Spot:
    """A public place: WGS-84 with five decimals, and what people call it."""

    lon: float
    lat: float
    name: str


class StreetMap:
    """The district's streets in metres around ``latitude``; built once, then only read."""

    def __init__(self, streets: Iterable[tuple[str, str, Lines]], latitude: float) -> None:
        """``streets`` are (code, name, centre lines)."""
        self._scale = math.cos(math.radians(latitude)) * METRES_PER_DEGREE
        kept = sorted(street for street in streets if street[2])
        self._names = [name for _, name, _ in kept]
        self._lines = [MultiLineString([self._metres(line) for line in ls]) for _, _, ls in kept]

    @cached_property
    def _tree(self) -> STRtree:
        return STRtree(self._lines)

    def _metres(self, line: Sequence[Sequence[float]]) -> LineString:
        return LineString([(lon * self._scale, lat * METRES_PER_DEGREE) for lon, lat in line])

    def snap(self, lon: float, lat: float) -> Spot | None:
        """Return the public place for a point; None when no street is within reach."""
        point = Point(lon * self._scale, lat * METRES_PER_DEGREE)
        near = [int(i) for i in self._tree.query(point, predicate="dwithin", distance=REACH)]
        if not near:
            return None
        # Codes are sorted: of two streets equally near (to a centimetre) the first is taken.
        chosen = min(near, key=lambda i: (round(self._lines[i].distance(point), 2), i))
        return self._place_on(chosen, point, (lon, lat))

    def _place_on(self, chosen: int, point: Point, raw: tuple[float, float]) -> Spot | None:
        line = min(self._lines[chosen].geoms, key=lambda part: round(part.distance(point), 2))
        last = max(int(line.length // STEP), 1)
        nearest = min(round(line.project(point) / STEP), last)
        for step in (nearest, nearest + 1, nearest - 1):
            if not 0 <= step <= last:
                continue
            place = line.interpolate(min(step * STEP, line.length))
            lon = round(place.x / self._scale, 5)
            lat = round(place.y / METRES_PER_DEGREE, 5)
            if (lon, lat) != raw:
                return Spot(lon, lat, self._names[chosen])
        return None
