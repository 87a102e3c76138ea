"""Residents sign in with a code; staff with a password and a second factor."""

import base64
import re
from pathlib import Path

import pyotp
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from foundation.accounts.demo import fix_second_factor
from foundation.accounts.models import User
from foundation.accounts.selectors import phone_of, user_by_phone
from foundation.accounts.services import forget_unclaimed, set_phone
from foundation.notices.models import Notice
from foundation.vault.models import PersonalRecord
from tests.cast import PASSWORD

CODE_PAGE = "/accounts/login/code/"
CONFIRM = "/accounts/login/code/confirm/"
pytestmark = pytest.mark.django_db


def texts() -> list[str]:
    """The text messages in the outbox, oldest first."""
    files = Path(settings.OUTBOX_ROOT, "sms").glob("*.txt")
    return [file.read_text() for file in sorted(files, key=lambda f: f.stat().st_mtime_ns)]


def code_in(text: str) -> str:
    return re.search(r"(?<!\d)\d{6}(?!\d)", text.split("\n\n", 1)[-1]).group()


def ask(client: Client, run_jobs, **data: str):
    answer = client.post(CODE_PAGE, data)
    run_jobs()
    return answer


def enter_by_phone(run_jobs, phone: str) -> Client:
    client = Client()
    assert ask(client, run_jobs, phone=phone).url == CONFIRM
    answer = client.post(CONFIRM, {"code": code_in(texts()[-1])})
    assert answer.status_code == 302, answer.content.decode()
    return client


SECRET = "JBSWY3DPEHPK3PXPGEZDGNBVGY3TQOJQ"


def authenticator_code(secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).now()


@pytest.fixture
def dispatcher(cast) -> User:
    fix_second_factor(user=cast.dispatcher, secret=SECRET)
    return cast.dispatcher


# -- residents ------------------------------------------------------------------------------------


def test_two_residents_sign_up_with_nothing_but_a_number(run_jobs):
    for phone in ("138 0013 8000", "１３９００１３９０００"):
        client = enter_by_phone(run_jobs, phone)
        assert client.get("/accounts/home/").url == "/track/"
    users = User.objects.filter(phone_verified=True)
    assert users.count() == 2
    assert {user.email for user in users} == {None}
    assert not any(user.has_usable_password() for user in users)


def test_the_number_is_sealed_and_finds_its_account(run_jobs):
    enter_by_phone(run_jobs, "13800138000")
    user = user_by_phone("+8613800138000")
    assert user is not None
    assert phone_of(user) == "+8613800138000"
    record = PersonalRecord.objects.get(pk=user.phone_record_id)
    assert b"13800138000" not in bytes(record.ciphertext)
    columns = [str(value) for value in User.objects.filter(pk=user.pk).values().get().values()]
    assert not any("13800138000" in column for column in columns)


def test_no_table_of_the_sign_in_holds_the_number_or_the_code_in_the_open(run_jobs):
    client = Client()
    ask(client, run_jobs, phone="13800138000")
    code = code_in(texts()[-1])
    held = [session.session_data for session in Session.objects.all()]
    held += [str(row) for row in Notice.objects.values_list()]
    for text in held:
        assert "13800138000" not in text
        assert code not in text
    for text in (session.session_data for session in Session.objects.all()):
        assert b"13800138000" not in base64.b64decode(text)


def test_the_same_number_comes_back_to_the_same_account(run_jobs):
    enter_by_phone(run_jobs, "13800138000")
    enter_by_phone(run_jobs, "+86 138-0013-8000")
    assert User.objects.exclude(phone_index=None).count() == 1


def test_a_resident_signs_in_by_email(run_jobs, mailoutbox):
    client = Client()
    ask(client, run_jobs, email="Lin@example.invalid")
    assert [mail.to for mail in mailoutbox] == [["lin@example.invalid"]]
    client.post(CONFIRM, {"code": code_in(mailoutbox[0].body)})
    assert client.get("/accounts/home/").url == "/track/"
    assert EmailAddress.objects.get(email="lin@example.invalid").verified


def test_the_text_message_says_what_it_is(run_jobs):
    ask(Client(), run_jobs, phone="13800138000")
    assert re.search(r"【共治】验证码 \d{6}，5 分钟内有效", texts()[-1])


def test_a_wrong_code_is_refused_with_a_sentence_and_the_right_one_still_works(run_jobs):
    client = Client()
    ask(client, run_jobs, phone="13800138000")
    right = code_in(texts()[-1])
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    answer = client.post(CONFIRM, {"code": wrong})
    assert "验证码不对，请核对短信后重填。" in answer.content.decode()
    assert client.post(CONFIRM, {"code": right}).status_code == 302
    assert client.get("/accounts/home/").url == "/track/"


