"""The demonstration's cast, from the pack file to the pages that help to try it."""

import pyotp
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from foundation.accounts.access import access_of
from foundation.accounts.demo import current_code, logins
from foundation.accounts.errors import NoSecondFactor
from foundation.accounts.models import Role, User
from foundation.accounts.pack import load_staff
from foundation.accounts.selectors import phone_of
from foundation.places.pack import Pack
from tests.cast import PARTS

pytestmark = pytest.mark.django_db
PASSWORD = "gongzhi-demo-2026"


@pytest.fixture
def staff(settings, district_pack):
    settings.DEMO = True
    changes = load_staff(Pack(district_pack))
    assert changes.added == 15
    return {user.username: user for user in User.objects.filter(is_demo=True)}


def test_the_demo_cast_is_the_tests_cast(staff):
    assert set(staff) == set(PARTS) - {"stranger"}
    for name, user in staff.items():
        part = PARTS[name]
        assert access_of(user).roles == ({part.role} if part.role else frozenset())
        areas = [post.area for post in user.posts.select_related("area") if post.area]
        assert not part.town or part.town in str(
            [a.parent.parent if part.in_grid else a for a in areas]
        )
        assert not part.department or part.department in access_of(user).departments(part.role)


def test_loading_again_changes_nothing(staff, district_pack):
    before = list(User.objects.order_by("pk").values("pk", "password"))
    changes = load_staff(Pack(district_pack))
    assert (changes.added, changes.changed, changes.unchanged) == (0, 0, 15)
    assert list(User.objects.order_by("pk").values("pk", "password")) == before


def test_the_resident_has_an_obviously_invented_number(staff):
    assert phone_of(staff["resident"]) == "+8613800000001"
    assert staff["resident"].phone_verified


def test_secrets_differ_and_are_long_enough(district_pack):
    people = Pack(district_pack).toml("demo/staff")["person"]
    secrets = [person["totp"] for person in people if "totp" in person]
    assert len(set(secrets)) == len(secrets)
    assert all(len(pyotp.TOTP(secret).byte_secret()) == 20 for secret in secrets)


def test_the_code_page_shows_the_code_and_it_works(staff):
    client = Client()
    client.post("/accounts/login/", {"login": "dispatcher", "password": PASSWORD})
    page = client.get("/accounts/2fa/authenticate/").content.decode()
    code = current_code(staff["dispatcher"])
    assert "演示环境" in page
    assert code in page
    answer = client.post("/accounts/2fa/authenticate/", {"code": code})
    assert answer.url == "/accounts/home/"
    assert client.get("/accounts/home/").url == "/desk/"


def test_the_sign_in_page_lists_the_accounts(staff, client):
    page = client.get("/accounts/login/").content.decode()
    assert PASSWORD in page
    assert "<code>dispatcher</code>" in page


def test_the_code_that_a_demonstration_cannot_text_is_on_the_page(staff, client):
    client.post("/accounts/login/code/", {"phone": "13900139000"})
    page = client.get("/accounts/login/code/confirm/").content.decode()
    code = page.split('gz-demo__code">')[1][:6]
    assert client.post("/accounts/login/code/confirm/", {"code": code}).status_code == 302


def test_without_demo_nothing_helps(staff, client, settings):
    settings.DEMO = False
    assert logins() == []
    with pytest.raises(NoSecondFactor):
        current_code(staff["dispatcher"])
    with pytest.raises(CommandError):
        call_command("demo_code", "dispatcher")
    client.post("/accounts/login/", {"login": "dispatcher", "password": PASSWORD})
    for path in ("/accounts/login/", "/accounts/2fa/authenticate/"):
        page = client.get(path).content.decode()
        assert "gz-demo" not in page
    client.post("/accounts/login/code/", {"phone": "13900139000"})
    assert "gz-demo" not in client.get("/accounts/login/code/confirm/").content.decode()


def test_codes_of_real_accounts_are_never_shown(cast, settings):
    settings.DEMO = True
    with pytest.raises(NoSecondFactor):
        current_code(cast.dispatcher)


def test_the_list_of_logins_tells_account_code_and_desk(staff, capsys):
    call_command("demo_logins")
    text = capsys.readouterr().out
    assert PASSWORD in text
    line = next(line for line in text.splitlines() if line.split()[:1] == ["grid"])
    assert current_code(staff["grid"]) in line
    assert "/field/" in line
    call_command("demo_code", "grid")
    assert capsys.readouterr().out.strip() == current_code(staff["grid"])
    assert access_of(staff["grid"]).has(Role.GRID_WORKER)
