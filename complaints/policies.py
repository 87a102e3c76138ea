"""Who may see and do what to which case.

A person's current duties become a ``Reach``: a set of conditions, each of which can filter a list
(``q``) and test one object (``holds``). Lists, object pages, photos and sockets all use the same
Reach, so that a case that left a list is gone everywhere (a formerly routed department too).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from complaints.identity import Identity
from complaints.models import Accused, Assist, Case, Recusal
from complaints.performer import Performer
from complaints.workflow import Party
from foundation.accounts.access import Access
from foundation.accounts.models import Role
from foundation.places.models import AreaKind, Department
from foundation.places.selectors import department_by_code, departments, descendants, snapshot

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
    only_open: bool = False

    def may_meet(self, path: str, ended: bool) -> bool:
        """Whether it can hold for a case somewhere inside ``path``, or for one that has ended."""
        inside = self.area.startswith(path) or path.startswith(self.area)
        return inside and not (ended and self.only_open)

    @property
    def waiting(self) -> Q:
        """Match the cases in which the person has to act next."""
        if Party.ASSISTANT in self.parties:
            return self.q
        return self.q & Q(next_party__in=sorted(self.parties))


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


def _shared_with_department(codes: frozenset[str]) -> Condition:
    """Called by a whistle or given a part of the work, as long as that is open."""
    known = [department_by_code(code) for code in sorted(codes)]
    ids = frozenset(department.pk for department in known if department is not None)
    return Condition(
        # Open shares are few, so the database reads them first.
        Q(is_open=True, pk__in=_open_shares(ids).values("case_id")),
        lambda case: (
            case.is_open and case.assist_count > 0 and _open_shares(ids).filter(case=case).exists()
        ),
        frozenset({Party.ASSISTANT}),
        only_open=True,
    )


def _open_shares(departments: frozenset[int]) -> QuerySet[Assist]:
    return Assist.objects.filter(is_open=True, department__in=sorted(departments))


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
    codes = access.departments(Role.BUREAU_OFFICER) | access.departments(Role.STREET_OFFICER)
    if codes:
        found += [_owned_by_department(codes), _shared_with_department(codes)]
    for path in sorted(access.areas(Role.STREET_OFFICER)):
        found += [_located_in(path), _owned_by_grid(path, Party.HANDLER, Party.REVIEWER)]
    found += [
        _owned_by_grid(path, Party.HANDLER) for path in sorted(access.areas(Role.GRID_WORKER))
    ]
    return found


def visible(access: Access, *, within: str = "", ended: bool = False) -> Q:
    """Return the list condition of ``access``; nobody's access matches nothing.

    ``within``: the path a list is narrowed to; ``ended``: whether it shows ended cases only.
    Conditions that cannot hold there are left out, since the database cannot see that they
    contradict the list and reads everything to find nothing.
    """
    conditions = [c for c in conditions_of(access) if c.may_meet(within, ended)]
    if not conditions:
        return Q(pk__in=[])
    clear = without_conflicts(access)
    if any(not condition.q for condition in conditions):
        return clear
    combined = Q()
    for condition in conditions:
        combined |= condition.q
    return combined & clear


def departments_behind(access: Access) -> frozenset[int]:
    """Return ids of the departments for which somebody works: named by a post, or over its area.

    A street's grid workers and officers belong to the street's office. No query with warm places.
    """
    codes = {duty.department for duty in access.duties if duty.department}
    own = [duty.area_path for duty in access.duties if duty.role in LOCAL_ROLES and duty.area_path]
    return frozenset(
        department.pk
        for department in departments()
        if department.code in codes or _stands_over(department, own)
    )


#: Roles whose people belong to the office of the street their area lies in.
LOCAL_ROLES = frozenset({Role.STREET_OFFICER, Role.GRID_WORKER})


def _stands_over(department: Department, paths: list[str]) -> bool:
    area = snapshot().areas_by_id.get(department.area_id) if department.area_id else None
    if area is None or area.kind == AreaKind.DISTRICT:
        return False
    return any(path.startswith(area.path) for path in paths)


def without_conflicts(access: Access) -> Q:
    """Leave out cases that complain about a department for which somebody with ``access`` works.

    Whatever other post they hold: nothing passes to the accused (信访工作条例 Art 30).
    """
    ids = departments_behind(access)
    if not ids:
        return Q()
    # Cases with conflicts are few: the count spares all others the look into the register.
    accused = Accused.objects.filter(department__in=sorted(ids))
    return ~Q(conflict_count__gt=0, pk__in=accused.values("case_id"))


def is_in_conflict(access: Access, case: Case) -> bool:
    """Whether ``case`` complains about somebody's own department. No query without conflicts."""
    if not case.conflict_count:
        return False
    ids = departments_behind(access)
    return bool(ids) and Accused.objects.filter(case=case, department__in=sorted(ids)).exists()


def has_recused(performer: Performer, case: Case) -> bool:
    """Whether the performer stepped back from ``case`` (回避). No query without conflicts."""
    if not case.conflict_count or performer.actor.kind != "staff":
        return False
    return Recusal.objects.filter(case=case, user_id=int(performer.actor.id)).exists()


def holds_receipt(performer: Performer, case: Case) -> bool:
    """Whether the performer is the complainant: by receipt code or by account."""
    if case.uid in performer.receipts:
        return True
    return performer.account_id is not None and case.account_id == performer.account_id


def may_see(performer: Performer, case: Case) -> bool:
    """Whether ``performer`` may see ``case``: the same conditions as :func:`visible`.

    No query, or one when another office has a share in the case.
    """
    if performer.is_system or holds_receipt(performer, case):
        return True
    if is_in_conflict(performer.access, case):
        return False
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
    if is_in_conflict(performer.access, case) or has_recused(performer, case):
        return frozenset(parties)
    for condition in conditions_of(performer.access):
        if condition.parties and condition.holds(case):
            parties |= condition.parties
    return frozenset(parties)


#: Who may look at a complainant's contact: those who call people. Handlers ask them to, so that
#: an office complained about never learns who complained (信访工作条例 Art 30).
CALLERS = frozenset({Party.DISPATCHER, Party.FOLLOWUP, Party.SUPERVISOR})


def may_reveal_contact(performer: Performer, case: Case) -> bool:
    """Whether ``performer`` may look at the contact of ``case``, with a reason. No query.

    保密: a supervisor, or the caller whose turn it is — the dispatcher before the case goes out,
    the follow-up clerk once it is answered.
    """
    callers = parties_of(performer, case) & CALLERS
    if case.identity != Identity.CONFIDENTIAL:
        return bool(callers)
    return Party.SUPERVISOR in callers or case.next_party in callers


def may_read_whole(performer: Performer, case: Case) -> bool:
    """Whether the words of ``case`` are shown with the numbers of people in them (ADR 0010)."""
    return may_reveal_contact(performer, case)
