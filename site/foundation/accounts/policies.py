"""Who may enter what: the posts in force of a user, asked by views, lists and sockets alike.

Every app builds its own object rules on :func:`access_of`; nobody reads ``Post`` rows to decide.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from foundation.accounts.models import Post, Role

P = ParamSpec("P")

#: The area path of a post without an area: every path starts with it, so one prefix test serves.
WHOLE_DISTRICT = ""

#: Roles that may enter the editors' admin at /cms/.
CMS_ROLES = frozenset({Role.EDITOR, Role.SURVEYOR, Role.ADMINISTRATOR})

#: Addresses that only staff with a second factor reach, and the roles that may pass the gate.
#: ``None``: any post in force; the view asks further.
STAFF_AREAS: dict[str, frozenset[Role] | None] = {
    "/desk/": None,
    "/field/": None,
    "/overview/": frozenset({Role.LEADER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR}),
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
    (frozenset({Role.LEADER, Role.AUDITOR}), "/overview/"),
    (CMS_ROLES, "/cms/"),
)
RESIDENTS_HOME = "/track/"


@dataclass(frozen=True)
class Duty:
    """One post in force, reduced to what decisions need."""

    role: Role
    area_path: str
    area_code: str
    department: str


@dataclass(frozen=True)
class Access:
    """What a user may do today. Empty for residents, guests and deactivated users."""

    duties: tuple[Duty, ...] = ()
    roles: frozenset[Role] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset(duty.role for duty in self.duties))

    @property
    def is_staff_member(self) -> bool:
        """Whether any post is in force today."""
        return bool(self.duties)

    def has(self, *roles: Role) -> bool:
        """Whether at least one of ``roles`` is held today."""
        return not self.roles.isdisjoint(roles)

    def areas(self, role: Role) -> frozenset[str]:
        """Area paths of the posts with ``role``; '' (prefix of every path) is the whole district."""
        return frozenset(duty.area_path for duty in self.duties if duty.role == role)

    def area_codes(self, role: Role) -> frozenset[str]:
        """Codes of the areas of ``role``; posts for the whole district add nothing."""
        return frozenset(d.area_code for d in self.duties if d.role == role and d.area_code)

    def departments(self, role: Role) -> frozenset[str]:
        """Department codes of the posts with ``role``."""
        return frozenset(d.department for d in self.duties if d.role == role and d.department)

    def covers(self, role: Role, area_path: str) -> bool:
        """Whether a post with ``role`` contains the area at ``area_path`` (closing slash kept)."""
        return any(area_path.startswith(path) for path in self.areas(role))


NO_ACCESS = Access()


def access_of(user: object) -> Access:
    """Return what ``user`` may do today (Asia/Shanghai), from posts in force only.

    At most one query, kept on the user object for the life of the request. Anonymous and
    deactivated users get an empty access; superuser flags give nothing here.
    """
    if not getattr(user, "is_authenticated", False) or not getattr(user, "is_active", False):
        return NO_ACCESS
    cached = getattr(user, "_gongzhi_access", None)
    if cached is None:
        cached = _access_from_posts(user.pk)  # type: ignore[attr-defined]
        user._gongzhi_access = cached  # type: ignore[attr-defined]
    return cached


def forget_access(user: object) -> None:
    """Drop the kept answer after the posts of ``user`` changed."""
    if hasattr(user, "_gongzhi_access"):
        del user._gongzhi_access


def _access_from_posts(user_id: int) -> Access:
    rows = (
        Post.objects.in_force()
        .filter(user_id=user_id)
        .order_by("pk")
        .values_list("role", "area__path", "area__code", "department__code")
    )
    return Access(
        tuple(
            Duty(Role(role), path or WHOLE_DISTRICT, code or "", department or "")
            for role, path, code, department in rows
        )
    )


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


def has_second_factor(session_records: Iterable[dict[str, object]]) -> bool:
    """Whether a session's sign-in records hold one made with a second factor."""
    return any(record.get("method") == "mfa" for record in session_records)


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


def session_has_second_factor(request: HttpRequest) -> bool:
    """Whether this signed-in session passed the second factor (no query beyond the session)."""
    return has_second_factor(get_authentication_records(request))
