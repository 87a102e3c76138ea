"""The district pack of 天宁 is complete, consistent and fit for every loader."""

import itertools
import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from shapely.geometry import shape
from shapely.ops import unary_union

from foundation.places.district import read_district
from foundation.places.models import AreaKind
from foundation.places.pack import Pack
from foundation.places.pack_sections import read_areas
from foundation.worktime.limits import parse_limit

pytestmark = pytest.mark.once

URGENCIES = {"critical", "urgent", "normal", "complex", "enquiry"}
TRACKS = {"report", "petition", "hotline", "enquiry", "patrol"}
REAL_CODES = {
    "雕庄街道": "320402001",
    "青龙街道": "320402002",
    "茶山街道": "320402003",
    "红梅街道": "320402004",
    "天宁街道": "320402005",
    "兰陵街道": "320402006",
    "郑陆镇": "320402109",
}
#: Square kilometres of a square degree at 31.8° north.
KM2 = 94.6 * 110.9


@pytest.fixture(scope="module")
def pack() -> Pack:
    return Pack(settings.DISTRICT_PACK)


@pytest.fixture(scope="module")
def categories(pack: Pack) -> dict[str, dict]:
    return {entry["code"]: entry for entry in pack.toml("categories")["category"]}


@pytest.fixture(scope="module")
def departments(pack: Pack) -> set[str]:
    return {entry["code"] for entry in pack.toml("departments")["department"]}


def test_district_has_its_code_prefix_and_a_hotline(pack):
    district = read_district(pack)
    assert (district.code, district.name, district.case_prefix) == ("320402", "天宁区", "TN")
    assert district.hotline.number == "12345"
    west, south, east, north = district.bbox
    assert 119.9 < west < 119.94
    assert 120.15 < east < 120.2
    assert 31.7 < south < 31.73
    assert 31.87 < north < 31.9


def test_nothing_in_the_footer_looks_like_a_registered_site(pack):
    footer = read_district(pack).footer
    assert "0000000" in footer.site_code
    assert "0000000" in footer.icp
    assert "演示" in footer.police_record
    for entry in pack.toml("departments")["department"]:
        assert entry["phone"].startswith("0519-000000") or entry["phone"] == "12345"


def test_seven_towns_carry_their_real_codes(pack):
    towns = {a.name: a.code for a in read_areas(pack) if a.kind == AreaKind.TOWN}
    assert towns == REAL_CODES


def test_every_level_below_has_a_sensible_number_of_areas(pack):
    areas = read_areas(pack)
    kinds = Counter(area.kind for area in areas)
    assert kinds[AreaKind.DISTRICT] == 1
    below = Counter(a.path.split("/")[1] for a in areas if a.kind == AreaKind.COMMUNITY)
    assert all(6 <= count <= 8 for count in below.values())
    grids = Counter(a.path.split("/")[2] for a in areas if a.kind == AreaKind.GRID)
    assert len(grids) == kinds[AreaKind.COMMUNITY]
    assert all(2 <= count <= 4 for count in grids.values())


def test_everything_below_the_towns_is_labelled_as_demonstration(pack):
    for area in read_areas(pack):
        if area.kind in {AreaKind.COMMUNITY, AreaKind.GRID}:
            assert area.is_demo, area.name
        if area.kind == AreaKind.GRID:
            assert "演示网格" in area.name


def test_demonstration_communities_use_no_real_code(pack):
    for area in read_areas(pack):
        if area.kind == AreaKind.COMMUNITY:
            assert area.code[9] == "9"


def test_grids_tile_the_district_without_hole_or_overlap(pack):
    grids = {a.code: shape(a.geometry) for a in read_areas(pack) if a.kind == AreaKind.GRID}
    whole = unary_union(list(grids.values()))
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert sum(g.area for g in grids.values()) == pytest.approx(whole.area, rel=1e-9)
    assert 140 < whole.area * KM2 < 175  # the real district has 154.84 km²


def test_each_town_and_each_community_is_one_piece(pack):
    areas = read_areas(pack)
    grids = [(a.path, shape(a.geometry)) for a in areas if a.kind == AreaKind.GRID]
    for area in areas:
        if area.kind in {AreaKind.TOWN, AreaKind.COMMUNITY}:
            union = unary_union([g for path, g in grids if path.startswith(area.path)])
            assert union.geom_type == "Polygon", area.name


def test_zhenglu_is_the_large_north_east(pack):
    def extent(code):
        return unary_union(
            [
                shape(a.geometry)
                for a in read_areas(pack)
                if a.kind == AreaKind.GRID and a.code.startswith(code)
            ]
        )

    zhenglu = extent("320402109")
    others = unary_union([extent(code) for code in REAL_CODES.values() if code != "320402109"])
    assert zhenglu.area > others.area
    assert zhenglu.centroid.x > others.centroid.x
    assert zhenglu.centroid.y > others.centroid.y


