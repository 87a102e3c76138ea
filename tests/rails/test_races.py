"""Two people press at once: one wins, the other learns of it. With a negative control."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.services.effects import Change
from complaints.services.intake import Report, submit_report
from complaints.services.transition import _apply
from complaints.workflow import find
from foundation.accounts.models import Post, Role, User
from foundation.ledger.selectors import entries_of, verify
from tests.cast import sign_in
from tests.complaints.conftest import GUEST, staff

pytestmark = pytest.mark.django_db(transaction=True)
RACES = 20


@pytest.fixture
def dispatchers(cast: Any, district_pack: str) -> list[User]:
    """Two dispatchers on duty."""
    second = User.objects.create_user("dispatcher3", None, "x" * 16)
    Post.objects.create(user=second, role=Role.DISPATCHER, starts_on="2020-01-01")
    return [cast.dispatcher, second]


def _new_case() -> Case:
    return submit_report(
        report=Report(uuid4(), category="air", description="两人同时处理"), by=GUEST
    ).case


def _at_once(*functions: Callable[[], Any]) -> list[Any]:
    """Run functions in threads that start together."""
    start = Barrier(len(functions))

    def run(function: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return function()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(functions)) as pool:
        return list(pool.map(run, functions))


def test_of_two_who_press_at_once_exactly_one_wins(dispatchers: list[User]) -> None:
    clients = [sign_in(user) for user in dispatchers]

    def press(client: Client, case: Case, action: str, data: dict[str, str]) -> Callable[[], int]:
        fields = {"version": str(case.version), "key": str(uuid4()), **data}
        address = f"/desk/cases/{case.number}/act/{action}/"
        return lambda: client.post(address, fields).status_code

    outcomes: Counter[tuple[int, ...]] = Counter()
    for _ in range(RACES):
        case = _new_case()
        answers = _at_once(
            press(clients[0], case, "accept", {"category": "air"}),
            press(clients[1], case, "ask_info", {"message": "请补充地点"}),
        )
        outcomes[tuple(sorted(answers))] += 1
        after = Case.objects.get(pk=case.pk)
        assert after.version == case.version + 1
        assert Act.objects.filter(case=case).count() == 2
        assert entries_of(case.stream).count() == 2
    assert outcomes == {(302, 409): RACES}
    assert verify().ok


def _careless(case_id: int, by: Performer, action: str, ready: Barrier) -> None:
    """``perform`` without its row lock and without its version check: what a naive view does."""
    case = Case.objects.select_related("owner_department", "owner_grid", "category", "area").get(
        pk=case_id
    )
    row = find(case.state, action)
    assert row is not None
    ready.wait(10)
    data = {"message": "请补充地点"} if action == "ask_info" else {}
    change = Change(case=case, row=row, by=by, now=timezone.now(), data=data)
    with transaction.atomic():
        _apply(change, None)


def test_without_lock_and_version_both_win(dispatchers: list[User]) -> None:
    """Negative control: the race above is real, and the test above would see it."""
    case = _new_case()
    ready = Barrier(2)
    first, second = (staff(user) for user in dispatchers)
    _at_once(
        lambda: _careless(case.pk, first, "accept", ready),
        lambda: _careless(case.pk, second, "ask_info", ready),
    )
    assert Act.objects.filter(case=case).count() == 3, "both acts were taken"
    assert Case.objects.get(pk=case.pk).version == case.version + 1, "one of them was overwritten"
