"""load_district: idempotent, all or nothing, told section by section."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from foundation.ledger.selectors import entries_of
from foundation.places import services
from foundation.places.errors import DemoDisabled, PackError
from foundation.places.models import Area, AreaKind, Department, District
from foundation.places.pack import Changes, LoaderRegistry
from foundation.places.selectors import area_by_code, current_district, department_by_code
from foundation.places.services import load_demo, load_district

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_foundation")]


def load(pack):
    return {r.section: r.changes for r in load_district(path=pack.root)}


def test_loading_twice_changes_nothing_the_second_time(small_pack):
    load(small_pack)
    again = load(small_pack)
    assert not any(again.values())
    assert again["areas"].unchanged == 8
    assert again["departments"].unchanged == 2


def test_another_district_replaces_the_first_without_deleting_anything(small_pack):
    before = Area.objects.count()
    first = load(small_pack)
    assert first["areas"].added == 8
    assert Area.objects.count() == before + 8
    assert Area.objects.filter(is_active=True).count() == 8
    assert current_district().name == "试验区"
    assert District.objects.count() == 1


def test_paths_and_parents_follow_the_file(small_pack):
    load(small_pack)
    grid = Area.objects.get(code="99010100190102")
    assert grid.path == "990101/990101001/990101001901/99010100190102/"
    assert grid.parent.parent.name == "甲街道"
    assert grid.kind == AreaKind.GRID


def test_a_changed_name_is_one_change(small_pack):
    load(small_pack)
    small_pack.area("990101002")["name"] = "乙街道"
    small_pack.write_areas()
    changes = load(small_pack)["areas"]
    assert (changes.added, changes.changed, changes.unchanged, changes.removed) == (0, 1, 7, 0)
    assert area_by_code("990101002").name == "乙街道"


def test_a_moved_community_takes_its_grids_along(small_pack):
    load(small_pack)
    community = small_pack.area("990101001901")
    small_pack.areas.remove(community)
    position = small_pack.areas.index(small_pack.area("990101002")) + 1
    grids = [a for a in small_pack.areas if a.get("parent") == "990101001901"]
    for grid in grids:
        small_pack.areas.remove(grid)
    position = small_pack.areas.index(small_pack.area("990101002")) + 1
    small_pack.areas[position:position] = [{**community, "parent": "990101002"}, *grids]
    small_pack.write_areas()
    load(small_pack)
    grid = Area.objects.get(code="99010100190101")
    assert grid.path == "990101/990101002/990101001901/99010100190101/"


def test_an_area_missing_in_the_file_goes_out_of_use_and_comes_back(small_pack):
    load(small_pack)
    gone = small_pack.areas.pop()
    small_pack.write_areas()
    assert load(small_pack)["areas"].removed == 1
    assert area_by_code(gone["code"]) is None
    assert Area.objects.get(code=gone["code"]).is_active is False
    small_pack.areas.append(gone)
    small_pack.write_areas()
    assert load(small_pack)["areas"].changed == 1
    assert area_by_code(gone["code"]) is not None


def test_a_department_missing_in_the_file_goes_out_of_use(small_pack):
    load(small_pack)
    text = '[[department]]\ncode = "ecology"\nname = "生态环境局"\n'
    small_pack.write("departments.toml", text)
    assert load(small_pack)["departments"].removed == 1
    assert department_by_code("street-a") is None
    assert Department.objects.filter(code="street-a", is_active=False).exists()


def test_a_mistake_in_a_later_file_leaves_everything_as_it_was(small_pack):
    name = current_district().name
    count = Area.objects.filter(is_active=True).count()
    small_pack.write("calendar.toml", "announced_until = 2026\nhours = []\n")
    with pytest.raises(PackError, match=r"calendar\.toml, hours"):
        load(small_pack)
    assert current_district().name == name
    assert Area.objects.filter(is_active=True).count() == count


def break_kind(pack):
    pack.areas[1]["kind"] = "twon"


def break_parent(pack):
    pack.areas[2]["parent"] = "123"


def break_level(pack):
    pack.areas[2]["parent"] = "990101"


def break_code(pack):
    pack.areas[4]["code"] = pack.areas[3]["code"]


def break_order(pack):
    pack.areas[3]["geometry"]["coordinates"][0] = [
        [y, x] for x, y in pack.areas[3]["geometry"]["coordinates"][0]
    ]


def break_bow(pack):
    ring = pack.areas[3]["geometry"]["coordinates"][0]
    ring[1], ring[2] = ring[2], ring[1]


def break_overlap(pack):
    pack.areas[4]["geometry"] = pack.areas[3]["geometry"]


def break_geometry_kind(pack):
    pack.areas[3]["geometry"] = {"type": "Point", "coordinates": [110, 30]}


def break_geometry(pack):
    pack.areas[3]["geometry"] = {"type": "Polygon", "coordinates": [[["a", "b"]]]}


def break_town_geometry(pack):
    pack.areas[1]["geometry"] = pack.areas[3]["geometry"]


def break_field(pack):
    pack.areas[1]["naem"] = "x"


def break_district(pack):
    del pack.areas[:]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (break_kind, r"areas 2 990101001, kind: 'twon' is not known; did you mean 'town'"),
        (break_parent, r"areas 3 990101001901, parent: there is no area 123"),
        (break_level, r"a community lies in a town, but 990101 is a district"),
        (break_code, r"areas 5 99010100190101, code: is used twice"),
        (break_order, r"areas 4 .*leaves the district's bbox; coordinates are \[longitude"),
        (break_bow, r"areas 4 .*crosses itself"),
        (break_overlap, r"areas 5 .*overlaps with areas 4"),
        (break_geometry_kind, r"must be a GeoJSON Polygon"),
        (break_geometry, r"is not valid GeoJSON"),
        (break_town_geometry, r"only grids carry polygons"),
        (break_field, r"naem: nobody knows this field; did you mean 'name'"),
        (break_district, r"has no area of the kind"),
    ],
)
def test_every_mistake_in_areas_is_told_with_its_place(small_pack, damage, says):
    damage(small_pack)
    small_pack.write_areas()
    with pytest.raises(PackError, match=says):
        load(small_pack)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('code = "990101"', "", r"district\.toml, code: this field is missing"),
        ('"SY"', '"sy"', r"case_prefix: must be capital letters"),
        ("[110.0, 30.0, 110.4, 30.4]", "[30.0, 110.0]", r"bbox: must be a list of 4 numbers"),
        ("[110.0, 30.0, 110.4, 30.4]", "[111.0, 30.0, 110.4, 30.4]", r"bbox: must be west"),
        ("[[110.0, 30.0], ", '["x", ', r"boundary: holds 'x'"),
        ('number = "12345"', 'number = ""', r"hotlines 1 热线, number: must not be empty"),
        ('name = "热线"', 'name = "热线"\nnmae = 1', r"nmae: nobody knows"),
    ],
)
def test_every_mistake_in_the_district_is_told_with_its_field(small_pack, old, new, says):
    text = (small_pack.root / "district.toml").read_text(encoding="utf-8")
    assert old in text
    small_pack.write("district.toml", text.replace(old, new, 1))
    with pytest.raises(PackError, match=says):
        load(small_pack)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has no"),
        ('[[department]]\ncode = "a b"\nname = "x"\n', "letters, digits and hyphens"),
        ('[[department]]\ncode = "a"\nname = "x"\narea = "1"\n', "there is no area 1"),
        ('[[department]]\ncode = "a"\nname = "x"\n' * 2, "used twice"),
    ],
)
def test_every_mistake_in_departments_is_told(small_pack, text, says):
    small_pack.write("departments.toml", text)
    with pytest.raises(PackError, match=says):
        load(small_pack)


def test_the_command_says_what_it_changed(small_pack):
    out = StringIO()
    call_command("load_district", str(small_pack.root), stdout=out)
    assert "areas                8 added" in out.getvalue()
    assert "Loaded." in out.getvalue()
    again = StringIO()
    call_command("load_district", str(small_pack.root), stdout=again)
    assert "Nothing to change." in again.getvalue()


def test_the_command_tells_a_mistake_in_one_sentence(small_pack):
    small_pack.write("areas.json", "{")
    with pytest.raises(CommandError, match=r"Nothing was loaded\. areas\.json, line 1"):
        call_command("load_district", str(small_pack.root), stdout=StringIO())


def test_a_load_that_changes_something_is_in_the_ledger(small_pack):
    load(small_pack)
    load(small_pack)
    entries = list(entries_of("district:990101"))
    assert [entry.action for entry in entries] == ["district.loaded"]
    assert entries[0].data["areas"]["added"] == 8


def test_demo_content_is_refused_without_the_switch(small_pack, settings):
    settings.DEMO = False
    with pytest.raises(DemoDisabled, match="DEMO=1"):
        load_demo(path=small_pack.root)
    with pytest.raises(CommandError, match="DEMO=1"):
        call_command("load_demo", str(small_pack.root), stdout=StringIO())


def test_demo_content_is_loaded_in_order_and_told(small_pack, settings, monkeypatch):
    settings.DEMO = True
    registry = LoaderRegistry()
    registry.register("second", 2)(lambda pack: Changes(unchanged=1))
    registry.register("first", 1)(lambda pack: Changes(added=3))
    monkeypatch.setattr(services, "loaders", lambda *, demo: registry.in_order() if demo else [])
    out = StringIO()
    call_command("load_demo", str(small_pack.root), stdout=out)
    lines = out.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["first", "second", "Loaded."]


def test_a_failing_demo_loader_leaves_nothing_behind(small_pack, settings, monkeypatch):
    settings.DEMO = True
    registry = LoaderRegistry()

    def half(pack):
        Department.objects.create(code="half", name="半")
        raise PackError("demo/x.toml", "line 3", "is wrong")

    registry.register("half", 1)(half)
    monkeypatch.setattr(services, "loaders", lambda *, demo: registry.in_order())
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("load_demo", str(small_pack.root), stdout=StringIO())
    assert department_by_code("half") is None


def test_the_pack_of_tianning_is_loaded_and_loading_it_again_changes_nothing(district_pack):
    reports = load_district(path=district_pack)
    assert not any(report.changes for report in reports)
