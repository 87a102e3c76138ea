"""A report by telephone: taken down by the dispatcher, contact in the vault, receipt read out."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from complaints.models import Act, Case, Channel
from complaints.numbers import receipt_hash
from foundation.places.models import Area
from foundation.vault.models import PersonalRecord
from foundation.vault.services import read_for_delivery

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district_pack")]
Clients = Callable[[Any], Client]
CALL = {
    "description": "翠竹新村楼下烧烤店油烟很大",
    "category": "air-cooking-fumes",
    "address": "翠竹新村 32 幢",
    "name": "张女士",
    "phone": "138 0013 8000",
}


def test_a_call_becomes_a_case_with_a_receipt(staff_client: Clients) -> None:
    grid = Area.objects.filter(kind="grid").order_by("code").first()
    assert grid is not None
    data = {**CALL, "key": uuid4(), "area": grid.code}
    page = staff_client("dispatcher").post("/desk/new/", data)
    text = page.content.decode()
    case = Case.objects.get()
    assert page.status_code == 200
    assert case.number in text
    assert (case.channel, case.area) == (Channel.PHONE, grid)
    assert case.suggested_grid == grid
    code = re.search(r"receipt__code\">([\d ]+)<", text)
    assert code is not None
    assert case.receipt_hash == receipt_hash(code[1].replace(" ", ""))
    assert Act.objects.get(case=case).actor_role == "dispatcher"


def test_the_contact_is_in_the_vault_and_nowhere_else(staff_client: Clients) -> None:
    staff_client("dispatcher").post("/desk/new/", {**CALL, "key": uuid4()})
    case = Case.objects.get()
    assert case.complainant_record is not None
    assert read_for_delivery(case.complainant_record, "phone") == "+8613800138000"
    assert read_for_delivery(case.complainant_record, "name") == "张女士"
    assert PersonalRecord.objects.get().stream == case.stream
    rest = str(list(Case.objects.values())) + str(list(Act.objects.values()))
    assert "13800138000" not in rest
    assert "张女士" not in rest


def test_a_landline_is_kept_for_calling_back(staff_client: Clients) -> None:
    data = {**CALL, "key": uuid4(), "phone": "0519-8512 3456"}
    staff_client("dispatcher").post("/desk/new/", data)
    record = Case.objects.get().complainant_record
    assert record is not None
    assert read_for_delivery(record, "landline") == "051985123456"


def test_loading_the_answer_again_makes_no_second_case(staff_client: Clients) -> None:
    data = {**CALL, "key": uuid4()}
    client = staff_client("dispatcher")
    first, second = (client.post("/desk/new/", data).content.decode() for _ in range(2))
    codes = [re.search(r"receipt__code\">([\d ]+)<", text) for text in (first, second)]
    assert codes[0] is not None
    assert codes[1] is not None
    assert codes[0][1] == codes[1][1]
    assert Case.objects.count() == 1
    assert PersonalRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"description": "", "category": ""}, "问题类型"),
        ({"description": "长" * 512}, "现在多了 12 字"),
        ({"category": "no-such"}, "问题类型"),
        ({"phone": "123"}, "11 位"),
        ({"area": "nowhere"}, "请从列表中选择地点"),
        ({"address": "路" * 201}, "多了 1 字"),
    ],
)
def test_what_is_wrong_is_named_and_all_is_kept(
    wrong: dict[str, str], sentence: str, staff_client: Clients
) -> None:
    page = staff_client("dispatcher").post("/desk/new/", {**CALL, "key": uuid4(), **wrong})
    text = page.content.decode()
    assert page.status_code == 400
    assert sentence in text
    assert "张女士" in text
    assert not Case.objects.exists()
    assert not PersonalRecord.objects.exists()


@pytest.mark.parametrize("field", ["description", "category", "address", "area", "phone", "key"])
@pytest.mark.parametrize("value", ["\x00", "😀" * 3000, "<script>", "𠮷", "'; --"])
def test_no_input_breaks_the_form(field: str, value: str, staff_client: Clients) -> None:
    page = staff_client("dispatcher").post("/desk/new/", {**CALL, "key": uuid4(), field: value})
    assert page.status_code in {200, 400}
    assert "<script>alert" not in page.content.decode()


@pytest.mark.parametrize("who", ["bureau", "leader", "followup", "grid", "resident"])
def test_only_the_dispatcher_takes_calls(who: str, staff_client: Clients) -> None:
    client = staff_client(who)
    assert client.get("/desk/new/").status_code == 403
    assert client.post("/desk/new/", CALL).status_code == 403
    assert not Case.objects.exists()
