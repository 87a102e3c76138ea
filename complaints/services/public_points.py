"""Keeps the public map in step with the cases: one point each, and counts of points."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from complaints.cells import COARSE, FINEST, cell_of
from complaints.identity import Identity
from complaints.models import Act, Case, PointCount, PublicPoint, PublishedLink
from complaints.models.public_point import PublicState
from complaints.public_state import public_state
from complaints.selectors.public_ids import public_id_of
from complaints.selectors.rules import category_by_id
from complaints.selectors.streets import public_spot
from complaints.workflow import State
from foundation.places.models import Area, AreaKind
from foundation.places.selectors import ancestors, area_by_path

SHIFT = FINEST - COARSE
CHUNK = 1000
COLUMNS = (
    "pk", "uid", "state", "identity", "is_outside", "lon", "lat", "area_path", "category_id",
    "submitted_at", "accepted_at", "replied_at", "closed_at",
)  # fmt: skip
COMPARED = ("lon", "lat", "place", "town", "area_path", "category_id", "kind_id", "state", "day")
Key = tuple[int, int, int, str, str, date]


def refresh(*, case_uid: UUID) -> None:
    """Bring the point of one case up to date; harmless when repeated. Own transaction.

    Locks the case, so that two handlers of one case follow each other. At most 6 statements.
    """
    with transaction.atomic():
        cases = Case.objects.select_for_update(of=("self",)).filter(uid=case_uid)
        case = _with_past(cases).first()
        if case is not None:
            _store([case], changed_on=timezone.localdate())


def rebuild(*, tell: Callable[[int], None] = lambda done: None) -> int:
    """Look at every case, mend points that differ, and count everything anew; return how many.

    Chunks of a thousand cases, a transaction each; may run beside the living house.
    """
    mended, last = 0, 0
    while True:
        with transaction.atomic():
            wanted = Case.objects.select_for_update(of=("self",)).filter(pk__gt=last)
            cases = list(_with_past(wanted).order_by("pk")[:CHUNK])
            if not cases:
                break
            mended += _store(cases, count=False)
        last = cases[-1].pk
        tell(len(cases))
    recount()
    return mended


def recount() -> None:
    """Count all points anew. Locks the counts; two statements and one lock on PostgreSQL."""
    table, points = PointCount._meta.db_table, PublicPoint._meta.db_table
    month = "date_trunc('month', day)::date"
    if connection.vendor != "postgresql":
        month = "strftime('%%Y-%%m-01', day)"
    # Only names of our own tables and constants are written into the text.
    fill = f"""
        INSERT INTO {table} (x, y, kind_id, state, town, month, count, sum_x, sum_y)
        SELECT x >> {SHIFT}, y >> {SHIFT}, kind_id, state, town, {month}, count(*), sum(x), sum(y)
        FROM {points} GROUP BY 1, 2, 3, 4, 5, 6
    """  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Waits for those who count at this moment: their points are seen or added afterwards.
            cursor.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        PointCount.objects.all().delete()
        cursor.execute(fill, [])


def hide_confidential() -> int:
    """Take points away whose case became confidential without an act; return how many."""
    hidden = PublicPoint.objects.filter(case__identity=Identity.CONFIDENTIAL)
    uids = list(hidden.values_list("case__uid", flat=True)[:CHUNK])
    for uid in uids:
        refresh(case_uid=uid)
    return len(uids)


def link_result(*, case_uid: UUID, path: str) -> None:
    """Remember where the result of a case is published; '' when it is not any more."""
    pk = Case.objects.filter(uid=case_uid).values_list("pk", flat=True).first()
    if pk is None:
        return
    if path:
        PublishedLink.objects.update_or_create(case_id=pk, defaults={"path": path})
    else:
        PublishedLink.objects.filter(case_id=pk).delete()


def _with_past(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Only the columns that the map needs, and the state that archived cases had."""
    acts = Act.objects.filter(case=OuterRef("pk"), action="archive").order_by("-pk")
    return cases.only(*COLUMNS).annotate(archived_from=Subquery(acts.values("source")[:1]))


