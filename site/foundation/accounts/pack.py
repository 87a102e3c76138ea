"""The demonstration's named cast (``demo/staff.toml`` of the district pack)."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from foundation.accounts.demo import fix_second_factor
from foundation.accounts.models import Role, User
from foundation.accounts.phones import PhoneRefused, normalise
from foundation.accounts.services import attach_email, grant_post, set_phone
from foundation.ledger.actor import Actor
from foundation.places.models import Area, AreaKind, Department
from foundation.places.pack import Changes, Pack, Row, demo_loader

ACTOR = Actor.system("demo")


@dataclass(frozen=True)
class Person:
    """One row of the file, checked."""

    username: str
    name: str
    role: Role | None
    area: Area | None
    department: Department | None
    totp: str
    phone: str
    email: str


@demo_loader("staff", order=10)
def load_staff(pack: Pack) -> Changes:
    """Make the cast; people who exist already keep their password and posts."""
    password = make_password(pack.row("demo/staff").text("password"))
    changes = Changes()
    for row in pack.rows("demo/staff", "person"):
        changes += _load(_person(row), password)
    return changes


def _person(row: Row) -> Person:
    role = row.choice("role", Role.values, "")
    person = Person(
        username=row.text("username", longest=30),
        name=row.text("name", longest=60),
        role=Role(role) if role else None,
        area=_area(row),
        department=_department(row),
        totp=row.text("totp", "") if not role else row.text("totp"),
        phone=_phone(row),
        email=row.text("email", ""),
    )
    row.finish()
    return person


def _area(row: Row) -> Area | None:
    """``area`` is a code; ``area_in`` names a town whose first grid is taken."""
    code, town = row.text("area", ""), row.text("area_in", "")
    if not code and not town:
        return None
    if code:
        area = Area.objects.filter(code=code).first()
    else:
        grids = Area.objects.filter(kind=AreaKind.GRID, parent__parent__name=town)
        area = grids.order_by("code").first()
    if area is None:
        raise row.error("area" if code else "area_in", f"there is no area {code or town!r}")
    return area


def _department(row: Row) -> Department | None:
    code = row.text("department", "")
    if not code:
        return None
    department = Department.objects.filter(code=code).first()
    if department is None:
        raise row.error("department", f"there is no department {code!r}")
    return department


def _phone(row: Row) -> str:
    text = row.text("phone", "")
    try:
        return normalise(text) if text else ""
    except PhoneRefused as refusal:
        raise row.error("phone", str(refusal.sentence)) from refusal


def _load(person: Person, password: str) -> Changes:
    user, created = User.objects.get_or_create(
        username=person.username,
        defaults={"display_name": person.name, "password": password, "is_demo": True},
    )
    if not created:
        return _renamed(user, person)
    if person.role:
        fix_second_factor(user=user, secret=person.totp)
        grant_post(
            actor=ACTOR,
            user=user,
            role=person.role,
            area=person.area,
            department=person.department,
            starts_on=timezone.localdate().replace(month=1, day=1),
        )
    if person.phone:
        set_phone(user=user, phone=person.phone, verified=True)
    if person.email:
        attach_email(user=user, email=person.email)
    return Changes(added=1)


def _renamed(user: User, person: Person) -> Changes:
    if user.display_name == person.name:
        return Changes(unchanged=1)
    user.display_name = person.name
    user.save(update_fields=["display_name"])
    return Changes(changed=1)
