"""Findings on patrol: from the field, with photos, a place, and "settled on the spot"."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from complaints.models import Act, Case
from foundation.ledger.models import Entry
from foundation.media.models import Photo
from foundation.places.models import Area
from tests.complaints.conftest import jpeg, located_jpeg

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district_pack")]
Clients = Callable[[Any], Client]
JSON = {"HTTP_ACCEPT": "application/json"}


def found(**more: Any) -> dict[str, Any]:
    return {"key": uuid4(), "category": "waste", "description": "路边一堆建筑垃圾", **more}


def test_a_finding_becomes_a_case_of_the_patrol_track(staff_client: Clients) -> None:
    grid = staff_client("grid")
    page = grid.get("/field/new/").content.decode()
    assert "上报巡查发现" in page
    assert "已当场处理" in page
    assert 'enctype="multipart/form-data"' in page
    answer = grid.post("/field/new/", found(before=jpeg()), follow=True)
    case = Case.objects.select_related("area").get()
    assert f"已上报，编号 {case.number}" in answer.content.decode()
    assert (case.track, case.channel, case.state) == ("patrol", "patrol", "submitted")
    assert case.area
    assert case.area.kind == "grid"
    assert case.area.path.startswith(town().path)
    assert case.photo_count == 1
    assert case.account_id is None
    assert Act.objects.get().actor_role == "grid_worker"
    assert Entry.objects.get(stream=case.stream).data["track"] == "patrol"


def town() -> Area:
    return Area.objects.get(name="红梅街道", kind="town")


def test_the_position_of_the_phone_or_the_photo_goes_before_the_own_grid(
    staff_client: Clients,
) -> None:
    point = Area.objects.filter(kind="grid", path__startswith="").exclude(
        path__startswith=town().path
    )[0]
    from shapely.geometry import shape

    place = shape(point.geometry).representative_point()
    staff_client("grid").post("/field/new/", found(lon=str(place.x), lat=str(place.y)))
    assert Case.objects.get().area == point
    staff_client("grid").post("/field/new/", found(before=located_jpeg(place.x, place.y)))
    assert Case.objects.latest("pk").area == point


def test_settled_on_the_spot_needs_a_photo_or_words_and_is_shown(staff_client: Clients) -> None:
    grid = staff_client("grid")
    bare = found(description="", is_settled="1", before=jpeg())
    refused = grid.post("/field/new/", bare)
    assert refused.status_code == 400
    assert "请拍一张处理后的照片" in refused.content.decode()
    assert "kept_before" in refused.content.decode()
    assert not Case.objects.exists()
    grid.post("/field/new/", {**bare, "before": jpeg(), "after": jpeg(colour="green")})
    case = Case.objects.get()
    assert sorted(Photo.objects.values_list("purpose", flat=True)) == ["after", "report"]
    assert Entry.objects.get(stream=case.stream, action="case.submit").data["settled"] is True
    page = staff_client("dispatcher").get(f"/desk/cases/{case.number}/").content.decode()
    assert "当场：已处理" in page
    assert "网格巡查" in page


def test_an_after_photo_without_the_tick_is_left_out(staff_client: Clients) -> None:
    staff_client("grid").post("/field/new/", found(after=jpeg()))
    assert Case.objects.get().photo_count == 0


def test_the_outbox_sends_a_finding_once(staff_client: Clients) -> None:
    data = found()
    first = staff_client("grid").post("/field/new/", data, **JSON)
    again = staff_client("grid").post("/field/new/", data, **JSON)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.json()["version"] == 1
    assert Case.objects.count() == 1


def test_the_outbox_hears_why_a_finding_was_not_taken(staff_client: Clients) -> None:
    answer = staff_client("grid").post("/field/new/", {"key": uuid4()}, **JSON)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["field"] == "category"
    assert "拍张照片" in answer.json()["title"]


def test_what_was_typed_comes_back(staff_client: Clients) -> None:
    data = found(category="no-such", address="红梅公园东门")
    text = staff_client("grid").post("/field/new/", data).content.decode()
    assert "红梅公园东门" in text
    assert "路边一堆建筑垃圾" in text
    assert not Case.objects.exists()


def test_only_field_staff_report_findings(staff_client: Clients, client: Client) -> None:
    for name in ("dispatcher", "leader", "supervisor", "followup", "auditor", "resident"):
        assert staff_client(name).get("/field/new/").status_code == 403, name
        assert staff_client(name).post("/field/new/", found()).status_code == 403, name
    assert client.get("/field/new/").status_code == 302
    for name in ("street", "bureau"):
        assert staff_client(name).get("/field/new/").status_code == 200, name
    assert not Case.objects.exists()


def test_the_list_leads_to_the_form(staff_client: Clients) -> None:
    assert "/field/new/" in staff_client("grid").get("/field/").content.decode()


def test_a_finding_takes_few_statements(
    staff_client: Clients, django_assert_max_num_queries: Any
) -> None:
    grid = staff_client("grid")
    grid.post("/field/new/", found())
    with django_assert_max_num_queries(20):
        grid.post("/field/new/", found(before=jpeg()))