def test_five_wrong_codes_end_the_attempt(run_jobs):
    client = Client()
    ask(client, run_jobs, phone="13800138000")
    right = code_in(texts()[-1])
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    for _ in range(5):
        client.post(CONFIRM, {"code": wrong})
    answer = client.post(CONFIRM, {"code": right})
    assert answer.status_code == 302
    assert client.get("/accounts/home/").url.startswith("/accounts/login/")


def test_a_code_is_worth_nothing_after_five_minutes(run_jobs, clock):
    client = Client()
    ask(client, run_jobs, phone="13800138000")
    right = code_in(texts()[-1])
    clock.tick(minutes=5, seconds=1)
    client.post(CONFIRM, {"code": right})
    assert client.get("/accounts/home/").url.startswith("/accounts/login/")


def test_a_fourth_code_within_a_minute_is_refused_with_a_sentence(run_jobs, clock):
    for _ in range(3):
        assert ask(Client(), run_jobs, phone="13800138000").status_code == 302
    answer = ask(Client(), run_jobs, phone="13800138000")
    assert answer.status_code == 200
    assert "操作太频繁，请过几分钟再试。" in answer.content.decode()
    clock.tick(seconds=61)
    assert ask(Client(), run_jobs, phone="13800138000").status_code == 302


@pytest.mark.parametrize("page", [CODE_PAGE, "/accounts/login/", "/accounts/password/reset/"])
def test_a_burst_at_any_way_in_is_answered_429(page):
    client = Client()
    statuses = set()
    for n in range(125):
        data = {"phone": "x", "login": f"nobody{n}", "password": "x" * 12}
        data |= {"email": f"nobody{n}@example.invalid"} if "reset" in page else {}
        answer = client.post(page, data)
        statuses.add(answer.status_code)
    assert 429 in statuses
    assert "操作太频繁" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0519-88881234", "固定电话收不到短信，请填写手机号。"),
        ("1380013", "手机号应为 11 位数字，请核对。"),
        ("", "请填写手机号。"),
        ("+1 202 555 0123", "只能向 +86 手机号发短信，请改用邮箱。"),
    ],
)
def test_a_number_that_cannot_get_texts_is_refused_with_a_sentence(run_jobs, typed, sentence):
    answer = ask(Client(), run_jobs, phone=typed)
    assert sentence in answer.content.decode()
    assert not User.objects.exclude(phone_index=None).exists()


def _anonymous(page: bytes, *private: str) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.decode())
    for word in private:
        text = text.replace(word, "")
    return text


def test_replies_never_tell_whether_a_number_has_an_account(run_jobs):
    enter_by_phone(run_jobs, "13800138000")
    pages, messages = [], []
    for phone in ("13800138000", "13900139000"):
        client = Client()
        answer = ask(client, run_jobs, phone=phone)
        page = client.get(CONFIRM)
        pages.append((answer.status_code, answer.url, _anonymous(page.content, phone)))
        messages.append(re.sub(r"\d{6}", "######", texts()[-1].split("\n\n", 1)[-1]))
    assert pages[0] == pages[1]
    assert messages[0] == messages[1]


def test_password_replies_never_tell_whether_an_account_exists(cast):
    pages = []
    for login in (cast.dispatcher.username, "nobody-at-all"):
        answer = Client().post("/accounts/login/", {"login": login, "password": "wrong-password-1"})
        pages.append((answer.status_code, _anonymous(answer.content, login)))
    assert pages[0] == pages[1]
    assert "账号或密码不对，请核对。" in pages[0][1]


def test_reset_replies_never_tell_whether_an_address_is_known(cast, run_jobs):
    pages = []
    for email in (cast.dispatcher.email, "nobody@example.invalid"):
        answer = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        pages.append((answer.redirect_chain, _anonymous(answer.content, email)))
    assert pages[0] == pages[1]


def test_the_sign_up_page_leads_to_the_code_page(client):
    assert client.get("/accounts/signup/?next=/report/").url == f"{CODE_PAGE}?next=%2Freport%2F"


def test_a_number_typed_by_a_stranger_goes_to_whoever_proves_it(run_jobs):
    ask(Client(), run_jobs, phone="13800138000")
    unclaimed = user_by_phone("+8613800138000")
    resident = User.objects.create_user("r-other", None, None)
    set_phone(user=resident, phone="+8613800138000", verified=True)
    unclaimed.refresh_from_db()
    assert unclaimed.phone_index is None
    assert user_by_phone("+8613800138000") == resident


