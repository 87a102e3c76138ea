"""Which people stand behind a party of a case today: whom a warning reaches."""

from collections.abc import Collection

from complaints.models import Case
from complaints.workflow import Party
from foundation.accounts.models import Post, PostQuerySet, Role, User
from foundation.accounts.selectors import display_of, holders_of

#: How many people of one party are told at most: a warning to everybody is one to nobody.
PARTY_LIMIT = 20
ROLES = {
    Party.DISPATCHER: Role.DISPATCHER,
    Party.FOLLOWUP: Role.FOLLOWUP_CLERK,
    Party.SUPERVISOR: Role.SUPERVISOR,
    "leader": Role.LEADER,
}


def people_of(case: Case, parties: Collection[str], person: str = "") -> dict[int, str]:
    """Return the users behind ``parties`` with the names pages call them by, by id.

    ``person``: username of somebody to add. Owner's people and reviewers are found by the case's
    present owner. Two queries a party at most.
    """
    found: dict[int, str] = {}
    for party in sorted(parties):
        for user in _users(case, party):
            found[user.pk] = display_of(user)
    if person:
        named = User.objects.filter(username=person, is_active=True).first()
        if named is not None:
            found[named.pk] = display_of(named)
    return found


def _users(case: Case, party: str) -> list[User]:
    if party == Party.HANDLER:
        return _owner_people(case)
    if party == Party.REVIEWER:
        street = _holders(holders_of(Role.STREET_OFFICER, area_path=case.area_path))
        return street if case.owner_grid_id and street else _role(Role.DISPATCHER)
    return _role(ROLES[party]) if party in ROLES else []


def _owner_people(case: Case) -> list[User]:
    """Return who works on the case: the one who signed, else everybody of the owner."""
    if case.handler is not None and case.handler.is_active:
        return [case.handler]
    if case.owner_grid is not None:
        return _holders(holders_of(Role.GRID_WORKER, area_path=case.owner_grid.path))
    if case.owner_department is not None:
        return _department(case.owner_department.code)
    return []


def people_of_department(code: str) -> dict[int, str]:
    """Return the officers of the department ``code``, by id. At most two queries."""
    return {user.pk: display_of(user) for user in _department(code)}


def _department(code: str) -> list[User]:
    bureau = holders_of(Role.BUREAU_OFFICER, department=code)
    return _holders(bureau) or _holders(holders_of(Role.STREET_OFFICER, department=code))


def _role(role: Role) -> list[User]:
    return _holders(holders_of(role))


def _holders(posts: PostQuerySet) -> list[User]:
    some: list[Post] = list(posts[:PARTY_LIMIT])
    return [post.user for post in some]
