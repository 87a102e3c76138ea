"""Reports with next to nothing in them: taken, flagged for the dispatcher, kindly asked for more;
and pages that leave out what is not there."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from complaints.models import Case
from complaints.services.intake import Receipt
from foundation.media.models import Photo
from foundation.media.services import stage
from tests.complaints.conftest import Line, Reading, jpeg

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]

INVITATION = "再补一张照片或一句话"
HERE = Reading(119.98, 31.78)


def receipt_page(client: Client, **fields: Any) -> str:
    posted = {"key": str(uuid4()), "category": "air", **fields}
    answer = client.post("/report/", posted)
    assert answer.status_code == 302, answer.content.decode()
    return client.get(answer.url).content.decode()


@pytest.mark.parametrize("address", ["/desk/?tab=open", "/desk/cases/{}/"])
def test_without_any_place_the_dispatcher_is_warned(
    address: str, submit: Submit, staff_client: Clients
) -> None:
    case = submit(description="").case
    desk = staff_client("dispatcher")
    assert "位置不明" in desk.get(address.format(case.number)).content.decode()


@pytest.mark.parametrize("place", [{"reading": HERE}, {"address": "建设路 18 号"}])
def test_with_a_place_nothing_is_flagged(
    place: dict[str, Any], submit: Submit, staff_client: Clients
) -> None:
    case = submit(**place).case
    desk = staff_client("dispatcher")
    for address in ("/desk/?tab=open", f"/desk/cases/{case.number}/"):
        assert "位置不明" not in desk.get(address).content.decode()


def test_the_receipt_of_a_bare_report_asks_for_more(client: Client, district_pack: str) -> None:
    page = receipt_page(client)
    assert INVITATION in page
    assert 'action="/track/#act-supplement"' in page


def test_the_receipt_of_a_whole_report_asks_for_nothing(client: Client, district_pack: str) -> None:
    assert INVITATION not in receipt_page(client, description="有油烟味", address="建设路 18 号")


# -- what is not there is left out ------------------------------------------------------------


def reviewed(cast: Any, submit: Submit, **parts: Any) -> Line:
    line = Line(cast, submit(photos=[stage(jpeg())], reading=HERE, **parts).case)
    Photo.objects.update(state="clean")
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    line.act("bureau", "complete", outcome_code="solved", message="已清走", no_photo_reason="夜间")
    return line


def test_a_review_form_has_no_empty_heading(
    cast: Any, submit: Submit, staff_client: Clients
) -> None:
    line = reviewed(cast, submit, description="")
    page = staff_client("dispatcher").get(f"/desk/cases/{line.case.number}/").content.decode()
    assert '<p class="gz-desk-quote__title">举报内容' not in page
    assert '<p class="gz-desk-quote__title">办理情况' in page


def test_the_reports_photo_stands_for_before(
    cast: Any, submit: Submit, staff_client: Clients, clock: Any
) -> None:
    line = reviewed(cast, submit)
    photo = Photo.objects.get()
    Photo.objects.create(
        **{
            **{field.name: getattr(photo, field.name) for field in Photo._meta.fields},
            "id": uuid4(),
            "purpose": "after",
        }
    )
    page = staff_client("dispatcher").get(f"/desk/cases/{line.case.number}/").content.decode()
    pairs = page.split('class="gz-desk-pairs"')[1].split("</section>")[0]
    assert f"{photo.pk}/thumb" in pairs
    assert "处理前" in pairs
    assert "处理后" in pairs
    assert "整改" not in page


@pytest.mark.parametrize(("rating", "word"), [(1, "非常不满意"), (2, "不满意"), (4, "满意")])
def test_a_rating_is_a_word(rating: int, word: str, submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    Case.objects.filter(pk=case.pk).update(rating=rating)
    page = staff_client("followup").get(f"/desk/cases/{case.number}/").content.decode()
    assert f"<dd>{word}</dd>" in page
    assert f"{rating}/5" not in page
