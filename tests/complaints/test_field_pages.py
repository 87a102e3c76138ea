"""What grid staff see on their phones: their own work, in order, within the budgets."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.models import Case
from complaints.selectors.field import TODAY_LIMIT, my_tasks, without_contacts
from complaints.services.acts import add_supplement, leave_contact
from foundation.accounts.models import Role
from foundation.media.models import Photo
from foundation.media.services import stage
from foundation.places.datum import Datum, convert
from tests.complaints.conftest import Line, Reading, complainant, jpeg, staff
from tests.complaints.field_cases import grid_of, middle_of, signed, task

pytestmark = pytest.mark.django_db

OUTSIDERS = [Role.DISPATCHER, Role.FOLLOWUP_CLERK, Role.SUPERVISOR, Role.LEADER, Role.AUDITOR]


@pytest.fixture
def phone(staff_client: Any) -> Client:
    return staff_client("grid")


def words(answer: Any) -> str:
    return answer.content.decode()


def copy_tasks(case: Case, count: int) -> None:
    """Fill the grid with ``count`` more tasks like ``case``, straight into the table."""
    for n in range(count):
        case.pk = None
        case.uid = f"00000000-0000-4000-8000-{n:012d}"
        case.number = f"TN-20260302-{9000 + n}-A"
        case.receipt_hash = f"copy-{n}"
        case.submission_hash = None
        case.save(force_insert=True)


def test_nothing_to_do_is_said(phone: Client, district_pack: str) -> None:
    assert "今日已清零" in words(phone.get("/field/"))


def test_the_list_shows_kind_place_time_and_the_next_step(
    phone: Client, cast: Any, submit: Any
) -> None:
    line = task(cast, submit, address="建设路18号")
    page = words(phone.get("/field/"))
    assert "大气" in page
    assert "建设路18号" in page
    assert "gz-countdown--" in page
    assert "签收" in page
    assert f"/field/{line.case.number}/sign_for/" in page


def test_after_signing_the_card_leads_to_site_and_finish(
    phone: Client, cast: Any, submit: Any
) -> None:
    line = signed(cast, submit)
    page = words(phone.get("/field/"))
    assert f"/field/{line.case.number}/#before" in page
    assert f"/field/{line.case.number}/#finish" in page
    assert "到场" in page
    assert "打卡" not in page


def test_the_most_urgent_comes_first(phone: Client, cast: Any, submit: Any, clock: Any) -> None:
    later = signed(cast, submit)
    sooner = task(cast, submit)
    numbers = re.findall(r'data-number="(TN-[^"]+)" data-version', words(phone.get("/field/")))
    assert numbers.index(sooner.case.number) < numbers.index(later.case.number)


def test_the_way_there_is_in_the_datum_of_chinese_maps(
    phone: Client, cast: Any, submit: Any
) -> None:
    line = task(cast, submit)
    lon, lat = convert(*middle_of(grid_of(cast.grid)), source=Datum.WGS84, target=Datum.GCJ02)
    page = words(phone.get(f"/field/{line.case.number}/"))
    assert f"uri.amap.com/navigation?to={round(lon, 6)},{round(lat, 6)}" in page
    assert f"geo:{round(lat, 6)},{round(lon, 6)}" in page


def test_a_case_without_a_position_is_looked_up_by_its_address(
    phone: Client, cast: Any, submit: Any
) -> None:
    line = task(cast, submit, address="天宁寺东门")
    Case.objects.filter(pk=line.case.pk).update(lon=None, lat=None)
    page = words(phone.get("/field/"))
    assert "uri.amap.com/search?keyword=%E5%A4%A9%E5%AE%81" in page


def test_other_grids_are_not_there(staff_client: Any, cast: Any, submit: Any) -> None:
    line = task(cast, submit)
    other = staff_client("grid2")
    assert line.case.number not in words(other.get("/field/"))
    assert other.get(f"/field/{line.case.number}/").status_code == 404
    assert other.post(f"/field/{line.case.number}/sign_for/").status_code == 404


def test_a_case_that_went_elsewhere_is_gone(phone: Client, cast: Any, submit: Any) -> None:
    line = task(cast, submit)
    line.act("dispatcher", "recall", message="派错了")
    assert phone.get(f"/field/{line.case.number}/").status_code == 404


@pytest.mark.parametrize("role", OUTSIDERS)
def test_who_handles_nothing_has_no_field(
    staff_client: Any, role: Role, district_pack: str
) -> None:
    assert staff_client(role).get("/field/").status_code == 403


def test_guests_are_led_to_sign_in(client: Client, district_pack: str) -> None:
    assert client.get("/field/").url.startswith("/accounts/login/")
    assert client.get("/field/sw.js").status_code == 302


def test_the_task_shows_what_was_reported_and_said(phone: Client, cast: Any, submit: Any) -> None:
    line = task(cast, submit, description="夜里有味道")
    page = words(phone.get(f"/field/{line.case.number}/"))
    assert "夜里有味道" in page
    assert "请今天去看" in page
    assert "签收" in page


def test_why_it_came_back_is_at_the_top(phone: Client, cast: Any, submit: Any) -> None:
    line = signed(cast, submit)
    line.act("grid", "complete", outcome_code="solved", message="好了", no_photo_reason="无")
    line.act("street", "send_back", message="照片看不清，请重拍")
    assert "照片看不清，请重拍" in words(phone.get(f"/field/{line.case.number}/"))


def test_photos_that_were_added_later_are_shown(phone: Client, cast: Any, submit: Any) -> None:
    line = task(cast, submit, photo=False)
    add_supplement(
        case_id=line.case.pk, by=complainant(line.case), photos=[stage(jpeg()), stage(jpeg())]
    )
    Photo.objects.update(state="clean")
    page = words(phone.get(f"/field/{line.case.number}/"))
    assert "补充照片 1" in page
    assert "补充照片 2" in page
    assert "/thumb.jpg" in words(phone.get("/field/")).split("gz-task__body")[0]


def test_a_deadline_is_the_same_on_every_page(
    staff_client: Any, client: Client, cast: Any, submit: Any, clock: Any
) -> None:
    """Just dispatched: the signing clock has begun a moment ago and is nowhere "due soon"."""
    clock.move_to("2026-03-02T09:00")
    receipt = submit(reading=Reading(*middle_of(grid_of(cast.grid))))
    line = Line(cast, receipt.case)
    client.post("/track/", {"code": receipt.code})
    desk, phone = staff_client("dispatcher"), staff_client("grid")
    for who, action, data in (
        ("dispatcher", "accept", {}),
        ("dispatcher", "dispatch", {"owner": f"grid:{grid_of(cast.grid).code}"}),
        ("grid", "sign_for", {}),
    ):
        line.act(who, action, **data)
        pages = [desk.get(f"/desk/cases/{line.case.number}/"), desk.get("/desk/?tab=open")]
        pages.append(client.get(f"/track/{line.case.number}/"))
        if action != "accept":
            pages += [phone.get("/field/"), phone.get(f"/field/{line.case.number}/")]
        said = {deadline_in(words(page)) for page in pages}
        assert len(said) == 1, said
        assert next(iter(said))[0] == "正常"
    assert "个工作日" in next(iter(said))[1]
    clocks = words(desk.get(f"/desk/cases/{line.case.number}/")).split("gz-desk-clocks")[1]
    assert deadline_in(clocks) in said


def deadline_in(page: str) -> tuple[str, str]:
    found = re.search(
        r'gz-countdown__word">([^<]+)</span><span class="gz-countdown__text">([^<]+)<', page
    )
    assert found, page
    return found[1], found[2]


def test_the_reporters_contact_never_shows(phone: Client, cast: Any, submit: Any) -> None:
    line = task(cast, submit, description="打我电话 138 1234 5678 或 0519-88881234")
    leave_contact(case_id=line.case.pk, by=complainant(line.case), phone="13912345678")
    for address in ("/field/", f"/field/{line.case.number}/"):
        page = words(phone.get(address))
        assert "13912345678" not in page
        assert "1234 5678" not in page
        assert "88881234" not in page
    assert "［号码已隐去］" in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("18号楼 2023年 苏D12345", "18号楼 2023年 苏D12345"),
        ("写信到 a.b@example.com", "写信到 ［号码已隐去］"),
        ("13812345678", "［号码已隐去］"),
        ("回执 1234567890123456", "回执 1234567890123456"),
    ],
)
def test_only_what_leads_to_the_reporter_is_hidden(text: str, shown: str) -> None:
    assert without_contacts(text) == shown


def test_the_list_stays_within_ten_statements(phone: Client, cast: Any, submit: Any) -> None:
    copy_tasks(task(cast, submit).case, 100)
    phone.get("/field/")
    with CaptureQueriesContext(
        connection,
    ) as made:
        page = words(phone.get("/field/"))
    assert page.count("data-gz-task ") == TODAY_LIMIT
    assert len(made) <= 10, [query["sql"][:90] for query in made]


def test_a_hundred_tasks_cost_what_one_costs(
    cast: Any, submit: Any, django_assert_num_queries: Any
) -> None:
    line = task(cast, submit)
    by = staff(cast.grid)
    with django_assert_num_queries(2):
        my_tasks(by)
    copy_tasks(Case.objects.get(pk=line.case.pk), 99)
    with django_assert_num_queries(2):
        assert len(my_tasks(by)) == 100


def test_the_task_stays_within_fifteen_statements(phone: Client, cast: Any, submit: Any) -> None:
    line = signed(cast, submit)
    phone.get("/field/")
    with CaptureQueriesContext(connection) as made:
        assert phone.get(f"/field/{line.case.number}/").status_code == 200
    assert len(made) <= 15, [query["sql"][:90] for query in made]


def test_the_service_worker_serves_its_folder_only(phone: Client, district_pack: str) -> None:
    answer = phone.get("/field/sw.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Service-Worker-Allowed"] == "/field/"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_pages_say_whose_they_are(staff_client: Any, district_pack: str) -> None:
    one, other = staff_client("grid").get("/field/"), staff_client("grid2").get("/field/")
    assert one.headers["X-Field-Owner"] != other.headers["X-Field-Owner"]
    assert one.headers["Cache-Control"] == "no-store"


def test_the_offline_page_holds_nothing_private(phone: Client, cast: Any, submit: Any) -> None:
    line = task(cast, submit)
    page = words(phone.get("/field/not-kept/"))
    assert line.case.number not in page
    assert "回到我的待办" in page
