"""Mail alerts: nothing before the mailbox said yes, one letter a day, one press ends them."""

import email
import email.policy
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from complaints.models import AlertSubscription, Case
from complaints.services.alerts import forget_unconfirmed, send_digests
from complaints.services.intake import Reading
from foundation.vault.models import PersonalRecord
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
READER = "Reader.One@example.cn"


@pytest.fixture
def letters(settings: Any, tmp_path: Path) -> Callable[[], list[EmailMessage]]:
    """All letters that left, oldest first."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    def reading() -> list[EmailMessage]:
        files = sorted((tmp_path / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        texts = [path.read_bytes().split(b"\n-----")[0] for path in files]
        return [email.message_from_bytes(t, policy=email.policy.default) for t in texts]

    return reading


def links(letter: EmailMessage) -> list[str]:
    found = re.findall(r"http://[^/\s]+(/map/\S+)", letter.get_content())
    return [str(path) for path in found]


@pytest.fixture
def subscribed(
    district_pack: str, clock: Any, run_jobs: Callable[[], Any], letters: Any
) -> Callable[..., str]:
    """``subscribed(area=…)``: ask and confirm as a reader would; returns the confirming path."""

    def subscribing(**wish: str) -> str:
        client = Client()
        client.post("/map/alerts/", {"email": READER, **wish})
        run_jobs()
        [path] = [p for p in links(letters()[-1]) if "/confirm/" in p]
        assert client.post(path).status_code == 200
        return path

    return subscribing


def accept_one(submit: Any, cast: Any, **parts: Any) -> Case:
    receipt = submit(reading=Reading(119.9712, 31.7744), **parts)
    line = Line(cast, receipt.case)
    return line.act("dispatcher", "accept")


def test_nothing_starts_before_the_mailbox_confirms(
    district_pack: str, client: Client, run_jobs: Callable[[], Any], letters: Any
) -> None:
    answer = client.post("/map/alerts/", {"email": READER, "type": "noise"}, follow=True)
    assert "请查看您的邮箱" in answer.content.decode()
    run_jobs()
    [letter] = letters()
    assert "噪声" in letter.get_content()
    wish = AlertSubscription.objects.get()
    assert wish.confirmed_at is None
    [path] = links(letter)
    page = client.get(path).content.decode()
    assert "开始每日提醒" in page
    wish.refresh_from_db()
    assert wish.confirmed_at is None, "a program that opens links starts nothing"
    assert "每日提醒已开始" in client.post(path).content.decode()
    wish.refresh_from_db()
    assert wish.confirmed_at is not None


def test_the_address_is_in_the_vault_only(
    district_pack: str, client: Client, run_jobs: Callable[[], Any]
) -> None:
    client.post("/map/alerts/", {"email": READER})
    canary = READER.lower()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("complaints_", "vault_", "notices_", "ledger_", "django_tasks")):
                quoted = connection.ops.quote_name(table)
                cursor.execute(f"SELECT * FROM {quoted}")
                assert canary not in str(cursor.fetchall()).lower(), table


def test_one_digest_a_day_with_a_way_out(
    subscribed: Callable[..., str], submit: Any, cast: Any, clock: Any, letters: Any,
    run_jobs: Callable[[], Any],
) -> None:  # fmt: skip
    subscribed()
    subscribed(type="noise")
    accept_one(submit, cast, category="air")
    run_jobs()
    count = len(letters())
    clock.tick(days=1)
    today = timezone.localdate()
    assert send_digests(today=today) == 1, "the other wish is about noise"
    assert send_digests(today=today) == 0
    run_jobs()
    digest = letters()[-1]
    assert len(letters()) == count + 1
    assert "3月2日有 1 件举报有进展" in digest.get_content()
    assert "烧烤" not in digest.get_content()
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    way_out = re.fullmatch(r"\s*<http://[^/]+(/[^>]+)>", digest["List-Unsubscribe"])
    assert way_out
    path = way_out[1]
    # A mail program posts without cookies and without our token.
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(path, {"List-Unsubscribe": "One-Click"})
    assert "每日提醒已停止" in answer.content.decode()
    assert stranger.post(path).status_code == 200, "twice is no mistake"
    assert AlertSubscription.objects.count() == 1
    assert PersonalRecord.objects.filter(kind="alert", shredded_at__isnull=False).count() == 1


def test_a_digest_without_news_is_not_sent(
    subscribed: Callable[..., str], clock: Any, letters: Any, run_jobs: Callable[[], Any]
) -> None:
    subscribed()
    before = len(letters())
    clock.tick(days=3)
    assert send_digests(today=timezone.localdate()) == 0
    run_jobs()
    assert len(letters()) == before


def test_opening_the_way_out_ends_nothing_yet(
    subscribed: Callable[..., str], client: Client
) -> None:
    subscribed()
    from complaints.services.alerts import END, path_of

    page = client.get(path_of(AlertSubscription.objects.get().pk, END)).content.decode()
    assert "停止每日提醒" in page
    assert AlertSubscription.objects.count() == 1


def test_asking_often_sends_little(
    district_pack: str, client: Client, run_jobs: Callable[[], Any], letters: Any, clock: Any
) -> None:
    for _ in range(30):
        client.post("/map/alerts/", {"email": READER})
    run_jobs()
    assert len(letters()) == 1
    for kind in ("noise", "air", "water", "dust", "soil", "waste", "odour", "noise-night"):
        client.post("/map/alerts/", {"email": READER, "type": kind})
    assert AlertSubscription.objects.count() <= 5


def test_a_network_that_asks_for_many_is_not_served(
    district_pack: str, client: Client, run_jobs: Callable[[], Any]
) -> None:
    for i in range(15):
        answer = client.post("/map/alerts/", {"email": f"victim{i}@example.cn"})
        assert answer.status_code == 302, "and is not told"
    assert AlertSubscription.objects.count() == 10


def test_what_nobody_confirms_is_forgotten(district_pack: str, client: Client, clock: Any) -> None:
    client.post("/map/alerts/", {"email": READER})
    clock.tick(days=1)
    assert forget_unconfirmed() == 0
    clock.tick(days=2)
    assert forget_unconfirmed() == 1
    assert not AlertSubscription.objects.exists()


def test_links_are_signed_and_grow_old(
    subscribed: Callable[..., str], client: Client, clock: Any
) -> None:
    path = subscribed()
    assert client.get("/map/alerts/confirm/forged/").status_code == 404
    assert client.post("/map/alerts/end/forged/").status_code == 404
    assert client.post(path.replace("/confirm/", "/end/")).status_code == 404
    clock.tick(days=2, seconds=1)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "请填写邮箱地址"), ("nobody", "格式应为 name@example.cn"), ("a" * 300 + "@b.cn", "邮箱")],
)
def test_a_wrong_address_is_explained(
    district_pack: str, client: Client, typed: str, said: str
) -> None:
    answer = client.post("/map/alerts/", {"email": typed, "type": "noise"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'value="noise" selected' in page, "the choice stays"


def test_robots_fill_in_what_people_do_not_see(district_pack: str, client: Client) -> None:
    client.post("/map/alerts/", {"email": READER, "website": "x"})
    assert not AlertSubscription.objects.exists()


def test_a_lapse_of_days_is_told_in_one_letter(
    subscribed: Callable[..., str], submit: Any, cast: Any, clock: Any, run_jobs: Callable[[], Any]
) -> None:
    subscribed()
    clock.tick(days=4)
    accept_one(submit, cast)
    run_jobs()
    clock.tick(days=1)
    assert send_digests(today=timezone.localdate()) == 1
    told = AlertSubscription.objects.get().told_until
    assert told == timezone.localdate() - timedelta(days=1)
