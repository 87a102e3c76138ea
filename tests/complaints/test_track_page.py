"""Following one's own report, as plain POST and GET."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.errors import ActionRefused
from complaints.models import Act, Case
from complaints.services import guessing
from complaints.services.acts import add_evidence, urge_case
from complaints.services.guessing import BUDGET
from complaints.services.intake import Receipt
from foundation.ledger.actor import Actor
from foundation.media.services import stage
from foundation.vault.services import read_for_delivery, reveal
from tests.cast import sign_in
from tests.complaints.conftest import Line, complainant, jpeg, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(client: Client, submit: Callable[..., Receipt]) -> Case:
    """A fresh case whose receipt code was typed in ``client``."""
    receipt = submit()
    assert client.post("/track/", {"code": receipt.code}).status_code == 302
    return receipt.case


@pytest.fixture
def line(cast: Any, opened: Case) -> Line:
    return Line(cast, opened)


def page_of(client: Client, case: Case, **headers: str) -> str:
    answer = client.get(f"/track/{case.number}/", headers=headers or None)
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, case: Case, action: str, **fields: Any) -> Any:
    return client.post(f"/track/{case.number}/{action}/", {"key": str(uuid4()), **fields})


def test_a_right_code_opens_the_case(client: Client, submit: Callable[..., Receipt]) -> None:
    receipt = submit()
    answer = client.post("/track/", {"code": receipt.code})
    assert answer.url == f"/track/{receipt.case.number}/"
    assert "已收到，等待受理" in page_of(client, receipt.case)


def test_spaces_dashes_and_wide_digits_do_not_matter(
    client: Client, submit: Callable[..., Receipt]
) -> None:
    code = submit().code
    wide = code.translate({ord("0") + n: ord("０") + n for n in range(10)})
    for typed in (f"{code[:4]} {code[4:8]}-{code[8:]}", f"  {wide}\n"):
        assert client.post("/track/", {"code": typed}).status_code == 302


def test_a_wrong_code_and_a_right_shape_get_the_same_answer_as_any_other(
    client: Client, submit: Callable[..., Receipt]
) -> None:
    code = submit().code
    near = code[:-1] + str((int(code[-1]) + 1) % 10)
    answers = [client.post("/track/", {"code": typed}) for typed in (near, "0" * 16)]
    pages = [_without_tokens(a.content.decode()).replace(near, "0" * 16) for a in answers]
    assert [a.status_code for a in answers] == [400, 400]
    assert pages[0] == pages[1]
    assert "查询码不对，请核对回执上的 16 位数字" in pages[0]
    assert Session.objects.count() == 0


def _without_tokens(page: str) -> str:
    return re.sub(r'(name="(?:csrfmiddlewaretoken|key)" value=")[^"]*', r"\1", page)


@pytest.mark.parametrize("typed", ["", "123", "x" * 5000, "🔥", "\x00", "1" * 17, "<b>"])
def test_what_is_no_code_is_named_and_kept(client: Client, district_pack: str, typed: str) -> None:
    answer = client.post("/track/", {"code": typed})
    assert answer.status_code == 400
    assert "16 位数字" in answer.content.decode()
    if typed == "123":
        assert 'value="123"' in answer.content.decode()


def test_foreign_and_unknown_numbers_look_the_same(
    client: Client, submit: Callable[..., Receipt]
) -> None:
    number = submit().case.number
    unknown = "TN-20200101-0001-A"
    answers = [client.get(f"/track/{which}/") for which in (number, unknown)]
    pages = [_without_tokens(a.content.decode()).replace(number, unknown) for a in answers]
    assert [a.status_code for a in answers] == [404, 404]
    assert pages[0] == pages[1]
    for action in ("urge", "withdraw", "contact", "rate"):
        assert client.post(f"/track/{number}/{action}/").status_code == 404


def test_a_right_code_opens_after_many_wrong_ones(
    client: Client, submit: Callable[..., Receipt], monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(guessing.time, "sleep", waits.append)
    code = submit().code
    for _ in range(BUDGET + 4):
        client.post("/track/", {"code": "0" * 16})
        clock.tick(seconds=3)
    assert waits == sorted(waits)
    assert len(waits) == 4
    assert client.post("/track/", {"code": code}).status_code == 302


def test_who_comes_while_another_waits_is_told_when_and_keeps_the_code(
    client: Client, submit: Callable[..., Receipt], monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    monkeypatch.setattr(guessing.time, "sleep", lambda seconds: None)
    code = submit().code
    for _ in range(BUDGET + 1):
        client.post("/track/", {"code": "0" * 16})
    answer = client.post("/track/", {"code": code})
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 3
    assert code in answer.content.decode()
    elsewhere = Client(REMOTE_ADDR="192.0.2.99").post("/track/", {"code": code})
    assert elsewhere.status_code == 302


def test_opening_a_case_gives_a_fresh_session(
    client: Client, submit: Callable[..., Receipt]
) -> None:
    client.post("/track/", {"code": submit().code})
    planted = client.session.session_key
    client.post("/track/", {"code": submit().code})
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_the_page_costs_at_most_fifteen_statements(client: Client, line: Line, cast: Any) -> None:
    case = _answered(line)
    act(client, case, "contact", phone="13800138000")
    with CaptureQueriesContext(connection) as statements:
        page_of(client, case)
    made = [q["sql"] for q in statements if "SAVEPOINT" not in q["sql"]]
    assert len(made) <= 15, "\n".join(made)


def test_the_live_part_is_the_page_without_its_frame(client: Client, opened: Case) -> None:
    part = page_of(client, opened, **{"X-Fragment": "1"})
    assert "<html" not in part
    assert 'data-gz-part="head"' in part


# -- what the complainant may do ----------------------------------------------------------------


def _answered(line: Line) -> Case:
    line.act("dispatcher", "accept")
    return line.act("dispatcher", "answer_directly", reply="已请店家装了油烟净化器，请您再看看。")


def test_words_and_photos_can_be_added(client: Client, opened: Case) -> None:
    answer = act(client, opened, "supplement", message="今天又冒烟", photos=[jpeg(), jpeg()])
    assert answer.status_code == 302
    opened.refresh_from_db()
    assert opened.photo_count == 2
    assert "今天又冒烟" in page_of(client, opened)


def test_adding_twice_by_accident_happens_once(client: Client, opened: Case) -> None:
    key = str(uuid4())
    for _ in range(2):
        act(client, opened, "supplement", message="今天又冒烟", key=key)
        act(client, opened, "urge", key=key.replace("a", "b"))
    assert Act.objects.filter(case=opened, action="supplement").count() == 1


def test_hurrying_is_counted_once_a_click(client: Client, opened: Case) -> None:
    key = str(uuid4())
    act(client, opened, "urge", key=key)
    act(client, opened, "urge", key=key)
    opened.refresh_from_db()
    assert opened.urge_count == 1
    assert "已催 1 次" in page_of(client, opened)


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("supplement", {}, "写几句"),
        ("supplement", {"message": "油" * 501}, "多了 1 字"),
        (
            "supplement",
            {"message": "看", "photos": SimpleUploadedFile("a.jpg", b"x")},
            "照片打不开",
        ),
        ("contact", {"phone": "12"}, "11 位"),
        ("contact", {"phone": "0519-86901234"}, "手机号"),
    ],
)
def test_wrong_input_is_named_and_kept(
    client: Client, opened: Case, action: str, fields: dict[str, Any], sentence: str
) -> None:
    answer = act(client, opened, action, **fields)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert sentence in page
    assert "data-gz-error-summary" in page
    for value in fields.values():
        assert not isinstance(value, str) or value in page


def test_hurrying_again_on_the_same_day_is_answered_kindly(
    client: Client, opened: Case, clock: Any
) -> None:
    clock.move_to("2026-03-02T22:30")
    act(client, opened, "urge")
    page = page_of(client, opened)
    assert "催一下" not in page
    assert "今天已经催过了，办理人员看得到。" in page
    again = client.post(f"/track/{opened.number}/urge/", {"key": str(uuid4())}, follow=True)
    assert again.status_code == 200
    assert "今天已经催过了" in again.content.decode()
    assert Act.objects.filter(case=opened, action="urge").count() == 1
    clock.move_to("2026-03-03T00:10")
    assert "催一下" in page_of(client, opened)
    act(client, opened, "urge")
    clock.move_to("2026-03-04T09:00")
    act(client, opened, "urge")
    page = page_of(client, opened)
    assert "催办了 3 次" in page
    assert "您催办了一次" not in page
    assert page.count("催办了") == 1


def test_ten_clicks_in_a_row_count_once(opened: Case) -> None:
    for _ in range(10):
        with suppress(ActionRefused):
            urge_case(case_id=opened.pk, by=complainant(opened), key=uuid4())
    opened.refresh_from_db()
    assert opened.urge_count == 1


def test_an_answered_case_is_not_to_be_hurried(client: Client, line: Line) -> None:
    case = _answered(line)
    assert "催一下" not in page_of(client, case)
    assert act(client, case, "urge").status_code == 422
    assert not Act.objects.filter(case=case, action="urge").exists()


def test_only_own_photos_are_counted(client: Client, line: Line, cast: Any) -> None:
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    act(client, line.case, "supplement", photos=[jpeg()])
    by = staff(cast.bureau)
    add_evidence(case_id=line.case.pk, by=by, purpose="after", photos=[stage(jpeg()) for _ in "12"])
    assert "<dt>照片</dt><dd>1</dd>" in page_of(client, line.case)


def test_an_address_alone_is_a_place(client: Client, opened: Case) -> None:
    assert "没有填写" in page_of(client, opened)
    Case.objects.filter(pk=opened.pk).update(address="建设路 18 号", location_source="address")
    page = page_of(client, opened)
    assert "建设路 18 号" in page
    assert "没有填写" not in page
    assert "<dt>地点</dt>" not in page


@pytest.mark.parametrize(
    ("action", "sentence"),
    [
        ("reopen", "请写一下哪里还没解决。"),
        ("request_review", "请写一下为什么需要再看一次。"),
        ("rate", "请选一个满意程度。"),
    ],
)
def test_what_is_missing_is_named_as_the_page_names_it(
    client: Client, line: Line, action: str, sentence: str
) -> None:
    case = _answered(line)
    line.act("system", "start_followup")
    line.act("followup", "close", followup_result="satisfied")
    answer = act(client, case, action, message="  ", rating="")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert page.count(sentence) == 2
    assert "请填写" not in page


def test_our_question_is_shown_and_answered(client: Client, line: Line) -> None:
    line.act("dispatcher", "ask_info", message="请问是哪家店？")
    assert "请问是哪家店？" in page_of(client, line.case)
    empty = act(client, line.case, "supply_info", message=" ")
    assert empty.status_code == 400
    assert act(client, line.case, "supply_info", message="拐角第一家").status_code == 302
    line.case.refresh_from_db()
    assert line.case.state == "submitted"


@pytest.mark.parametrize("rating", ["1", "2", "3", "4", "5"])
def test_every_rating_costs_the_same(client: Client, line: Line, rating: str) -> None:
    case = _answered(line)
    assert act(client, case, "rate", rating=rating).status_code == 302
    case.refresh_from_db()
    assert (case.rating, case.state) == (int(rating), "pending_followup")


def test_a_rating_can_be_changed_later(client: Client, line: Line) -> None:
    case = _answered(line)
    act(client, case, "rate", rating="5")
    act(client, case, "rate", rating="2", rating_text="晚上又冒烟")
    case.refresh_from_db()
    assert (case.rating, case.rating_text) == (2, "晚上又冒烟")


@pytest.mark.parametrize("rating", ["", "0", "6", "五", "1e9"])
def test_a_rating_that_is_none_is_named(client: Client, line: Line, rating: str) -> None:
    case = _answered(line)
    answer = act(client, case, "rate", rating=rating, rating_text="说明留着")
    assert answer.status_code == 400
    assert "说明留着" in answer.content.decode()


def test_the_case_can_be_opened_again_once(client: Client, line: Line) -> None:
    case = _answered(line)
    assert act(client, case, "reopen", message="还是有味道").status_code == 302
    case.refresh_from_db()
    assert case.state == "reopened"
    again = act(client, case, "reopen", message="再来")
    assert again.status_code == 422
    assert "再来" not in Act.objects.filter(case=case).values_list("public_text", flat=True)


def test_a_closed_case_offers_reviews_and_no_adding(client: Client, line: Line) -> None:
    case = _answered(line)
    line.act("system", "start_followup")
    line.act("followup", "close", followup_result="satisfied")
    page = page_of(client, case)
    assert "申请复查" in page
    assert "申请重新办理" in page
    assert "补充说明或照片" not in page
    assert act(client, case, "supplement", message="x").status_code == 422
    assert act(client, case, "request_review", message="不同意").status_code == 302
    assert "正在复查" in page_of(client, case) or "复查" in page_of(client, case)


def test_a_report_can_be_taken_back(client: Client, opened: Case) -> None:
    assert act(client, opened, "withdraw").status_code == 302
    opened.refresh_from_db()
    assert opened.state == "withdrawn"
    assert "您已撤回" in page_of(client, opened)


def test_steps_of_staff_are_not_for_residents(client: Client, opened: Case) -> None:
    for action in ("accept", "reject", "close", "archive", "no-such-step"):
        assert act(client, opened, action, message="x").status_code == 404


def test_a_new_number_replaces_and_destroys_the_old(client: Client, opened: Case) -> None:
    act(client, opened, "contact", phone="13800138000")
    opened.refresh_from_db()
    old = opened.complainant_record
    act(client, opened, "contact", phone="13900139000")
    opened.refresh_from_db()
    assert old
    assert opened.complainant_record
    assert read_for_delivery(old, "phone") == ""
    assert "139" in read_for_delivery(opened.complainant_record, "phone")
    assert "13900139000" not in page_of(client, opened)


def test_the_resident_reads_who_looked_at_the_number_and_why(
    client: Client, opened: Case, cast: Any
) -> None:
    act(client, opened, "contact", phone="13800138000")
    assert "还没有人看过" in page_of(client, opened)
    opened.refresh_from_db()
    assert opened.complainant_record
    clerk = Actor("staff", str(cast.followup.pk), "followup_clerk")
    reveal(opened.complainant_record, actor=clerk, reason="电话回访办理结果")
    page = page_of(client, opened)
    assert "电话回访办理结果" in page
    assert "回访" in page
    assert cast.followup.username not in page


# -- one's own account --------------------------------------------------------------------------


@pytest.fixture
def resident(cast: Any, district_pack: str) -> Client:
    return sign_in(cast.resident)


def test_residents_find_their_own_reports_without_a_code(
    resident: Client, cast: Any, submit: Callable[..., Receipt]
) -> None:
    mine = submit(account_id=cast.resident.pk).case
    foreign = submit(account_id=cast.stranger.pk).case
    page = resident.get("/track/").content.decode()
    assert mine.number in page
    assert foreign.number not in page
    assert resident.get(f"/track/{mine.number}/").status_code == 200
    assert resident.get(f"/track/{foreign.number}/").status_code == 404


def test_the_list_is_paged_by_key_within_ten_statements(
    resident: Client, cast: Any, submit: Callable[..., Receipt]
) -> None:
    numbers = [submit(account_id=cast.resident.pk).case.number for _ in range(23)]
    with CaptureQueriesContext(connection) as statements:
        first = resident.get("/track/").content.decode()
    assert len(statements) <= 10
    following = re.search(r'rel="next" href="([^"#]+)', first)
    assert following
    second = resident.get("/track/" + following[1].replace("&amp;", "&")).content.decode()
    shown = [n for n in numbers if n in first], [n for n in numbers if n in second]
    assert (len(shown[0]), len(shown[1])) == (20, 3)
    assert not set(shown[0]) & set(shown[1])


@pytest.mark.parametrize("cursor", ["x", "2026|1:forged", "%00"])
def test_a_forged_cursor_starts_from_the_beginning(resident: Client, cursor: str) -> None:
    assert resident.get("/track/", {"cursor": cursor}).status_code == 200


def test_an_empty_list_says_how_to_begin(resident: Client) -> None:
    assert "这个账号还没有举报" in resident.get("/track/").content.decode()
