"""Conversion between the three datums, against published values and by property."""

from math import cos, hypot, radians

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.places.datum import Datum, convert

pytestmark = pytest.mark.once

METRES_PER_DEGREE = 111_320.0
china = st.tuples(st.floats(73.0, 135.0), st.floats(18.0, 53.0))
datums = st.sampled_from(list(Datum))


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[0] - b[0]) * cos(radians(a[1]))
    return hypot(east, a[1] - b[1]) * METRES_PER_DEGREE


# Published with the open implementations eviltransform and coordtransform.
PUBLISHED = [
    (Datum.WGS84, (121.5272106, 31.1774276), Datum.GCJ02, (121.531541859215, 31.17530398364597)),
    (Datum.WGS84, (113.912316, 22.543847), Datum.GCJ02, (113.9171764808363, 22.540796131694766)),
    (Datum.WGS84, (116.377817, 39.911954), Datum.GCJ02, (116.38404722455657, 39.91334545536069)),
    (Datum.WGS84, (116.404, 39.915), Datum.GCJ02, (116.41024449916938, 39.91640428150164)),
    (Datum.GCJ02, (116.404, 39.915), Datum.BD09, (116.41036949371029, 39.92133699351021)),
]


@pytest.mark.parametrize(("source", "point", "target", "expected"), PUBLISHED)
def test_published_values_are_met(source, point, target, expected):
    assert metres(convert(*point, source=source, target=target), expected) < 0.01


@pytest.mark.parametrize(("source", "point", "target", "expected"), PUBLISHED)
def test_published_values_come_back(source, point, target, expected):
    assert metres(convert(*expected, source=target, target=source), point) < 0.01


def test_default_is_from_gcj02_to_wgs84():
    lon, lat = convert(121.531541859215, 31.17530398364597)
    assert metres((lon, lat), (121.5272106, 31.1774276)) < 0.01


@given(china, datums, datums)
def test_a_round_trip_stays_below_ten_centimetres(point, source, target):
    there = convert(*point, source=source, target=target)
    back = convert(*there, source=target, target=source)
    assert metres(back, point) < 0.1


@given(china, datums)
def test_the_same_datum_changes_nothing(point, datum):
    assert convert(*point, source=datum, target=datum) == point


@given(china)
def test_the_shift_inside_china_is_between_ten_metres_and_a_kilometre(point):
    shifted = convert(*point, source=Datum.WGS84, target=Datum.GCJ02)
    assert 10 < metres(point, shifted) < 1000  # least about 17 m, in the Qaidam basin


@given(china)
def test_going_over_gcj02_equals_going_directly(point):
    gcj = convert(*point, source=Datum.WGS84, target=Datum.GCJ02)
    steps = convert(*gcj, source=Datum.GCJ02, target=Datum.BD09)
    direct = convert(*point, source=Datum.WGS84, target=Datum.BD09)
    assert metres(steps, direct) < 0.001


@pytest.mark.parametrize("point", [(2.35, 48.85), (-74.0, 40.7), (151.2, -33.9)])
def test_points_outside_of_china_are_not_shifted(point):
    assert convert(*point, source=Datum.WGS84, target=Datum.GCJ02) == point
    assert convert(*point, source=Datum.GCJ02, target=Datum.WGS84) == point
