"""Who is complained about in a case, and who stepped back from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.models import Accused, Case, Recusal
from complaints.workflow import Text
from foundation.accounts.selectors import display_of
from foundation.places.models import Area, AreaKind, Department
from foundation.places.selectors import departments, snapshot


@dataclass(frozen=True)
class Party:
    """One party complained about, as the desk shows it."""

    pk: int
    name: str
    department: str
    relation: Text


@dataclass(frozen=True)
class StoodBack:
    """Somebody who recused, when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Conflicts:
    """What the register knows of a case."""

    accused: tuple[Party, ...] = ()
    recused: tuple[StoodBack, ...] = ()


def conflicts_of(case: Case) -> Conflicts:
    """Return the register's rows of ``case``. No query without conflicts, else two."""
    if not case.conflict_count:
        return Conflicts()
    known = snapshot().departments_by_id
    accused = Accused.objects.filter(case=case).order_by("id")
    recused = Recusal.objects.filter(case=case).select_related("user").order_by("id")
    return Conflicts(
        tuple(
            Party(
                row.pk,
                row.name,
                known[row.department_id].name if row.department_id in known else "",
                Accused.Relation(row.relation).label,
            )
            for row in accused
        ),
        tuple(StoodBack(display_of(row.user), row.declared_at) for row in recused),
    )


def refuse_owner(case: Case, department: Department | None, grid: Area | None) -> None:
    """Raise InvalidInput when the new owner is complained about, or belongs to who is.

    No query without conflicts, else one.
    """
    found = [department] if department else []
    if grid is not None:
        found += [d for d in departments() if _covers(d, grid)]
    refuse_accused(case, found, field="owner")


def _covers(department: Department, grid: Area) -> bool:
    area = snapshot().areas_by_id.get(department.area_id) if department.area_id else None
    return area is not None and area.kind != AreaKind.DISTRICT and grid.path.startswith(area.path)


def refuse_accused(case: Case, chosen: Iterable[Department], *, field: str) -> None:
    """Raise InvalidInput when one of ``chosen`` is in conflict about ``case``. One query."""
    ids = {department.pk: department for department in chosen}
    if not case.conflict_count or not ids:
        return
    hit = Accused.objects.filter(case=case, department__in=sorted(ids)).first()
    if hit is not None and hit.department_id is not None:
        raise InvalidInput(
            _(
                "%(name)s is complained about in this case, or answers for who is. "
                "Choose another owner, or ask a supervisor."
            )
            % {"name": ids[hit.department_id].name},
            code="in_conflict",
            field=field,
        )
