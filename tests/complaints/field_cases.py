"""Tasks for the field tests: cases of the cast's own grid, and what a phone posts."""

from typing import Any
from uuid import uuid4

from django.test import Client
from shapely.geometry import shape

from complaints.models import Case
from complaints.services.intake import Reading
from foundation.media.services import stage
from foundation.places.models import Area
from tests.complaints.conftest import Line, jpeg

JSON = {"headers": {"Accept": "application/json"}}


def grid_of(user: Any) -> Area:
    return user.posts.get().area


def middle_of(area: Area) -> tuple[float, float]:
    point = shape(area.geometry).representative_point()
    return point.x, point.y


def task(cast: Any, submit: Any, *, who: str = "grid", photo: bool = True, **parts: Any) -> Line:
    """A report inside the grid of ``who``, accepted and dispatched to it."""
    grid = grid_of(getattr(cast, who))
    lon, lat = middle_of(grid)
    photos = [stage(jpeg())] if photo else []
    case = submit(reading=Reading(lon, lat), photos=photos, **parts).case
    line = Line(cast, case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner=f"grid:{grid.code}", message="请今天去看")
    return line


def signed(cast: Any, submit: Any, **parts: Any) -> Line:
    line = task(cast, submit, **parts)
    line.act(parts.get("who", "grid"), "sign_for")
    return line


def send(client: Client, case: Case, action: str, *, json: bool = True, **fields: Any) -> Any:
    """Post an act as the outbox does (``json``) or as a plain form."""
    posted = {"key": str(uuid4()), "version": case.version, **fields}
    extra = JSON if json else {}
    return client.post(f"/field/{case.number}/{action}/", posted, **extra)
