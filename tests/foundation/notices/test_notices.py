"""A notice leaves once, however often and in parallel it is handled; it holds nothing private."""

import smtplib
import socketserver
import threading
import urllib.request
from uuid import uuid4

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from foundation.accounts.services import attach_email, open_account, set_phone
from foundation.jobs.errors import OutsideTransaction
from foundation.jobs.models import Job
from foundation.ledger.actor import Actor
from foundation.notices import registry, services
from foundation.notices.budget import forget_past_windows, spend
from foundation.notices.channels import Channel, HttpSmsChannel, Message, channel_of
from foundation.notices.errors import DuplicateTemplate, Refused, TryLater, UnknownTemplate
from foundation.notices.models import Budget, Notice, State
from foundation.notices.selectors import notices_of, unsent_counts
from foundation.notices.services import (
    LEASE,
    MAX_ATTEMPTS,
    deliver,
    queue,
    queue_many,
    take_over_abandoned,
)
from foundation.vault.services import shred, store
from tests.foundation.notices.conftest import PHONE, order, outbox, queued

pytestmark = pytest.mark.django_db


class BrokenChannel(Channel):
    """A gateway that is down."""

    def deliver(self, message: Message) -> None:
        raise TryLater("gateway: test")


class RefusingChannel(Channel):
    """A gateway that never takes this message."""

    def deliver(self, message: Message) -> None:
        raise Refused("blocked number")


@pytest.fixture
def adapters(monkeypatch):
    """``adapters(sms=BrokenChannel)`` plugs an adapter in, as a district does by dotted path."""
    plugged: dict[str, type[Channel]] = {}

    def find(name: str) -> Channel:
        return plugged[name]() if name in plugged else channel_of(name)

    monkeypatch.setattr(services, "channel_of", find)
    return lambda **channels: (plugged.clear(), plugged.update(channels))


def test_a_notice_leaves_after_the_commit_and_once(run_jobs):
    notice = queued()
    run_jobs()
    run_jobs()
    notice.refresh_from_db()
    assert (notice.state, notice.channel, notice.attempts) == (State.SENT, "sms", 1)
    assert notice.sent_at is not None
    [text] = outbox()
    assert text.endswith(f"【共治】您反映的异味已受理。{settings.PUBLIC_URL}/track/\n")


def test_the_same_key_tells_once(run_jobs):
    one = order()
    for _ in range(3):
        with transaction.atomic():
            queue_many([one])
    run_jobs()
    assert Notice.objects.filter(key=one.key).count() == 1
    assert len(outbox()) == 1


def test_a_change_that_fails_tells_nobody(run_jobs):
    with transaction.atomic():
        queue_many([order()])
        transaction.set_rollback(True)
    run_jobs()
    assert not outbox()


@pytest.mark.django_db(transaction=True)
def test_queueing_outside_a_transaction_is_refused():
    with pytest.raises(OutsideTransaction):
        queue(code="test.told", key="k", stream="case:1", to={"sms": PHONE})


def test_an_unknown_code_is_refused():
    with pytest.raises(UnknownTemplate), transaction.atomic():
        queue_many([order(code="test.nothing")])


def test_one_code_cannot_mean_two_messages():
    with pytest.raises(DuplicateTemplate):
        registry.template("test.told", subject="x", body_template="other.txt")


def test_many_notices_cost_as_many_statements_as_one(django_assert_num_queries):
    for count in (1, 20):
        with transaction.atomic(), django_assert_num_queries(2):
            queue_many([order() for _ in range(count)])


def test_the_row_holds_neither_address_nor_text():
    notice = queued(context={"what": "某某小区的异味"})
    row = str(Notice.objects.filter(pk=notice.pk).values_list().get())
    jobs = str(list(Job.objects.values_list("args_kwargs", flat=True)))
    for private in ("13800138000", "某某小区"):
        assert private not in row
        assert private not in jobs
        assert private.encode() not in bytes(notice.sealed)


def test_the_sealed_content_is_wiped_after_delivery(run_jobs):
    notice = queued()
    run_jobs()
    notice.refresh_from_db()
    assert bytes(notice.sealed) == b""


def test_a_text_is_not_html_escaped(run_jobs):
    queued(context={"what": "<臭&味>"})
    run_jobs()
    assert "您反映的<臭&味>已受理" in outbox()[0]


def test_an_address_comes_from_the_sealed_record(run_jobs):
    record = store(kind="reporter", stream="case:1", fields={"phone": PHONE})
    queued(to=None, record_id=record.pk)
    run_jobs()
    assert PHONE in outbox()[0]


