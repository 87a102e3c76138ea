"""The gate of the staff areas: a post in force and a second factor, at every address and socket."""

import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.http import HttpResponse
from django.test import Client, RequestFactory

from foundation.accounts.middleware import StaffSecondFactorMiddleware
from foundation.accounts.models import Post, Role, User
from foundation.accounts.policies import STAFF_AREAS, is_staff_session
from tests.cast import BACKEND, PASSWORD

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 2)
OPEN_TO = {
    "/desk/": "dispatcher",
    "/field/": "grid",
    "/overview/": "leader",
    "/cms/": "editor",
    "/accounts/staff/": "admin",
}


def _password_only(user: User) -> Client:
    """A client whose session passed the password but no second factor."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def test_every_staff_area_is_in_this_test():
    assert set(OPEN_TO) == set(STAFF_AREAS)


@pytest.mark.parametrize("area", STAFF_AREAS)
def test_guests_are_sent_to_sign_in(client, area):
    answer = client.get(f"{area}?a=1")
    assert answer.status_code == 302
    assert answer.url == f"/accounts/login/?next={area}%3Fa%3D1"


@pytest.mark.parametrize("area", STAFF_AREAS)
def test_residents_are_refused(cast, area):
    assert _password_only(cast.resident).get(area).status_code == 403


@pytest.mark.parametrize("area", STAFF_AREAS)
def test_a_superuser_without_a_post_is_refused(area):
    boss = User.objects.create_superuser("boss", None, PASSWORD)
    assert _password_only(boss).get(area).status_code == 403


@pytest.mark.parametrize(("area", "who"), OPEN_TO.items())
def test_a_password_alone_reaches_no_staff_area(cast, area, who):
    client = _password_only(getattr(cast, who))
    for path in (area, f"{area}anything/at/all/"):
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer.url.startswith("/accounts/2fa/reauthenticate/?next="), path


@pytest.mark.parametrize(("area", "who"), OPEN_TO.items())
def test_staff_without_an_authenticator_are_led_to_set_one_up(cast, area, who):
    user = getattr(cast, who)
    Authenticator.objects.filter(user=user).delete()
    assert _password_only(user).get(area).url.startswith("/accounts/2fa/totp/activate/?next=")


@pytest.mark.parametrize(("area", "who"), OPEN_TO.items())
def test_staff_with_a_second_factor_pass(staff_client, area, who):
    answer = staff_client(who).get(area)
    assert answer.status_code != 403
    assert not answer.headers.get("Location", "").startswith("/accounts/")


@pytest.mark.parametrize(("area", "who"), OPEN_TO.items())
def test_a_post_that_expired_yesterday_opens_nothing(cast, clock, staff_client, area, who):
    client = staff_client(who)
    assert client.get(area).status_code != 403
    Post.objects.filter(user=getattr(cast, who)).update(ends_on=TODAY - datetime.timedelta(days=1))
    assert client.get(area).status_code == 403


def test_a_session_of_somebody_else_does_not_lend_its_second_factor(cast, staff_client):
    client = staff_client("dispatcher")
    session = client.session
    session["_auth_user_id"] = str(cast.leader.pk)
    session["_auth_user_hash"] = cast.leader.get_session_auth_hash()
    session.save()
    assert client.get("/overview/").url.startswith("/accounts/2fa/")


def test_scripts_get_a_problem_they_can_read(client, cast):
    answer = client.get("/desk/cases.json", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "sign_in"
    answer = _password_only(cast.dispatcher).post(
        "/field/sync/", headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor")


@pytest.mark.parametrize("door", ["/cms/login/", "/cms/password_reset/", "/_util/login/"])
def test_wagtails_own_doors_are_closed(client, cast, door):
    assert client.get(door).url == "/accounts/login/?next=/accounts/home/"
    answer = client.post(door, {"username": "admin", "password": PASSWORD, "email": "a@b.invalid"})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


def test_a_closed_door_forwards_only_into_the_admin(client):
    assert client.get("/cms/login/?next=/cms/pages/").url.endswith("next=/cms/pages/")
    assert client.get("/cms/login/?next=https://evil.invalid/").url.endswith("/accounts/home/")
    assert client.get("/cms/login/?next=/cms//evil.invalid/").url.endswith("/accounts/home/")


def test_the_gate_costs_residents_nothing(django_assert_num_queries):
    gate = StaffSecondFactorMiddleware(lambda request: HttpResponse("through"))
    with django_assert_num_queries(0):
        assert gate(RequestFactory().get("/report/")).content == b"through"


def test_sockets_ask_the_same_question(cast, staff_client):
    staff = staff_client("dispatcher")
    assert is_staff_session({"user": cast.dispatcher, "session": staff.session})
    weak = _password_only(cast.dispatcher)
    assert not is_staff_session({"user": cast.dispatcher, "session": weak.session})
    assert not is_staff_session({"user": cast.resident, "session": staff.session})
    assert not is_staff_session({"type": "websocket"})


def test_rights_in_wagtail_follow_the_date(cast, clock, staff_client):
    Post.objects.create(user=cast.editor, role=Role.ADMINISTRATOR, starts_on=TODAY, ends_on=TODAY)
    client = staff_client("editor")
    assert client.get("/cms/").status_code == 200
    cast.editor.refresh_from_db()
    assert cast.editor.is_superuser
    assert set(cast.editor.groups.values_list("name", flat=True)) == {"Editors", "Moderators"}
    clock.move_to("2026-03-03T09:00:00")
    assert client.get("/cms/").status_code == 200
    cast.editor.refresh_from_db()
    assert not cast.editor.is_superuser
    assert set(cast.editor.groups.values_list("name", flat=True)) == {"Editors"}