def _store(cases: Sequence[Case], *, changed_on: date | None = None, count: bool = True) -> int:
    """Write, move or remove the points of locked cases; return how many differed."""
    known = PublicPoint.objects.in_bulk([case.pk for case in cases])
    gone: list[PublicPoint] = []
    new: list[PublicPoint] = []
    for case in cases:
        old, wanted = known.get(case.pk), point_of(case)
        if wanted is None:
            gone += [old] if old else []
            continue
        if old is not None and all(getattr(old, f) == getattr(wanted, f) for f in COMPARED):
            continue
        gone += [old] if old else []
        wanted.changed_on = _changed_on(old, wanted, changed_on)
        new.append(wanted)
    if count:
        _count(gone, new)
    if gone:
        PublicPoint.objects.filter(pk__in=[point.pk for point in gone]).delete()
    PublicPoint.objects.bulk_create(new)
    return len({point.pk for point in [*gone, *new]})


def _changed_on(old: PublicPoint | None, wanted: PublicPoint, today: date | None) -> date:
    if old is not None and old.state == wanted.state:
        return old.changed_on
    return today or wanted.changed_on


def point_of(case: Case) -> PublicPoint | None:
    """Return the unsaved point of a case; None when the public map does not show it. No query."""
    state = public_state(
        case.state,
        identity=case.identity,
        is_outside=case.is_outside,
        archived_from=_archived_from(case),
    )
    category = category_by_id(case.category_id)
    area = area_by_path(case.area_path)
    spot = public_spot(case.lon, case.lat, area) if area is not None else None
    if state is None or category is None or area is None or spot is None:
        return None
    x, y = cell_of(spot.lon, spot.lat)
    return PublicPoint(
        case_id=case.pk,
        public_id=public_id_of(case.uid),
        lon=spot.lon,
        lat=spot.lat,
        x=x,
        y=y,
        place=spot.name,
        town=_town(area),
        area_path=area.path,
        category_id=category.pk,
        kind_id=category.parent_id or category.pk,
        state=state,
        day=_day(case.submitted_at),
        changed_on=_day(_since(case, state)),
    )


def _archived_from(case: Case) -> str:
    if case.state != State.ARCHIVED:
        return ""
    return getattr(case, "archived_from", None) or ""


def _town(area: Area) -> str:
    towns = [a.code for a in ancestors(area) if a.kind == AreaKind.TOWN]
    return towns[0] if towns else ""


def _since(case: Case, state: PublicState) -> datetime:
    """The moment from which ``state`` holds, as well as the case itself tells."""
    told = {
        PublicState.DONE: case.replied_at or case.closed_at,
        PublicState.DECLINED: case.closed_at,
    }
    return told.get(state) or case.accepted_at or case.submitted_at


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)


def _count(gone: Iterable[PublicPoint], new: Iterable[PublicPoint]) -> None:
    """Move the counts from what was to what is; in a fixed order, so that none waits for ever."""
    sums: dict[Key, list[int]] = {}
    for sign, points in ((-1, gone), (1, new)):
        for p in points:
            key = (
                p.x >> SHIFT,
                p.y >> SHIFT,
                p.kind_id,
                str(p.state),
                p.town,
                p.day.replace(day=1),
            )
            total = sums.setdefault(key, [0, 0, 0])
            for place, value in enumerate((1, p.x, p.y)):
                total[place] += sign * value
    rows: list[list[int | str | date]] = [
        [*key, *total] for key, total in sorted(sums.items()) if any(total)
    ]
    table = PointCount._meta.db_table
    sql = f"""
        INSERT INTO {table} (x, y, kind_id, state, town, month, count, sum_x, sum_y)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (x, y, kind_id, state, town, month) DO UPDATE SET
            count = {table}.count + excluded.count,
            sum_x = {table}.sum_x + excluded.sum_x,
            sum_y = {table}.sum_y + excluded.sum_y
    """  # noqa: S608
    with connection.cursor() as cursor:
        for row in rows:
            cursor.execute(sql, row)
