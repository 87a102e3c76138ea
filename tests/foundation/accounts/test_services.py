"""Posts, rights, sessions: what changes leaves a trace and counts at once."""

import datetime

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from foundation.accounts.access import access_of
from foundation.accounts.errors import PhoneTaken, PostRefused
from foundation.accounts.models import Post, Role, User
from foundation.accounts.services import (
    deactivate_user,
    end_post,
    grant_post,
    open_account,
    open_staff_account,
    reactivate_user,
    reset_sign_in,
    set_phone,
    sync_groups,
)
from foundation.jobs import registry
from foundation.jobs.registry import Handler
from foundation.ledger.actor import Actor
from foundation.ledger.selectors import entries_of
from foundation.places.models import Area, AreaKind
from foundation.vault.models import PersonalRecord

BOSS = Actor("staff", "1", "administrator")
TODAY = datetime.date(2026, 3, 2)
PHONE = "+8613800138000"
pytestmark = pytest.mark.django_db


@pytest.fixture
def revoked():
    """Payloads of ``accounts.revoked``, as handlers get them."""
    heard = []
    with registry.replaced() as own:
        own.add_handler(Handler("test.revoked", "accounts.revoked", lambda k, p: heard.append(p)))
        yield heard


def actions(user: User) -> list[str]:
    return [entry.action for entry in entries_of(f"account:{user.pk}").order_by("seq")]


def test_a_granted_post_counts_at_once_and_is_in_the_ledger(cast, clock):
    user = cast.stranger
    assert not access_of(user).is_staff_member
    post = grant_post(actor=BOSS, user=user, role=Role.EDITOR)
    assert access_of(user).has(Role.EDITOR)
    assert (post.starts_on, post.ends_on) == (TODAY, None)
    entry = entries_of(f"account:{user.pk}").get()
    assert entry.action == "post.granted"
    assert entry.data["role"] == "editor"


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        (Role.GRID_WORKER, "网格员要指定网格。"),
        (Role.STREET_OFFICER, "街道工作人员要指定街道（镇）。"),
        (Role.BUREAU_OFFICER, "部门工作人员要指定部门。"),
    ],
)
def test_a_role_that_needs_a_place_is_refused_without_it(cast, role, sentence):
    with pytest.raises(PostRefused) as refusal:
        grant_post(actor=BOSS, user=cast.stranger, role=role)
    assert str(refusal.value.sentence) == sentence


def test_a_grid_worker_needs_a_grid_and_not_a_street(cast, district_pack):
    street = Area.objects.filter(kind=AreaKind.TOWN).first()
    with pytest.raises(PostRefused):
        grant_post(actor=BOSS, user=cast.stranger, role=Role.GRID_WORKER, area=street)


