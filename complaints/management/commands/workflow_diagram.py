"""Draws the workflow table for the docs: ``manage.py workflow_diagram [--check]``."""

from django.utils import translation

from complaints.management.generated import GeneratedPage
from complaints.workflow import START, STATES, TRANSITIONS, State, Transition


def diagram() -> str:
    """Return the page: states with next actor and clock, and a Mermaid diagram of every row."""
    with translation.override("zh-hans"):
        states = [
            f"| `{state}` | {spec.label} | {spec.next_party or '—'} | {spec.clock or '—'} |"
            for state, spec in STATES.items()
        ]
        arrows = sorted({_arrow(row) for row in TRANSITIONS})
        rows = [
            f"| {row.source} | {row.target} | `{row.action}` {row.label} | "
            f"{', '.join(sorted(row.parties))} | {row.guard.__name__ if row.guard else ''} | "
            f"{', '.join(row.required)} | {row.notice} |"
            for row in TRANSITIONS
        ]
    return "\n".join(
        [
            "# The workflow of a case",
            "",
            "Made by `manage.py workflow_diagram` from `complaints/workflow.py`; do not edit.",
            "",
            f"{len(State)} states, {len(TRANSITIONS)} rows.",
            "",
            "| state | 名称 | next actor | clock |",
            "|---|---|---|---|",
            *states,
            "",
            "```mermaid",
            "stateDiagram-v2",
            *arrows,
            "```",
            "",
            "| from | to | act | who | guard | needs | notice |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _arrow(row: Transition) -> str:
    source = "[*]" if row.source == START else row.source
    return f"    {source} --> {row.target}: {row.action}"


class Command(GeneratedPage):
    help = "Write docs/workflow.md from the workflow table; --check fails when it is out of date."
    target = "docs/workflow.md"

    def text(self) -> str:
        return diagram()
