"""Where a point lies, and the tree around it; from memory, never stale."""

import json
import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, shape

from foundation.places import selectors
from foundation.places.models import Area, AreaKind, Department
from foundation.places.selectors import (
    ancestors,
    area_by_code,
    area_by_path,
    area_tree,
    children_of,
    current_district,
    department_by_code,
    departments,
    descendants,
    full_name,
    grids_geojson,
    locate,
    town_office,
    towns,
    towns_geojson,
)
from foundation.places.services import load_district

pytestmark = pytest.mark.django_db


@pytest.fixture
def small(small_pack, only_foundation):
    load_district(path=small_pack.root)
    return small_pack


def test_a_point_finds_its_grid_with_parents_and_without_queries(small, django_assert_num_queries):
    locate(110.05, 30.05)
    with django_assert_num_queries(1):  # the version row: this transaction is not committed
        found = locate(110.05, 30.05)
    with django_assert_num_queries(0):
        assert found.in_district
        assert found.area.code == "99010100190101"
        assert found.area.parent.parent.name == "甲街道"
        assert found.town.name == "甲街道"


def test_a_committed_pack_answers_without_any_query(district_pack, django_assert_num_queries):
    locate(119.98, 31.79)
    with django_assert_num_queries(0):
        assert locate(119.98, 31.79).area is not None
        assert current_district().code == "320402"
        assert len(towns()) == 7


def test_a_point_in_the_district_but_in_no_grid_has_no_area(small):
    found = locate(110.25, 30.25)
    assert (found.area, found.in_district, found.town) == (None, True, None)


@pytest.mark.parametrize(
    "point",
    [(110.35, 30.05), (0.0, 0.0), (116.4, 39.9), (181.0, 30.0), (110.0, 91.0), (30.05, 110.05)],
)
def test_a_point_outside_of_the_district_is_outside(small, point):
    found = locate(*point)
    assert (found.area, found.in_district) == (None, False)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_are_no_coordinates_lie_outside(small, bad):
    assert locate(bad, 30.05).in_district is False
    assert locate(110.05, bad).in_district is False


def test_a_point_on_a_shared_line_belongs_to_the_smaller_code(small):
    assert locate(110.1, 30.05).area.code == "99010100190101"
    assert locate(110.1, 30.1).area.code == "99010100190101"


