"""One case at the desk: what everybody sees, what stays hidden, and what it costs to draw."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import Act, Case
from complaints.selectors.desk import case_view
from complaints.services.acts import leave_contact
from complaints.services.intake import Receipt
from complaints.workflow import OPEN_STATES, STATES, State
from foundation.ledger.models import Entry
from foundation.places.models import Area, Department
from tests.complaints.conftest import Line, Reading, complainant, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]
#: Statements of the case page (architecture §4).
BUDGET = 15
DESK = ("dispatcher", "street", "bureau", "followup", "supervisor", "leader", "auditor")


def in_state(case: Case, state: State, cast: Any) -> Case:
    """Put ``case`` straight into ``state``, owned by the bureau and placed in the street."""
    spec = STATES[state]
    town = Area.objects.get(name="红梅街道")
    case.state, case.is_open = state, spec.is_open
    case.next_party = str(spec.next_party or "")
    case.due_at = timezone.now() + timedelta(hours=5) if spec.is_open else None
    case.area, case.area_path = town, town.path
    case.owner_department = Department.objects.get(code="ecology")
    case.save()
    return case


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("who", DESK)
def test_every_state_can_be_drawn_for_every_role(
    state: State, who: str, submit: Submit, cast: Any, staff_client: Clients
) -> None:
    case = in_state(submit().case, state, cast)
    page = staff_client(who).get(f"/desk/cases/{case.number}/")
    assert page.status_code == 200
    text = page.content.decode()
    view = case_view(staff(getattr(cast, who)), case)
    for row in view.actions:
        assert str(row.label) in text
        if row.guard is None:
            assert f"/act/{row.action}/" in text
    assert case.number in text
    assert str(STATES[state].label) in text


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_somebody_at_a_desk_can_act_in_every_open_state_of_staff(
    state: State, submit: Submit, cast: Any
) -> None:
    case = in_state(submit().case, state, cast)
    offered = [case_view(staff(getattr(cast, who)), case).actions for who in DESK]
    assert any(offered)


@pytest.mark.parametrize("who", ["bureau", "bureau2", "street2"])
def test_a_strangers_case_does_not_exist(who: str, submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    client = staff_client(who)
    assert client.get(f"/desk/cases/{case.number}/").status_code == 404
    assert client.post(f"/desk/cases/{case.number}/act/accept/").status_code == 404
    assert client.post(f"/desk/cases/{case.number}/evidence/").status_code == 404
    assert client.post(f"/desk/cases/{case.number}/contact/").status_code == 404


@pytest.mark.parametrize("number", ["TN-20260302-9999-A", "nonsense", "%00", "TN-1-1-A", "'"])
def test_a_number_that_is_none_does_not_exist(
    number: str, staff_client: Clients, district_pack: str
) -> None:
    assert staff_client("dispatcher").get(f"/desk/cases/{number}/").status_code == 404


def test_a_bureau_loses_sight_of_what_it_handed_back(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    address = f"/desk/cases/{line.case.number}/"
    assert staff_client("bureau").get(address).status_code == 200
    line.act("dispatcher", "recall", message="派错了")
    assert staff_client("bureau").get(address).status_code == 404


def test_the_course_tells_words_for_staff_and_for_residents_apart(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology", message="请尽快看现场")
    line.act("bureau", "sign_for")
    text = staff_client("dispatcher").get(f"/desk/cases/{line.case.number}/").content.decode()
    assert "仅内部可见" in text
    assert "请尽快看现场" in text
    assert "部门工作人员" in text
    assert "天宁生态环境局" in text or "生态环境" in text
    assert cast.bureau.username + "@" not in text


def test_a_deadline_is_explained(clock: Any, submit: Submit, staff_client: Clients) -> None:
    clock.move_to("2026-09-30T10:00")
    case = submit().case
    text = staff_client("dispatcher").get(f"/desk/cases/{case.number}/").content.decode()
    assert "1 个工作日" in text
    assert "国庆节" in text
    assert "2026年10月1日" in text


def test_queue_and_clocks_count_in_the_same_unit(
    clock: Any, submit: Submit, staff_client: Clients
) -> None:
    clock.move_to("2026-03-06T10:00")
    case = submit().case
    client = staff_client("dispatcher")
    assert "剩 1 个工作日" in client.get("/desk/").content.decode()
    text = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert text.count("剩 1 个工作日") == 2
    assert "剩 3 天" not in text


def test_the_owner_list_names_the_grid_itself(submit: Submit, staff_client: Clients) -> None:
    case = submit(reading=Reading(119.98, 31.78)).case
    text = staff_client("dispatcher").get(f"/desk/cases/{case.number}/").content.decode()
    groups = re.findall(r'<optgroup label="([^"]+)">\s*<option[^>]*>([^<]+)<', text)
    assert groups
    for community, grid in groups:
        assert " " not in grid
        assert grid not in community
    assert '<optgroup label="部门">' in text


@pytest.mark.parametrize("who", ["dispatcher", "leader", "followup"])
def test_a_long_story_costs_no_more_to_tell(
    who: str, submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit(reading=Reading(119.98, 31.78)).case)
    leave_contact(case_id=line.case.pk, by=complainant(line.case), phone="13800138000")
    line.case.refresh_from_db()
    Act.objects.bulk_create(
        Act(
            case=line.case,
            ledger_seq=10_000 + n,
            action="evidence",
            actor_kind="staff",
            actor_id="1",
            actor_role="bureau_officer",
            at=timezone.now(),
            data={"photos": 1},
        )
        for n in range(200)
    )
    client = staff_client(who)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/desk/cases/{line.case.number}/").status_code == 200
    assert len(queries) <= BUDGET, "\n".join(q["sql"][:200] for q in queries)


# -- contact ----------------------------------------------------------------------------------


@pytest.fixture
def called(submit: Submit) -> Case:
    """A case whose complainant left a number."""
    case = submit().case
    return leave_contact(case_id=case.pk, by=complainant(case), phone="13800138000")


def test_a_contact_is_hidden_until_somebody_says_why(called: Case, staff_client: Clients) -> None:
    client, address = staff_client("dispatcher"), f"/desk/cases/{called.number}/"
    assert "13800138000" not in client.get(address).content.decode()
    shown = client.post(address + "contact/", {"reason": "核实具体位置"})
    assert "13800138000" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert "13800138000" not in client.get(address).content.decode()
    assert "核实具体位置" in client.get(address).content.decode()
    entry = Entry.objects.get(stream=called.stream, action="vault.revealed")
    assert entry.data["reason"] == "核实具体位置"
    assert "13800138000" not in str(entry.data)


@pytest.mark.parametrize("reason", ["", "   ", "\x00"])
def test_without_a_reason_nothing_is_shown(
    reason: str, called: Case, staff_client: Clients
) -> None:
    page = staff_client("dispatcher").post(
        f"/desk/cases/{called.number}/contact/", {"reason": reason}
    )
    assert page.status_code == 400
    assert "13800138000" not in page.content.decode()
    assert "请写明查看联系方式的理由" in page.content.decode()
    assert not Entry.objects.filter(action="vault.revealed").exists()


@pytest.mark.parametrize("who", ["leader", "auditor"])
def test_readers_cannot_look_at_a_contact(who: str, called: Case, staff_client: Clients) -> None:
    client, address = staff_client(who), f"/desk/cases/{called.number}/"
    assert "contact/" not in client.get(address).content.decode()
    page = client.post(address + "contact/", {"reason": "想看看"})
    assert page.status_code == 403
    assert "13800138000" not in page.content.decode()


def test_the_office_that_handles_a_case_never_sees_the_contact(
    called: Case, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, called)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    page = staff_client("bureau").post(f"/desk/cases/{called.number}/contact/", {"reason": "问问"})
    assert page.status_code == 403
    assert "13800138000" not in page.content.decode()


def test_where_nothing_was_left_nothing_can_be_shown(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    page = staff_client("dispatcher").post(f"/desk/cases/{case.number}/contact/", {"reason": "x"})
    assert page.status_code == 422
    assert "没有留联系方式" in page.content.decode()


# -- fragments --------------------------------------------------------------------------------


def test_a_script_gets_the_parts_only(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    client = staff_client("dispatcher")
    part = client.get(f"/desk/cases/{case.number}/", headers={"X-Fragment": "1"}).content.decode()
    assert "<html" not in part
    assert 'data-gz-part="course"' in part
    pane = client.get(f"/desk/cases/{case.number}/", headers={"X-Fragment": "pane"})
    assert "data-gz-answer" in pane.content.decode()
    assert "<html" not in pane.content.decode()


def test_hostile_words_stay_words(submit: Submit, staff_client: Clients) -> None:
    case = submit(description="<script>alert(1)</script>", address='"><img src=x onerror=1>').case
    client = staff_client("dispatcher")
    for address in ("/desk/", f"/desk/cases/{case.number}/"):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_photos_wait_until_they_are_checked(
    submit: Submit, cast: Any, staff_client: Clients, run_jobs: Callable[[], Any]
) -> None:
    from foundation.media.services import stage

    case = submit(photos=[stage(jpeg())]).case
    client = staff_client("dispatcher")
    assert "检查中" in client.get(f"/desk/cases/{case.number}/").content.decode()
    run_jobs()
    text = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert "/thumb.jpg" in text
