"""Identities, masked words, looks with reasons, slips, own rights, and what goes after its time."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.errors import InvalidInput, NotPermitted
from complaints.identity import Identity
from complaints.models import Act, Case
from complaints.selectors.reveals import MANY
from complaints.services.acts import add_supplement, leave_contact
from complaints.services.contact import reveal_contact
from complaints.services.intake import Reading, Receipt
from complaints.services.own_data import forget_contact
from complaints.services.retention import TOMBSTONE, clear_due, counts
from complaints.visitors import SESSION_KEY
from foundation.ledger.selectors import entries_of
from foundation.media.models import Photo, PhotoState
from foundation.media.services import stage
from foundation.vault.models import PersonalRecord
from tests.complaints.conftest import Line, complainant, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]
SECRET = "隔壁老王电话13912345678，身份证320402199001010017"


def called(case: Case, identity: str = "") -> Case:
    return leave_contact(
        case_id=case.pk, by=complainant(case), phone="13800138000", identity=identity
    )


def holder(client: Client, case: Case) -> Client:
    session = client.session
    session[SESSION_KEY] = {str(case.uid): timezone.now().isoformat()}
    session.save()
    return client


# -- identity ---------------------------------------------------------------------------------


def test_without_a_contact_a_report_is_anonymous(submit: Submit) -> None:
    assert submit().case.identity == Identity.ANONYMOUS


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("", "real_name"),
        ("confidential", "confidential"),
        ("anonymous", "anonymous"),
        ("x", "real_name"),
    ],
)
def test_leaving_a_contact_says_how_one_wants_to_be_known(
    asked: str, kept: str, submit: Submit
) -> None:
    assert called(submit().case, asked).identity == kept


@pytest.mark.usefixtures("district_pack")
@pytest.mark.parametrize(
    ("asked", "phone", "kept"),
    [
        ("confidential", "13800138000", "confidential"),
        ("", "13800138000", "real_name"),
        ("", "", "anonymous"),
    ],
)
def test_a_caller_is_asked(asked: str, phone: str, kept: str, staff_client: Clients) -> None:
    data = {"key": uuid4(), "description": "油烟", "phone": phone, "identity": asked}
    staff_client("dispatcher").post("/desk/new/", data)
    assert Case.objects.get().identity == kept


def test_confidential_cases_stand_out_and_can_be_filtered(
    submit: Submit, staff_client: Clients
) -> None:
    secret, plain = called(submit().case, "confidential"), submit().case
    page = staff_client("dispatcher").get("/desk/?tab=new").content.decode()
    assert "保密" in page.split(f'data-number="{secret.number}"')[1].split("gz-desk-row__state")[0]
    only = staff_client("dispatcher").get("/desk/?tab=new&identity=confidential").content.decode()
    assert secret.number in only
    assert plain.number not in only


def test_the_duty_to_tell_the_outcome_is_shown(submit: Submit, staff_client: Clients) -> None:
    client = staff_client("dispatcher")
    named, unnamed = called(submit().case), submit().case
    assert "须向举报人反馈处理结果" in client.get(f"/desk/cases/{named.number}/").content.decode()
    assert "无反馈义务" in client.get(f"/desk/cases/{unnamed.number}/").content.decode()


# -- words ------------------------------------------------------------------------------------


def test_numbers_in_words_are_whole_for_callers_only(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit(description=SECRET).case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    add_supplement(case_id=line.case.pk, by=complainant(line.case), message="打13700001111找我")
    address = f"/desk/cases/{line.case.number}/"
    for who in ("bureau", "leader", "auditor"):
        for path in (address, "/desk/?tab=open"):
            page = staff_client(who).get(path).content.decode()
            assert "隔壁老王" in page
            assert not {
                n for n in ("13912345678", "320402199001010017", "13700001111") if n in page
            }
    assert "13912345678" in staff_client("followup").get(address).content.decode()
    rows = staff_client("followup").get("/desk/?tab=open").content.decode()
    assert "13912345678" not in rows.split("gz-desk-card")[0]


# -- looks ------------------------------------------------------------------------------------


def test_a_reason_from_the_list_is_enough(submit: Submit, cast: Any) -> None:
    case = called(submit().case)
    shown = reveal_contact(case=case, by=staff(cast.dispatcher), reason="", code="place")
    assert shown["phone"] == "+8613800138000"
    entry = entries_of(case.stream).get(action="vault.revealed")
    assert "核实" in str(entry.data) or "地点" in str(entry.data)


@pytest.mark.parametrize("code", ["other", "", "unknown"])
def test_another_reason_needs_words(code: str, submit: Submit, cast: Any) -> None:
    case = called(submit().case)
    with pytest.raises(InvalidInput):
        reveal_contact(case=case, by=staff(cast.dispatcher), reason=" ", code=code)


def test_a_confidential_contact_opens_to_whose_turn_it_is_and_supervisors(
    submit: Submit, cast: Any
) -> None:
    case = called(submit().case, "confidential")
    with pytest.raises(InvalidInput):
        reveal_contact(case=case, by=staff(cast.dispatcher), reason="", code="place")
    assert reveal_contact(case=case, by=staff(cast.dispatcher), reason="问清楼号", code="place")
    with pytest.raises(NotPermitted):
        reveal_contact(case=case, by=staff(cast.followup), reason="想看看")
    line = Line(cast, case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    with pytest.raises(NotPermitted):
        reveal_contact(case=line.case, by=staff(cast.dispatcher), reason="再问一次")
    with pytest.raises(NotPermitted):
        reveal_contact(case=line.case, by=staff(cast.bureau), reason="想知道是谁")
    assert reveal_contact(case=line.case, by=staff(cast.supervisor), reason="核查")


def test_the_auditor_reads_who_looked_and_is_warned_of_many_looks(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    case = called(submit().case)
    for _n in range(MANY):
        reveal_contact(case=case, by=staff(cast.dispatcher), reason="核对门牌")
    page = staff_client("auditor").get("/desk/reveals/").content.decode()
    assert "核对门牌" in page
    assert case.number in page
    assert f"在24小时内查看了{MANY}次" in page
    assert "13800138000" not in page
    for _n in range(31):
        reveal_contact(case=case, by=staff(cast.supervisor), reason="督查")
    first = staff_client("auditor").get("/desk/reveals/").content.decode()
    assert "更早的" in first
    cursor = first.split('href="?cursor=')[1].split('"')[0]
    older = staff_client("auditor").get(f"/desk/reveals/?cursor={cursor}").content.decode()
    assert older.count("核对门牌") == 1
    assert staff_client("auditor").get("/desk/reveals/?cursor=x").status_code == 200


@pytest.mark.parametrize("who", ["dispatcher", "supervisor", "leader", "bureau", "followup"])
def test_only_the_auditor_reads_names(who: str, submit: Submit, staff_client: Clients) -> None:
    assert staff_client(who).get("/desk/reveals/").status_code == 403


def test_the_resident_reads_role_reason_and_department(
    submit: Submit, cast: Any, client: Client
) -> None:
    case = called(submit().case)
    post = cast.dispatcher.posts.get()
    post.department = cast.bureau.posts.get().department
    post.save()
    reveal_contact(case=case, by=staff(cast.dispatcher), reason="核对门牌号")
    page = holder(client, case).get(f"/track/{case.number}/").content.decode()
    assert "核对门牌号" in page
    assert post.department.name in page
    assert cast.dispatcher.username not in page


# -- slips ------------------------------------------------------------------------------------


def test_a_slip_names_nobody_and_is_written_down(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    case = called(submit(description=f"{SECRET}，住3号楼402室").case, "confidential")
    address = f"/desk/cases/{case.number}/slip/"
    page = staff_client("dispatcher").post(address).content.decode()
    assert "转办单" in page
    assert "保密件 · 不得复制" in page
    assert not {n for n in ("13912345678", "320402", "402室", "13800138000") if n in page}
    assert page.count("gz-slip__marks") == 1
    assert entries_of(case.stream).filter(action="case.slip").count() == 1
    assert staff_client("dispatcher").get(address).status_code == 405
    assert staff_client("leader").post(address).status_code == 403
    assert staff_client("bureau").post(address).status_code == 404


# -- conflicts on the page --------------------------------------------------------------------


def test_the_register_works_from_the_page(submit: Submit, cast: Any, staff_client: Clients) -> None:
    case = submit().case
    address = f"/desk/cases/{case.number}/"
    data = {"name": "某某化工厂", "department": "ecology", "relation": "supervises"}
    assert staff_client("dispatcher").post(address + "conflict/accused/", data).status_code == 302
    page = staff_client("dispatcher").get(address).content.decode()
    assert "某某化工厂" in page
    assert "是被反映对象的主管单位" in page
    empty = staff_client("dispatcher").post(address + "conflict/recuse/", {"reason": ""})
    assert empty.status_code == 400
    assert "请说明回避的理由" in empty.content.decode()
    staff_client("dispatcher").post(address + "conflict/recuse/", {"reason": "亲属"})
    page = staff_client("dispatcher").get(address).content.decode()
    assert "已回避" in page
    assert "/act/accept/" not in page
    assert staff_client("leader").post(address + "conflict/accused/", data).status_code == 403
    assert staff_client("dispatcher").post(address + "conflict/nothing/").status_code == 404


# -- own rights -------------------------------------------------------------------------------


def test_one_takes_ones_data_along(submit: Submit, client: Client) -> None:
    case = called(submit(description="油烟很大").case)
    address = f"/track/{case.number}/my-data.json"
    assert "油烟" not in client.get(address).content.decode()
    answer = holder(client, case).get(address)
    data = json.loads(answer.content)
    assert data["description"] == "油烟很大"
    assert data["contact"] == {"phone": "138****8000"}
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert entries_of(case.stream).filter(action="case.own_export").exists()


def test_one_has_ones_contact_destroyed(submit: Submit, client: Client) -> None:
    case = called(submit().case)
    page = holder(client, case).post(f"/track/{case.number}/forget/", follow=True)
    assert "再也没有人能看到您的联系方式" in page.content.decode()
    case.refresh_from_db()
    assert case.complainant_record is None
    record = PersonalRecord.objects.get()
    assert record.is_shredded
    assert bytes(record.ciphertext) == b""
    again = client.post(f"/track/{case.number}/forget/")
    assert "没有可删除的联系方式" in again.content.decode()


def test_nobody_else_deletes_it(submit: Submit, cast: Any) -> None:
    case = called(submit().case)
    with pytest.raises(NotPermitted):
        forget_contact(case_id=case.pk, by=staff(cast.dispatcher))


# -- retention --------------------------------------------------------------------------------


def ended(cast: Any, submit: Submit, days: int, **parts: Any) -> Case:
    made = submit(
        description=SECRET, address="3号楼402室", reading=Reading(119.9795, 31.7795), **parts
    )
    line = Line(cast, called(made.case))
    add_supplement(case_id=line.case.pk, by=complainant(line.case), message="我姓张")
    line.case.refresh_from_db()
    line.act("dispatcher", "accept")
    case = line.act("dispatcher", "refer_out", body="某局", message="请联系某局")
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=days))
    return Case.objects.get(pk=case.pk)


def test_what_is_due_goes_in_steps_and_statistics_stay(
    submit: Submit, cast: Any, run_jobs: Callable[[], object]
) -> None:
    case = ended(cast, submit, 1200, photos=[stage(jpeg())])
    run_jobs()
    before = (case.category, case.submitted_at, case.accepted_at, case.closed_at, case.state)
    now = timezone.now()
    assert counts(now) == {"contact": 1, "originals": 0, "words": 0}
    assert clear_due(now=now, limit=10) == {"contact": 1, "originals": 1, "words": 1}
    run_jobs()
    case = Case.objects.select_related("area").get(pk=case.pk)
    assert case.complainant_record is None
    assert PersonalRecord.objects.get(stream=case.stream).is_shredded
    assert Photo.objects.get(stream=case.stream).state == PhotoState.ERASED
    assert (case.description, case.address) == (TOMBSTONE, TOMBSTONE)
    assert (case.lon, case.lat, case.raw_location, case.account) == (None, None, None, None)
    assert case.area is not None
    assert case.area.kind == "town"
    assert case.area_path == case.area.path
    after = (case.category, case.submitted_at, case.accepted_at, case.closed_at, case.state)
    assert before == after
    rest = str(list(Case.objects.values())) + str(list(Act.objects.values()))
    assert not {word for word in ("13912345678", "我姓张", "402室") if word in rest}
    steps = entries_of(case.stream).filter(action="case.anonymise")
    assert [entry.data["step"] for entry in steps] == ["contact", "originals", "words"]


def test_doing_it_twice_changes_nothing(submit: Submit, cast: Any) -> None:
    case = ended(cast, submit, 1200)
    clear_due(now=timezone.now(), limit=10)
    version = Case.objects.get(pk=case.pk).version
    assert set(clear_due(now=timezone.now(), limit=10).values()) == {0}
    assert Case.objects.get(pk=case.pk).version == version


@pytest.mark.parametrize(
    ("track", "days", "gone"),
    [
        ("report", 179, 0),
        ("report", 181, 1),
        ("enquiry", 121, 1),
        ("petition", 181, 0),
        ("petition", 366, 1),
    ],
)
def test_each_track_has_its_own_time(
    track: str, days: int, gone: int, submit: Submit, cast: Any
) -> None:
    case = ended(cast, submit, days)
    Case.objects.filter(pk=case.pk).update(track=track)
    assert clear_due(now=timezone.now(), limit=10)["contact"] == gone


def test_open_cases_keep_everything(submit: Submit) -> None:
    case = called(submit().case)
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=4000))
    assert set(clear_due(now=timezone.now(), limit=10).values()) == {0}


def test_the_command_says_what_would_go_and_then_does_it(submit: Submit, cast: Any) -> None:
    case = ended(cast, submit, 200)
    out = StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert "contact: 1 due" in out.getvalue()
    assert Case.objects.get(pk=case.pk).complainant_record is not None
    call_command("retention", stdout=out)
    assert "contact: 1 done" in out.getvalue()
    assert Case.objects.get(pk=case.pk).complainant_record is None


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="asks PostgreSQL for its plan")
def test_the_scan_reads_due_rows_by_the_index(submit: Submit, cast: Any) -> None:
    ended(cast, submit, 1200)
    with CaptureQueriesContext(connection) as captured:
        clear_due(now=timezone.now(), limit=10)
    found = next(q["sql"] for q in captured if '"closed_at" <=' in q["sql"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {found}")
        assert "case_retention_due" in str(cursor.fetchall())
