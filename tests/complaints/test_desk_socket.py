"""The desk's socket: who may listen, what a frame holds, when it closes."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client
from django.utils import timezone

from complaints.consumers.live import ENDED, FORBIDDEN
from complaints.models import Case
from complaints.services.intake import Receipt
from complaints.services.transition import perform
from config.asgi import application
from foundation.accounts.models import Post, User
from foundation.places.models import Department
from tests.cast import BACKEND, sign_in
from tests.complaints.conftest import staff
from tests.complaints.sockets import Socket

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.asyncio,
    pytest.mark.usefixtures("worker_follows"),
]

HOME = settings.CSRF_TRUSTED_ORIGINS[0]
Submit = Callable[..., Receipt]
in_thread = database_sync_to_async


def desk_of(client: Client, origin: str | None = HOME) -> Socket:
    cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    headers = [(b"cookie", cookies.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    return Socket(application, "/ws/desk/", headers)


@in_thread
def accept(case: Case, user: User) -> None:
    perform(case_id=case.pk, action="accept", by=staff(user))


async def close_of(socket: Socket, *, within: float = 2) -> int:
    """Return the code of the close that must come in time; news from before may come first."""
    started = time.monotonic()
    output = await socket.receive_output(timeout=within)
    while output["type"] == "websocket.send":
        output = await socket.receive_output(timeout=within)
    assert output["type"] == "websocket.close", output
    assert time.monotonic() - started <= within
    return int(output["code"])


@pytest.fixture
def case(submit: Submit, channel_layer: Any, cast: Any) -> Case:
    for who in ("dispatcher", "bureau", "resident", "grid", "editor"):
        assert getattr(cast, who).pk
    return submit(description="秘密金丝雀").case


async def test_the_dispatcher_hears_which_case_changed(case: Case, cast: Any) -> None:
    socket = desk_of(await in_thread(sign_in)(cast.dispatcher))
    assert (await socket.connect())[0]
    await accept(case, cast.dispatcher)
    frame = await socket.hear()
    assert frame == {"type": "changed", "cases": [str(case.uid)]}
    assert "金丝雀" not in str(frame)
    await socket.leave()


async def test_a_bureau_hears_of_its_own_cases_only(case: Case, cast: Any, submit: Submit) -> None:
    def hand_over() -> Case:
        own = submit().case
        own.owner_department = Department.objects.get(code="ecology")
        own.save()
        return own

    own = await in_thread(hand_over)()
    socket = desk_of(await in_thread(sign_in)(cast.bureau))
    assert (await socket.connect())[0]
    await accept(case, cast.dispatcher)
    await accept(own, cast.dispatcher)
    heard = [UUID(uid) for uid in (await socket.hear())["cases"]]
    assert heard == [own.uid]
    assert await socket.receive_nothing(timeout=1)
    await socket.leave()


@pytest.mark.parametrize("who", ["resident", "grid", "editor"])
async def test_whoever_has_no_desk_is_refused(who: str, case: Case, cast: Any) -> None:
    socket = desk_of(await in_thread(sign_in)(getattr(cast, who)))
    assert (await socket.connect())[0] is False


async def test_guests_are_refused(case: Case, client: Client) -> None:
    assert (await desk_of(client).connect())[0] is False


async def test_a_password_alone_is_not_enough(case: Case, cast: Any) -> None:
    client = Client()
    await in_thread(client.force_login)(cast.dispatcher, backend=BACKEND)
    assert (await desk_of(client).connect())[0] is False


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", HOME + ".evil.example"])
async def test_only_our_own_pages_may_listen(case: Case, cast: Any, origin: str | None) -> None:
    client = await in_thread(sign_in)(cast.dispatcher)
    assert (await desk_of(client, origin).connect())[0] is False


async def test_signing_out_closes_within_two_seconds(case: Case, cast: Any) -> None:
    client = await in_thread(sign_in)(cast.dispatcher)
    socket = desk_of(client)
    assert (await socket.connect())[0]
    await in_thread(client.logout)()
    assert await close_of(socket) == ENDED
    await accept(case, cast.dispatcher)
    assert await socket.receive_nothing(timeout=1)


async def test_a_post_that_ends_closes_within_two_seconds(case: Case, cast: Any) -> None:
    socket = desk_of(await in_thread(sign_in)(cast.dispatcher))
    assert (await socket.connect())[0]
    await asyncio.sleep(1.2)
    yesterday = timezone.localdate() - timedelta(days=1)
    await in_thread(Post.objects.filter(user=cast.dispatcher).update)(ends_on=yesterday)
    assert await close_of(socket) == FORBIDDEN


async def test_a_case_that_left_ones_sight_is_not_told(case: Case, cast: Any) -> None:
    """The right is asked at the push, not at the change."""
    await in_thread(Case.objects.filter(pk=case.pk).update)(
        owner_department=await in_thread(Department.objects.get)(code="ecology")
    )
    socket = desk_of(await in_thread(sign_in)(cast.bureau))
    assert (await socket.connect())[0]
    await in_thread(Case.objects.filter(pk=case.pk).update)(owner_department=None)
    await accept(case, cast.dispatcher)
    assert await socket.receive_nothing(timeout=1)
    await socket.leave()


async def test_a_burst_is_one_frame(case: Case, cast: Any, submit: Submit) -> None:
    cases = [case] + [(await in_thread(submit)()).case for _ in range(4)]
    socket = desk_of(await in_thread(sign_in)(cast.dispatcher))
    assert (await socket.connect())[0]
    await asyncio.sleep(0.7)

    def burst() -> None:
        for one in cases:
            perform(case_id=one.pk, action="accept", by=staff(cast.dispatcher))

    await in_thread(burst)()
    heard: set[str] = set()
    frames = 0
    while len(heard) < len(cases):
        heard |= set((await socket.hear())["cases"])
        frames += 1
    assert heard == {str(one.uid) for one in cases}
    assert frames <= 3
    await socket.leave()
