"""Loads street centre lines (``streets.json``), to which the public map's points snap."""

from uuid import uuid4

from complaints.models import Street
from complaints.selectors import streets
from complaints.services.public_points import rebuild
from foundation.jobs.services import emit
from foundation.places.pack import Changes, Pack, Row, demo_loader, loader
from foundation.places.services import renew_version

FIELDS = ("name", "lines", "is_demo")


@loader("streets", order=60)
def load_streets(pack: Pack) -> Changes:
    """Streets with centre lines in WGS-84; a pack without the file has none."""
    rows = pack.json_rows("streets", "streets") if pack.has("streets.json") else []
    wanted: dict[str, Street] = {}
    for row in rows:
        street = _street(row)
        if street.code in wanted:
            raise row.error("code", "this code is used twice")
        wanted[street.code] = street
    changes = _store(wanted)
    if changes:
        renew_version()
        emit("streets.changed", key=str(uuid4()), payload={})
    streets.held.forget()
    return changes


def _street(row: Row) -> Street:
    street = Street(
        code=row.text("code", longest=40),
        name=row.text("name", longest=60),
        is_demo=row.flag("is_demo", False),
        lines=row.raw("lines"),
    )
    if not _are_lines(street.lines):
        raise row.error("lines", "must be lists of at least two [longitude, latitude] pairs")
    row.finish()
    return street


def _are_lines(lines: object) -> bool:
    return isinstance(lines, list) and all(
        isinstance(line, list) and len(line) > 1 and all(_is_point(point) for point in line)
        for line in lines
    )


def _is_point(point: object) -> bool:
    if not (isinstance(point, list) and len(point) == 2):
        return False
    return all(isinstance(v, int | float) for v in point) and abs(point[1]) <= 90


def _store(wanted: dict[str, Street]) -> Changes:
    stored = {street.code: street for street in Street.objects.all()}
    new = [street for code, street in wanted.items() if code not in stored]
    changed = []
    for code, street in wanted.items():
        known = stored.get(code)
        if known is None or all(getattr(known, f) == getattr(street, f) for f in FIELDS):
            continue
        for name in FIELDS:
            setattr(known, name, getattr(street, name))
        changed.append(known)
    gone = [street.pk for code, street in stored.items() if code not in wanted]
    Street.objects.bulk_create(new)
    if changed:
        Street.objects.bulk_update(changed, FIELDS)
    if gone:
        Street.objects.filter(pk__in=gone).delete()
    same = len(wanted) - len(new) - len(changed)
    return Changes(len(new), len(changed), same, len(gone))


@demo_loader("public_points", order=60)
def load_demo_points(pack: Pack) -> Changes:
    """The demonstration cases on the public map."""
    return Changes(added=rebuild())
