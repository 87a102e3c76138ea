"""Synthetic cases with whole histories, for demonstration, tests and benchmarks.

Every case walks the real workflow table with the real clock rules; acts, clocks and ledger entries
are written in bulk, so that 100,000 cases take a minute. All rows are marked ``is_demo``.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

from complaints import numbers
from complaints.clockwork import EXTENSION, plan
from complaints.models import Act, Case, CaseCounter, Category, Clock
from complaints.selectors.rules import categories
from complaints.services.bulk import insert_rows, next_ids
from complaints.services.clocks import rule_for
from complaints.services.routing import suggest_owner
from complaints.services.stories import (
    RATING_WEIGHTS,
    REPLY,
    TYPE_SHARES,
    WORDS,
    Beat,
    delay_hours,
    pick_story,
)
from complaints.workflow import START, STATES, TABLE, Party, State
from foundation.ledger.actor import Actor
from foundation.ledger.services import Record, append_many
from foundation.places.models import Area, AreaKind, Department
from foundation.places.selectors import current_district, department_by_code, snapshot
from foundation.worktime.services import deadline

CHUNK = 1000
STEP = timedelta(minutes=30)
Told = Callable[[int], None]

CASE_COLUMNS = (
    "id", "uid", "number", "receipt_hash", "submission_hash", "version", "state", "is_open",
    "next_party", "due_at", "handling_due_at", "track", "channel", "category_id", "urgency",
    "description", "address", "lon", "lat", "location_source", "raw_location", "is_outside",
    "area_id", "area_path", "photo_count", "complainant_record", "account_id",
    "suggested_department_id", "suggested_grid_id", "owner_department_id", "owner_grid_id",
    "handler_id", "completed_by", "main_case_id", "submitted_at", "accepted_at", "replied_at",
    "closed_at", "reply", "outcome", "rating", "rating_text", "rated_at", "return_count",
    "extension_count", "reopen_count", "redress_count", "urge_count", "is_supervised", "is_key",
    "is_demo",
)  # fmt: skip
CLOCK_COLUMNS = (
    "case_id", "code", "limit", "legal_basis", "started_at", "due_at", "stopped_at", "outcome",
    "explanation", "version",
)  # fmt: skip
ACT_COLUMNS = (
    "case_id", "ledger_seq", "key", "action", "source", "target", "actor_kind", "actor_id",
    "actor_role", "at", "public_text", "internal_text", "data",
)  # fmt: skip
ROLES = {
    Party.DISPATCHER: "dispatcher",
    Party.HANDLER: "grid_worker",
    Party.REVIEWER: "dispatcher",
    Party.FOLLOWUP: "followup_clerk",
    Party.SUPERVISOR: "supervisor",
}


OUTCOMES, OUTCOME_WEIGHTS = ("solved", "ordered", "explained"), (70, 20, 10)
FIXED_EFFECTS: dict[str, dict[str, Any]] = {
    "request_return": {"return_count": 1},
    "uphold_return": {"owner_grid_id": None, "owner_department_id": None},
    "grant_extension": {"extension_count": 1},
    "approve": {"reply": REPLY},
    "answer_directly": {"reply": REPLY},
    "reopen": {"reopen_count": 1, "closed_at": None, "completed_by": ""},
}
#: Columns that hold the moment of the act.
STAMPS: dict[str, tuple[str, ...]] = {
    "accept": ("accepted_at",),
    "approve": ("replied_at",),
    "answer_directly": ("replied_at",),
    "rate": ("rated_at",),
    "close": ("closed_at",),
    "reject": ("closed_at",),
    "refer_out": ("closed_at",),
    "withdraw": ("closed_at",),
}


@dataclass
class Draft:
    """A case on its way through its story, as plain values by column name."""

    values: dict[str, Any]
    category: Category
    clocks: list[dict[str, Any]] = field(default_factory=list)
    acts: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Spot:
    """A grid and where it can be hit."""

    grid: Area
    shape: BaseGeometry


def make_cases(*, count: int, seed: int, years: float = 1.0, tell: Told = lambda done: None) -> int:
    """Write ``count`` synthetic cases spread over the last ``years``; returns how many.

    The same seed gives the same cases for the same moment. Each thousand is one transaction: the
    ledger's chain, acts, clocks and cases are whole at every commit. ``tell`` hears of progress.
    """
    random = Random(seed)  # noqa: S311 - play data, nothing secret hangs on it
    spots = _spots()
    now = timezone.now()
    since = now - timedelta(days=365 * years)
    moments = sorted(_moment(random, since, now) for _ in range(count))
    for start in range(0, count, CHUNK):
        chunk = moments[start : start + CHUNK]
        with transaction.atomic():
            drafts = [_story(random, spots, moment, now) for moment in chunk]
            _write(drafts)
        tell(len(chunk))
    return count


def _spots() -> list[Spot]:
    areas = snapshot().areas.values()
    return [Spot(a, shape(a.geometry)) for a in areas if a.kind == AreaKind.GRID and a.geometry]


def _moment(random: Random, since: datetime, now: datetime) -> datetime:
    """A moment of the waking day, to the half hour so that deadlines can be reused."""
    day = since + (now - since) * random.random()
    local = timezone.localtime(day).replace(minute=random.choice((0, 30)), second=0, microsecond=0)
    moment = local.replace(hour=min(23, max(0, int(random.gauss(15, 4)))))
    return min(moment, now - STEP)


def _story(random: Random, spots: list[Spot], start: datetime, now: datetime) -> Draft:
    draft = _reported(random, spots, start)
    moment = start
    for beat in pick_story(random):
        moment += max(STEP, STEP * round(delay_hours(random, beat.hours) * 2))
        if moment >= now:
            break
        _play(draft, beat, moment, random)
    return draft


def _category(random: Random) -> Category:
    kind = random.choices(list(TYPE_SHARES), list(TYPE_SHARES.values()))[0]
    below = [c for c in categories() if c.parent is not None and c.parent.code == kind]
    return random.choice(below or [c for c in categories() if c.code == kind])


def _reported(random: Random, spots: list[Spot], start: datetime) -> Draft:
    category, spot = _category(random), random.choice(spots)
    point = _point_in(random, spot.shape)
    owner = suggest_owner(category, spot.grid)
    uid = UUID(int=random.getrandbits(128), version=4)
    kind = category.parent.code if category.parent else category.code
    values: dict[str, Any] = {
        "uid": uid,
        "receipt_hash": hashlib.sha256(b"demo receipt" + uid.bytes).hexdigest(),
        "version": 1,
        "track": "report",
        "channel": random.choices(("web", "phone", "patrol"), (60, 30, 10))[0],
        "category_id": category.pk,
        "urgency": category.urgency,
        "description": random.choice(WORDS.get(kind, WORDS["waste"])),
        "address": f"{spot.grid.name}附近",
        "lon": round(point.x, 6),
        "lat": round(point.y, 6),
        "location_source": "browser",
        "area_id": spot.grid.pk,
        "area_path": spot.grid.path,
        "suggested_department_id": owner.department.pk if owner.department else None,
        "suggested_grid_id": owner.grid.pk if owner.grid else None,
        "submitted_at": start,
        "state": State.SUBMITTED,
    }
    draft = Draft(values, category)
    _act(draft, "submit", START, State.SUBMITTED, start, Actor("resident", "guest"))
    _turn(draft, START, "submit", State.SUBMITTED, start)
    return draft


def _point_in(random: Random, polygon: BaseGeometry) -> Point:
    west, south, east, north = polygon.bounds
    for _ in range(50):
        point = Point(random.uniform(west, east), random.uniform(south, north))
        if polygon.contains(point):
            return point
    return polygon.representative_point()


def _play(draft: Draft, beat: Beat, moment: datetime, random: Random) -> None:
    source = draft.values["state"]
    row = TABLE[(source, beat.action)]
    _effect(draft, beat.action, moment, random)
    draft.values["state"] = row.target
    draft.values["version"] += 1
    _act(draft, beat.action, source, row.target, moment, _actor(beat.party))
    _turn(draft, source, beat.action, row.target, moment)


def _actor(party: Party) -> Actor:
    if party == Party.COMPLAINANT:
        return Actor("resident", "guest")
    if party == Party.SYSTEM:
        return Actor.system("worker")
    return Actor("staff", f"demo-{party}", ROLES[party])


def _owner(draft: Draft) -> dict[str, Any]:
    """Dispatch to the duty matrix's owner; the ecology bureau takes what it leaves open."""
    grid, department = (
        draft.values["suggested_grid_id"],
        draft.values["suggested_department_id"],
    )
    if grid is None and department is None:
        department = _fallback().pk
    return {"owner_grid_id": grid, "owner_department_id": None if grid else department}