def test_a_post_cannot_end_before_it_starts(cast):
    with pytest.raises(PostRefused):
        grant_post(
            actor=BOSS,
            user=cast.stranger,
            role=Role.LEADER,
            starts_on=TODAY,
            ends_on=TODAY - datetime.timedelta(days=1),
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(
            user=cast.stranger,
            role=Role.LEADER,
            starts_on=TODAY,
            ends_on=TODAY - datetime.timedelta(days=1),
        )


def test_an_ended_post_opens_nothing_any_more(cast, clock, run_jobs, revoked):
    user = cast.leader
    end_post(actor=BOSS, post=user.posts.get())
    assert not access_of(user).is_staff_member
    assert user.posts.get().ends_on == TODAY - datetime.timedelta(days=1)
    assert actions(user)[-1] == "post.ended"
    run_jobs()
    assert revoked == [{"user": user.pk, "why": "post ended"}]


def test_a_post_that_never_counted_is_removed_but_stays_in_the_ledger(cast, clock):
    post = grant_post(actor=BOSS, user=cast.stranger, role=Role.LEADER)
    end_post(actor=BOSS, post=post)
    assert not cast.stranger.posts.exists()
    assert actions(cast.stranger) == ["post.granted", "post.ended"]


@pytest.mark.parametrize(
    ("role", "groups", "is_superuser"),
    [
        (Role.EDITOR, {"Editors"}, False),
        (Role.SURVEYOR, {"Surveyors"}, False),
        (Role.ADMINISTRATOR, {"Moderators"}, True),
        (Role.LEADER, set(), False),
    ],
)
def test_wagtails_rights_follow_the_post(cast, clock, role, groups, is_superuser):
    user = cast.stranger
    user.groups.add(Group.objects.create(name="Choir"))
    post = grant_post(actor=BOSS, user=user, role=role)
    assert set(user.groups.values_list("name", flat=True)) == groups | {"Choir"}
    assert user.is_superuser is is_superuser
    end_post(actor=BOSS, post=post)
    user.refresh_from_db()
    assert set(user.groups.values_list("name", flat=True)) == {"Choir"}
    assert not user.is_superuser


def test_surveyors_may_enter_the_admin(cast):
    sync_groups(user=cast.surveyor)
    assert User.objects.get(pk=cast.surveyor.pk).has_perm("wagtailadmin.access_admin")


def test_a_deactivated_user_is_out_at_once(cast, staff_client, run_jobs, revoked):
    from foundation.accounts.services.people import end_sessions

    client = staff_client("leader")
    assert client.get("/overview/").status_code != 302
    deactivate_user(actor=BOSS, user=cast.leader, reason="left the office")
    assert client.get("/overview/").url.startswith("/accounts/login/")
    assert end_sessions(user=cast.leader) == 0
    run_jobs()
    assert [payload["user"] for payload in revoked] == [cast.leader.pk]
    assert actions(cast.leader)[-1] == "account.deactivated"


def test_a_reactivated_user_has_the_posts_in_force_again(cast):
    deactivate_user(actor=BOSS, user=cast.editor, reason="holiday")
    reactivate_user(actor=BOSS, user=cast.editor, reason="back")
    assert access_of(cast.editor).has(Role.EDITOR)


def test_a_reset_gives_a_password_once_and_removes_the_second_factor(cast):
    password = reset_sign_in(actor=BOSS, user=cast.leader)
    cast.leader.refresh_from_db()
    assert cast.leader.check_password(password)
    assert len(password) == 16
    assert not cast.leader.authenticator_set.exists()
    assert password not in str(list(entries_of(f"account:{cast.leader.pk}").values_list()))


def test_a_staff_account_enters_nothing_before_it_has_a_post():
    user, password = open_staff_account(
        actor=BOSS, username="newcomer", display_name="新同事", email="New@example.invalid"
    )
    assert str(user) == "新同事"
    assert user.check_password(password)
    assert user.email == "new@example.invalid"
    assert not access_of(user).is_staff_member


def test_accounts_without_email_do_not_collide():
    assert {
        open_account().email,
        open_account().email,
        User.objects.create_user("x", "").email,
    } == {None}


def test_a_confirmed_number_stays_with_its_account():
    owner, other = open_account(), open_account()
    set_phone(user=owner, phone=PHONE, verified=True)
    with pytest.raises(PhoneTaken):
        set_phone(user=other, phone="138 0013 8000", verified=True)


def test_a_new_number_shreds_the_old_one():
    user = open_account(phone=PHONE)
    old = user.phone_record_id
    set_phone(user=user, phone="+8613900139000", verified=True)
    assert PersonalRecord.objects.get(pk=old).is_shredded
    assert not PersonalRecord.objects.get(pk=user.phone_record_id).is_shredded


def test_confirming_the_same_number_keeps_its_record():
    user = open_account(phone=PHONE)
    record = user.phone_record_id
    set_phone(user=user, phone=PHONE, verified=True)
    assert user.phone_record_id == record
    assert user.phone_verified


def test_user_names_are_checked(cast):
    with pytest.raises(ValidationError):
        User(username="has space", password="x").full_clean()
