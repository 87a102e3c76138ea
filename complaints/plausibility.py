"""Does a photo fit the case? A gentle question about place and time, never a refusal. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, hypot, radians

FAR_METRES = 300.0
OLD = timedelta(days=1)
METRES_PER_DEGREE = 111_320.0

FAR, STALE = "far", "old"

Point = tuple[float, float]


@dataclass(frozen=True)
class Sighting:
    """Where (WGS-84 longitude, latitude in degrees) and when (aware) something was seen."""

    point: Point | None = None
    at: datetime | None = None


def metres_between(one: Point, other: Point) -> float:
    """Return the distance of two near points in metres; within a city the error is below 1 %."""
    middle = radians((one[1] + other[1]) / 2)
    east = (one[0] - other[0]) * cos(middle)
    return hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


def doubts_about(
    sightings: Iterable[Sighting], *, place: Point | None, now: datetime
) -> tuple[str, ...]:
    """Return what does not fit: ``far`` (over 300 m from ``place``), ``old`` (over a day before).

    What is unknown raises no doubt.
    """
    seen = tuple(sightings)
    found = []
    if place and any(s.point and metres_between(s.point, place) > FAR_METRES for s in seen):
        found.append(FAR)
    if any(s.at and now - s.at > OLD for s in seen):
        found.append(STALE)
    return tuple(found)
