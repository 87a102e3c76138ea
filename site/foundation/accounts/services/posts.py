"""Posts, and the editing rights in Wagtail that follow from them."""

from datetime import date, timedelta

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation.accounts.access import access_of, forget_access
from foundation.accounts.errors import PostRefused
from foundation.accounts.models import Post, Role, User
from foundation.accounts.selectors import stream_of
from foundation.jobs.services import emit
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.places.models import Area, AreaKind, Department

#: Emitted when somebody loses access at once: sockets of ``payload["user"]`` must close.
REVOKED = "accounts.revoked"

#: Role → Wagtail group. "Editors" and "Moderators" come with Wagtail; "Surveyors" is ours.
GROUPS = {
    Role.EDITOR: "Editors",
    Role.ADMINISTRATOR: "Moderators",
    Role.SURVEYOR: "Surveyors",
}


def grant_post(
    *,
    actor: Actor,
    user: User,
    role: Role,
    area: Area | None = None,
    department: Department | None = None,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Post:
    """Give ``user`` a post; both days count (Asia/Shanghai), ``starts_on`` defaults to today.

    Raises PostRefused when the role lacks its area or department. Ledger entry ``post.granted`` on
    the account's stream; Wagtail's groups follow. About 10 statements.
    """
    _check(role, area, department)
    starts_on = starts_on or timezone.localdate()
    if ends_on is not None and ends_on < starts_on:
        raise PostRefused(_("The last day lies before the first day."))
    with transaction.atomic():
        post = Post.objects.create(
            user=user,
            role=role,
            area=area,
            department=department,
            starts_on=starts_on,
            ends_on=ends_on,
        )
        # Marks the account as one of staff for ever; it gives no right by itself.
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        append(stream=stream_of(user), action="post.granted", actor=actor, data=_facts(post))
        forget_access(user)
        sync_groups(user=user)
    return post


def _check(role: Role, area: Area | None, department: Department | None) -> None:
    if role == Role.GRID_WORKER and (area is None or area.kind != AreaKind.GRID):
        raise PostRefused(_("A grid worker needs a grid."))
    if role == Role.STREET_OFFICER and area is None:
        raise PostRefused(_("A street officer needs a town or street."))
    if role == Role.BUREAU_OFFICER and department is None:
        raise PostRefused(_("A department officer needs a department."))


def end_post(*, actor: Actor, post: Post, last_day: date | None = None) -> None:
    """End ``post`` after ``last_day`` (default yesterday: it counts no longer from now on).

    A post that would end before its first day is removed; the ledger keeps it. Emits
    ``accounts.revoked`` so that sockets ask again who may listen.
    """
    last_day = last_day or timezone.localdate() - timedelta(days=1)
    user = post.user
    with transaction.atomic():
        facts = _facts(post) | {"last_day": last_day.isoformat()}
        post_id = post.pk
        if last_day < post.starts_on:
            post.delete()
        else:
            post.ends_on = last_day
            post.save(update_fields=["ends_on"])
        append(stream=stream_of(user), action="post.ended", actor=actor, data=facts)
        forget_access(user)
        sync_groups(user=user)
        key = f"{user.pk}:post:{post_id}:{last_day.isoformat()}"
        emit(REVOKED, key=key, payload={"user": user.pk, "why": "post ended"})


def _facts(post: Post) -> dict[str, str | None]:
    return {
        "role": str(post.role),
        "area": post.area.code if post.area else None,
        "department": post.department.code if post.department else None,
        "from": post.starts_on.isoformat(),
        "until": post.ends_on.isoformat() if post.ends_on else None,
    }


def sync_groups(*, user: User) -> None:
    """Bring Wagtail's groups and the superuser flag in line with the posts in force today.

    Superuser only for administrators; groups that no role maps to are left alone. About 6
    statements. Also called once a day per user at the gate of /cms/, because posts begin and end
    by date without anybody acting.
    """
    access = access_of(user)
    wanted = {GROUPS[role] for role in access.roles if role in GROUPS}
    with transaction.atomic():
        groups = {name: _group(name) for name in GROUPS.values()}
        user.groups.remove(*(g for name, g in groups.items() if name not in wanted))
        user.groups.add(*(groups[name] for name in wanted))
        user.is_superuser = access.has(Role.ADMINISTRATOR)
        user.rights_checked_on = timezone.localdate()
        user.save(update_fields=["is_superuser", "rights_checked_on"])


def _group(name: str) -> Group:
    group, created = Group.objects.get_or_create(name=name)
    if created:
        group.permissions.add(Permission.objects.get(codename="access_admin"))
    return group
