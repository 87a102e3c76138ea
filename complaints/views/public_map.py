"""P5, the public map: the list is the page, the map stands beside it (ux.md)."""

import hashlib
import json
import re
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import quote_etag
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from complaints.cells import COARSE, FINEST, LOWEST, PER_TILE, Window, shift_of
from complaints.models.public_point import PublicState
from complaints.selectors import public_map as points
from complaints.selectors.public_map import Cell, Wanted
from complaints.selectors.rules import category_by_code
from complaints.selectors.streets import has_demo_streets
from foundation.places.models import AreaKind
from foundation.places.selectors import area_by_code, current_district, towns

MONTHS_OFFERED = 12
#: The public may keep clusters this long: news show within seconds, reloads cost nothing.
SECONDS_KEPT = 15
CELL = re.compile(r"(\d{2})-(\d{1,7})-(\d{1,7})")
AFTER = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})")
ICONS = {
    PublicState.WAITING: "inbox",
    PublicState.WORKING: "wrench",
    PublicState.DONE: "circle-check",
    PublicState.DECLINED: "circle-slash",
}
CHIPS = {
    PublicState.WAITING: "accepted",
    PublicState.WORKING: "working",
    PublicState.DONE: "closed",
    PublicState.DECLINED: "rejected",
}


def wanted_of(query: QueryDict) -> Wanted:
    """Read the filters; what makes no sense is no filter, so that old links keep working."""
    kind = category_by_code(query.get("type", ""))
    state = query.get("state", "")
    town = area_by_code(query.get("area", ""))
    return Wanted(
        kind=kind if kind is not None and kind.parent_id is None else None,
        state=PublicState(state) if state in PublicState.values else None,
        town=town if town is not None and town.kind == AreaKind.TOWN else None,
        month=_month(query.get("month", "")),
        cell=_cell(query.get("cell", "")),
    )


def _month(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}", text):
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _cell(text: str) -> Cell | None:
    match = CELL.fullmatch(text)
    if match is None or not LOWEST <= int(match[1]) <= FINEST:
        return None
    cell = Cell(*(int(part) for part in match.groups()))
    return cell if max(cell.x, cell.y) < PER_TILE << cell.zoom else None


def _after(text: str) -> tuple[date, int] | None:
    match = AFTER.fullmatch(text)
    try:
        return (date.fromisoformat(match[1]), int(match[2])) if match else None
    except ValueError:
        return None


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The list with its filters, a page at a time; scripts add the map. At most 4 queries."""
    wanted = wanted_of(request.GET)
    found = points.listing(wanted, after=_after(request.GET.get("after", "")))
    for_map = kept(wanted)
    context = {
        "wanted": wanted,
        "list": found,
        "rows": [{"item": i, "icon": ICONS[i.state], "chip": CHIPS[i.state]} for i in found.items],
        "kinds": points.kinds(),
        "states": PublicState,
        "state_icons": [(state, ICONS[state], CHIPS[state]) for state in PublicState],
        "towns": towns(),
        "months": _months(),
        "query": urlencode(for_map),
        "next": f"?{urlencode({**for_map, 'after': found.after})}" if found.after else "",
        "is_filtered": bool(for_map),
        "is_further": "after" in request.GET,
        "district_map": current_district(),
        "tiles": settings.MAP_TILES,
        "demo_streets": has_demo_streets(),
    }
    return render(request, "complaints/map.html", context)


def kept(wanted: Wanted) -> dict[str, str]:
    """Return the filters as a query, in a fixed order."""
    return {
        name: value
        for name, value in (
            ("type", wanted.kind.code if wanted.kind else ""),
            ("state", str(wanted.state or "")),
            ("area", wanted.town.code if wanted.town else ""),
            ("month", wanted.month.strftime("%Y-%m") if wanted.month else ""),
            ("cell", str(wanted.cell or "")),
        )
        if value
    }


def _months() -> list[date]:
    first = timezone.localdate().replace(day=1)
    months = []
    for _ in range(MONTHS_OFFERED):
        months.append(first)
        before = first.month - 1 or 12
        first = first.replace(year=first.year - (first.month == 1), month=before)
    return months


@require_safe
@cache_control(public=True, max_age=SECONDS_KEPT)
def clusters(request: HttpRequest) -> HttpResponse:
    """Answer the clusters of a view as JSON: places, cells and numbers, nobody's words. 1 query.

    ``bbox`` is west,south,east,north in degrees; of a very large view larger cells are answered.
    404 when it makes no sense.
    """
    zoom, window = _view(request.GET)
    found = points.clusters(wanted_of(request.GET), window, zoom)
    content = {
        "states": list(PublicState.values),
        "clusters": [
            [c.lon, c.lat, str(c.cell), *(c.counts.get(state, 0) for state in PublicState.values)]
            for c in found
        ],
    }
    body = json.dumps(content, separators=(",", ":")).encode()
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    if request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    return HttpResponse(body, content_type="application/json", headers={"ETag": etag})


def _view(query: QueryDict) -> tuple[int, Window]:
    try:
        zoom = int(query.get("zoom", ""))
        west, south, east, north = (float(part) for part in query.get("bbox", "").split(","))
    except ValueError:
        raise Http404 from None
    if not (-180 <= west < east < 180 and -85 <= south < north <= 85):
        raise Http404
    if not LOWEST <= zoom <= FINEST:
        raise Http404
    window = Window.around(west, south, east, north, zoom)
    while cells_in(window, zoom) > (points.MOST_MET if zoom > COARSE else points.MOST_CELLS):
        if zoom == LOWEST:
            raise Http404
        zoom -= 1
    return zoom, window


def cells_in(window: Window, zoom: int) -> int:
    """Return how many cells of ``zoom`` a window holds."""
    shift = shift_of(zoom)
    across, down = window.east - window.west, window.south - window.north
    return ((across >> shift) + 1) * ((down >> shift) + 1)


__all__ = ["ICONS", "clusters", "kept", "page", "wanted_of"]
