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
    """One way a case can fall to somebody, with the parties it makes of that person."""

    q: Q
    holds: Callable[[Case], bool]
    parties: frozenset[Party] = frozenset()


def _everything(*parties: Party) -> Condition:
    return Condition(Q(), lambda case: True, frozenset(parties))


def _owned_by_department(codes: frozenset[str]) -> Condition:
    return Condition(
        Q(owner_department__code__in=sorted(codes)),
        lambda case: case.owner_department is not None and case.owner_department.code in codes,
        frozenset({Party.HANDLER}),
    )


def _located_in(path: str) -> Condition:
    """A street's own area: it reviews what its grids did."""
    return Condition(
        Q(area_path__startswith=path),
        lambda case: case.area_path.startswith(path),
    )


def _owned_by_grid(path: str, *parties: Party) -> Condition:
    return Condition(
        Q(owner_grid__path__startswith=path),
        lambda case: case.owner_grid is not None and case.owner_grid.path.startswith(path),
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


def visible(access: Access) -> Q:
    """Return the list condition of ``access``; nobody's access matches nothing."""
    conditions = conditions_of(access)
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
