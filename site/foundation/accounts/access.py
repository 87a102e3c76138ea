"""What a user may do today, from the posts in force. Selectors and policies stand on it."""

from dataclasses import dataclass, field

from foundation.accounts.models import Post, Role

#: The area path of a post without an area: every path starts with it, so one prefix test serves.
WHOLE_DISTRICT = ""


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
        """Area paths of the posts with ``role``; '' (every path starts so): whole district."""
        return frozenset(duty.area_path for duty in self.duties if duty.role == role)

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
    cached: Access | None = getattr(user, "_gongzhi_access", None)
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
