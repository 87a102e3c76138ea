"""Cells of the public map: squares of the web Mercator grid, half a tile wide. No ORM.

The finest cell belongs to zoom 19 (some 33 m in this latitude); a cell of a coarser zoom is a
shift to the right of both numbers. Counters are kept for :data:`COARSE` (about a kilometre).
"""

import math
from dataclasses import dataclass

FINEST = 19
#: Up to this zoom the map is counted from the counters, above it from the points in view.
COARSE = 14
LOWEST = 10
#: A tile is two cells wide.
PER_TILE = 2


def cell_of(lon: float, lat: float) -> tuple[int, int]:
    """Return the finest cell around a WGS-84 point; y grows to the south."""
    count = PER_TILE << FINEST
    x = (lon + 180.0) / 360.0 * count
    y = (1.0 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2.0 * count
    return int(x), int(y)


def point_at(x: float, y: float) -> tuple[float, float]:
    """Return lon, lat (five decimals) of a place in the grid of the finest cells."""
    count = PER_TILE << FINEST
    lon = x / count * 360.0 - 180.0
    lat = math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * y / count))))
    return round(lon, 5), round(lat, 5)


def shift_of(zoom: int) -> int:
    """Return by how many bits the finest cells are shifted for ``zoom``."""
    return FINEST - min(max(zoom, LOWEST), FINEST)


@dataclass(frozen=True)
class Window:
    """A part of the map in finest cells, both ends included."""

    west: int
    north: int
    east: int
    south: int

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float, zoom: int) -> "Window":
        """The window of a view, widened to whole cells of ``zoom``: small moves ask the same."""
        shift = shift_of(zoom)
        left, top = cell_of(west, north)
        right, bottom = cell_of(east, south)
        size = 1 << shift
        return cls(
            left >> shift << shift,
            top >> shift << shift,
            (right >> shift << shift) + size - 1,
            (bottom >> shift << shift) + size - 1,
        )
