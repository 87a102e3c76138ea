"""Administrators open accounts, grant and end posts, and help people who cannot sign in."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from foundation.accounts.access import access_of
from foundation.accounts.models import Post, Role, User
from foundation.places.models import Area, AreaKind

pytestmark = pytest.mark.django_db
LIST = "/accounts/staff/"


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


@pytest.fixture
def admin(staff_client) -> Client:
    return staff_client("admin")


def test_an_administrator_opens_an_account_and_grants_it_a_post(admin, district_pack):
    data = {"username": "zhou", "display_name": "周新", "email": "zhou@example.invalid"}
    page = admin.post(f"{LIST}new/", data).content.decode()
    password = re.findall(r"<code>([^<]+)</code>", page)[1]
    user = User.objects.get(username="zhou")
    assert user.check_password(password)
    grid = Area.objects.filter(kind=AreaKind.GRID).first()
    answer = admin.post(f"{LIST}{user.pk}/", {"role": "grid_worker", "area": grid.pk})
    assert answer.url == f"{LIST}{user.pk}/"
    assert access_of(fresh(user)).areas(Role.GRID_WORKER) == {grid.path}


def test_a_post_without_its_place_is_refused_on_the_page(admin, cast):
    page = admin.post(f"{LIST}{cast.leader.pk}/", {"role": "grid_worker"})
    assert page.status_code == 404
    User.objects.filter(pk=cast.leader.pk).update(is_staff=True)
    page = admin.post(f"{LIST}{cast.leader.pk}/", {"role": "grid_worker"}).content.decode()
    assert "网格员要指定网格。" in page


def test_an_administrator_ends_a_post(admin, cast):
    post = cast.leader.posts.get()
    User.objects.filter(pk=cast.leader.pk).update(is_staff=True)
    admin.post(f"{LIST}{cast.leader.pk}/posts/{post.pk}/end/")
    assert not access_of(fresh(cast.leader)).is_staff_member


def test_a_post_of_somebody_else_cannot_be_ended_through_a_stranger(admin, cast):
    post = cast.leader.posts.get()
    assert admin.post(f"{LIST}{cast.editor.pk}/posts/{post.pk}/end/").status_code == 404
    assert Post.objects.get(pk=post.pk).is_in_force()


def test_an_account_is_switched_off_and_on(admin, cast):
    User.objects.filter(pk=cast.leader.pk).update(is_staff=True)
    admin.post(f"{LIST}{cast.leader.pk}/deactivate/")
    assert not fresh(cast.leader).is_active
    admin.post(f"{LIST}{cast.leader.pk}/reactivate/")
    assert fresh(cast.leader).is_active


def test_a_lost_sign_in_is_reset_with_a_password_shown_once(admin, cast):
    User.objects.filter(pk=cast.leader.pk).update(is_staff=True)
    page = admin.post(f"{LIST}{cast.leader.pk}/reset/").content.decode()
    assert fresh(cast.leader).check_password(re.findall(r"<code>([^<]+)</code>", page)[1])


def test_nobody_switches_off_the_account_they_use(admin, cast):
    User.objects.filter(pk=cast.admin.pk).update(is_staff=True)
    admin.post(f"{LIST}{cast.admin.pk}/deactivate/")
    assert fresh(cast.admin).is_active


def test_residents_accounts_are_not_open_to_administrators(admin, cast):
    assert admin.get(f"{LIST}{cast.resident.pk}/").status_code == 404
    assert admin.post(f"{LIST}{cast.resident.pk}/deactivate/").status_code == 404
    assert cast.resident.username not in admin.get(LIST).content.decode()


def test_the_list_finds_by_name_and_asks_few_questions(admin, cast, django_assert_max_num_queries):
    for name in ("leader", "editor", "grid", "street", "bureau"):
        getattr(cast, name)
    with django_assert_max_num_queries(10):
        page = admin.get(LIST).content.decode()
    assert "leader" in page
    page = admin.get(f"{LIST}?q=edit").content.decode()
    assert "editor" in page
    assert "没有找到" in admin.get(f"{LIST}?q=zzzz").content.decode()


@pytest.mark.parametrize("path", ["", "new/", "1/", "1/reset/", "1/posts/1/end/"])
@pytest.mark.parametrize(
    "who", ["dispatcher", "supervisor", "leader", "auditor", "editor", "resident"]
)
def test_only_administrators_reach_these_pages(staff_client, who, path):
    client = staff_client(who)
    assert client.get(f"{LIST}{path}").status_code == 403
    assert client.post(f"{LIST}{path}").status_code == 403


def test_the_first_administrator_is_opened_from_the_command_line(capsys):
    call_command("open_staff", "first", "系统管理员")
    user = User.objects.get(username="first")
    assert access_of(user).roles == {Role.ADMINISTRATOR}
    assert user.is_superuser
    assert user.check_password(re.search(r"password (\S+)", capsys.readouterr().out).group(1))


def test_the_command_refuses_what_it_does_not_understand(cast):
    for arguments in (
        ["has space", "x"],
        [cast.leader.username, "x"],
        ["new", "x", "--role", "grid_worker"],
        ["new", "x", "--area", "nowhere"],
    ):
        with pytest.raises(CommandError):
            call_command("open_staff", *arguments)
    assert not User.objects.filter(username="new").exists()
