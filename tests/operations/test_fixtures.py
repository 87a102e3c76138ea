"""The rails of the tests themselves."""

import socket
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from wagtail.models import Page

from foundation.accounts.models import Role, User
from tests.database import TestDatabase
from tests.loopback import NetworkRefused


@pytest.mark.django_db
def test_migrated_content_is_there() -> None:
    assert Page.objects.filter(depth=1).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", [1, 2])
def test_a_commit_does_not_reach_the_next_test(attempt: int) -> None:
    assert not User.objects.filter(username="committed").exists()
    assert Page.objects.filter(depth=1).exists()
    User.objects.create(username="committed")


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_database() -> None:
    User.objects.create(username="seen")
    seen: list[int] = []

    def look() -> None:
        seen.append(User.objects.filter(username="seen").count())
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [1]


def test_the_cast_holds_one_post_each(cast: Any) -> None:
    assert cast.dispatcher.posts.get().role == Role.DISPATCHER
    assert cast.grid.posts.get().area.kind == "grid"
    assert cast.grid.posts.get().area != cast.grid2.posts.get().area
    assert cast.bureau.posts.get().department.code == "ecology"
    assert not cast.stranger.posts.exists()
    assert cast.with_role(Role.AUDITOR) == cast.auditor
    with pytest.raises(AttributeError, match="Nobody in the cast"):
        _ = cast.mayor


def test_staff_client_is_signed_in(staff_client: Any, cast: Any) -> None:
    client = staff_client(Role.DISPATCHER)
    assert client.session["_auth_user_id"] == str(cast.dispatcher.pk)
    assert [r["method"] for r in client.session["account_authentication_methods"]] == [
        "password",
        "mfa",
    ]


def test_the_clock_stands_still_until_it_is_moved(clock: Any) -> None:
    assert timezone.now() == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    clock.tick(hours=1)
    assert timezone.now() == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    clock.move_to("2026-03-05 08:00")
    assert timezone.now() == datetime(2026, 3, 5, 0, 0, tzinfo=UTC)


def test_no_test_reaches_beyond_this_machine() -> None:
    with (
        socket.socket() as door,
        pytest.raises(NetworkRefused, match=r"203\.0\.113\.1"),
    ):
        door.connect(("203.0.113.1", 80))


@pytest.mark.django_db
def test_a_naive_datetime_is_an_error() -> None:
    with pytest.raises(RuntimeWarning, match="naive"):
        User.objects.create(username="naive", date_joined=datetime(2026, 1, 1))  # noqa: DTZ001


@pytest.mark.django_db
def test_child_processes_find_the_same_database(
    test_db: TestDatabase, child_environment: dict[str, str]
) -> None:
    assert child_environment["DATABASE_URL"] == test_db.url
    assert connection.settings_dict["NAME"] in test_db.url
