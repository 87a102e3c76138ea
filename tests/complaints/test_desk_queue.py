"""The queue: whose cases, in which order, under which tabs, with how few queries."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.models import Case, Clock
from complaints.numbers import case_number
from complaints.selectors.desk import PAGE_SIZE, QueueFilter, default_tab, queue, tabs_of
from complaints.services.acts import add_supplement
from complaints.services.intake import Receipt
from complaints.services.site_work import add_site_photos
from foundation.media.models import Photo
from foundation.media.services import stage
from foundation.places.models import Area, Department
from tests.complaints.conftest import Line, Reading, complainant, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]
#: Statements of a list at any size (architecture §4).
BUDGET = 10


def numbers_on(page: Any) -> list[str]:
    return re.findall(r'data-gz-row[^>]*data-number="([^"]+)"', page.content.decode())


def many_cases(submit: Submit, count: int) -> list[Case]:
    """``count`` open cases with a running clock each, spread over owners and due times."""
    model = submit().case
    grids = list(Area.objects.filter(kind="grid").order_by("code")[:4])
    offices = list(Department.objects.order_by("code")[:4])
    now = timezone.now()
    rows = []
    for n in range(count):
        case = Case.objects.get(pk=model.pk)
        case.pk, case.uid = None, uuid4()
        case.number = case_number("TN", now.date(), 1000 + n)
        case.receipt_hash, case.submission_hash = f"r{n}", f"s{n}"
        case.due_at = now + timedelta(hours=n // 2)
        case.area = case.suggested_grid = grids[n % 4]
        case.area_path = grids[n % 4].path
        case.suggested_department = offices[n % 4]
        rows.append(case)
    made = Case.objects.bulk_create(rows)
    Clock.objects.bulk_create(
        Clock(case=c, code="accept", limit="1wd", started_at=now, due_at=c.due_at) for c in made
    )
    return made


def test_the_dispatcher_starts_with_new_reports(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    page = staff_client("dispatcher").get("/desk/")
    assert numbers_on(page) == [case.number]
    assert "待受理" in page.content.decode()


def test_the_most_urgent_case_comes_first(submit: Submit, staff_client: Clients) -> None:
    cases = [submit(description=f"第 {n} 件").case for n in range(3)]
    now = timezone.now()
    for case, hours in zip(cases, (9, -3, 1), strict=True):
        Case.objects.filter(pk=case.pk).update(due_at=now + timedelta(hours=hours))
    page = staff_client("dispatcher").get("/desk/")
    assert numbers_on(page) == [cases[n].number for n in (1, 2, 0)]


@pytest.mark.parametrize(
    ("who", "tab"),
    [
        ("dispatcher", "new"),
        ("bureau", "mine"),
        ("street", "mine"),
        ("followup", "mine"),
        ("supervisor", "mine"),
        ("leader", "open"),
        ("auditor", "open"),
    ],
)
def test_the_first_tab_fits_the_role(who: str, tab: str, cast: Any, district_pack: str) -> None:
    access = staff(getattr(cast, who)).access
    assert default_tab(access) == tab
    assert tab in tabs_of(access)


@pytest.mark.parametrize("who", ["grid", "editor", "surveyor", "admin", "resident"])
def test_whoever_has_no_desk_gets_none(who: str, staff_client: Clients, district_pack: str) -> None:
    assert staff_client(who).get("/desk/").status_code == 403


def test_a_guest_is_asked_to_sign_in(client: Client) -> None:
    page = client.get("/desk/")
    assert page.status_code == 302
    assert "/accounts/login/" in page["Location"]


def test_everybody_sees_their_own_cases_only(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    number = line.case.number
    seen = {
        who: number in staff_client(who).get("/desk/?tab=open").content.decode()
        for who in ("dispatcher", "bureau", "bureau2", "street2", "followup", "leader", "auditor")
    }
    assert seen == {
        "dispatcher": True,
        "bureau": True,
        "bureau2": False,
        "street2": False,
        "followup": True,
        "leader": True,
        "auditor": True,
    }


def test_my_turn_is_what_waits_for_me(submit: Submit, cast: Any) -> None:
    """A street sees what bureaus do in its area, but that is not its turn."""
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    town = Area.objects.get(name="红梅街道")
    Case.objects.filter(pk=line.case.pk).update(area=town, area_path=town.path)
    mine = QueueFilter(tab="mine")
    assert queue(staff(cast.bureau), mine).cases == [line.case]
    assert queue(staff(cast.street), mine).cases == []
    assert queue(staff(cast.street), QueueFilter(tab="open")).cases == [line.case]
    assert queue(staff(cast.dispatcher), mine).cases == []


def test_tabs_count_what_they_show(submit: Submit, cast: Any) -> None:
    cases = [submit().case for _ in range(4)]
    now = timezone.now()
    Case.objects.filter(pk=cases[0].pk).update(due_at=now - timedelta(minutes=1))
    Case.objects.filter(pk=cases[1].pk).update(due_at=now + timedelta(hours=5))
    Case.objects.filter(pk__in=[c.pk for c in cases[2:]]).update(due_at=now + timedelta(days=9))
    by = staff(cast.dispatcher)
    page = queue(by, QueueFilter(tab="new"))
    assert page.counts == {"new": 4, "soon": 1, "overdue": 1, "calls": 0, "mine": 4, "open": 4}
    for tab, count in page.counts.items():
        assert len(queue(by, QueueFilter(tab=tab)).cases) == count


def test_filters_narrow_the_list(submit: Submit, staff_client: Clients) -> None:
    air = submit(category="air-cooking-fumes").case
    noise = submit(category="noise", reading=Reading(119.98, 31.78)).case
    client = staff_client("dispatcher")
    assert numbers_on(client.get("/desk/?category=air")) == [air.number]
    assert numbers_on(client.get("/desk/?category=noise")) == [noise.number]
    assert numbers_on(client.get("/desk/?state=accepted")) == []
    town = noise.area_path.split("/")[1]
    assert numbers_on(client.get(f"/desk/?area={town}")) == [noise.number]
    assert numbers_on(client.get("/desk/?tab=open&department=ecology")) == []


@pytest.mark.parametrize(
    "query",
    [
        "tab=nonsense",
        "state=%00",
        "category=%F0%9F%98%80",
        "number=%00%27--",
        "cursor=x:y",
        "area=%",
    ],
)
def test_a_strange_address_is_no_error(query: str, submit: Submit, staff_client: Clients) -> None:
    submit()
    assert staff_client("dispatcher").get(f"/desk/?{query}").status_code == 200


def test_a_whole_number_opens_its_case(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    page = staff_client("dispatcher").get(f"/desk/?number={case.number.lower()}")
    assert page["Location"] == f"/desk/cases/{case.number}/"


def test_a_running_number_finds_ended_cases_too(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "reject", reason_code="other_district", message="请向邻区反映")
    running = str(int(line.case.number.split("-")[2]))
    assert numbers_on(staff_client("dispatcher").get(f"/desk/?number={running}")) == [
        line.case.number
    ]


def test_a_strangers_number_finds_nothing(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    page = staff_client("bureau").get(f"/desk/?number={case.number}")
    assert page.status_code == 200
    assert numbers_on(page) == []


def test_pages_follow_each_other_without_a_gap(submit: Submit, staff_client: Clients) -> None:
    made = many_cases(submit, 120)
    client = staff_client("dispatcher")
    seen: list[str] = []
    address = "/desk/?tab=open"
    for _ in range(4):
        page = client.get(address)
        seen += numbers_on(page)
        following = re.search(r'rel="next" href="([^"]+)"', page.content.decode())
        if following is None:
            break
        address = following[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == len(made) + 1


@pytest.mark.parametrize("who", ["dispatcher", "street", "leader"])
@pytest.mark.parametrize("count", [5, 200])
def test_the_list_costs_the_same_at_any_size(
    who: str, count: int, submit: Submit, staff_client: Clients
) -> None:
    many_cases(submit, count)
    client = staff_client(who)
    client.get("/desk/?tab=open")
    with CaptureQueriesContext(connection) as queries:
        page = client.get("/desk/?tab=open")
    assert page.status_code == 200
    if who != "street":
        assert len(numbers_on(page)) == min(count + 1, PAGE_SIZE)
    assert len(queries) <= BUDGET, "\n".join(q["sql"][:200] for q in queries)


def test_the_first_case_stands_beside_the_list(submit: Submit, staff_client: Clients) -> None:
    case = submit(address="翠竹新村 32 幢").case
    text = staff_client("dispatcher").get("/desk/").content.decode()
    assert 'id="pane-title"' in text
    assert "翠竹新村 32 幢" in text
    assert f"/desk/cases/{case.number}/act/accept/" in text
    assert 'data-gz-key="1"' in text


def reviewed(submit: Submit, cast: Any) -> Line:
    """A case that waits for the reviewer, with photos from the site and from the complainant."""
    case = submit(photos=[stage(jpeg())]).case
    line = Line(cast, case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    for purpose in ("before", "after"):
        photos = [stage(jpeg(colour="green" if purpose == "after" else "gray"))]
        by = staff(cast.bureau)
        add_site_photos(case_id=case.pk, by=by, purpose=purpose, photos=photos, key=uuid4())
    add_supplement(case_id=case.pk, by=complainant(case), photos=[stage(jpeg(colour="red"))])
    line.case.refresh_from_db()
    line.act("bureau", "complete", outcome_code="solved", message="喷漆房密闭不严，已整改。")
    return line


def test_a_reviewer_sees_the_evidence_beside_the_list(
    submit: Submit, cast: Any, staff_client: Clients, run_jobs: Callable[[], Any]
) -> None:
    line = reviewed(submit, cast)
    run_jobs()
    client = staff_client("dispatcher")
    address = "/desk/?tab=mine"
    text = client.get(address).content.decode()
    assert f"/desk/cases/{line.case.number}/act/approve/" in text
    assert "办理情况" in text
    assert "喷漆房密闭不严" in text
    assert "已解决" in text
    shown = {str(p.pk) for p in Photo.objects.filter(stream=line.case.stream)}
    assert len(shown) == 4
    assert all(f"/photos/{pk}/" in text for pk in shown)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    assert len(queries) <= BUDGET, "\n".join(q["sql"][:200] for q in queries)


def test_who_calls_back_sees_work_and_answer_beside_the_list(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = reviewed(submit, cast)
    line.act("dispatcher", "approve", reply="您好，已整改，复测达标。")
    address = f"/desk/cases/{line.case.number}/"
    pane = staff_client("followup").get(address, headers={"X-Fragment": "pane"}).content.decode()
    assert "喷漆房密闭不严" in pane
    assert "复测达标" in pane


@pytest.mark.parametrize("who", ["dispatcher", "supervisor", "followup", "leader"])
def test_who_has_nothing_to_do_starts_with_what_is_overdue(
    who: str, submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    client = staff_client(who)
    own = client.get("/desk/")
    assert own.status_code == 200
    Case.objects.filter(pk=line.case.pk).update(due_at=timezone.now() - timedelta(hours=1))
    page = client.get("/desk/")
    if who == "leader":  # whose own tab shows all that is open, the overdue first
        assert numbers_on(page) == [line.case.number]
        return
    assert page["Location"] == "/desk/?tab=overdue"
    assert numbers_on(client.get(page["Location"])) == [line.case.number]
    assert client.get("/desk/?tab=mine").status_code == 200
    assert client.get("/desk/?category=noise").status_code == 200


def test_readers_are_offered_nothing(submit: Submit, staff_client: Clients) -> None:
    submit()
    for who in ("leader", "auditor"):
        text = staff_client(who).get("/desk/").content.decode()
        assert "/act/" not in text
        assert "现在由其他岗位办理" in text


def test_an_empty_tab_says_what_it_means(staff_client: Clients, district_pack: str) -> None:
    assert "全部处理完了" in staff_client("dispatcher").get("/desk/").content.decode()
    filtered = staff_client("dispatcher").get("/desk/?category=air").content.decode()
    assert "没有符合条件的事项" in filtered
