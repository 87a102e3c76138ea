"""Synthetic cases before they are written: each walks the workflow table by one story. Pure.

Nothing here touches the database: what the district's rules say is read once into a
:class:`Scenery`, so that stories can be told in one thread while another one writes.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.timezone import localdate
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from complaints.clockwork import (
    EXTENSION,
    FIRST_RESPONSE,
    HANDLING,
    ClockPlan,
    plan,
    story_of,
)
from complaints.models import Category, ClockRule
from complaints.services.bulk import JsonText
from complaints.services.clocks import best_rule
from complaints.services.routing import Owner
from complaints.services.stories import (
    RATING_WEIGHTS,
    REPLY,
    TYPE_SHARES,
    Beat,
    delay_hours,
    pick_story,
)
from complaints.workflow import START, STATES, TABLE, Party, State
from foundation.ledger.actor import Actor
from foundation.places.models import Area, Department
from foundation.worktime.calendar import Pause, WorkCalendar

STEP = timedelta(minutes=30)
ENCODE = json.JSONEncoder(ensure_ascii=False).encode
NO_PAUSES = JsonText("[]")
GUEST = Actor("resident", "guest")
ROLES = {
    Party.DISPATCHER: "dispatcher",
    Party.HANDLER: "grid_worker",
    Party.REVIEWER: "dispatcher",
    Party.FOLLOWUP: "followup_clerk",
    Party.SUPERVISOR: "supervisor",
}
OUTCOMES, OUTCOME_WEIGHTS = ("solved", "ordered", "explained"), (70, 20, 10)
#: Whoever is not satisfied has the case opened again, so no case is closed that way.
FOLLOWUPS, FOLLOWUP_WEIGHTS = ("satisfied", "accepting", "unreachable"), (70, 15, 15)
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
_plan = cache(plan)


@dataclass(frozen=True)
class Spot:
    """A grid and where it can be hit."""

    grid: Area
    shape: BaseGeometry


@dataclass(slots=True)
class DraftClock:
    """A clock of a draft; ``explanation`` is JSON text."""

    code: str
    rule: ClockRule
    started_at: datetime
    due_at: datetime
    explanation: JsonText
    stopped_at: datetime | None = None
    outcome: str = "running"
    version: int = 1
    pauses: JsonText = NO_PAUSES
    paused_at: datetime | None = None

    def warn_at(self, now: datetime) -> datetime | None:
        """When it warns next: at its end; what is over by ``now`` is history and warns no more."""
        is_running = self.outcome == "running" and self.paused_at is None
        return self.due_at if is_running and self.due_at > now else None


@dataclass(slots=True)
class DraftAct:
    """An act of a draft; ``version`` is the case's after it."""

    action: str
    source: str
    target: str
    actor: Actor
    at: datetime
    version: int
    story: dict[str, Any] = field(default_factory=dict)

    @property
    def public_text(self) -> str:
        return REPLY if self.action in {"approve", "answer_directly"} else ""


@dataclass(slots=True)
class DraftCall:
    """A department called by a whistle, when it came and how it was graded."""

    department_id: int
    clock: DraftClock
    came_at: datetime | None = None
    grade: int | None = None


@dataclass(slots=True)
class DraftWhistle:
    """The whistle of a draft with its calls; ``ended_at`` is None while it goes on."""

    kind: str
    blown_at: datetime
    calls: list[DraftCall]
    ended_at: datetime | None


@dataclass(slots=True)
class Draft:
    """A case on its way through its story, as plain values by column name.

    ``day`` is the district's date of its submission.
    """

    values: dict[str, Any]
    day: date
    clocks: list[DraftClock] = field(default_factory=list)
    acts: list[DraftAct] = field(default_factory=list)
    whistle: DraftWhistle | None = None


