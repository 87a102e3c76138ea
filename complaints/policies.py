"""Who may see and do what to which case.

A person's current duties become a ``Reach``: a set of conditions, each of which can filter a list
(``q``) and test one object (``holds``). Lists, object pages, photos and sockets all use the same
Reach, so that a case that left a list is gone everywhere (a formerly routed department too).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q

from complaints.models import Case
from complaints.performer import Performer
from complaints.workflow import Party
from foundation.accounts.access import Access
from foundation.accounts.models import Role
from foundation.places.models import AreaKind
from foundation.places.selectors import department_by_code, descendants

#: Roles that see every case of the district; leaders and auditors only read.
SEES_ALL = (
    Role.DISPATCHER,
    Role.FOLLOWUP_CLERK,
    Role.SUPERVISOR,
    Role.LEADER,
    Role.AUDITOR,
)
#: Roles that may open the desk.
DESK_ROLES = (*SEES_ALL, Role.STREET_OFFICER, Role.BUREAU_OFFICER)
#: Roles that may be the handler of a case, and so may work on it from a phone.
FIELD_ROLES = (Role.GRID_WORKER, Role.STREET_OFFICER, Role.BUREAU_OFFICER)


@dataclass(frozen=True)
class Condition:
    """One way a case can fall to somebody, with the parties it makes of that person.

    ``area``: the path that all its cases lie in, where it is about places.
    """

    q: Q
    holds: Callable[[Case], bool]
    parties: frozenset[Party] = frozenset()
    area: str = ""

    def may_meet(self, path: str) -> bool:
        """Whether it can hold for a case somewhere inside ``path``."""
        return self.area.startswith(path) or path.startswith(self.area)


def _everything(*parties: Party) -> Condition:
    return Condition(Q(), lambda case: True, frozenset(parties))


def _owned_by_department(codes: frozenset[str]) -> Condition:
    """By id: a join kept the database from using the index of owners."""
    known = [department_by_code(code) for code in sorted(codes)]
    ids = frozenset(department.pk for department in known if department is not None)
    return Condition(
        Q(owner_department_id__in=sorted(ids)),
        lambda case: case.owner_department_id in ids,
        frozenset({Party.HANDLER}),
    )


def _located_in(path: str) -> Condition:
    """A street's own area: it reviews what its grids did."""
    return Condition(
        Q(area_path__startswith=path),
        lambda case: case.area_path.startswith(path),
        area=path,
    )


def _owned_by_grid(path: str, *parties: Party) -> Condition:
    """By id too; a post without an area is one for every grid."""
    if not path:
        return Condition(
            Q(owner_grid_id__isnull=False),
            lambda case: case.owner_grid_id is not None,
            frozenset(parties),
        )
    ids = frozenset(area.pk for area in descendants(path) if area.kind == AreaKind.GRID)
    return Condition(
        Q(owner_grid_id__in=sorted(ids)),
        lambda case: case.owner_grid_id in ids,
        frozenset(parties),
    )


def conditions_of(access: Access) -> list[Condition]:
    """Return every condition under which a case falls to somebody with ``access``."""
    found: list[Condition] = []
    if access.has(Role.DISPATCHER):
        found.append(_everything(Party.DISPATCHER, Party.REVIEWER))
    if access.has(Role.FOLLOWUP_CLERK):
        found.append(_everything(Party.FOLLOWUP))
    if access.has(Role.SUPERVISOR):
        found.append(_everything(Party.SUPERVISOR))
    if access.has(Role.LEADER, Role.AUDITOR):
        found.append(_everything())
    departments = access.departments(Role.BUREAU_OFFICER) | access.departments(Role.STREET_OFFICER)
    if departments:
        found.append(_owned_by_department(departments))
    for path in sorted(access.areas(Role.STREET_OFFICER)):
        found += [_located_in(path), _owned_by_grid(path, Party.HANDLER, Party.REVIEWER)]
    found += [
        _owned_by_grid(path, Party.HANDLER) for path in sorted(access.areas(Role.GRID_WORKER))
    ]
    return found


def visible(access: Access, *, within: str = "") -> Q:
    """Return the list condition of ``access``; nobody's access matches nothing.

    ``within``: the path a list is narrowed to; conditions about other places are left out, since
    the database cannot see that they contradict it and reads everything to find nothing.
    """
    conditions = [c for c in conditions_of(access) if c.may_meet(within)]
    if not conditions:
        return Q(pk__in=[])
    if any(not condition.q for condition in conditions):
        return Q()
    combined = Q()
    for condition in conditions:
        combined |= condition.q
    return combined


def holds_receipt(performer: Performer, case: Case) -> bool:
    """Whether the performer is the complainant: by receipt code or by account."""
    if case.uid in performer.receipts:
        return True
    return performer.account_id is not None and case.account_id == performer.account_id


def may_see(performer: Performer, case: Case) -> bool:
    """Whether ``performer`` may see ``case``: the same conditions as :func:`visible`, no query."""
    if performer.is_system or holds_receipt(performer, case):
        return True
    return any(condition.holds(case) for condition in conditions_of(performer.access))


def parties_of(performer: Performer, case: Case) -> frozenset[Party]:
    """Return what ``performer`` is to ``case`` today; it needs owner_department and owner_grid.

    No query when both are loaded (select_related).
    """
    if performer.is_system:
        return frozenset({Party.SYSTEM})
    parties: set[Party] = set()
    if holds_receipt(performer, case):
        parties.add(Party.COMPLAINANT)
    for condition in conditions_of(performer.access):
        if condition.parties and condition.holds(case):
            parties |= condition.parties
    return frozenset(parties)


#: Who may look at a complainant's contact: those who call people. Handlers ask them to, so that
#: an office complained about never learns who complained (信访工作条例 Art 30).
CALLERS = frozenset({Party.DISPATCHER, Party.FOLLOWUP, Party.SUPERVISOR})


def may_reveal_contact(performer: Performer, case: Case) -> bool:
    """Whether ``performer`` may look at the contact of ``case``, with a reason. No query."""
    return bool(parties_of(performer, case) & CALLERS)