def test_without_a_number_the_mail_address_of_the_record_is_used(run_jobs, mailoutbox):
    record = store(kind="reporter", stream="case:1", fields={"email": "lin@example.invalid"})
    notice = queued(to=None, record_id=record.pk)
    run_jobs()
    notice.refresh_from_db()
    assert notice.channel == "email"
    assert [(m.subject, m.to) for m in mailoutbox] == [("您的问题有进展", ["lin@example.invalid"])]


def test_an_account_is_reached_by_what_it_confirmed(run_jobs, mailoutbox):
    user = open_account()
    set_phone(user=user, phone=PHONE, verified=False)
    attach_email(user=user, email="lin@example.invalid")
    queued(to=None, user_id=user.pk)
    run_jobs()
    assert not outbox()
    assert [message.to for message in mailoutbox] == [["lin@example.invalid"]]
    set_phone(user=user, phone=PHONE, verified=True)
    queued(to=None, user_id=user.pk)
    run_jobs()
    assert len(outbox()) == 1


def test_nobody_to_tell_is_skipped(run_jobs):
    record = store(kind="reporter", stream="case:1", fields={"phone": PHONE})
    shred(record.pk, actor=Actor.system("test"), reason="wish of the reporter")
    notices = [queued(to=None), queued(to=None, record_id=record.pk), queued(to=None, user_id=999)]
    notices.append(queued(to=None, record_id=uuid4()))
    run_jobs()
    for notice in notices:
        notice.refresh_from_db()
        assert (notice.state, notice.reason) == (State.SKIPPED, "nobody to tell")


def test_what_came_too_late_is_not_sent(run_jobs, clock):
    notice = queued(code="test.urgent")
    clock.tick(minutes=6)
    run_jobs()
    notice.refresh_from_db()
    assert (notice.state, notice.reason) == (State.SKIPPED, "too late")
    assert not outbox()


def test_a_refused_message_is_failed_and_not_repeated(run_jobs, adapters):
    adapters(sms=RefusingChannel)
    notice = queued()
    run_jobs()
    notice.refresh_from_db()
    assert (notice.state, notice.reason, notice.attempts) == (State.FAILED, "blocked number", 1)
    assert unsent_counts()["failed"] == 1


def test_a_gateway_that_stays_down_fails_after_the_last_attempt(adapters):
    adapters(sms=BrokenChannel)
    notice = queued()
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(TryLater):
            deliver(notice_id=notice.pk)
    assert deliver(notice_id=notice.pk) == State.FAILED
    assert deliver(notice_id=notice.pk) is None


def test_waiting_for_the_gateway_spends_the_budget_once(settings, adapters):
    settings.NOTICE_BUDGETS = {"sms": [("address", 3600, 1)]}
    adapters(sms=BrokenChannel)
    notice = queued()
    for _ in range(3):
        with pytest.raises(TryLater):
            deliver(notice_id=notice.pk)
    adapters()
    assert deliver(notice_id=notice.pk) == State.SENT


