"""The socket of one's own report: who may listen, what a frame holds, when it closes."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import logout
from django.test import Client, RequestFactory

from complaints.consumers.live import ENDED, FORBIDDEN
from complaints.models import Case
from complaints.services.acts import add_supplement
from complaints.services.intake import Receipt
from config.asgi import application
from foundation.accounts.models import User
from tests.cast import sign_in
from tests.complaints.conftest import complainant
from tests.complaints.sockets import Socket

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.asyncio,
    pytest.mark.usefixtures("worker_follows"),
]

HOME = settings.CSRF_TRUSTED_ORIGINS[0]
in_thread = database_sync_to_async


def socket_of(client: Client, number: str, origin: str | None = HOME) -> Socket:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    headers = [(b"cookie", cookies.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return Socket(application, f"/ws/track/{number}/", headers)


@pytest.fixture
def opened(
    client: Client, submit: Callable[..., Receipt], channel_layer: Any, cast: Any
) -> Receipt:
    """A report whose code was typed in ``client``."""
    assert cast.resident
    assert cast.stranger
    receipt = submit()
    client.post("/track/", {"code": receipt.code})
    return receipt


@in_thread
def move(case: Case) -> None:
    add_supplement(case_id=case.pk, by=complainant(case), message="又冒烟了，13800138000")


async def closing_code(socket: Socket, *, within: float) -> int:
    """Wait for the close; frames before it fail the test."""
    started = time.monotonic()
    output = await socket.receive_output(timeout=within)
    assert output["type"] == "websocket.close", output
    assert time.monotonic() - started <= within
    return int(output["code"])


async def test_the_holder_of_the_receipt_hears_news(client: Client, opened: Receipt) -> None:
    socket = socket_of(client, opened.case.number)
    connected, _ = await socket.connect()
    assert connected
    await move(opened.case)
    frame = await socket.hear()
    assert set(frame) == {"type", "seq"}
    assert frame["type"] == "changed"
    assert isinstance(frame["seq"], int)
    await socket.leave()


async def test_the_account_that_filed_it_hears_news(
    opened: Receipt, cast: Any, client: Client
) -> None:
    await in_thread(Case.objects.filter(pk=opened.case.pk).update)(account=cast.resident)
    socket = socket_of(await in_thread(sign_in)(cast.resident), opened.case.number)
    assert (await socket.connect())[0]
    await move(opened.case)
    assert (await socket.hear())["type"] == "changed"
    await socket.leave()


async def test_strangers_and_unknown_numbers_are_refused_alike(
    opened: Receipt, cast: Any, client: Client
) -> None:
    stranger = await in_thread(sign_in)(cast.stranger)
    outcomes = [
        await socket_of(who, number).connect()
        for who in (Client(), stranger)
        for number in (opened.case.number, "TN-20200101-0001-A")
    ]
    assert outcomes == [outcomes[0]] * 4
    assert outcomes[0][0] is False


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        HOME + ".evil.example",
        HOME.rsplit(":", 1)[0] + ":1",
        HOME.replace("http://", "https://"),
        HOME.replace("//", "//evil."),
        HOME + "/",
        "http://[",
        "",
    ],
)
async def test_only_our_own_pages_may_connect(
    client: Client, opened: Receipt, origin: str | None
) -> None:
    connected, _ = await socket_of(client, opened.case.number, origin).connect()
    assert not connected


async def test_an_unknown_socket_address_is_refused(client: Client, opened: Receipt) -> None:
    socket = Socket(application, "/ws/nowhere/", [(b"origin", HOME.encode())])
    assert (await socket.connect())[0] is False


async def test_a_session_that_ends_closes_the_socket_within_two_seconds(
    client: Client, opened: Receipt
) -> None:
    socket = socket_of(client, opened.case.number)
    assert (await socket.connect())[0]
    await _old_news_heard(socket)
    await in_thread(client.session.delete)()
    assert await closing_code(socket, within=2) == ENDED
    await move(opened.case)
    assert await socket.receive_nothing(timeout=1)


async def test_signing_out_closes_the_socket_within_two_seconds(
    opened: Receipt, cast: Any, client: Client
) -> None:
    await in_thread(Case.objects.filter(pk=opened.case.pk).update)(account=cast.resident)
    browser = await in_thread(sign_in)(cast.resident)
    socket = socket_of(browser, opened.case.number)
    assert (await socket.connect())[0]
    await _old_news_heard(socket)
    await in_thread(_sign_out)(browser, cast.resident)
    assert await closing_code(socket, within=2) == ENDED


def _sign_out(browser: Client, user: User) -> None:
    request = RequestFactory().post("/accounts/logout/")
    request.user, request.session = user, browser.session
    logout(request)


async def test_a_right_lost_right_after_connecting_is_noticed(
    opened: Receipt, cast: Any, client: Client
) -> None:
    await in_thread(Case.objects.filter(pk=opened.case.pk).update)(account=cast.resident)
    socket = socket_of(await in_thread(sign_in)(cast.resident), opened.case.number)
    assert (await socket.connect())[0]
    await in_thread(User.objects.filter(pk=cast.resident.pk).update)(is_active=False)
    while (output := await socket.receive_output(timeout=2))["type"] == "websocket.send":
        pass
    assert output["code"] in {ENDED, FORBIDDEN}


async def test_a_closed_account_closes_the_socket_within_two_seconds(
    opened: Receipt, cast: Any, client: Client
) -> None:
    await in_thread(Case.objects.filter(pk=opened.case.pk).update)(account=cast.resident)
    socket = socket_of(await in_thread(sign_in)(cast.resident), opened.case.number)
    assert (await socket.connect())[0]
    await _old_news_heard(socket)
    await in_thread(User.objects.filter(pk=cast.resident.pk).update)(is_active=False)
    assert await closing_code(socket, within=2) in {ENDED, FORBIDDEN}


async def test_a_lost_right_is_noticed_before_the_next_frame(
    opened: Receipt, cast: Any, client: Client
) -> None:
    await in_thread(Case.objects.filter(pk=opened.case.pk).update)(account=cast.resident)
    socket = socket_of(await in_thread(sign_in)(cast.resident), opened.case.number)
    assert (await socket.connect())[0]
    await _old_news_heard(socket)
    await in_thread(Case.objects.filter(pk=opened.case.pk).update)(account=None)
    await move(opened.case)
    assert await closing_code(socket, within=5) == FORBIDDEN


async def test_whoever_talks_to_the_socket_is_disconnected(client: Client, opened: Receipt) -> None:
    socket = socket_of(client, opened.case.number)
    assert (await socket.connect())[0]
    await socket.say('{"subscribe": "ledger.all"}')
    assert await closing_code(socket, within=2) == 1003


async def _old_news_heard(socket: Socket) -> None:
    """What was written before may still be told; after this only the act at hand can speak."""
    while not await socket.receive_nothing(timeout=1.5):
        await socket.hear()
