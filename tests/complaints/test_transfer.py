"""Cases that others pass on: track, their ticket and due date, and a ticket never taken twice."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.timezone import localtime

from complaints.models import Case, Clock, ExternalTicket
from complaints.services.intake import Ticket, TicketKnown
from foundation.ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("district_pack")]
Clients = Callable[[Any], Client]
PASSED_ON = {
    "description": "省平台转：工业园区夜间偷排",
    "category": "water-illegal-discharge",
    "track": "petition",
    "system": "province",
    "ticket_number": "苏信2026-004711",
    "ticket_received": "2026-10-08T09:00",
    "ticket_due": "2026-10-30",
}


@pytest.fixture(autouse=True)
def _in_october(time_machine: Any) -> None:
    time_machine.move_to("2026-10-13T10:00:00+08:00", tick=False)


def post(staff_client: Clients, **but: str) -> Any:
    return staff_client("dispatcher").post("/desk/new/", {**PASSED_ON, "key": uuid4(), **but})


def test_a_case_from_the_province_keeps_its_ticket_and_the_clocks_of_its_track(
    staff_client: Clients,
) -> None:
    assert post(staff_client).status_code == 200
    case = Case.objects.get()
    ticket = ExternalTicket.objects.get()
    assert (case.track, case.channel) == ("petition", "transfer")
    assert (ticket.system, ticket.number) == ("province", "苏信2026-004711")
    assert ticket.due_at
    assert localtime(ticket.due_at).strftime("%m-%d %H:%M") == "10-30 23:59"
    clock = Clock.objects.get(case=case)
    assert (clock.limit, localtime(clock.started_at).day) == ("15d", 8)
    assert Entry.objects.get(stream=case.stream).data["ticket"]["system"] == "province"


def test_a_ticket_that_is_known_is_refused_with_a_link_to_its_case(staff_client: Clients) -> None:
    post(staff_client)
    number = Case.objects.get().number
    answer = post(staff_client, description="再登记一次")
    text = answer.content.decode()
    assert answer.status_code == 400
    assert Case.objects.count() == 1
    assert f"该工单已登记，案件编号 {number}。" in text
    assert f"/desk/cases/{number}/" in text
    assert "再登记一次" in text
    assert "苏信2026-004711" in text


def test_the_same_number_of_another_system_is_another_ticket(staff_client: Clients) -> None:
    post(staff_client)
    assert post(staff_client, system="city").status_code == 200
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("but", "said"),
    [
        ({"system": ""}, "请选择由谁转来"),
        ({"ticket_number": ""}, "请填写对方的工单编号"),
        ({"ticket_number": "=1+1"}, "工单编号只能有"),
        ({"ticket_received": "2027-01-01T00:00"}, "这个时间还没到"),
        ({"ticket_due": "下周"}, "时间请写成"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_stored(
    staff_client: Clients, but: dict[str, str], said: str
) -> None:
    answer = post(staff_client, **but)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Case.objects.exists()


def test_an_own_track_needs_no_ticket(staff_client: Clients) -> None:
    post(staff_client, system="", ticket_number="", track="enquiry")
    assert Case.objects.get().track == "enquiry"
    assert not ExternalTicket.objects.exists()
    post(staff_client, system="", ticket_number="", track="patrol")
    assert Case.objects.latest("pk").track == "report"


def test_the_form_offers_tracks_and_systems(staff_client: Clients) -> None:
    text = staff_client("dispatcher").get("/desk/new/").content.decode()
    for word in ("信访", "12345", "咨询", "省级", "国家级", "对方的工单编号"):
        assert word in text, word


def test_a_ticket_is_shown_on_the_case_and_found_by_its_number(
    staff_client: Clients,
) -> None:
    post(staff_client)
    case = Case.objects.get()
    page = staff_client("dispatcher").get(f"/desk/cases/{case.number}/").content.decode()
    assert "苏信2026-004711" in page
    assert "省级" in page
    assert "10月30日" in page
    for typed in ("苏信2026-004711", "苏信２０２６-004711"):
        found = staff_client("dispatcher").get("/desk/", {"number": typed})
        assert found["Location"] == f"/desk/cases/{case.number}/", typed
    nothing = staff_client("dispatcher").get("/desk/", {"number": "苏信2026"}).content.decode()
    assert case.number not in nothing


def test_another_office_does_not_find_a_case_by_its_ticket(staff_client: Clients) -> None:
    post(staff_client)
    number = Case.objects.get().number
    text = staff_client("street2").get("/desk/", {"number": "苏信2026-004711"}).content.decode()
    assert number not in text


def test_services_refuse_a_known_ticket_too(submit: Callable[..., Any]) -> None:
    ticket = Ticket("city", "A-1")  # type: ignore[arg-type]
    first = submit(ticket=ticket)
    with pytest.raises(TicketKnown) as refused:
        submit(ticket=ticket)
    assert refused.value.number == first.case.number