def test_an_address_typed_into_a_strangers_account_leads_nobody_there(run_jobs, mailoutbox):
    attacker = enter_by_phone(run_jobs, "13800138000")
    attacker.post("/accounts/email/", {"email": "victim@example.invalid", "action_add": ""})
    run_jobs()
    mailoutbox.clear()
    victim = Client()
    ask(victim, run_jobs, email="victim@example.invalid")
    victim.post(CONFIRM, {"code": code_in(mailoutbox[0].body)})
    owner = EmailAddress.objects.get(email="victim@example.invalid", verified=True).user
    assert owner != user_by_phone("+8613800138000")


def test_accounts_that_nobody_confirmed_are_forgotten_after_a_day(run_jobs, clock):
    enter_by_phone(run_jobs, "13900139000")
    ask(Client(), run_jobs, phone="13800138000")
    clock.tick(hours=25)
    assert forget_unclaimed() == 1
    assert user_by_phone("+8613800138000") is None
    assert user_by_phone("+8613900139000") is not None
    assert PersonalRecord.objects.filter(shredded_at__isnull=False).count() == 1


def test_a_resident_closes_the_account_and_the_contact_data_are_gone(run_jobs):
    client = enter_by_phone(run_jobs, "13800138000")
    user = user_by_phone("+8613800138000")
    record = user.phone_record_id
    assert "确认注销请先勾选。" in client.post("/accounts/close/", {}).content.decode()
    page = client.post("/accounts/close/", {"sure": "on"}).content.decode()
    assert "您的账号已注销" in page
    user.refresh_from_db()
    assert not user.is_active
    assert phone_of(user) == ""
    assert PersonalRecord.objects.get(pk=record).shredded_at is not None
    assert client.get("/accounts/").status_code == 302


# -- staff ----------------------------------------------------------------------------------------


def _password(client: Client, username: str):
    return client.post("/accounts/login/", {"login": username, "password": PASSWORD})


def test_staff_enter_with_password_and_authenticator(dispatcher):
    client = Client()
    answer = _password(client, dispatcher.username)
    assert answer.url == "/accounts/2fa/authenticate/"
    assert client.get("/accounts/home/").url.startswith("/accounts/login/")
    answer = client.post("/accounts/2fa/authenticate/", {"code": authenticator_code()})
    assert answer.url == "/accounts/home/"
    assert client.get("/accounts/home/").url == "/desk/"


def test_an_authenticator_code_works_once(dispatcher, clock):
    code = authenticator_code()
    for expected in ("/accounts/home/", None):
        client = Client()
        _password(client, dispatcher.username)
        answer = client.post("/accounts/2fa/authenticate/", {"code": code})
        assert getattr(answer, "url", None) == expected


@pytest.mark.django_db(transaction=True)
def test_staff_without_a_second_factor_set_it_up_and_get_in(cast):
    Authenticator.objects.filter(user=cast.auditor).delete()
    client = Client()
    assert _password(client, "auditor").url == "/accounts/home/"
    answer = client.get("/cms/")
    assert answer.status_code == 403
    answer = client.get("/overview/")
    assert answer.url == "/accounts/2fa/totp/activate/?next=%2Foverview%2F"
    answer = client.get(answer.url, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/reauthenticate/")
    answer = client.post(answer.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    secret = answer.context["form"].secret
    assert 'src="data:image/svg+xml;base64,' in answer.content.decode()
    answer = client.post("/accounts/2fa/totp/activate/", {"code": authenticator_code(secret)})
    assert answer.url == "/accounts/2fa/recovery-codes/"
    assert client.get(answer.url).status_code == 200
    assert client.get("/overview/").status_code != 302
    stored = Authenticator.objects.get(user=cast.auditor, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)


def test_staff_cannot_take_their_second_factor_off(dispatcher, staff_client):
    client = staff_client(dispatcher)
    client.post("/accounts/2fa/reauthenticate/", {"code": authenticator_code()})
    client.post("/accounts/2fa/totp/deactivate/", {})
    assert Authenticator.objects.filter(user=dispatcher, type="totp").exists()


def test_pages_of_the_account_open_for_their_owner(staff_client):
    client = staff_client("dispatcher")
    for path in ("", "email/", "phone/change/", "password/change/", "2fa/", "sessions/", "logout/"):
        answer = client.get(f"/accounts/{path}")
        assert answer.status_code == 200, path
        page = answer.content.decode()
        assert page.count("<h1") == 1, path
        assert 'lang="zh' in page
        assert "style=" not in page, path
        assert not re.search(r"<script(?![^>]*src=)", page), path
