"""The named cast: one person per role, and a stranger of some kinds, made when first named."""

import datetime
import time
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from foundation.accounts.models import Post, Role, User
from foundation.places.models import Area, AreaKind, Department

PASSWORD = "gongzhi-demo-2026"
TOTP_SECRET = "JBSWY3DPEHPK3PXP"  # fixed, so that a test can compute the code
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@dataclass(frozen=True)
class Part:
    """What somebody of the cast holds: a role in an area and a department ('' = none)."""

    role: Role | None = None
    town: str = ""
    in_grid: bool = False
    department: str = ""


PARTS = {
    "dispatcher": Part(Role.DISPATCHER),
    "grid": Part(Role.GRID_WORKER, town="红梅街道", in_grid=True),
    "grid2": Part(Role.GRID_WORKER, town="雕庄街道", in_grid=True),
    "street": Part(Role.STREET_OFFICER, town="红梅街道"),
    "street2": Part(Role.STREET_OFFICER, town="雕庄街道"),
    "bureau": Part(Role.BUREAU_OFFICER, department="ecology"),
    "bureau2": Part(Role.BUREAU_OFFICER, department="urban-management"),
    "followup": Part(Role.FOLLOWUP_CLERK),
    "supervisor": Part(Role.SUPERVISOR),
    "leader": Part(Role.LEADER),
    "editor": Part(Role.EDITOR),
    "surveyor": Part(Role.SURVEYOR),
    "auditor": Part(Role.AUDITOR),
    "admin": Part(Role.ADMINISTRATOR),
    "resident": Part(),
    "stranger": Part(),
}


class Cast:
    """``cast.dispatcher``, ``cast.grid2``, ``cast.stranger``…: users made on first use."""

    def __init__(self) -> None:
        self._made: dict[str, User] = {}

    def __getattr__(self, name: str) -> User:
        if name not in PARTS:
            raise AttributeError(f"Nobody in the cast is called {name!r}: {', '.join(PARTS)}")
        if name not in self._made:
            self._made[name] = _make(name, PARTS[name])
        return self._made[name]

    def with_role(self, role: Role | str) -> User:
        """Return the first of the cast who holds ``role``."""
        name = next(name for name, part in PARTS.items() if part.role == role)
        return getattr(self, name)


def _make(name: str, part: Part) -> User:
    user = User.objects.filter(username=name).first()
    if user is not None:
        return user
    user = User.objects.create_user(name, f"{name}@example.invalid", PASSWORD)
    if part.role is None:
        return user
    TOTP.activate(user, TOTP_SECRET)
    Post.objects.create(
        user=user,
        role=part.role,
        area=_area(part),
        department=_department(part.department),
        starts_on=datetime.date(2020, 1, 1),
    )
    return user


def _area(part: Part) -> Area | None:
    if not part.town:
        return None
    town = Area.objects.filter(name=part.town, kind=AreaKind.TOWN).first()
    town = town or _child(None, AreaKind.TOWN, f"T{len(part.town)}{ord(part.town[0])}", part.town)
    if not part.in_grid:
        return town
    grid = Area.objects.filter(kind=AreaKind.GRID, path__startswith=town.path).first()
    return grid or _child(town, AreaKind.GRID, f"{town.code}-G1", f"{part.town}第一网格")


def _child(parent: Area | None, kind: str, code: str, name: str) -> Area:
    path = f"{parent.path if parent else ''}{code}/"
    return Area.objects.create(code=code, name=name, kind=kind, parent=parent, path=path)


def _department(code: str) -> Department | None:
    if not code:
        return None
    return Department.objects.get_or_create(code=code, defaults={"name": code})[0]


def sign_in(user: User) -> Client:
    """Return a client signed in as ``user``; staff have passed their second factor."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    session = client.session
    now = time.time()
    records: list[dict[str, Any]] = [{"method": "password", "at": now, "username": user.username}]
    if user.posts.exists():
        records.append({"method": "mfa", "type": "totp", "at": now})
    session[AUTHENTICATION_METHODS_SESSION_KEY] = records
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = str(user.pk)  # allauth checks whose
    session.save()
    return client
