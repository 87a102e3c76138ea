"""Which clocks an act starts, pauses and stops. Pure; services and synthetic data follow it."""

from dataclasses import dataclass

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
    "end_hearing": REDRESS,
}
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
    overall = _overall(action, source)
    pause, resume = PAUSES.get(action, NONE), RESUMES.get(action, NONE)
    void: frozenset[str] = NONE
    if answer_is_running and target != State.REPLIED and (overall or not new.is_open):
        void = OVERALL if new.is_open else OVERALL | {FIRST_RESPONSE}
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


def _overall(action: str, source: str) -> str:
    if action == "accept":
        return HANDLING
    if action == "grant_extension":
        return EXTENSION
    return REDO if action == "dispatch" and source == State.REOPENED else ""
