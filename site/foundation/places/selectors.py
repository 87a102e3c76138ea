"""Every read of places: the area tree, departments, the district, and where a point lies.

All of it answers from one snapshot per process (see ``foundation.versioned``): no query when the
version row was looked at within two seconds, else one by primary key, and three more when it has
changed. Objects of the snapshot are shared between requests: read them, never change or save them.
"""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from shapely import STRtree
from shapely.geometry import MultiPolygon, Point, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from foundation.places.district import DistrictProfile
from foundation.places.models import Area, AreaKind, Department, District, PlacesVersion
from foundation.versioned import Versioned

NO_DISTRICT = DistrictProfile()


@dataclass(frozen=True)
class Location:
    """Where a point lies. ``area`` is its grid; None when no grid covers it.

    ``in_district`` stays True for a point inside the district's outline that no grid covers: the
    dispatcher, not a guess at the nearest town, decides about it.
    """

    area: Area | None
    in_district: bool

    @property
    def town(self) -> Area | None:
        """The town or street around the grid, without a query."""
        node = self.area
        while node is not None and node.kind != AreaKind.TOWN:
            node = node.parent
        return node


@dataclass(frozen=True)
class Node:
    """A branch of the area tree."""

    area: Area
    children: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Snapshot:
    """Everything about places at one version, with parents linked in memory."""

    version: UUID | None
    profile: DistrictProfile
    areas: dict[str, Area]
    departments: dict[str, Department]
    texts: dict[str, str] = field(default_factory=dict)

    @cached_property
    def grids(self) -> list[tuple[Area, BaseGeometry]]:
        """Active grids with their polygon."""
        found = [a for a in self.areas.values() if a.kind == AreaKind.GRID and a.geometry]
        return [(area, shape(area.geometry)) for area in found]

    @cached_property
    def tree(self) -> STRtree:
        return STRtree([polygon for _, polygon in self.grids])

    @cached_property
    def outline(self) -> BaseGeometry:
        """The district's own boundary, else the union of its grids."""
        if self.profile.boundary:
            return Polygon(self.profile.boundary)
        return unary_union([polygon for _, polygon in self.grids])

    @cached_property
    def areas_by_id(self) -> dict[int, Area]:
        return {area.pk: area for area in self.areas.values()}

    @cached_property
    def departments_by_id(self) -> dict[int, Department]:
        return {department.pk: department for department in self.departments.values()}

    @cached_property
    def children(self) -> dict[int | None, list[Area]]:
        result: dict[int | None, list[Area]] = {}
        for area in self.areas.values():
            result.setdefault(area.parent_id, []).append(area)
        return result


def snapshot() -> Snapshot:
    """The current snapshot: 0 queries when looked at recently, else 1, and 3 more on a change."""
    return held.get()


def current_district() -> DistrictProfile:
    """Names, extent and contacts of the district; ``NO_DISTRICT`` before a pack is loaded."""
    return snapshot().profile


def locate(lon: float, lat: float) -> Location:
    """Find the grid around a WGS-84 point; at most 1 cheap query (see the module).

    A point on the line between two grids belongs to the one with the smaller code, so that the
    answer never depends on chance. Points that are no coordinates at all lie outside.
    """
    known = snapshot()
    if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
        return Location(None, False)
    point = Point(lon, lat)
    hits = [known.grids[i][0] for i in known.tree.query(point, predicate="intersects")]
    if hits:
        return Location(min(hits, key=lambda area: area.code), True)
    return Location(None, bool(known.outline.intersects(point)))


def area_by_code(code: str) -> Area | None:
    """The active area with this code, its parents linked; None when there is none."""
    return snapshot().areas.get(code)


def area_by_path(path: str) -> Area | None:
    """The active area with this path; None when there is none."""
    area = area_by_code(path.rstrip("/").rpartition("/")[2])
    return area if area is not None and area.path == path else None


def towns() -> list[Area]:
    """Active towns and streets in the pack's order."""
    return [area for area in snapshot().areas.values() if area.kind == AreaKind.TOWN]


def children_of(area: Area | None) -> list[Area]:
    """Active areas directly below ``area``; the district itself for None."""
    return list(snapshot().children.get(area.pk if area else None, []))


