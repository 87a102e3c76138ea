"""Departments' systems hear of their cases: over a real line, signed, again when it failed."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from complaints import outbound
from complaints.models import Webhook, WebhookDelivery
from complaints.services.intake import Receipt
from complaints.services.webhooks import (
    NotDelivered,
    deliver,
    forget_deliveries,
    make_webhook,
    plan_deliveries,
)
from foundation.ledger.actor import Actor
from foundation.places.models import Department
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
BY = Actor.system("operator")
SECRET_WORDS = "老王家对面那个黄毛"


class Receiver(ThreadingHTTPServer):
    """A department's system: keeps what it gets, answers what it is told to answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.location = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?from=gongzhi"


class Door(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hooked(receiver: Receiver, code: str = "ecology") -> str:
    department = Department.objects.get(code=code)
    return make_webhook(department=department, url=receiver.url, by=BY).secret


def dispatched(cast: Any, submit: Submit) -> Line:
    line = Line(cast, submit(category="noise-industrial", description=SECRET_WORDS).case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    return line


def event_of(line: Line, action: str = "dispatch") -> dict[str, str]:
    return {"case": str(line.case.uid), "action": action, "state": str(line.case.state)}


def test_the_owner_hears_of_its_case_and_can_prove_the_sender(
    receiver: Receiver, cast: Any, submit: Submit, run_jobs: Callable[[], Any]
) -> None:
    line = Line(cast, submit(category="noise-industrial", description=SECRET_WORDS).case)
    secret = hooked(receiver)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    run_jobs()
    line.act("bureau", "sign_for")
    run_jobs()
    told = [json.loads(body) for _headers, body in receiver.got]
    assert [(t["action"], t["state"]) for t in told][-1] == ("sign_for", "in_progress")
    assert {t["number"] for t in told} == {line.case.number}
    headers, body = receiver.got[-1]
    moment, _sep, mark = headers["Gongzhi-Signature"].partition(",v1=")
    wanted = hmac.new(
        secret.encode(), f"{moment.removeprefix('t=')}.".encode() + body, hashlib.sha256
    )
    assert mark == wanted.hexdigest()
    assert SECRET_WORDS.encode() not in b"".join(body for _headers, body in receiver.got)
    assert secret.encode() not in bytes(Webhook.objects.get().sealed_secret)


def test_what_was_not_taken_is_sent_again(receiver: Receiver, cast: Any, submit: Submit) -> None:
    hooked(receiver)
    line = dispatched(cast, submit)
    assert plan_deliveries(event="e:1", payload=event_of(line)) == 1
    assert plan_deliveries(event="e:1", payload=event_of(line)) == 0
    delivery = WebhookDelivery.objects.get(event="e:1")
    receiver.answers = [500]
    with pytest.raises(NotDelivered, match="500"):
        deliver(uid=delivery.uid)
    deliver(uid=delivery.uid)
    deliver(uid=delivery.uid)
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.last_answer) == (2, "200")
    assert delivery.delivered_at is not None
    ids = [headers["Gongzhi-Delivery"] for headers, _body in receiver.got]
    assert ids == [str(delivery.uid)] * 2


def test_a_redirect_is_not_followed(receiver: Receiver, cast: Any, submit: Submit) -> None:
    hooked(receiver)
    line = dispatched(cast, submit)
    plan_deliveries(event="e:2", payload=event_of(line))
    receiver.answers, receiver.location = [302], "http://127.0.0.1:9/secret"
    with pytest.raises(NotDelivered, match="302"):
        deliver(uid=WebhookDelivery.objects.get(event="e:2").uid)


def test_a_dead_system_is_a_failed_try_and_nothing_worse(
    receiver: Receiver, cast: Any, submit: Submit
) -> None:
    hooked(receiver)
    line = dispatched(cast, submit)
    plan_deliveries(event="e:3", payload=event_of(line))
    Webhook.objects.update(url="http://127.0.0.1:9/")
    with pytest.raises(NotDelivered, match="ConnectionRefusedError"):
        deliver(uid=WebhookDelivery.objects.get(event="e:3").uid)


def test_another_department_hears_nothing(receiver: Receiver, cast: Any, submit: Submit) -> None:
    hooked(receiver, "water")
    line = dispatched(cast, submit)
    assert plan_deliveries(event="e:4", payload=event_of(line)) == 0
    assert plan_deliveries(event="e:5", payload={**event_of(line), "case": str(uuid4())}) == 0


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1/x", "内部网络"),
        ("https://10.1.2.3/x", "内部网络"),
        ("https://169.254.169.254/latest/meta-data", "内部网络"),
        ("https://[::1]/x", "内部网络"),
        ("https://user:pass@example.org/", "https://example.org"),
        ("file:///etc/passwd", "https://example.org"),
        ("https://example.org:99999/x", "https://example.org"),
        ("https://[::1", "https://example.org"),
        ("https://[64:ff9b::7f00:1]/x", "内部网络"),
        ("https://[2002:7f00:1::]/x", "内部网络"),
        ("https://224.0.0.1/x", "内部网络"),
        ("https://192.0.0.8/x", "内部网络"),
        ("https://no-such-name.invalid/", "找不到"),
    ],
)
def test_no_way_leads_into_the_own_network(url: str, said: str, district_pack: str) -> None:
    with pytest.raises(outbound.NotAllowed, match=said):
        outbound.checked_host(url)
    with pytest.raises(CommandError, match=said):
        call_command("webhook", "add", "ecology", url)
    assert not Webhook.objects.exists()


def test_news_of_a_case_that_was_handed_on_are_not_sent(
    receiver: Receiver, cast: Any, submit: Submit
) -> None:
    hooked(receiver)
    line = dispatched(cast, submit)
    plan_deliveries(event="e:8", payload=event_of(line))
    line.act("dispatcher", "recall", message="派错了")
    deliver(uid=WebhookDelivery.objects.get(event="e:8").uid)
    assert receiver.got == []
    assert not WebhookDelivery.objects.filter(event="e:8").exists()


def test_the_command_shows_what_became_of_deliveries(
    receiver: Receiver, cast: Any, submit: Submit, clock: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    line = dispatched(cast, submit)
    call_command("webhook", "add", "ecology", receiver.url)
    secret = capsys.readouterr().out.split()[0]
    plan_deliveries(event="e:6", payload=event_of(line))
    deliver(uid=WebhookDelivery.objects.get().uid)
    call_command("webhook", "list")
    told = capsys.readouterr().out
    assert "1 tries, 200, delivered" in told
    assert secret not in told
    number = Webhook.objects.get().pk
    call_command("webhook", "stop", str(number))
    with pytest.raises(CommandError, match="No webhook in use"):
        call_command("webhook", "stop", str(number))
    assert plan_deliveries(event="e:7", payload=event_of(line)) == 0
    clock.tick(days=31)
    assert forget_deliveries() == 1


def test_a_receiver_that_drips_holds_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then beats a time limit per read; the deadline ends the call."""
    import ipaddress
    import socket
    import time

    monkeypatch.setattr(outbound, "DEADLINE", 0.5)
    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def drip() -> None:
        line, _peer = server.accept()
        with line:
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stop.wait(0.05):
                try:
                    line.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/"
    began = time.monotonic()
    with pytest.raises(OSError):
        outbound.post(url, b"{}", {}, allowed=[ipaddress.ip_network("127.0.0.0/8")])
    stop.set()
    thread.join(5)
    server.close()
    assert time.monotonic() - began < 5