def test_committed_areas_are_what_the_script_draws(pack, tmp_path):
    source = Path(settings.DISTRICT_PACK) / "areas.source.toml"
    (tmp_path / source.name).write_bytes(source.read_bytes())
    script = settings.BASE_DIR / "scripts" / "draw_demo_areas.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, capture_output=True)
    drawn = json.loads((tmp_path / "areas.json").read_text(encoding="utf-8"))["areas"]
    stored = pack.json("areas")["areas"]
    assert [a["name"] for a in drawn] == [a["name"] for a in stored]
    for new, old in zip(drawn, stored, strict=True):
        if "geometry" in old:
            assert shape(new["geometry"]).equals_exact(shape(old["geometry"]), 2e-5), old["name"]


def test_every_town_has_an_office(pack):
    offices = {d["area"] for d in pack.toml("departments")["department"] if "area" in d}
    assert offices == set(REAL_CODES.values())


def test_categories_have_two_levels_and_all_fields(categories, departments):
    names = Counter(entry["name"] for entry in categories.values())
    assert max(names.values()) == 1
    for code, entry in categories.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        parent = entry.get("parent")
        assert parent is None or "parent" not in categories[parent]
        assert (parent is not None) == ("-" in code)
        assert entry["urgency"] in URGENCIES
        assert {entry["lead"], *entry.get("support", [])} <= departments
        assert entry["lead"] not in entry.get("support", [])
        assert entry["keywords"]
        assert len(set(entry["keywords"])) == len(entry["keywords"])


def test_parents_come_before_their_children(categories):
    seen: set[str] = set()
    for code, entry in categories.items():
        assert entry.get("parent") is None or entry["parent"] in seen
        seen.add(code)


def test_nine_kinds_of_problem_are_complete(categories):
    tops = [entry["name"] for entry in categories.values() if "parent" not in entry]
    assert tops == ["大气", "污水", "噪声", "垃圾", "土壤", "生态", "辐射", "光污染", "其他"]
    children = Counter(entry["parent"] for entry in categories.values() if "parent" in entry)
    assert all(children[c] >= 2 for c, entry in categories.items() if "parent" not in entry)


def test_six_tiles_stand_in_the_order_residents_know(categories):
    tiles = [entry for entry in categories.values() if "tile_order" in entry]
    tiles.sort(key=lambda entry: entry["tile_order"])
    assert not any("tile_label" in tile for tile in tiles), "a second name for the same kind"
    assert [t["name"] for t in tiles] == ["异味", "噪声", "污水", "扬尘", "垃圾", "其他"]


def test_icons_exist_in_the_platform(categories):
    folder = settings.BASE_DIR / "site" / "foundation" / "ui" / "icons"
    missing = {e["icon"] for e in categories.values() if not (folder / f"{e['icon']}.svg").exists()}
    assert not missing


def test_repealed_acts_end_where_the_code_begins(categories):
    for code, entry in categories.items():
        for basis in entry.get("legal", []):
            starts = date.fromisoformat(basis["valid_from"])
            ends = basis.get("valid_to")
            assert ends is None or date.fromisoformat(ends) > starts
            if basis["law"] == "生态环境法典":
                assert basis["valid_from"] == "2026-08-15", code
        laws = {b["law"] for b in entry.get("legal", [])}
        repealed = {b["law"] for b in entry.get("legal", []) if b.get("valid_to") == "2026-08-14"}
        assert not repealed or "生态环境法典" in laws, code


@pytest.mark.parametrize("day", [date(2019, 5, 1), date(2024, 5, 1), date(2026, 11, 23)])
def test_every_step_has_a_clock_on_every_track_and_urgency(pack, day):
    rules = pack.toml("clocks")["clock"]
    for code in {rule["code"] for rule in rules}:
        for track in TRACKS:
            for urgency in URGENCIES:
                fitting = [r for r in rules if _fits(r, code, track, urgency, day)]
                assert fitting, (code, track, urgency, day)


def _fits(rule: dict, code: str, track: str, urgency: str, day: date) -> bool:
    return (
        rule["code"] == code
        and rule.get("track", track) == track
        and rule.get("urgency", urgency) == urgency
        and rule["valid_from"] <= day <= rule.get("valid_to", date.max)
    )


def test_clock_rows_are_readable_unique_and_never_overlap(pack):
    rules = pack.toml("clocks")["clock"]
    for rule in rules:
        parse_limit(rule["limit"])
        assert rule["legal_basis"]
        assert rule.get("track", "report") in TRACKS
        assert rule.get("urgency", "normal") in URGENCIES
    cells: dict[tuple, list[dict]] = {}
    for rule in rules:
        cells.setdefault((rule["code"], rule.get("track"), rule.get("urgency")), []).append(rule)
    for same in cells.values():
        same.sort(key=lambda r: r["valid_from"])
        for earlier, later in itertools.pairwise(same):
            assert earlier.get("valid_to", date.max) < later["valid_from"]