@dataclass
class Scenery:
    """What the stories stand on, read once. Deadlines and rules are kept: many cases share them.

    ``texts`` holds what residents write, by category.
    """

    now: datetime
    texts: Mapping[int, Sequence[str]]
    spots: list[Spot]
    families: dict[str, list[Category]]
    clock_rules: tuple[ClockRule, ...]
    calendar: WorkCalendar
    fallback: Department
    owner_of: Callable[[Category, Area], Owner]
    departments: Sequence[int] = ()

    def __post_init__(self) -> None:
        self.deadline = cache(self._deadline)
        self.rule = cache(self._rule)

    def _deadline(self, start: datetime, limit: str) -> tuple[datetime, JsonText]:
        found = self.calendar.deadline(start, limit)
        return found.due, JsonText(ENCODE(found.explanation()))

    def _rule(self, code: str, urgency: str, day: date) -> ClockRule:
        return best_rule(self.clock_rules, code, track="report", urgency=urgency, on=day)


def draft_of(random: Random, scenery: Scenery, start: datetime) -> Draft:
    """Tell one story that begins at ``start``; it stops before ``scenery.now``, perhaps open."""
    draft = _reported(random, scenery, start)
    moment = start
    for beat in pick_story(random):
        moment += max(STEP, STEP * round(delay_hours(random, beat.hours) * 2))
        if moment >= scenery.now:
            break
        _play(draft, scenery, beat, moment, random)
    return draft


def moment_between(random: Random, since: datetime, now: datetime) -> datetime:
    """A moment of the waking day, to the half hour so that deadlines can be reused."""
    day = since + (now - since) * random.random()
    local = timezone.localtime(day).replace(minute=random.choice((0, 30)), second=0, microsecond=0)
    moment = local.replace(hour=min(23, max(0, int(random.gauss(15, 4)))))
    return min(moment, now - STEP)


def _category(random: Random, scenery: Scenery) -> Category:
    kind = random.choices(list(TYPE_SHARES), list(TYPE_SHARES.values()))[0]
    return random.choice(scenery.families[kind])


def _reported(random: Random, scenery: Scenery, start: datetime) -> Draft:
    category, spot = _category(random, scenery), random.choice(scenery.spots)
    lon, lat = _point_in(random, spot.shape)
    owner = scenery.owner_of(category, spot.grid)
    uid = UUID(int=random.getrandbits(128), version=4)
    values: dict[str, Any] = {
        "uid": uid,
        "receipt_hash": hashlib.sha256(b"demo receipt" + uid.bytes).hexdigest(),
        "version": 1,
        "track": "report",
        "channel": random.choices(("web", "phone", "patrol"), (60, 30, 10))[0],
        "category_id": category.pk,
        "urgency": category.urgency,
        "description": random.choice(scenery.texts[category.pk]),
        "address": f"{spot.grid.name}附近",
        "lon": round(lon, 6),
        "lat": round(lat, 6),
        "location_source": "browser",
        "area_id": spot.grid.pk,
        "area_path": spot.grid.path,
        "suggested_department_id": owner.department.pk if owner.department else None,
        "suggested_grid_id": owner.grid.pk if owner.grid else None,
        "submitted_at": start,
        "handling_due_at": None,
        "state": State.SUBMITTED,
    }
    draft = Draft(values, localdate(start))
    draft.acts.append(DraftAct("submit", "", State.SUBMITTED, GUEST, start, 1))
    _turn(draft, scenery, START, "submit", State.SUBMITTED, start)
    return draft


def _point_in(random: Random, polygon: BaseGeometry) -> tuple[float, float]:
    west, south, east, north = polygon.bounds
    for _ in range(50):
        point = Point(random.uniform(west, east), random.uniform(south, north))
        if polygon.contains(point):
            return point.x, point.y
    inside = polygon.representative_point()
    return inside.x, inside.y


def _play(draft: Draft, scenery: Scenery, beat: Beat, moment: datetime, random: Random) -> None:
    values = draft.values
    source = values["state"]
    row = TABLE[(source, beat.action)]
    _effect(draft, scenery, beat.action, moment, random)
    values["state"] = row.target
    values["version"] += 1
    act = DraftAct(beat.action, source, row.target, _actor(beat.party), moment, values["version"])
    draft.acts.append(act)
    _turn(draft, scenery, source, beat.action, row.target, moment)


@cache
def _actor(party: Party) -> Actor:
    if party == Party.COMPLAINANT:
        return GUEST
    if party == Party.SYSTEM:
        return Actor.system("worker")
    return Actor("staff", f"demo-{party}", ROLES[party])


