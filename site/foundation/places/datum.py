"""Conversion between WGS-84 (GPS, all exchange formats), GCJ-02 (Chinese map services) and BD-09.

GCJ-02 shifts WGS-84 by 100–700 m inside China through a published-by-reverse-engineering series;
BD-09 shifts GCJ-02 once more. Neither has a closed inverse, so the inverse is iterated until it
moves less than 10⁻¹⁰ degree (0.01 mm); a round trip stays far below 0.1 m. Pure arithmetic.
All coordinates are (longitude, latitude) in degrees.
"""

from collections.abc import Callable
from enum import StrEnum
from math import atan2, cos, hypot, pi, sin, sqrt

Point = tuple[float, float]


class Datum(StrEnum):
    WGS84 = "WGS84"
    GCJ02 = "GCJ-02"
    BD09 = "BD-09"


_SEMI_MAJOR = 6378245.0  # Krasovsky 1940, as the shift uses it
_ECCENTRICITY = 0.00669342162296594323
_BAIDU_PI = pi * 3000.0 / 180.0


def convert(
    lon: float, lat: float, source: Datum = Datum.GCJ02, target: Datum = Datum.WGS84
) -> Point:
    """Convert one point. Points outside China keep GCJ-02 equal to WGS-84, as map services do."""
    if source == target:
        return lon, lat
    point = (lon, lat)
    if source == Datum.BD09:
        point = _inverse(_gcj_to_bd, point)
    elif source == Datum.WGS84:
        point = _wgs_to_gcj(point)
    if target == Datum.BD09:
        return _gcj_to_bd(point)
    return _inverse(_wgs_to_gcj, point) if target == Datum.WGS84 else point


def _inverse(forward: Callable[[Point], Point], shifted: Point) -> Point:
    """Fixed-point iteration: the shift changes by less than 0.1 % over its own length."""
    lon, lat = shifted
    for _ in range(30):
        image_lon, image_lat = forward((lon, lat))
        step_lon, step_lat = shifted[0] - image_lon, shifted[1] - image_lat
        lon, lat = lon + step_lon, lat + step_lat
        if abs(step_lon) < 1e-10 and abs(step_lat) < 1e-10:
            break
    return lon, lat


def _in_china(lon: float, lat: float) -> bool:
    return 72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271


def _wgs_to_gcj(point: Point) -> Point:
    lon, lat = point
    if not _in_china(lon, lat):
        return point
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + waves
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + waves
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = lat / 180.0 * pi
    magic = 1.0 - _ECCENTRICITY * sin(phi) ** 2
    meridian = _SEMI_MAJOR * (1.0 - _ECCENTRICITY) / (magic * sqrt(magic))
    parallel = _SEMI_MAJOR / sqrt(magic) * cos(phi)
    return lon + east * 180.0 / (parallel * pi), lat + north * 180.0 / (meridian * pi)


def _gcj_to_bd(point: Point) -> Point:
    lon, lat = point
    radius = hypot(lon, lat) + 0.00002 * sin(lat * _BAIDU_PI)
    angle = atan2(lat, lon) + 0.000003 * cos(lon * _BAIDU_PI)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006
