"""Who may see and do what in cms beyond Wagtail's own rights."""

from django.db.models import Q

from cms.inforequest_workflow import Party
from cms.models import InfoRequest
from cms.performer import Performer
from foundation.accounts.access import Access
from foundation.accounts.models import Role

#: The office for information requests: editors handle, others check, auditors only read.
REQUEST_EDITORS = (Role.EDITOR,)
REQUEST_REVIEWERS = (Role.EDITOR, Role.SUPERVISOR, Role.LEADER)
REQUEST_ROLES = (*REQUEST_REVIEWERS, Role.AUDITOR)


def is_applicant(by: Performer, request: InfoRequest) -> bool:
    """Whether ``by`` filed the request from an account or showed its receipt."""
    if request.uid in by.receipts:
        return True
    return request.account_id is not None and request.account_id == by.account_id


def request_parties(by: Performer, request: InfoRequest) -> frozenset[Party]:
    """Return the parties ``by`` may act as. No query."""
    if by.actor.kind == "system":
        return frozenset({Party.SYSTEM})
    parties = {Party.APPLICANT} if is_applicant(by, request) else set()
    if by.access.has(*REQUEST_EDITORS):
        parties.add(Party.EDITOR)
    if by.access.has(*REQUEST_REVIEWERS):
        parties.add(Party.REVIEWER)
    return frozenset(parties)


def may_see_request(by: Performer, request: InfoRequest) -> bool:
    """Whether the request is any business of ``by``."""
    if by.actor.kind == "system" or by.access.has(*REQUEST_ROLES):
        return True
    return is_applicant(by, request)


def may_reveal_applicant(by: Performer) -> bool:
    """Only who handles requests looks at the applicant; reviewers judge the text alone."""
    return by.access.has(*REQUEST_EDITORS)


NOBODY = Q(pk__in=())


def keeps_all_duties(access: Access) -> bool:
    """An administrator, or an editor whose post names no department, keeps every duty."""
    everywhere = any(d.role == Role.EDITOR and not d.department for d in access.duties)
    return everywhere or access.has(Role.ADMINISTRATOR)


def kept_by(access: Access) -> Q:
    """The condition on duties that the editor with ``access`` publishes for."""
    if keeps_all_duties(access):
        return Q()
    departments = access.departments(Role.EDITOR)
    return Q(department__code__in=departments) if departments else NOBODY


def keeps_any_duty(access: Access) -> bool:
    """Whether the workbench of duties is for this person."""
    return access.has(Role.EDITOR, Role.ADMINISTRATOR)
