"""System checks that keep the workflow whole."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from complaints.inputs import FIELDS
from complaints.services.effects import EFFECTS
from complaints.workflow import ACTIONS, STATES, TRANSITIONS, State, unreachable_states


@register
def workflow_is_whole(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Every state is described and reachable, every open one has a way on, every input is known."""
    problems = [f"State {state} cannot be reached." for state in unreachable_states()]
    problems += [f"State {state} has no description." for state in State if state not in STATES]
    for state, spec in STATES.items():
        has_exit = any(row.source == state for row in TRANSITIONS)
        if spec.is_open and not (spec.clock and has_exit):
            problems.append(f"Open state {state} has no clock or no way on.")
    for row in TRANSITIONS:
        problems += [
            f"{row.action} asks for the unknown input {name}."
            for name in row.required
            if name not in FIELDS
        ]
    problems += [
        f"An effect is kept for the unknown act {name}." for name in EFFECTS.keys() - ACTIONS
    ]
    return [Error(problem, id="complaints.E001") for problem in problems]
