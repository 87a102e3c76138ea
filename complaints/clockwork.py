"""Which clocks an act starts, pauses and stops. Pure; services and synthetic data follow it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from complaints.tracks import Track
from complaints.workflow import STATES, State

#: The clock of "being handled" spans several states; its place is taken by that of a second go
#: or of a granted extension.
HANDLING = "handling"
REDO = "redo"
EXTENSION = "extension"
OVERALL = frozenset({HANDLING, REDO, EXTENSION})
#: Until somebody who handles the case is first heard of: on site, by telephone, in words.
FIRST_RESPONSE = "first_response"
RESPONSES = frozenset({"respond", "suspend", "complete", "approve", "answer_directly"})
#: Acts in which the house waits for the complainant or for what it cannot do: clocks stand still.
#: The time of a hearing is no time of the second review (信访工作条例 Art 36).
HEARING = "hearing"
REDRESS = frozenset({"redress"})
ACCEPTANCE = frozenset({"accept"})
PAUSES: dict[str, frozenset[str]] = {
    "ask_info": ACCEPTANCE,
    "suspend": OVERALL,
    "begin_hearing": REDRESS,
}
RESUMES: dict[str, frozenset[str]] = {
    "supply_info": ACCEPTANCE,
    "resume": OVERALL,
    "take_over": OVERALL,
    "end_hearing": REDRESS,
}
#: Shares of other offices: reporting in after a whistle, and a part of the work.
REPORT_IN, PART = "report_in", "assist"
SHARES = frozenset({REPORT_IN, PART})
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ClockPlan:
    """What happens to the clocks of a case with one act.

    ``stop``: ended, met or late. ``void``: ended without meaning, no rate counts them. ``pause``,
    ``resume``: stand still, run on with what was left. ``overall``: code of the answer's new clock
    ('' = none). ``state``: code of the new state's own. ``first_response``: whether that clock
    starts.
    """

    stop: frozenset[str] = NONE
    void: frozenset[str] = NONE
    pause: frozenset[str] = NONE
    resume: frozenset[str] = NONE
    overall: str = ""
    state: str = ""
    first_response: bool = False


def plan(
    *, source: str, action: str, target: str, answer_is_running: bool, track: str = Track.REPORT
) -> ClockPlan:
    """Return the plan for ``action`` from ``source`` to ``target``.

    ``answer_is_running``: whether the case had a deadline for its answer before the act. Petitions
    have no clock of first response: acceptance itself is what Art 23 wants told in 15 days.
    """
    new = STATES[State(target)]
    overall = _overall(action, source, answer_is_running)
    pause, resume = PAUSES.get(action, NONE), RESUMES.get(action, NONE)
    void: frozenset[str] = NONE
    if action == "merge":
        # Its reporter still waits: the answer of the main case will be that of this one.
        overall = "" if answer_is_running else HANDLING
    elif answer_is_running and target != State.REPLIED and (overall or not new.is_open):
        void = OVERALL if new.is_open else OVERALL | SHARES | {FIRST_RESPONSE}
    return ClockPlan(
        stop=_stopped(source, action, target) - pause - resume,
        void=void,
        pause=pause,
        resume=resume,
        overall=overall,
        state=HEARING if action == "begin_hearing" else _state_clock(target),
        first_response=overall == HANDLING and track != Track.PETITION,
    )


def _state_clock(target: str) -> str:
    new = STATES[State(target)]
    return new.clock if new.is_open and new.clock != HANDLING else ""


def story_of(todo: ClockPlan, due: Mapping[str, datetime]) -> dict[str, Any]:
    """Return what the ledger is told of the clocks: new deadlines, and those that ended or paused.

    Rates can be counted again from this alone (complaints.selectors.ledger_figures).
    """
    told: dict[str, Any] = {
        "stopped": sorted(todo.stop),
        "void": sorted(todo.void),
        "paused": sorted(todo.pause),
        "clocks": {code: moment.isoformat() for code, moment in sorted(due.items())},
    }
    return {name: value for name, value in told.items() if value}


def _stopped(source: str, action: str, target: str) -> frozenset[str]:
    ended = {STATES[State(source)].clock} - {HANDLING, ""} if source in set(State) else set()
    if source == State.AWAITING_INFO:
        ended |= ACCEPTANCE
    if source == State.RE_REVIEWING:
        ended.add(HEARING)
    if target == State.REPLIED:
        ended |= OVERALL
    if action in RESPONSES:
        ended.add(FIRST_RESPONSE)
    return frozenset(ended)


def _overall(action: str, source: str, answer_is_running: bool) -> str:
    if action == "accept":
        return HANDLING
    if action == "split" and not answer_is_running:
        return REDO
    if action == "grant_extension":
        return EXTENSION
    return REDO if action == "dispatch" and source == State.REOPENED else ""