def test_without_a_boundary_the_union_of_the_grids_is_the_district(small):
    text = (small.root / "district.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("boundary")]
    small.write("district.toml", "\n".join(lines))
    load_district(path=small.root)
    assert locate(110.25, 30.25).in_district is False
    assert locate(110.15, 30.05).in_district is True


def test_the_tree_answers_like_a_plain_search_through_all_grids(district_pack):
    rng = random.Random(7)
    grids = [(a.code, shape(a.geometry)) for a in Area.objects.filter(kind=AreaKind.GRID)]
    for _ in range(500):
        lon, lat = rng.uniform(119.92, 120.17), rng.uniform(31.72, 31.88)
        expected = [code for code, polygon in grids if polygon.intersects(Point(lon, lat))]
        found = locate(lon, lat)
        assert (found.area.code if found.area else None) == min(expected, default=None)
        assert found.in_district == bool(expected)


def test_the_centre_of_every_grid_lies_in_that_grid(district_pack):
    for area in Area.objects.filter(kind=AreaKind.GRID):
        inside = shape(area.geometry).representative_point()
        assert locate(inside.x, inside.y).area == area


@settings(max_examples=200)
@given(st.floats(), st.floats())
def test_any_two_numbers_get_an_answer(lon, lat):
    assert locate(lon, lat).in_district in {True, False}


def test_a_single_save_is_seen_at_once(small):
    grid = Area.objects.get(code="99010100190101")
    assert locate(110.05, 30.05).area == grid
    grid.is_active = False
    grid.save()
    assert locate(110.05, 30.05).area is None


def test_a_rolled_back_change_leaves_no_trace(small):
    assert area_by_code("x1") is None
    with transaction.atomic():
        Area.objects.create(code="x1", name="甲", kind=AreaKind.TOWN, path="x1/")
        assert area_by_code("x1") is not None
        transaction.set_rollback(True)
    assert area_by_code("x1") is None


def test_after_a_rolled_back_change_reads_are_free_again(small, django_assert_num_queries):
    selectors.held.forget()
    with transaction.atomic():
        Area.objects.create(code="x1", name="甲", kind=AreaKind.TOWN, path="x1/")
        transaction.set_rollback(True)
    assert area_by_code("x1") is None
    with django_assert_num_queries(0):
        assert area_by_code("x1") is None


def test_what_a_transaction_writes_is_its_own_until_it_commits(small):
    selectors.held.forget()
    assert area_by_code("x1") is None
    with ThreadPoolExecutor(1) as other, transaction.atomic():
        Area.objects.create(code="x1", name="甲", kind=AreaKind.TOWN, path="x1/")
        assert area_by_code("x1") is not None
        assert other.submit(area_by_code, "x1").result() is None
        transaction.set_rollback(True)


def test_another_process_is_seen_when_the_row_is_looked_at_again(small, monkeypatch):
    selectors.held.forget()  # as if this transaction were committed long ago
    assert department_by_code("new") is None
    Department.objects.bulk_create([Department(code="new", name="新")])
    from foundation.places.models import PlacesVersion

    PlacesVersion.objects.update(version="00000000-0000-4000-8000-000000000001")
    assert department_by_code("new") is None
    monkeypatch.setattr("foundation.versioned.RECHECK_SECONDS", 0.0)
    assert department_by_code("new") is not None


def test_codes_paths_and_names_lead_to_areas(small):
    area = area_by_code("990101001901")
    assert area_by_path(area.path) == area
    assert area_by_path("990101001901/") is None
    assert area_by_path("") is None
    assert area_by_code("nothing") is None
    assert [a.name for a in ancestors(area)] == ["试验区", "甲街道", "甲一社区"]
    assert full_name(area) == "甲街道 甲一社区"
    assert full_name(area_by_code("990101")) == "试验区"


def test_the_tree_keeps_the_order_of_the_file(small):
    (root,) = area_tree()
    assert [node.area.name for node in root.children] == ["甲街道", "乙镇"]
    assert [n.area.name for n in root.children[0].children[0].children] == [
        "甲一第一网格",
        "甲一第二网格",
    ]
    assert children_of(None) == [root.area]
    assert [a.name for a in children_of(root.area)] == ["甲街道", "乙镇"]


def test_descendants_stay_inside_the_path(small):
    town = area_by_code("990101001")
    assert next(a.code for a in descendants(town.path)) == town.code
    assert len(descendants(town.path)) == 4
    assert descendants("") == []
    assert descendants("nowhere/") == []


def test_the_office_of_a_grid_is_that_of_its_town(small):
    assert town_office(area_by_code("99010100190101")).code == "street-a"
    assert town_office(area_by_code("990101001")).code == "street-a"
    assert town_office(area_by_code("99010100290101")) is None
    assert town_office(None) is None
    assert [d.code for d in departments()] == ["ecology", "street-a"]


def test_outlines_are_geojson_with_short_numbers(district_pack):
    grids = json.loads(grids_geojson())
    assert len(grids["features"]) == Area.objects.filter(kind=AreaKind.GRID).count()
    first = grids["features"][0]
    assert first["properties"]["demo"] is True
    assert shape(first["geometry"]).is_valid
    assert len(grids_geojson()) < 60_000
    outlines = json.loads(towns_geojson())
    assert {f["properties"]["name"] for f in outlines["features"]} == {t.name for t in towns()}
    assert all(f["geometry"]["type"] == "Polygon" for f in outlines["features"])


def test_before_a_pack_is_loaded_everything_answers_emptily(fresh_process):
    from foundation.places.models import District
    from foundation.places.services import renew_version

    District.objects.all().delete()
    Department.objects.all().update(is_active=False)
    Area.objects.all().update(is_active=False)
    renew_version()
    assert current_district().is_loaded is False
    assert current_district().hotline is None
    assert locate(119.98, 31.79).in_district is False
    assert towns() == []
    assert area_tree() == []
    assert json.loads(grids_geojson())["features"] == []


def test_templates_get_the_district_without_asking_for_it(district_pack, rf):
    from foundation.places.context_processors import district

    context = district(rf.get("/"))
    assert context["district"].name == "天宁区"
    assert context["district"].hotline.number == "12345"


def test_the_profile_survives_the_way_through_the_database(small):
    from foundation.places.district import DistrictProfile, read_district
    from foundation.places.pack import Pack

    profile = read_district(Pack(small.root))
    assert DistrictProfile.from_json(json.loads(json.dumps(profile.as_json()))) == profile
    assert current_district() == profile
