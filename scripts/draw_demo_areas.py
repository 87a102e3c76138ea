"""Draw a district's demonstration grids: areas.source.toml → areas.json, the same every time.

One Voronoi diagram over all grid centres is clipped to the district, so that neighbours share
their corners exactly and nothing overlaps. Communities get two to four grids. Their codes start at
901 within the town, where no real community lies. Where grids of two communities meet, a
demonstration street runs (streets.json), named after the town and numbered, until the district puts
its own centre lines there.

    python scripts/draw_demo_areas.py site/districts/tianning
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiLineString, MultiPoint, Point, Polygon
from shapely.ops import linemerge, unary_union

NUMERALS = ["第一", "第二", "第三", "第四"]
LONGITUDE_SCALE = 0.85  # cos(31.8°): distances in both directions count alike


def main(folder: Path) -> None:
    source = tomllib.loads((folder / "areas.source.toml").read_text(encoding="utf-8"))
    points = source["points"]
    rng = np.random.default_rng(source["seed"])
    outlines = [Polygon([points[name] for name in town["outline"]]) for town in source["town"]]
    check(source["town"], outlines)
    district = source["district"]
    areas: list[dict[str, Any]] = [{**district, "kind": "district"}]
    grids: list[tuple[dict[str, Any], np.ndarray]] = []
    for town, outline in zip(source["town"], outlines, strict=True):
        areas += town_areas(town, district["code"], outline, rng, grids)
    draw(grids, unary_union(outlines))
    write(folder / "areas.json", "areas", areas)
    write(folder / "streets.json", "streets", streets(areas))


def check(towns: list[dict[str, Any]], outlines: list[Polygon]) -> None:
    """Neighbours share corner points; a mistyped point shows up as an overlap or a bad ring."""
    for town, outline in zip(towns, outlines, strict=True):
        if not outline.is_valid:
            sys.exit(f"{town['name']}: the outline crosses itself")
    if sum(o.area for o in outlines) - unary_union(outlines).area > 1e-9:
        sys.exit("the towns' outlines overlap")


def town_areas(
    town: dict[str, Any],
    parent: str,
    outline: Polygon,
    rng: np.random.Generator,
    grids: list[tuple[dict[str, Any], np.ndarray]],
) -> list[dict[str, Any]]:
    """The town, its communities and their grids; grid centres are noted in ``grids``."""
    result = [{"code": town["code"], "name": town["name"], "kind": "town", "parent": parent}]
    cloud = scatter(outline, 6000, rng)
    names = town["communities"]
    owners = clusters(cloud, len(names), rng)
    for serial, name in enumerate(names, start=1):
        community = {"code": f"{town['code']}{900 + serial}", "name": name, "kind": "community"}
        result.append({**community, "parent": town["code"], "is_demo": True})
        part = cloud[owners == serial - 1]
        count = int(rng.integers(2, 5))
        shares = clusters(part, count, rng)
        for number in range(count):
            grid = {
                "code": f"{community['code']}{number + 1:02d}",
                "name": f"{name}{NUMERALS[number]}演示网格",
                "kind": "grid",
                "parent": community["code"],
                "is_demo": True,
            }
            result.append(grid)
            grids.append((grid, part[shares == number].mean(axis=0)))
    return result


def scatter(outline: Polygon, count: int, rng: np.random.Generator) -> np.ndarray:
    west, south, east, north = outline.bounds
    cloud = rng.uniform((west, south), (east, north), (count, 2))
    return cloud[shapely.contains_xy(outline, cloud[:, 0], cloud[:, 1])]


def clusters(cloud: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Lloyd's algorithm: the index of the nearest of ``count`` evenly settled centres."""
    scaled = cloud * (LONGITUDE_SCALE, 1.0)
    centres = scaled[rng.choice(len(scaled), count, replace=False)]
    nearest = np.zeros(len(scaled), dtype=int)
    for _ in range(40):
        nearest = np.argmin(((scaled[:, None] - centres[None]) ** 2).sum(axis=2), axis=1)
        centres = np.array([scaled[nearest == k].mean(axis=0) for k in range(count)])
    return nearest


def draw(grids: list[tuple[dict[str, Any], np.ndarray]], district: Polygon) -> None:
    """Give every grid its Voronoi cell within the district, rounded to five decimals (1 m)."""
    scale = (LONGITUDE_SCALE, 1.0)
    centres = [tuple(centre * scale) for _, centre in grids]
    outline = shapely.transform(district, lambda xy: xy * scale)
    cells = shapely.voronoi_polygons(MultiPoint(centres), extend_to=outline).geoms
    tree = shapely.STRtree(list(cells))
    for (grid, _), centre in zip(grids, centres, strict=True):
        cell = cells[int(tree.query(Point(centre), predicate="within")[0])]
        plain = shapely.transform(cell.intersection(outline), lambda xy: xy / scale)
        if plain.geom_type != "Polygon":
            sys.exit(f"{grid['name']}: the outline cuts the cell in two; change the seed")
        ring = [[round(x, 5), round(y, 5)] for x, y in plain.exterior.coords]
        grid["geometry"] = {"type": "Polygon", "coordinates": [ring]}


def streets(areas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One street for each pair of neighbouring communities, and one inside each community."""
    names = {area["code"]: area["name"] for area in areas}
    grids = [area for area in areas if area["kind"] == "grid"]
    shapes = [Polygon(area["geometry"]["coordinates"][0]) for area in grids]
    tree = shapely.STRtree(shapes)
    borders: dict[tuple[str, str], list[Any]] = {}
    for here, outline in enumerate(shapes):
        for there in sorted(int(n) for n in tree.query(outline, predicate="intersects")):
            if there > here:
                pair = tuple(sorted((grids[here]["parent"], grids[there]["parent"])))
                shared = outline.boundary.intersection(shapes[there].boundary)
                borders.setdefault(pair, []).extend(lines_of(shared))
    count: dict[str, int] = {}
    result = []
    for (first, _), parts in sorted(borders.items()):
        if not parts:
            continue
        town = first[:9]
        count[town] = count.get(town, 0) + 1
        short = names[town].removesuffix("街道").removesuffix("镇")
        merged = lines_of(linemerge(MultiLineString(parts)))
        result.append(
            {
                "code": f"demo-{town}-{count[town]:03d}",
                "name": f"{short}演示{count[town]}路",
                "is_demo": True,
                "lines": [[[round(x, 5), round(y, 5)] for x, y in line.coords] for line in merged],
            }
        )
    return result


def lines_of(geometry: Any) -> list[Any]:
    """The pieces of line in what two borders share; single points are none."""
    parts = getattr(geometry, "geoms", [geometry])
    return [part for part in parts if part.geom_type == "LineString" and part.length > 0]


def write(path: Path, key: str, rows: list[dict[str, Any]]) -> None:
    """One record a line, so that a change of one boundary is a change of one line."""
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]
    path.write_text(f'{{"{key}":[\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")
    sys.stdout.write(f"{path}: {len(rows)} {key}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
