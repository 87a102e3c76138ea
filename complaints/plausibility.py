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


def point_of(lon: float | None, lat: float | None) -> Point | None:
    """Return the point, or None when either part is missing."""
    return None if lon is None or lat is None else (lon, lat)


def metres_between(one: Point, other: Point) -> float:
    """Return the distance of two near points in metres; within a city the error is below 1 %."""
    middle = radians((one[1] + other[1]) / 2)
    east = (one[0] - other[0]) * cos(middle)
    return hypot(east, one[1] - other[1]) * METRES_PER_DEGREE


@dataclass(frozen=True)
class Misfit:
    """How far from the case's place and how long before the upload, as far as it does not fit.

    ``metres`` are rounded to hundreds: a distance for people to judge, never a position.
    """

    metres: int | None = None
    days: int | None = None

    @property
    def doubts(self) -> tuple[str, ...]:
        return (FAR,) * (self.metres is not None) + (STALE,) * (self.days is not None)


def misfit_of(sighting: Sighting, *, place: Point | None, now: datetime) -> Misfit:
    """Compare one sighting with ``place`` and ``now``. What is unknown raises no doubt."""
    away = metres_between(sighting.point, place) if sighting.point and place else 0.0
    age = now - sighting.at if sighting.at else timedelta(0)
    return Misfit(
        metres=round(away / 100) * 100 if away > FAR_METRES else None,
        days=max(1, round(age / timedelta(days=1))) if age > OLD else None,
    )


def doubts_about(
    sightings: Iterable[Sighting], *, place: Point | None, now: datetime
) -> tuple[str, ...]:
    """Return what does not fit: ``far`` (over 300 m from ``place``), ``old`` (over a day before).

    What is unknown raises no doubt.
    """
    return doubts_in(misfit_of(sighting, place=place, now=now) for sighting in sightings)


def doubts_in(misfits: Iterable[Misfit]) -> tuple[str, ...]:
    """Return every doubt that any of ``misfits`` raises, each once."""
    raised = {doubt for misfit in misfits for doubt in misfit.doubts}
    return tuple(doubt for doubt in (FAR, STALE) if doubt in raised)