def test_statutory_petition_times_are_in_the_pack(pack):
    found = {
        (r["code"], r["limit"])
        for r in pack.toml("clocks")["clock"]
        if r.get("track") == "petition"
    }
    statutory = {("accept", "15d"), ("handling", "60d"), ("extension", "30d"), ("redress", "30d")}
    assert statutory <= found


def test_proposed_times_of_the_domain_notes_are_in_the_pack(pack):
    found = {
        (r["code"], r.get("urgency", ""), r["limit"])
        for r in pack.toml("clocks")["clock"]
        if "track" not in r
    }
    assert {
        ("sign_for", "", "4wh"),
        ("return", "", "1wd"),
        ("consultation", "", "1wd"),
        ("first_response", "critical", "2h"),
        ("handling", "urgent", "24h"),
        ("handling", "enquiry", "1wd"),
        ("handling", "normal", "5wd"),
        ("handling", "complex", "10wd"),
        ("followup", "", "3wd"),
        ("redo", "", "5wd"),
    } <= found


def test_extensions_never_exceed_the_first_time(pack):
    limits = {
        (r["code"], r.get("urgency")): r["limit"]
        for r in pack.toml("clocks")["clock"]
        if "track" not in r
    }
    for urgency in URGENCIES:
        assert limits["extension", urgency] == limits["handling", urgency]


def test_duty_matrix_names_known_things_and_falls_back_to_the_dispatcher(
    pack, categories, departments
):
    routing = pack.toml("routing")
    assert routing["fallback"] == "dispatcher"
    codes = {area.code for area in read_areas(pack)}
    assert set(routing["grid_first"]) <= set(categories)
    for rule in routing["rule"]:
        assert rule["category"] in categories
        assert rule["area"] in codes
        assert {rule["department"], *rule.get("support", [])} <= departments
        assert rule.get("first", "department") in {"grid", "department"}
    cells = [(rule["category"], rule["area"]) for rule in routing["rule"]]
    assert len(set(cells)) == len(cells)


def test_nothing_critical_or_industrial_is_pushed_down_to_grids(pack, categories):
    routing = pack.toml("routing")
    to_grid = {r["category"] for r in routing["rule"] if r.get("first") == "grid"}
    for code in to_grid | set(routing["grid_first"]):
        assert categories[code]["urgency"] != "critical", code
        assert "industrial" not in code


def test_pack_names_no_private_telephone(pack):
    for path in pack.root.glob("*.*"):
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", path.read_text(encoding="utf-8")), path


# -- what pages promise -----------------------------------------------------------------------

UNITS = {"wd": "个工作日", "wh": "个工作时", "h": "小时"}
STEPS = {  # step of "how it works": the clocks whose time it tells
    "收到": [],
    "受理和派单": ["accept", "dispatch"],
    "签收": ["sign_for"],
    "到场和办理": ["first_response", "handling"],
    "答复": [],
    "回访和评价": ["followup"],
    "公布": [],
}
RIGHTS = {  # row of "rights": clock and urgency
    "受理": ("accept", "normal"),
    "派单": ("dispatch", "normal"),
    "签收": ("sign_for", "normal"),
    "特急，到现场": ("first_response", "critical"),
    "紧急": ("handling", "urgent"),
    "咨询": ("handling", "enquiry"),
    "一般事项": ("handling", "normal"),
    "复杂事项": ("handling", "complex"),
    "回访": ("followup", "normal"),
    "重新办理": ("redo", "normal"),
}


def _said(pack, code, urgency="normal"):
    """The time of a clock in words: "4wh" is "4 个工作时"."""
    rows = [
        row
        for row in pack.toml("clocks")["clock"]
        if row["code"] == code
        and not row.get("track")
        and row.get("urgency", urgency) == urgency
        and "valid_to" not in row
    ]
    limit = max(rows, key=lambda row: "urgency" in row)["limit"]
    number, unit = re.fullmatch(r"(\d+)(\w+)", limit).groups()
    return f"{number} {UNITS[unit]}"


def _block(pack, slug, kind):
    pages = pack.toml("demo/pages")["pages"]
    page = next(page for page in pages if page["slug"] == slug)
    return next(block["value"] for block in page["body"] if block["type"] == kind)


def test_the_steps_of_the_page_tell_the_times_of_the_clocks(pack):
    steps = {s["title"]: s["limit"] for s in _block(pack, "how-it-works", "steps")["steps"]}
    assert steps.keys() == STEPS.keys()
    for title, codes in STEPS.items():
        told = re.findall(r"\d+ (?:个工作日|个工作时|小时)", steps[title])
        assert told == [_said(pack, code) for code in codes], title


def test_the_table_of_rights_tells_the_times_of_the_clocks(pack):
    rows = {row["values"][0]: row["values"][1] for row in _block(pack, "rights", "table")["rows"]}
    assert rows.keys() - RIGHTS.keys() == {"延期"}  # no time of its own
    for title, (code, urgency) in RIGHTS.items():
        assert rows[title].removesuffix("内") == _said(pack, code, urgency), title
