"""Photos whose place or time does not fit: staff read it at the photo, residents never."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import Act, Case
from complaints.plausibility import Misfit, Sighting, misfit_of
from complaints.selectors.casefile import distance, doubt_words
from complaints.services.intake import Receipt
from foundation.ledger.selectors import entries_of
from foundation.media.models import Photo
from foundation.media.services import stage
from tests.complaints.conftest import Reading, jpeg, located_jpeg
from tests.complaints.field_cases import grid_of, middle_of, send, signed
from tests.complaints.test_desk_case import BUDGET, in_state

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]
HERE = Reading(119.98, 31.78)
FAR_AWAY = "拍摄位置与上报地点相距约 3 公里"
LONG_AGO = "约在上传前 3 天拍摄"


def desk_page(client: Client, case: Case) -> str:
    return client.get(f"/desk/cases/{case.number}/").content.decode()


def resident_page(receipt: Receipt) -> str:
    client = Client()
    posted = {"number": receipt.case.number, "code": receipt.code}
    page = client.post("/track/", posted, follow=True)
    assert page.status_code == 200
    assert "thumb.jpg" in page.content.decode()
    return page.content.decode()


def test_the_phones_position_is_compared_photo_by_photo(
    cast: Any, submit: Submit, staff_client: Clients
) -> None:
    case = signed(cast, submit).case
    lon, lat = middle_of(grid_of(cast.grid))
    taken = (timezone.now() - timedelta(days=3)).timestamp() * 1000
    photos = [located_jpeg(lon, lat), jpeg(colour="green")]
    seen = {"lon": lon, "lat": lat + 0.027, "taken_at": taken}
    answer = send(staff_client("grid"), case, "evidence", before=photos, **seen)
    assert answer.status_code == 200
    act = Act.objects.get(case=case, action="evidence")
    there, elsewhere = Photo.objects.filter(stream=case.stream, purpose="before").order_by("order")
    assert act.data["doubt"] == ["far", "old"]
    assert act.data["misfits"] == {
        str(there.pk): {"metres": None, "days": 3},
        str(elsewhere.pk): {"metres": 3000, "days": 3},
    }
    entry = next(e for e in entries_of(case.stream) if e.action == "case.evidence")
    assert str(lat)[:6] not in str(entry.data)
    text = desk_page(staff_client("dispatcher"), case)
    assert text.count(FAR_AWAY) == 1
    assert text.count(LONG_AGO) == 2
    assert "不太吻合：地点、时间" in text


def test_a_reports_own_photo_is_compared_too(submit: Submit, staff_client: Clients) -> None:
    receipt = submit(reading=HERE, photos=[stage(located_jpeg(119.98, 31.807)), stage(jpeg())])
    assert FAR_AWAY in desk_page(staff_client("dispatcher"), receipt.case)
    pane = {"X-Fragment": "pane"}
    answer = staff_client("dispatcher").get(f"/desk/cases/{receipt.case.number}/", headers=pane)
    assert answer.content.decode().count(FAR_AWAY) == 1


def test_residents_never_read_a_doubt(submit: Submit, run_jobs: Callable[[], Any]) -> None:
    receipt = submit(reading=HERE, photos=[stage(located_jpeg(119.98, 31.807))])
    run_jobs()
    text = resident_page(receipt)
    assert "相距" not in text
    assert "不太吻合" not in text


def test_photos_of_a_department_are_noted_like_those_from_the_field(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    case = submit(reading=HERE).case
    in_state(case, "in_progress", cast)
    address = f"/desk/cases/{case.number}/evidence/"
    photos = {"after": located_jpeg(119.98, 31.807)}
    assert staff_client("bureau").post(address, photos).status_code == 302
    assert Act.objects.get(case=case, action="evidence").data["doubt"] == ["far"]
    assert FAR_AWAY in desk_page(staff_client("bureau"), case)


def test_photos_that_fit_carry_no_chip(submit: Submit, staff_client: Clients) -> None:
    case = submit(reading=HERE, photos=[stage(located_jpeg(119.98, 31.781))]).case
    assert "相距" not in desk_page(staff_client("dispatcher"), case)


def test_a_wrong_camera_clock_is_told(submit: Submit, staff_client: Clients) -> None:
    case = submit(photos=[stage(jpeg())]).case
    Photo.objects.filter(stream=case.stream).update(time_doubt="future")
    assert "相机时间不准" in desk_page(staff_client("dispatcher"), case)


def test_doubts_cost_no_statement(submit: Submit, staff_client: Clients) -> None:
    case = submit(reading=HERE, photos=[stage(located_jpeg(119.98, 31.807))] * 2).case
    client = staff_client("dispatcher")
    with CaptureQueriesContext(connection) as spent:
        desk_page(client, case)
    assert len(spent) <= BUDGET


@pytest.mark.parametrize(
    ("metres", "words"),
    [(400, "400 米"), (1000, "1 公里"), (1900, "1.9 公里"), (12_400, "12 公里")],
)
def test_distances_are_plain_words(metres: int, words: str) -> None:
    assert distance(metres) == words


def test_what_fits_has_no_words() -> None:
    now = timezone.now()
    fits = misfit_of(Sighting((119.98, 31.78), now), place=(119.98, 31.781), now=now)
    assert (fits, fits.doubts, doubt_words(fits)) == (Misfit(), (), [])
