"""Loaders of the pack's own sections: the district, its areas, its departments."""

from collections.abc import Iterable
from typing import Any

from shapely import STRtree
from shapely.errors import ShapelyError
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from foundation.places.district import DistrictProfile, read_district
from foundation.places.errors import PackError
from foundation.places.models import Area, AreaKind, Department, District
from foundation.places.pack import Changes, Pack, loader
from foundation.places.pack_rows import Row
from foundation.places.services import renew_version

LEVELS = [AreaKind.DISTRICT, AreaKind.TOWN, AreaKind.COMMUNITY, AreaKind.GRID]
# Two grids may share a line; rounding to five decimals may overlap by a few square metres.
OVERLAP_TOLERANCE = 1e-9  # square degrees, about 10 m²
AREA_FIELDS = ["name", "kind", "parent_id", "path", "geometry", "is_demo", "is_active", "order"]
DEPARTMENT_FIELDS = ["name", "short_name", "phone", "area_id", "is_active"]


@loader("district", order=0)
def load_profile(pack: Pack) -> Changes:
    """``district.toml`` → the one District row."""
    profile = read_district(pack)
    stored = District.objects.filter(id=1).first()
    if stored and DistrictProfile.from_json(stored.profile) == profile:
        return Changes(unchanged=1)
    values = {"code": profile.code, "name": profile.name, "profile": profile.as_json()}
    District.objects.update_or_create(id=1, defaults=values)
    renew_version()
    return Changes(changed=1) if stored else Changes(added=1)


@loader("areas", order=10)
def load_areas(pack: Pack) -> Changes:
    """``areas.json`` → the area tree; an area missing in the file is taken out of use."""
    wanted = read_areas(pack)
    stored = {area.code: area for area in Area.objects.all()}
    changes = Changes()
    for level in LEVELS:
        batch = [area for area in wanted if area.kind == level]
        for area in batch:  # parents of this level have their key by now
            parent_code = area.path.strip("/").split("/")[-2:-1]
            area.parent = stored[parent_code[0]] if parent_code else None
        changes += _upsert_areas(batch, stored)
    gone = [a for a in stored.values() if a.is_active and a.code not in {w.code for w in wanted}]
    Area.objects.filter(pk__in=[area.pk for area in gone]).update(is_active=False)
    changes += Changes(removed=len(gone))
    if changes:
        renew_version()
    return changes


@loader("departments", order=20)
def load_departments(pack: Pack) -> Changes:
    """``departments.toml`` → departments; one missing in the file is taken out of use."""
    areas = {area.code: area for area in Area.objects.all()}
    stored = {department.code: department for department in Department.objects.all()}
    wanted = _unique(_department(row, areas) for row in pack.rows("departments", "department"))
    if not wanted:
        raise PackError("departments.toml", "", "has no [[department]] entry")
    new, different, same = _sort_out(list(wanted.values()), stored, DEPARTMENT_FIELDS)
    Department.objects.bulk_create(new)
    Department.objects.bulk_update(different, DEPARTMENT_FIELDS)
    gone = [d.pk for code, d in stored.items() if d.is_active and code not in wanted]
    Department.objects.filter(pk__in=gone).update(is_active=False)
    changes = Changes(len(new), len(different), same, len(gone))
    if changes:
        renew_version()
    return changes


def read_areas(pack: Pack) -> list[Area]:
    """Check ``areas.json`` completely and return unsaved areas, parents first. No query."""
    extent = box(*read_district(pack).bbox)
    rows = pack.json_rows("areas", "areas")
    known: dict[str, Area] = {}
    shapes: list[tuple[Row, BaseGeometry]] = []
    for position, row in enumerate(rows):
        area = _area(row, known, position)
        known[area.code] = area
        if area.geometry:
            shapes.append((row, _polygon(row, area, extent)))
    if not any(area.kind == AreaKind.DISTRICT for area in known.values()):
        raise PackError("areas.json", "", 'has no area of the kind "district"')
    _refuse_overlaps(shapes)
    return list(known.values())


