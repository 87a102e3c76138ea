"""Draws the workflow table for the docs: ``manage.py workflow_diagram [--check]``."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from complaints.workflow import START, STATES, TRANSITIONS, State, Transition

TARGET = "docs/workflow.md"


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


class Command(BaseCommand):
    help = "Write docs/workflow.md from the workflow table; --check fails when it is out of date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / TARGET
        text = diagram()
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                raise CommandError(f"{TARGET} is out of date: run manage.py workflow_diagram.")
            return
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"{TARGET} written.")