def _owner(draft: Draft, scenery: Scenery) -> dict[str, Any]:
    """Dispatch to the duty matrix's owner; the ecology bureau takes what it leaves open."""
    grid = draft.values["suggested_grid_id"]
    department = draft.values["suggested_department_id"]
    if grid is None and department is None:
        department = scenery.fallback.pk
    return {"owner_grid_id": grid, "owner_department_id": None if grid else department}


def _effect(draft: Draft, scenery: Scenery, action: str, moment: datetime, random: Random) -> None:
    """Set what the act changes on the case, as services.effects does."""
    values = draft.values
    if action == "dispatch":
        values.update(_owner(draft, scenery))
    elif action == "complete":
        values["outcome"] = random.choices(OUTCOMES, OUTCOME_WEIGHTS)[0]
        values["completed_by"] = "staff:demo-handler"
    elif action == "accept":
        values["is_key"] = values["urgency"] == "critical"
    elif action == "close":
        values["followup_result"] = random.choices(FOLLOWUPS, FOLLOWUP_WEIGHTS)[0]
    elif action == "rate":
        values["rating"] = random.choices((5, 4, 3, 2, 1), RATING_WEIGHTS)[0]
    values.update(FIXED_EFFECTS.get(action, {}))
    for name in STAMPS.get(action, ()):
        values[name] = moment


def _turn(
    draft: Draft, scenery: Scenery, source: str, action: str, target: State, moment: datetime
) -> None:
    """Pause, stop and start clocks by the same plan as the services."""
    values = draft.values
    answer_due = values["handling_due_at"]
    todo = _plan(
        source=source, action=action, target=target, answer_is_running=answer_due is not None
    )
    known = len(draft.clocks)
    resumed = _turn_running(draft, scenery, todo, moment)
    if todo.overall:
        start = answer_due if todo.overall == EXTENSION else moment
        answer_due = values["handling_due_at"] = _start(draft, scenery, todo.overall, start)
    if todo.first_response:
        _start(draft, scenery, FIRST_RESPONSE, moment)
    due = resumed or answer_due
    if todo.state and not resumed:
        due = _start(draft, scenery, todo.state, moment)
    told = {clock.code: clock.due_at for clock in draft.clocks[known:]}
    if resumed:
        told[todo.state or HANDLING] = resumed
    draft.acts[-1].story = story_of(todo, told)
    spec = STATES[target]
    values["is_open"] = spec.is_open
    values["next_party"] = str(spec.next_party) if spec.next_party else ""
    values["due_at"] = due if spec.is_open else None


def _turn_running(
    draft: Draft, scenery: Scenery, todo: ClockPlan, moment: datetime
) -> datetime | None:
    """Stop, pause and resume; return when a resumed clock is due."""
    resumed = None
    for clock in draft.clocks:
        if clock.outcome != "running":
            continue
        if clock.code in todo.stop | todo.void:
            _stop(clock, moment, void=clock.code in todo.void)
        elif clock.code in todo.pause:
            clock.paused_at = moment
        elif clock.code in todo.resume and clock.paused_at:
            resumed = _resume(clock, scenery, moment)
    return resumed


def _resume(clock: DraftClock, scenery: Scenery, moment: datetime) -> datetime:
    assert clock.paused_at is not None  # noqa: S101 - the caller looked
    pause = Pause(clock.paused_at, moment)
    clock.pauses = JsonText(ENCODE([[pause.since.isoformat(), pause.until.isoformat()]]))
    clock.paused_at, clock.version = None, clock.version + 2
    found = scenery.calendar.deadline(clock.started_at, clock.rule.limit, [pause])
    clock.due_at, clock.explanation = found.due, JsonText(ENCODE(found.explanation()))
    return found.due


def _stop(clock: DraftClock, moment: datetime, *, void: bool) -> None:
    met = "met" if clock.due_at >= moment else "late"
    clock.stopped_at, clock.outcome = moment, "void" if void else met
    clock.version += 1


def _start(draft: Draft, scenery: Scenery, code: str, moment: datetime) -> datetime:
    """Start a clock and return when it is due."""
    rule = scenery.rule(code, draft.values["urgency"], draft.day)
    due, explanation = scenery.deadline(moment, rule.limit)
    draft.clocks.append(DraftClock(code, rule, moment, due, explanation))
    return due