def descendants(path: str) -> list[Area]:
    """Active areas at and below ``path``, parents before children. Empty for an empty path."""
    return [a for a in snapshot().areas.values() if path and a.path.startswith(path)]


def ancestors(area: Area) -> list[Area]:
    """The areas around ``area`` from the district down, ``area`` last."""
    codes = area.path.strip("/").split("/")
    known = snapshot().areas
    return [known[code] for code in codes if code in known]


def full_name(area: Area) -> str:
    """Names from the town down, as people say an address: "红梅街道 翠竹社区 …"."""
    return " ".join(a.name for a in ancestors(area) if a.kind != AreaKind.DISTRICT) or area.name


def area_tree() -> list[Node]:
    """The whole active tree, districts first."""
    return [_branch(area, snapshot()) for area in children_of(None)]


def departments() -> list[Department]:
    """Active departments in the pack's order."""
    return list(snapshot().departments.values())


def department_by_code(code: str) -> Department | None:
    """The active department with this code; None when there is none."""
    return snapshot().departments.get(code)


def town_office(area: Area | None) -> Department | None:
    """The office of the town or street in which ``area`` lies."""
    if area is None:
        return None
    for department in snapshot().departments.values():
        if department.area and area.path.startswith(department.area.path):
            return department
    return None


def grids_geojson() -> str:
    """FeatureCollection of the grids as JSON text, for the pin picker and desk maps.

    Properties: code, name, town (code), demo. Coordinates WGS-84 with five decimals (1 m).
    """
    known = snapshot()
    if "grids" not in known.texts:
        features = [_feature(area, polygon) for area, polygon in known.grids]
        known.texts["grids"] = _collection(features)
    return known.texts["grids"]


def towns_geojson() -> str:
    """FeatureCollection of the towns' outlines (unions of their grids) as JSON text."""
    known = snapshot()
    if "towns" not in known.texts:
        features = []
        for town in towns():
            parts = [p for area, p in known.grids if area.path.startswith(town.path)]
            if parts:
                features.append(_feature(town, unary_union(parts)))
        known.texts["towns"] = _collection(features)
    return known.texts["towns"]


def _version() -> UUID | None:
    return PlacesVersion.objects.values_list("version", flat=True).first()


def _build(version: UUID | None) -> Snapshot:
    row = District.objects.first()
    areas = {area.code: area for area in Area.objects.filter(is_active=True)}
    by_id = {area.pk: area for area in areas.values()}
    for area in areas.values():
        if area.parent_id in by_id:
            area.parent = by_id[area.parent_id]
    departments = {d.code: d for d in Department.objects.filter(is_active=True)}
    for department in departments.values():
        if department.area_id in by_id:
            department.area = by_id[department.area_id]
    ordered = dict(sorted(areas.items(), key=lambda item: (item[1].path.count("/"), item[1].order)))
    profile = DistrictProfile.from_json(row.profile) if row else NO_DISTRICT
    return Snapshot(version, profile, ordered, departments)


def _branch(area: Area, known: Snapshot) -> Node:
    below = known.children.get(area.pk, [])
    return Node(area, tuple(_branch(child, known) for child in below))


def _feature(area: Area, polygon: BaseGeometry) -> dict[str, Any]:
    town = area
    while town.kind != AreaKind.TOWN and town.parent is not None:
        town = town.parent
    properties = {"code": area.code, "name": area.name, "town": town.code, "demo": area.is_demo}
    return {"type": "Feature", "properties": properties, "geometry": _rounded(polygon)}


def _rounded(polygon: BaseGeometry) -> dict[str, Any]:
    def tidy(value: Any) -> Any:
        return [tidy(v) for v in value] if isinstance(value, list | tuple) else round(value, 5)

    geometry = mapping(polygon if isinstance(polygon, MultiPolygon) else Polygon(polygon))
    return {"type": geometry["type"], "coordinates": tidy(geometry["coordinates"])}


def _collection(features: list[dict[str, Any]]) -> str:
    content = {"type": "FeatureCollection", "features": features}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


held = Versioned(_version, _build)
