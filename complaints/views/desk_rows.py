"""The rows of the queue, ready to be drawn: fifty of them are most of the page's work.

Everything that can be said in Python is said here once a row; the template only places it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from complaints.models import Case
from complaints.selectors.desk import QueueRow
from complaints.workflow import STATES, State, Text

WORDS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One row. Texts are plain (the template escapes them), '' where there is nothing to say."""

    number: str
    uid: str
    version: str
    state: str
    href: str
    icon: str
    kind: str
    words: str
    place: str
    photos: str
    urged: str
    owner: str
    chip: str
    label: Text
    due_at: datetime | None
    started_at: datetime | None
    working_days: int | None
    ended_since: datetime | None
    is_outside: bool
    is_supervised: bool


def lines_of(rows: Sequence[QueueRow]) -> list[Line]:
    """Return the lines of ``rows``, whose relations are loaded. No query."""
    address = reverse("desk:case", args=["-"])
    return [_line(row, address) for row in rows]


def _line(row: QueueRow, address: str) -> Line:
    case = row.case
    category, spec = case.category, STATES[State(case.state)]
    return Line(
        number=case.number,
        uid=str(case.uid),
        version=str(case.version),
        state=case.state,
        href=address.replace("/-/", f"/{case.number}/"),
        icon=(category.icon if category else "") or "circle-help",
        kind=category.name if category else _("No category"),
        words=_shortened(case.description or case.address),
        place=case.area.name if case.area else "",
        photos=str(case.photo_count or ""),
        urged=_("urged %(n)s×") % {"n": case.urge_count} if case.urge_count else "",
        owner=_owner(case),
        chip=spec.chip,
        label=spec.label,
        due_at=case.due_at if case.is_open else None,
        started_at=row.started_at,
        working_days=row.working_days,
        ended_since=None if case.is_open else case.submitted_at,
        is_outside=case.is_outside and case.area is None,
        is_supervised=case.is_supervised,
    )


def _shortened(text: str) -> str:
    return Truncator(text).chars(WORDS_SHOWN) if len(text) > WORDS_SHOWN else text


def _owner(case: Case) -> str:
    if case.owner_grid:
        return case.owner_grid.name
    department = case.owner_department
    return (department.short_name or department.name) if department else ""
