"""The desk's own things: named filters, many cases at once, who is looking."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.models import Act, Case, Looking, SavedFilter
from complaints.services.desk_views import MOST_FILTERS, forget_looks
from complaints.services.intake import Reading, Receipt
from tests.complaints.conftest import Line

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]
ECOLOGY = "department:ecology"


def chosen(*cases: Case) -> list[str]:
    return [f"{case.number}:{case.version}" for case in cases]


def assign(client: Client, cases: list[str], owner: str = ECOLOGY, **more: Any) -> Any:
    return client.post("/desk/assign/", {"case": cases, "owner": owner, **more})


# -- many at once -------------------------------------------------------------------------------


def test_many_cases_go_to_one_owner_and_each_says_what_became_of_it(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    new, accepted, moved = (submit().case for _ in range(3))
    line = Line(cast, accepted)
    accepted = line.act("dispatcher", "accept")
    stale = chosen(moved)
    Line(cast, moved).act("dispatcher", "accept")
    answer = assign(staff_client("dispatcher"), chosen(new, accepted) + stale)
    page = answer.content.decode()
    assert "2/3" in page
    assert "有人改动了" in page or "已经" in page or "您查看期间" in page
    states = {c.number: (c.state, c.owner_department_id is not None) for c in Case.objects.all()}
    assert states[new.number] == ("dispatched", True)
    assert states[accepted.number] == ("dispatched", True)
    assert states[moved.number] == ("accepted", False)


def test_each_goes_to_its_suggested_owner(submit: Submit, staff_client: Clients, cast: Any) -> None:
    case = submit(reading=Reading(119.9712, 31.7744)).case
    assign(staff_client("dispatcher"), chosen(case), "suggested")
    fresh = Case.objects.get(pk=case.pk)
    assert fresh.state == "dispatched"
    assert (fresh.owner_grid_id, fresh.owner_department_id) == (
        case.suggested_grid_id,
        None if case.suggested_grid_id else case.suggested_department_id,
    )


def test_sending_twice_changes_nothing(submit: Submit, staff_client: Clients) -> None:
    case, client = submit().case, staff_client("dispatcher")
    key = str(uuid4())
    for _ in range(2):
        assert "1/1" in assign(client, chosen(case), key=key).content.decode()
    assert Act.objects.filter(case=case).count() == 3


@pytest.mark.parametrize(
    ("cases", "owner", "said"),
    [
        ([], ECOLOGY, "至少"),
        (["nonsense"], ECOLOGY, "至少"),
        ([f"TN-20260302-{n:04d}-A:1" for n in range(60)], ECOLOGY, "50"),
        (["TN-20260302-0001-A:1"], "department:nobody", "请选择"),
        (["TN-20260302-0001-A:1"], "", "请选择"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    district_pack: str, staff_client: Clients, cases: list[str], owner: str, said: str
) -> None:
    answer = assign(staff_client("dispatcher"), cases, owner)
    assert answer.status_code == 400
    assert said in answer.content.decode()


def test_only_dispatchers_send_many(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    for who in ("followup", "bureau", "street", "leader"):
        assert assign(staff_client(who), chosen(case)).status_code == 403
    assert Case.objects.get(pk=case.pk).state == "submitted"


# -- named filters ------------------------------------------------------------------------------


def test_a_kept_filter_stands_among_the_own_tabs_only(
    district_pack: str, staff_client: Clients
) -> None:
    mine, other = staff_client("dispatcher"), staff_client("followup")
    answer = mine.post(
        "/desk/filters/", {"name": "我的噪声", "query": "tab=open&category=noise&evil=1"},
        follow=True,
    )  # fmt: skip
    page = answer.content.decode()
    assert "我的噪声" in page
    assert "/desk/?tab=open&amp;category=noise" in page
    assert SavedFilter.objects.get().query == "tab=open&category=noise"
    assert "我的噪声" not in other.get("/desk/").content.decode()
    other.post(f"/desk/filters/{SavedFilter.objects.get().pk}/drop/")
    assert SavedFilter.objects.exists(), "nobody deletes another's filter"
    mine.post(f"/desk/filters/{SavedFilter.objects.get().pk}/drop/")
    assert not SavedFilter.objects.exists()


def test_a_kept_filter_needs_a_name_and_room(district_pack: str, staff_client: Clients) -> None:
    client = staff_client("dispatcher")
    for n in range(MOST_FILTERS + 2):
        client.post("/desk/filters/", {"name": f"第{n}个", "query": "tab=open"})
    client.post("/desk/filters/", {"name": "   ", "query": "tab=open"})
    assert SavedFilter.objects.count() == MOST_FILTERS
    client.post("/desk/filters/", {"name": "第0个", "query": "tab=soon"})
    assert SavedFilter.objects.get(name="第0个").query == "tab=soon"


def test_the_queue_stays_within_its_statements(submit: Submit, staff_client: Clients) -> None:
    client = staff_client("dispatcher")
    submit()
    client.post("/desk/filters/", {"name": "我的", "query": "tab=open"})
    client.get("/desk/?tab=open")
    with CaptureQueriesContext(connection) as queries:
        client.get("/desk/?tab=open")
    counted = [q for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(counted) <= 13, [q["sql"][:80] for q in counted]


# -- who is looking -----------------------------------------------------------------------------


def test_colleagues_are_named_with_their_role_for_a_moment(
    submit: Submit, cast: Any, staff_client: Clients, clock: Any
) -> None:
    case = submit().case
    address = f"/desk/cases/{case.number}/looking/"
    one, two = staff_client("dispatcher"), staff_client("followup")
    assert one.post(address).content.decode().strip() == ""
    seen = two.post(address).content.decode()
    assert "正在查看" in seen
    assert str(cast.dispatcher) in seen
    assert str(cast.followup) in one.post(address).content.decode()
    two.post(address, {"away": "1"})
    assert one.post(address).content.decode().strip() == ""
    two.post(address)
    clock.tick(seconds=26)
    assert one.post(address).content.decode().strip() == ""
    clock.tick(minutes=11)
    assert forget_looks() == 2
    assert not Looking.objects.exists()


def test_a_stranger_hears_of_no_look(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    address = f"/desk/cases/{case.number}/looking/"
    staff_client("dispatcher").post(address)
    answer = staff_client("bureau2").post(address)
    assert answer.status_code == 404
    assert Looking.objects.count() == 1
