"""Who may enter what: the posts in force of a user, asked by views, lists and sockets alike.

Every app builds its own object rules on :func:`access_of`; nobody reads ``Post`` rows to decide.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from foundation.accounts.access import NO_ACCESS as NO_ACCESS
from foundation.accounts.access import WHOLE_DISTRICT as WHOLE_DISTRICT
from foundation.accounts.access import Access as Access
from foundation.accounts.access import access_of as access_of
from foundation.accounts.models import Role

P = ParamSpec("P")

#: Roles that may enter the editors' admin at /cms/.
CMS_ROLES = frozenset({Role.EDITOR, Role.SURVEYOR, Role.ADMINISTRATOR})

OVERVIEW = "/overview/"

#: Addresses that only staff with a second factor reach, and the roles that may pass the gate.
#: ``None``: any post in force; the view asks further.
STAFF_AREAS: dict[str, frozenset[Role] | None] = {
    "/desk/": None,
    "/field/": None,
    OVERVIEW: frozenset({Role.LEADER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR}),
    "/cms/": CMS_ROLES,
    "/accounts/staff/": frozenset({Role.ADMINISTRATOR}),
}

#: Where each role starts its day; the first that matches wins.
DESKS: tuple[tuple[frozenset[Role], str], ...] = (
    (
        frozenset(
            {
                Role.DISPATCHER,
                Role.BUREAU_OFFICER,
                Role.STREET_OFFICER,
                Role.FOLLOWUP_CLERK,
                Role.SUPERVISOR,
            }
        ),
        "/desk/",
    ),
    (frozenset({Role.GRID_WORKER}), "/field/"),
    (frozenset({Role.LEADER, Role.AUDITOR}), OVERVIEW),
    (CMS_ROLES, "/cms/"),
)
RESIDENTS_HOME = "/track/"


def home_of(access: Access) -> str:
    """Return the address where a user with ``access`` starts; residents follow their reports."""
    for roles, address in DESKS:
        if access.has(*roles):
            return address
    return RESIDENTS_HOME


def staff_area_of(path: str) -> str | None:
    """Return the staff area that ``path`` lies in, or None for residents' pages."""
    slashed = path if path.endswith("/") else path + "/"
    return next((area for area in STAFF_AREAS if slashed.startswith(area)), None)


def may_enter(access: Access, area: str) -> bool:
    """Whether ``access`` passes the gate of the staff ``area`` (a key of STAFF_AREAS)."""
    roles = STAFF_AREAS[area]
    return access.is_staff_member if roles is None else access.has(*roles)


def require_roles(
    *roles: Role,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Guard a view: guests go to sign-in and come back, others without one of ``roles`` get 403.

    The second factor is enforced before any view by ``StaffSecondFactorMiddleware``.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                answer: HttpResponse = redirect_to_login(request.get_full_path())
                return answer
            if not access_of(request.user).has(*roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class _SessionHolder:
    """What allauth reads of a request; lets a socket's scope be asked the same question."""

    def __init__(self, session: object) -> None:
        self.session = session


def has_second_factor(source: HttpRequest | Mapping[str, object]) -> bool:
    """Whether the session of a request, or of a socket's scope, passed a second factor."""
    if isinstance(source, Mapping):
        session, user = source.get("session"), source.get("user")
    else:
        session, user = getattr(source, "session", None), getattr(source, "user", None)
    if session is None or not getattr(user, "is_authenticated", False):
        return False
    records = get_authentication_records(_SessionHolder(session), user)  # type: ignore[arg-type]
    return any(record.get("method") == "mfa" for record in records)


def is_staff_session(source: HttpRequest | Mapping[str, object]) -> bool:
    """Whether a request or a socket's scope belongs to staff on duty with a second factor.

    For consumers call it through ``database_sync_to_async``: it reads the session and the posts
    (at most 2 queries).
    """
    user = source.get("user") if isinstance(source, Mapping) else source.user
    return access_of(user).is_staff_member and has_second_factor(source)