def test_what_a_killed_worker_left_is_taken_over(run_jobs, clock):
    notice = queued()
    Notice.objects.filter(pk=notice.pk).update(state=State.SENDING, claimed_at=timezone.now())
    Job.objects.all().delete()
    assert deliver(notice_id=notice.pk) is None
    with transaction.atomic():
        assert take_over_abandoned() == 0
    clock.tick(seconds=LEASE.total_seconds() + 1)
    with transaction.atomic():
        assert take_over_abandoned() == 1
    assert Job.objects.count() == 1
    run_jobs()
    assert len(outbox()) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_runs_send_once():
    notice = queued()
    start = threading.Barrier(20)
    results: list[object] = []

    def run() -> None:
        start.wait()
        try:
            results.append(deliver(notice_id=notice.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(str(result) for result in results) == ["None"] * 19 + ["sent"]
    notice.refresh_from_db()
    assert notice.attempts == 1
    assert len(outbox()) == 1


# -- a mail server that is down, then up -----------------------------------------------------------


class _MailHandler(socketserver.StreamRequestHandler):
    """As much SMTP as Django's backend speaks."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        in_data = False
        for raw in self.rfile:
            line = raw.rstrip(b"\r\n")
            if in_data:
                in_data = line != b"."
                self.server.lines.append(line)
                if not in_data:
                    self.wfile.write(b"250 ok\r\n")
                continue
            word = line[:4].upper()
            in_data = word == b"DATA"
            self.wfile.write(
                {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n")
            )
            if word == b"QUIT":
                return


class _MailServer(socketserver.TCPServer):
    allow_reuse_address = True
    lines: list[bytes]


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_was_down_gets_the_mail_once(settings, run_jobs, clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with _MailServer(("127.0.0.1", 0), _MailHandler, bind_and_activate=False) as server:
        server.server_bind()
        settings.EMAIL_PORT = server.server_address[1]
        server.lines = []
        notice = queued(to={"email": "lin@example.invalid"})
        run_jobs()
        notice.refresh_from_db()
        assert notice.state == State.QUEUED
        server.server_activate()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        clock.tick(minutes=10)
        run_jobs()
        run_jobs()
        server.shutdown()
        notice.refresh_from_db()
        assert notice.state == State.SENT
        assert notice.attempts == 2
        assert sum(line.startswith(b"Message-ID:") for line in server.lines) == 1


def test_a_recipient_refused_for_good_is_not_tried_again(monkeypatch):
    def refuse(self, *args, **kwargs):
        raise smtplib.SMTPRecipientsRefused({"x@example.invalid": (550, b"no such user")})

    monkeypatch.setattr(mail.EmailMessage, "send", refuse)
    with pytest.raises(Refused):
        channel_of("email").deliver(Message("k", "x@example.invalid", "s", "b"))


# -- a gateway over HTTP ---------------------------------------------------------------------------


class _Gateway(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        headers = []
        while (line := self.rfile.readline().strip()) != b"":
            headers.append(line)
        self.server.requests.append(headers)
        self.wfile.write(b"HTTP/1.1 %d x\r\nContent-Length: 2\r\n\r\nok" % self.server.status)


@pytest.mark.parametrize(
    ("status", "error"), [(200, None), (503, TryLater), (429, TryLater), (400, Refused)]
)
def test_answers_of_a_gateway_are_understood(status, error):
    with socketserver.TCPServer(("127.0.0.1", 0), _Gateway) as server:
        server.status, server.requests = status, []
        threading.Thread(target=server.handle_request, daemon=True).start()
        port = server.server_address[1]

        class District(HttpSmsChannel):
            def build_request(self, message: Message) -> urllib.request.Request:
                return urllib.request.Request(
                    f"http://127.0.0.1:{port}/send",
                    data=message.body.encode(),
                    headers={"Idempotency-Key": message.fingerprint},
                )

        message = Message("k", PHONE, "s", "文字")
        if error is None:
            District().deliver(message)
        else:
            with pytest.raises(error):
                District().deliver(message)
        assert any(message.fingerprint.encode() in line for line in server.requests[0])


# -- budgets ---------------------------------------------------------------------------------------


def test_a_number_gets_exactly_its_budget(settings, run_jobs):
    settings.NOTICE_BUDGETS = {"sms": [("address", 3600, 3), ("site", 3600, 100)]}
    with transaction.atomic():
        queue_many([order(code="test.urgent") for _ in range(10)])
        queue_many([order(code="test.urgent", to={"sms": "+8613900139000"})])
    run_jobs()
    sent = Notice.objects.filter(state=State.SENT).count()
    dropped = Notice.objects.filter(state=State.SKIPPED, reason="budget used up").count()
    assert (sent, dropped) == (4, 7)


def test_what_may_wait_waits_for_the_next_window(settings, run_jobs, clock):
    settings.NOTICE_BUDGETS = {"sms": [("address", 3600, 1)]}
    first, second = queued(), queued()
    run_jobs()
    states = {Notice.objects.get(pk=n.pk).state for n in (first, second)}
    assert states == {State.SENT, State.QUEUED}
    clock.tick(hours=1)
    run_jobs()
    assert Notice.objects.filter(state=State.SENT).count() == 2


def test_a_budget_that_is_used_up_takes_nothing_off_the_others(settings):
    settings.NOTICE_BUDGETS = {"sms": [("site", 3600, 5), ("address", 3600, 1)]}
    assert spend("sms", PHONE)
    assert not spend("sms", PHONE)
    assert not spend("sms", "138 0013 8000")
    assert sorted(Budget.objects.values_list("used", flat=True)) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_parallel_spending_stops_exactly_at_the_budget(settings):
    settings.NOTICE_BUDGETS = {"sms": [("address", 86_400, 7), ("site", 86_400, 1000)]}
    taken: list[bool] = []

    def run() -> None:
        try:
            taken.extend(spend("sms", PHONE) for _ in range(25))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(taken), sum(taken)) == (200, 7)


def test_past_budgets_are_forgotten(settings, clock):
    spend("sms", PHONE)
    clock.tick(days=3)
    spend("sms", PHONE)
    before = Budget.objects.count()
    assert forget_past_windows(timezone.now()) == before // 2


# -- in the page -----------------------------------------------------------------------------------


def test_the_page_lists_what_was_told_without_addresses(run_jobs, django_assert_num_queries):
    queued(stream="case:7")
    queued(stream="case:8")
    run_jobs()
    with django_assert_num_queries(1):
        [line] = notices_of("case:7")
    assert (line.subject, line.state_label, line.channel) == ("您的问题有进展", "已发送", "sms")
    assert "138" not in str(line)
