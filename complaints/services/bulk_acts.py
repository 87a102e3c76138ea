"""One decision about many cases: each goes through the one door, with the version that was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from complaints.errors import CaseError
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import visible
from complaints.services.shortcut import accept_and_dispatch
from complaints.services.transition import perform
from complaints.workflow import State

MOST = 50
#: Instead of an owner: each case goes to the one that the duty matrix names.
SUGGESTED = "suggested"


@dataclass(frozen=True)
class Picked:
    """A case as the person saw it."""

    number: str
    version: int


@dataclass(frozen=True)
class Outcome:
    """What became of one case: a sentence when nothing was done."""

    number: str
    is_done: bool
    said: str = ""


def assign_many(*, by: Performer, picked: Sequence[Picked], owner: str, key: UUID) -> list[Outcome]:
    """Dispatch each case to ``owner`` (or :data:`SUGGESTED`), new ones are accepted on the way.

    At most :data:`MOST` cases, a transaction each: one that moved on or is refused stays as it is
    and says why, the others go. ``key`` makes a repeated post harmless. One query for all cases,
    then what ``perform`` costs.
    """
    known = _known(by, picked)
    return [_one(by, known.get(pick.number), pick, owner, key) for pick in picked]


def _known(by: Performer, picked: Sequence[Picked]) -> dict[str, Case]:
    numbers = [pick.number for pick in picked]
    seen = Case.objects.filter(visible(by.access), number__in=numbers)
    seen = seen.select_related("suggested_grid", "suggested_department", "category")
    return {case.number: case for case in seen}


def _one(by: Performer, case: Case | None, pick: Picked, owner: str, key: UUID) -> Outcome:
    if case is None:
        return Outcome(pick.number, False, _("There is no such case here."))
    chosen = _suggested(case) if owner == SUGGESTED else owner
    if not chosen:
        return Outcome(
            pick.number, False, _("The duty matrix names nobody: decide this one alone.")
        )
    try:
        _dispatch(by, case, pick, chosen, uuid5(key, pick.number))
    except CaseError as error:
        return Outcome(pick.number, False, str(error.message))
    return Outcome(pick.number, True)


def _suggested(case: Case) -> str:
    if case.suggested_grid:
        return f"grid:{case.suggested_grid.code}"
    return f"department:{case.suggested_department.code}" if case.suggested_department else ""


def _dispatch(by: Performer, case: Case, pick: Picked, owner: str, key: UUID) -> None:
    data = {"owner": owner}
    if case.state == State.SUBMITTED:
        accept_and_dispatch(case_id=case.pk, by=by, data=data, version=pick.version, key=key)
    else:
        perform(case_id=case.pk, action="dispatch", by=by, data=data, version=pick.version, key=key)