def _fallback() -> Department:
    found = department_by_code("ecology") or next(iter(snapshot().departments.values()))
    return found


def _effect(draft: Draft, action: str, moment: datetime, random: Random) -> None:
    """Set what the act changes on the case, as services.effects does."""
    if action == "dispatch":
        draft.values.update(_owner(draft))
    elif action == "complete":
        draft.values["outcome"] = random.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
        draft.values["completed_by"] = "staff:demo-handler"
    elif action == "rate":
        draft.values["rating"] = random.choices((5, 4, 3, 2, 1), RATING_WEIGHTS)[0]
    draft.values.update(FIXED_EFFECTS.get(action, {}))
    draft.values.update({name: moment for name in STAMPS.get(action, ())})


def _act(
    draft: Draft, action: str, source: str, target: State, moment: datetime, actor: Actor
) -> None:
    draft.acts.append(
        {
            "action": action,
            "source": "" if source == START else source,
            "target": target,
            "actor": actor,
            "at": moment,
            "public_text": REPLY if action in {"approve", "answer_directly"} else "",
            "version": draft.values["version"],
        }
    )


@lru_cache(maxsize=200_000)
def _deadline(start: datetime, limit: str) -> tuple[datetime, dict[str, Any]]:
    due = deadline(start, limit)
    return due.due, due.explanation()


