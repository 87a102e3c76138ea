"""Writes the table of clocks with their sources: ``manage.py clock_table [--check]``."""

from complaints.management.generated import GeneratedPage
from complaints.models import ClockRule, Rung, Urgency
from complaints.selectors.casefile import clock_label, limit_text
from complaints.selectors.rules import clock_rules, rungs
from complaints.tracks import Track


def page() -> str:
    """Return the page: every rule of the loaded district, and the ladder of warnings."""
    rules = sorted(
        clock_rules(), key=lambda r: (r.code, r.track, _rank(r.urgency), r.valid_from, r.limit)
    )
    return "\n".join(
        [
            "# Clocks and their sources",
            "",
            "Made by `manage.py clock_table` from the loaded district pack; do not edit.",
            "",
            f"{len(rules)} rules. A case keeps the rule that was in force on the day it came in;",
            "a track's own rule comes before one by urgency. “平台默认时限” has no legal force.",
            "",
            "| clock | 时限 | track | urgency | limit | in force | source |",
            "|---|---|---|---|---|---|---|",
            *(_line(rule) for rule in rules),
            "",
            "## Warnings",
            "",
            "| rung | when | who is told |",
            "|---|---|---|",
            *(_rung(rung) for rung in rungs()),
            "",
        ]
    )


def _rank(urgency: str) -> int:
    return Urgency.values.index(urgency) if urgency else -1


def _line(rule: ClockRule) -> str:
    track = Track(rule.track).label if rule.track else "—"
    urgency = Urgency(rule.urgency).label if rule.urgency else "—"
    until = f" {rule.valid_to}" if rule.valid_to else ""
    return (
        f"| `{rule.code}` | {clock_label(rule.code)} | {track} | {urgency} | "
        f"{limit_text(rule.limit)} | {rule.valid_from} –{until} | {rule.legal_basis} |"
    )


def _rung(rung: Rung) -> str:
    when = f"{limit_text(rung.after)} past the end" if rung.after else f"{rung.share} %"
    told = [*rung.tell, f"the person `{rung.person}`"] if rung.person else rung.tell
    return f"| {rung.position} | {when} | {', '.join(told)} |"


class Command(GeneratedPage):
    help = "Write docs/clocks.md from the loaded clock rules; --check fails when it is out of date."
    target = "docs/clocks.md"

    def text(self) -> str:
        return page()
