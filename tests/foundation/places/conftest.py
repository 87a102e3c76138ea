"""Small packs written for one test, and a process that remembers nothing of the test before."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.places import selectors
from foundation.worktime import selectors as worktime

DISTRICT = """
code = "990101"
name = "试验区"
full_name = "某市试验区"
platform_name = "试验共治"
case_prefix = "SY"
bbox = [110.0, 30.0, 110.4, 30.4]
boundary = [[110.0, 30.0], [110.3, 30.0], [110.3, 30.3], [110.0, 30.3], [110.0, 30.0]]
[[hotlines]]
name = "热线"
number = "12345"
"""
DEPARTMENTS = """
[[department]]
code = "ecology"
name = "生态环境局"

[[department]]
code = "street-a"
name = "甲街道办事处"
area = "990101001"
"""
CALENDAR = """
announced_until = 2026
hours = [["08:00", "12:00"], ["14:00", "18:00"]]
"""


def square(west: float, south: float, size: float = 0.1) -> dict[str, Any]:
    east, north = round(west + size, 6), round(south + size, 6)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def small_areas() -> list[dict[str, Any]]:
    """A district with two towns, three communities and three grids of 0.1° each."""
    return [
        {"code": "990101", "name": "试验区", "kind": "district"},
        {"code": "990101001", "name": "甲街道", "kind": "town", "parent": "990101"},
        {"code": "990101001901", "name": "甲一社区", "kind": "community", "parent": "990101001"},
        {
            "code": "99010100190101",
            "name": "甲一第一网格",
            "kind": "grid",
            "parent": "990101001901",
            "geometry": square(110.0, 30.0),
        },
        {
            "code": "99010100190102",
            "name": "甲一第二网格",
            "kind": "grid",
            "parent": "990101001901",
            "geometry": square(110.1, 30.0),
        },
        {"code": "990101002", "name": "乙镇", "kind": "town", "parent": "990101"},
        {"code": "990101002901", "name": "乙一村", "kind": "community", "parent": "990101002"},
        {
            "code": "99010100290101",
            "name": "乙一第一网格",
            "kind": "grid",
            "parent": "990101002901",
            "geometry": square(110.0, 30.1),
        },
    ]


class SmallPack:
    """Files of a pack that a test may break."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.areas = small_areas()
        self.write("district.toml", DISTRICT)
        self.write("departments.toml", DEPARTMENTS)
        self.write("calendar.toml", CALENDAR)
        self.write_areas()

    def write(self, name: str, text: str) -> None:
        (self.root / name).write_text(text, encoding="utf-8")

    def write_areas(self) -> None:
        self.write("areas.json", json.dumps({"areas": self.areas}, ensure_ascii=False))

    def area(self, code: str) -> dict[str, Any]:
        return next(area for area in self.areas if area["code"] == code)


@pytest.fixture
def small_pack(tmp_path: Path) -> SmallPack:
    root = tmp_path / "pack"
    root.mkdir()
    return SmallPack(root)


@pytest.fixture
def only_foundation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the loaders of places and worktime alone: a small pack holds nothing for other apps."""
    from foundation.places import services

    known = services.loaders
    mine = {"district", "areas", "departments", "calendar"}

    def some(*, demo: bool = False) -> list[Any]:
        return [entry for entry in known(demo=demo) if entry.section in mine]

    monkeypatch.setattr(services, "loaders", some)


@pytest.fixture(autouse=True)
def fresh_process() -> Iterator[Callable[[], None]]:
    def forget() -> None:
        selectors.held.forget()
        worktime.held.forget()

    forget()
    yield forget
    forget()
