"""Which clocks an act stops and starts. Pure; services and synthetic data both follow it."""

from dataclasses import dataclass

from complaints.workflow import STATES, State

#: The clock of "being handled" spans several states; its place is taken by that of a second go
#: or of a granted extension.
HANDLING = "handling"
REDO = "redo"
EXTENSION = "extension"
OVERALL = frozenset({HANDLING, REDO, EXTENSION})


@dataclass(frozen=True)
class ClockPlan:
    """What happens to the clocks of a case with one act.

    ``stop``: ended, met or late. ``void``: ended without meaning, no rate counts them.
    ``overall``: code of the answer's new clock ('' = none). ``state``: code of the new state's own.
    """

    stop: frozenset[str] = frozenset()
    void: frozenset[str] = frozenset()
    overall: str = ""
    state: str = ""


def plan(*, source: str, action: str, target: str, answer_is_running: bool) -> ClockPlan:
    """Return the plan for ``action`` from ``source`` to ``target``.

    ``answer_is_running``: whether the case had a deadline for its answer before the act.
    """
    new = STATES[State(target)]
    overall = _overall(action, source)
    ended = {STATES[State(source)].clock} - {HANDLING, ""} if source in set(State) else set()
    void: frozenset[str] = frozenset()
    if target == State.REPLIED:
        ended = ended | OVERALL
    elif answer_is_running and (overall or not new.is_open):
        void = OVERALL
    return ClockPlan(
        stop=frozenset(ended),
        void=void,
        overall=overall,
        state=new.clock if new.is_open and new.clock != HANDLING else "",
    )


def _overall(action: str, source: str) -> str:
    if action == "accept":
        return HANDLING
    if action == "grant_extension":
        return EXTENSION
    return REDO if action == "dispatch" and source == State.REOPENED else ""