def _area(row: Row, known: dict[str, Area], position: int) -> Area:
    code = row.text("code", longest=32)
    if not code.isalnum() or code in known:
        problem = "is used twice" if code in known else "may hold letters and digits only"
        raise row.error("code", problem)
    kind = AreaKind(row.choice("kind", AreaKind.values))
    path = f"{_parent_path(row, kind, known)}{code}/"
    area = Area(
        code=code,
        name=row.text("name", longest=80),
        kind=kind,
        path=path,
        geometry=row.raw("geometry", None),
        is_demo=row.flag("is_demo", False),
        is_active=True,
        order=row.whole("order", position),
    )
    if area.geometry and kind != AreaKind.GRID:
        raise row.error("geometry", "only grids carry polygons; outlines above are their union")
    row.finish()
    return area


def _parent_path(row: Row, kind: AreaKind, known: dict[str, Area]) -> str:
    if kind == AreaKind.DISTRICT:
        if row.raw("parent", None) is not None:
            raise row.error("parent", "a district has no parent; remove the field")
        return ""
    code = row.text("parent")
    if code not in known:
        raise row.error("parent", f"there is no area {code} above this line; parents come first")
    above = LEVELS[LEVELS.index(kind) - 1]
    if known[code].kind != above:
        raise row.error("parent", f"a {kind} lies in a {above}, but {code} is a {known[code].kind}")
    return known[code].path


def _polygon(row: Row, area: Area, extent: BaseGeometry) -> BaseGeometry:
    geometry: Any = area.geometry
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise row.error("geometry", "must be a GeoJSON Polygon or MultiPolygon")
    try:
        polygon = shape(geometry)
    except (ShapelyError, ValueError, TypeError, IndexError, KeyError, AttributeError) as error:
        raise row.error("geometry", f"is not valid GeoJSON: {error}") from error
    if polygon.is_empty or not polygon.is_valid:
        raise row.error("geometry", "is empty or crosses itself; draw it again")
    if not extent.contains(polygon):
        problem = "leaves the district's bbox; coordinates are [longitude, latitude] in WGS-84"
        raise row.error("geometry", problem)
    return polygon


def _refuse_overlaps(shapes: list[tuple[Row, BaseGeometry]]) -> None:
    polygons = [polygon for _, polygon in shapes]
    left, right = STRtree(polygons).query(polygons, predicate="intersects")
    for i, j in zip(left, right, strict=True):
        if i < j and polygons[i].intersection(polygons[j]).area > OVERLAP_TOLERANCE:
            raise shapes[j][0].error("geometry", f"overlaps with {shapes[i][0].where}")


def _department(row: Row, areas: dict[str, Area]) -> Department:
    code = row.text("code", longest=40)
    area_code = row.text("area", "")
    if area_code and area_code not in areas:
        raise row.error("area", f"there is no area {area_code} in areas.json")
    if not code.replace("-", "").isalnum() or not code.isascii():
        raise row.error("code", "may hold small letters, digits and hyphens only")
    department = Department(
        code=code,
        name=row.text("name", longest=80),
        short_name=row.text("short_name", "", longest=30),
        phone=row.text("phone", "", longest=40),
        area=areas[area_code] if area_code else None,
        is_active=True,
    )
    row.finish()
    return department


def _unique(departments: Iterable[Department]) -> dict[str, Department]:
    result: dict[str, Department] = {}
    for department in departments:
        if department.code in result:
            raise PackError("departments.toml", department.code, "this code is used twice")
        result[department.code] = department
    return result


def _upsert_areas(batch: list[Area], stored: dict[str, Area]) -> Changes:
    new, different, same = _sort_out(batch, stored, AREA_FIELDS)
    Area.objects.bulk_create(new)
    Area.objects.bulk_update(different, AREA_FIELDS)
    stored.update({area.code: area for area in new})
    return Changes(added=len(new), changed=len(different), unchanged=same)


def _sort_out(
    wanted: list[Any], stored: dict[str, Any], fields: list[str]
) -> tuple[list[Any], list[Any], int]:
    """Split into new rows, stored rows that now carry other values, and a count of equal ones."""
    new, different, same = [], [], 0
    for item in wanted:
        row = stored.get(item.code)
        if row is None:
            new.append(item)
        elif all(getattr(row, name) == getattr(item, name) for name in fields):
            same += 1
        else:
            for name in fields:
                setattr(row, name, getattr(item, name))
            different.append(row)
    return new, different, same