def _turn(draft: Draft, source: str, action: str, target: State, moment: datetime) -> None:
    """Stop and start clocks by the same plan as the services."""
    values = draft.values
    todo = plan(
        source=source,
        action=action,
        target=target,
        answer_is_running=values.get("handling_due_at") is not None,
    )
    for clock in draft.clocks:
        if clock["outcome"] == "running" and clock["code"] in todo.stop | todo.void:
            clock["stopped_at"] = moment
            met = "met" if clock["due_at"] >= moment else "late"
            clock["outcome"] = "void" if clock["code"] in todo.void else met
            clock["version"] = 2
    if todo.overall:
        start = values["handling_due_at"] if todo.overall == EXTENSION else moment
        values["handling_due_at"] = _start(draft, todo.overall, start)["due_at"]
    due = values.get("handling_due_at")
    if todo.state:
        due = _start(draft, todo.state, moment)["due_at"]
    spec = STATES[target]
    values["is_open"] = spec.is_open
    values["next_party"] = str(spec.next_party) if spec.next_party else ""
    values["due_at"] = due if spec.is_open else None


def _start(draft: Draft, code: str, moment: datetime) -> dict[str, Any]:
    values = draft.values
    rule = rule_for(
        code, track="report", urgency=values["urgency"], on=localdate(values["submitted_at"])
    )
    due, explanation = _deadline(moment, rule.limit)
    clock = {
        "code": code,
        "limit": rule.limit,
        "legal_basis": rule.legal_basis,
        "started_at": moment,
        "due_at": due,
        "stopped_at": None,
        "outcome": "running",
        "explanation": explanation,
        "version": 1,
    }
    draft.clocks.append(clock)
    return clock


DEFAULTS: dict[str, Any] = {
    "submission_hash": None,
    "handling_due_at": None,
    "raw_location": None,
    "is_outside": False,
    "photo_count": 0,
    "complainant_record": None,
    "account_id": None,
    "owner_department_id": None,
    "owner_grid_id": None,
    "handler_id": None,
    "completed_by": "",
    "main_case_id": None,
    "accepted_at": None,
    "replied_at": None,
    "closed_at": None,
    "reply": "",
    "outcome": "",
    "rating": None,
    "rating_text": "",
    "rated_at": None,
    "return_count": 0,
    "extension_count": 0,
    "reopen_count": 0,
    "redress_count": 0,
    "urge_count": 0,
    "is_supervised": False,
    "is_key": False,
    "is_demo": True,
}


def _write(drafts: list[Draft]) -> None:
    """Write a chunk: numbers, cases, clocks, then the ledger's entries with their acts."""
    _number(drafts)
    ids = next_ids(Case, len(drafts))
    for pk, draft in zip(ids, drafts, strict=True):
        draft.values["id"] = pk
    rows = [_row(CASE_COLUMNS, {**DEFAULTS, **draft.values}) for draft in drafts]
    insert_rows(Case, CASE_COLUMNS, rows)
    clocks = [
        _row(CLOCK_COLUMNS, {**clock, "case_id": draft.values["id"]})
        for draft in drafts
        for clock in draft.clocks
    ]
    insert_rows(Clock, CLOCK_COLUMNS, clocks)
    _write_acts(drafts)


def _row(columns: tuple[str, ...], values: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(values[name] for name in columns)


def _number(drafts: list[Draft]) -> None:
    """Hand out numbers day by day, behind those already given."""
    prefix = current_district().case_prefix or "GZ"
    days = {localdate(draft.values["submitted_at"]) for draft in drafts}
    known = CaseCounter.objects.select_for_update().in_bulk(days)
    counters = {day: known[day].value if day in known else 0 for day in days}
    for draft in drafts:
        day = localdate(draft.values["submitted_at"])
        counters[day] += 1
        draft.values["number"] = numbers.case_number(prefix, day, counters[day])
    CaseCounter.objects.bulk_create(
        [CaseCounter(day=day, value=value) for day, value in counters.items()],
        update_conflicts=True,
        unique_fields=["day"],
        update_fields=["value"],
    )


def _write_acts(drafts: list[Draft]) -> None:
    told = sorted(
        (
            (act["at"], number, draft, act)
            for number, draft in enumerate(drafts)
            for act in draft.acts
        ),
        key=lambda item: item[:2],
    )
    entries = append_many([_record(draft, act) for _at, _number, draft, act in told])
    rows: list[tuple[Any, ...]] = [
        (
            draft.values["id"],
            entry.seq,
            None,
            act["action"],
            act["source"],
            act["target"],
            act["actor"].kind,
            act["actor"].id,
            act["actor"].role,
            act["at"],
            act["public_text"],
            "",
            {},
        )
        for (_at, _number, draft, act), entry in zip(told, entries, strict=True)
    ]
    insert_rows(Act, ACT_COLUMNS, rows)


def _record(draft: Draft, act: dict[str, Any]) -> Record:
    values = draft.values
    return Record(
        stream=f"case:{values['uid']}",
        action=f"case.{act['action']}",
        actor=act["actor"],
        at=act["at"],
        data={
            "number": values["number"],
            "from": act["source"],
            "to": act["target"],
            "version": act["version"],
            "demo": True,
        },
    )
