"""Whistles of synthetic cases: who was called, who came when, and how streets graded them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from complaints.clockwork import REPORT_IN
from complaints.models import Assist, Clock, Whistle
from complaints.selectors.rules import rungs
from complaints.services.drafts import Draft, DraftAct, DraftCall, DraftClock, DraftWhistle, Scenery
from complaints.services.stories import delay_hours
from complaints.workflow import State
from foundation.ledger.actor import Actor

KINDS, KIND_WEIGHTS = ("beyond_street", "joint_enforcement", "emergency"), (45, 45, 10)
GRADES, GRADE_WEIGHTS = (5, 4, 3, 2), (55, 30, 12, 3)
EMERGENCY = "emergency"
#: Hours after which half of the departments have come.
COMES_AFTER = {EMERGENCY: 0.3}
USUALLY_AFTER = 1.5
OFFICER = Actor("staff", "demo-assistant", "bureau_officer")


def add_whistle(random: Random, scenery: Scenery, draft: Draft) -> None:
    """Tell who came to the draft's whistle, if it has one, and put that among its acts. Pure."""
    names = [act.action for act in draft.acts]
    if "blow_whistle" not in names or len(scenery.departments) < 2:
        return
    place = names.index("blow_whistle")
    blow = draft.acts[place]
    end = draft.acts[place + 1] if place + 1 < len(names) else None
    kind = random.choices(KINDS, KIND_WEIGHTS)[0]
    calls = [_call(draft, scenery, kind, blow.at, pk) for pk in _called(random, scenery, draft)]
    draft.whistle = DraftWhistle(kind, blow.at, calls, end.at if end else None)
    for call in calls:
        _come(random, scenery, draft.whistle, call)
    _write_down(draft, place, draft.whistle)


def _called(random: Random, scenery: Scenery, draft: Draft) -> list[int]:
    own = draft.values.get("owner_department_id")
    others = [pk for pk in scenery.departments if pk != own]
    return random.sample(others, min(len(others), random.choice((1, 2, 2, 3))))


def _call(draft: Draft, scenery: Scenery, kind: str, at: datetime, department_id: int) -> DraftCall:
    urgency = "critical" if kind == EMERGENCY else draft.values["urgency"]
    rule = scenery.rule(REPORT_IN, urgency, draft.day)
    due, explanation = scenery.deadline(at, rule.limit)
    return DraftCall(department_id, DraftClock(REPORT_IN, rule, at, due, explanation))


def _come(random: Random, scenery: Scenery, whistle: DraftWhistle, call: DraftCall) -> None:
    """Let a department come, unless the whistle ends, or today is, before it would have."""
    hours = delay_hours(random, COMES_AFTER.get(whistle.kind, USUALLY_AFTER))
    came = whistle.blown_at + timedelta(minutes=max(5, round(hours * 60)))
    clock, end = call.clock, whistle.ended_at
    if came < (end or scenery.now):
        call.came_at = clock.stopped_at = came
        clock.outcome = "met" if clock.due_at >= came else "late"
        call.grade = random.choices(GRADES, GRADE_WEIGHTS)[0] if end else None
    elif end:
        clock.stopped_at, clock.outcome = end, "void" if clock.due_at >= end else "late"


def _write_down(draft: Draft, place: int, whistle: DraftWhistle) -> None:
    """Put the arrivals between the whistle's beginning and end; later versions count on."""
    calls = whistle.calls
    names = {id(call): f"{REPORT_IN}:{order}" for order, call in enumerate(calls, 1)}
    due = {names[id(call)]: call.clock.due_at.isoformat() for call in calls}
    story = draft.acts[place].story
    draft.acts[place].story = {**story, "clocks": {**story.get("clocks", {}), **due}}
    came = sorted((call.came_at, order) for order, call in enumerate(calls) if call.came_at)
    arrivals = [
        DraftAct("report_in", State.WHISTLED, State.WHISTLED, OFFICER, at, 0, _stops(names, c))
        for at, order in came
        for c in [calls[order]]
    ]
    later = draft.acts[place + 1 :]
    if later:
        later[0].story = {**later[0].story, "undone": [REPORT_IN]}
    draft.acts[place + 1 :] = [*arrivals, *later]
    for version, act in enumerate(draft.acts, 1):
        act.version = version
    draft.values["version"] = len(draft.acts)
    if whistle.ended_at is None:
        draft.values["assist_count"] = len(calls)


def _stops(names: dict[int, str], call: DraftCall) -> dict[str, list[str]]:
    return {"stopped": [names[id(call)]]}


def write_whistles(drafts: Sequence[Draft], *, now: datetime) -> None:
    """Write the whistles of drafts that have their ids. At most three statements."""
    told = [(draft.values["id"], draft.whistle) for draft in drafts if draft.whistle]
    rows = Whistle.objects.bulk_create(
        Whistle(case_id=pk, kind=w.kind, blown_at=w.blown_at, ended_at=w.ended_at) for pk, w in told
    )
    pairs = [(row, w, call) for row, (_pk, w) in zip(rows, told, strict=True) for call in w.calls]
    at_end = sum(rung.share < 100 for rung in rungs())
    clocks = Clock.objects.bulk_create(
        _clock_row(row.case_id, call.clock, now, at_end) for row, _whistle, call in pairs
    )
    Assist.objects.bulk_create(
        _assist_row(row, whistle, call, clock)
        for (row, whistle, call), clock in zip(pairs, clocks, strict=True)
    )


def _clock_row(case_id: int, clock: DraftClock, now: datetime, rung: int) -> Clock:
    return Clock(
        case_id=case_id,
        code=clock.code,
        limit=clock.rule.limit,
        legal_basis=clock.rule.legal_basis,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        outcome=clock.outcome,
        explanation=json.loads(clock.explanation),
        rung=rung,
        warn_at=clock.warn_at(now),
    )


def _assist_row(row: Whistle, whistle: DraftWhistle, call: DraftCall, clock: Clock) -> Assist:
    is_done = whistle.ended_at is not None and call.came_at is not None
    return Assist(
        case_id=row.case_id,
        whistle=row,
        department_id=call.department_id,
        clock=clock,
        asked_at=whistle.blown_at,
        reported_in_at=call.came_at,
        result=Assist.Result.DONE if is_done else "",
        result_at=whistle.ended_at if is_done else None,
        grade=call.grade,
        is_open=whistle.ended_at is None,
    )
