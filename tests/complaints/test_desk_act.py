"""Acts at the desk: applied once, refused with a sentence, and nothing typed is ever lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from complaints.models import Act, Case
from complaints.selectors.desk import case_view
from complaints.services.intake import Receipt
from complaints.workflow import STATES, TRANSITIONS, Party, State, Transition
from foundation.accounts.models import User
from foundation.media.models import Photo
from foundation.places.models import Area, Department
from tests.complaints.conftest import Line, complainant, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
Clients = Callable[[Any], Client]
PLAYERS = {
    Party.DISPATCHER: "dispatcher",
    Party.HANDLER: "bureau",
    Party.REVIEWER: "dispatcher",
    Party.FOLLOWUP: "followup",
    Party.SUPERVISOR: "supervisor",
}
INPUTS = {
    "message": "现场看过，情况属实。",
    "reply": "您好，已责令整改并复测达标。",
    "reason_code": "other_district",
    "owner": "department:ecology",
    "proposed_owner": "department:urban-management",
    "body": "武进区综合行政执法局",
    "outcome_code": "solved",
    "followup_result": "satisfied",
    "contact_way": "phone",
    "no_photo_reason": "夜间异味，拍不到",
    "milestone_on": f"{timezone.localdate() + timedelta(days=90)}",
}
STAFF_ROWS = [row for row in TRANSITIONS if row.parties & set(PLAYERS) and row.source != "start"]


def act_url(case: Case, action: str) -> str:
    return f"/desk/cases/{case.number}/act/{action}/"


def put(case: Case, state: str) -> Case:
    """Put ``case`` into ``state``, owned by the bureau, as far along as the state needs."""
    spec, now = STATES[State(state)], timezone.now()
    case.state, case.is_open = state, spec.is_open
    case.next_party = str(spec.next_party or "")
    case.due_at = case.handling_due_at = now + timedelta(hours=5)
    if not spec.is_open:
        case.due_at = None
    case.owner_department = Department.objects.get(code="ecology")
    case.area = Area.objects.get(name="红梅街道")
    case.area_path = case.area.path
    case.replied_at = case.closed_at = now - timedelta(days=1)
    case.save()
    return case


def data_for(row: Transition, case: Case, main: Case | None = None) -> dict[str, str]:
    """What somebody fills in: required inputs only, the guard's own where it asks for one."""
    names = set(row.required) | ({"no_photo_reason"} if row.action == "complete" else set())
    data = {name: INPUTS.get(name, "") for name in names}
    if "main_number" in names and main is not None:
        data["main_number"] = main.number
    if row.action == "blow_whistle":
        data |= {"reason_code": "joint_enforcement", "departments": "water"}
    return {**data, "version": str(case.version), "key": str(uuid4())}


@pytest.mark.parametrize("row", STAFF_ROWS, ids=lambda row: f"{row.source}-{row.action}")
def test_every_act_of_staff_has_a_form_that_works(
    row: Transition, submit: Submit, staff_client: Clients
) -> None:
    main = submit().case
    case = put(submit().case, row.source)
    if row.action == "dispute_again":
        Case.objects.filter(pk=case.pk).update(return_count=1)
    if row.action == "escalate":
        Case.objects.filter(pk=case.pk).update(reopen_count=1)
    client = staff_client(next(who for party, who in PLAYERS.items() if party in row.parties))
    page = client.get(f"/desk/cases/{case.number}/")
    assert act_url(case, row.action) in page.content.decode()
    done = client.post(act_url(case, row.action), data_for(row, case, main))
    assert done.status_code == 302, done.content.decode()[-3000:]
    case.refresh_from_db()
    assert case.state == row.target
    assert Act.objects.filter(case=case, action=row.action).count() == 1


def test_after_an_act_the_page_says_what_is_true_now(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    page = staff_client("dispatcher").post(
        act_url(case, "accept"), {"version": case.version}, follow=True
    )
    assert f"{case.number} 现在是「已受理」" in page.content.decode()


def test_from_the_queue_an_act_leads_back_to_the_queue(
    submit: Submit, staff_client: Clients
) -> None:
    case = submit().case
    back = "/desk/?tab=new&category=air"
    client = staff_client("dispatcher")
    done = client.post(act_url(case, "accept"), {"version": case.version, "back": back})
    assert done["Location"] == back
    other = submit().case
    for evil in ("https://evil.example/desk/", "//evil.example/desk/", "/accounts/logout/"):
        done = client.post(act_url(other, "urge"), {"back": evil})
        assert done.status_code == 404
    done = client.post(act_url(other, "accept"), {"version": 1, "back": "//evil.example/desk/"})
    assert done["Location"] == f"/desk/cases/{other.number}/"


def test_accepting_and_dispatching_in_one_go(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    data = {"version": case.version, "key": uuid4(), "owner": "department:ecology"}
    client = staff_client("dispatcher")
    assert client.post(act_url(case, "accept_dispatch"), data).status_code == 302
    assert client.post(act_url(case, "accept_dispatch"), data).status_code == 302
    case.refresh_from_db()
    assert case.state == State.DISPATCHED
    assert case.owner_department is not None
    assert case.owner_department.code == "ecology"
    assert case.accepted_at is not None
    actions = list(Act.objects.filter(case=case).values_list("action", flat=True))
    assert actions == ["submit", "accept", "dispatch"]


def test_accepting_and_dispatching_is_both_or_nothing(
    submit: Submit, staff_client: Clients
) -> None:
    case = submit().case
    data = {"version": case.version, "owner": "department:no-such-office"}
    page = staff_client("dispatcher").post(act_url(case, "accept_dispatch"), data)
    assert page.status_code == 400
    case.refresh_from_db()
    assert (case.state, case.version) == (State.SUBMITTED, 1)


# -- wrong input ------------------------------------------------------------------------------


def test_a_missing_input_is_named_and_the_rest_is_kept(
    submit: Submit, staff_client: Clients
) -> None:
    case = submit().case
    data = {"version": case.version, "message": "这里写了很久"}
    page = staff_client("dispatcher").post(act_url(case, "reject"), data)
    text = page.content.decode()
    assert page.status_code == 400
    assert "这里写了很久" in text
    assert "gz-error-summary" in text
    assert "<title>错误：" in text


def test_too_many_words_are_counted(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    data = {"version": case.version, "message": "长" * 2012}
    page = staff_client("dispatcher").post(act_url(case, "ask_info"), data)
    assert page.status_code == 400
    assert "现在多了 12 字" in page.content.decode()


@pytest.mark.parametrize(
    "left",
    ["{{姓名}}", "【单位】", "××街道", "____"],
    ids=["braces", "brackets", "crosses", "blank"],
)
def test_an_answer_with_blanks_left_is_stopped(
    left: str, submit: Submit, staff_client: Clients
) -> None:
    case = put(submit().case, "pending_review")
    data = {"version": case.version, "reply": f"您好，{left}，已经处理。"}
    page = staff_client("dispatcher").post(act_url(case, "approve"), data)
    assert page.status_code == 400
    assert "还没有填好" in page.content.decode()
    assert f"您好，{left}" in page.content.decode()


def test_done_without_photos_asks_for_them_or_a_reason(
    submit: Submit, staff_client: Clients
) -> None:
    case = put(submit().case, "in_progress")
    data = {"version": case.version, "outcome_code": "solved", "message": "已经清走"}
    page = staff_client("bureau").post(act_url(case, "complete"), data)
    text = page.content.decode()
    assert page.status_code == 400
    assert "已经清走" in text
    assert 'id="complete-no_photo_reason_error"' in text


@pytest.mark.parametrize("field", ["owner", "category", "key", "version", "message"])
@pytest.mark.parametrize("value", ["", "\x00", "😀" * 5000, "-1", "grid:x", "9" * 400, "𠮷"])
def test_bad_input_never_breaks_the_desk(
    field: str, value: str, submit: Submit, staff_client: Clients
) -> None:
    case = put(submit().case, "accepted")
    data = {"version": str(case.version), "owner": "department:ecology", field: value}
    page = staff_client("dispatcher").post(act_url(case, "dispatch"), data)
    assert page.status_code < 500


# -- not allowed ------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["leader", "auditor", "followup", "supervisor"])
def test_whose_turn_it_is_not_is_told_so(who: str, submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    page = staff_client(who).post(act_url(case, "accept"), {"version": case.version})
    assert page.status_code == 403
    assert "不归您" in page.content.decode() or "其他" in page.content.decode()
    case.refresh_from_db()
    assert case.state == State.SUBMITTED


def test_a_step_that_the_state_does_not_know_is_refused(
    submit: Submit, staff_client: Clients
) -> None:
    case = submit().case
    data = {"version": case.version, "reply": "这段答复不能丢"}
    page = staff_client("dispatcher").post(act_url(case, "approve"), data)
    assert page.status_code == 422
    assert "这段答复不能丢" in page.content.decode()


def test_a_guards_no_is_told_before_anybody_types(submit: Submit, staff_client: Clients) -> None:
    case = put(submit().case, "dispatched")
    Case.objects.filter(pk=case.pk).update(return_count=1)
    client = staff_client("bureau")
    text = client.get(f"/desk/cases/{case.number}/").content.decode()
    assert act_url(case, "request_return") not in text
    assert "退回过一次" in text or "退单" in text
    data = {"version": case.version, "message": "不归我们", "proposed_owner": "department:water"}
    page = client.post(act_url(case, "request_return"), data)
    assert page.status_code == 422


def test_nobody_approves_their_own_work(submit: Submit, cast: Any, staff_client: Clients) -> None:
    case = put(submit().case, "pending_review")
    Case.objects.filter(pk=case.pk).update(completed_by=staff(cast.dispatcher).name)
    client = staff_client("dispatcher")
    assert (
        act_url(case, "approve") not in client.get(f"/desk/cases/{case.number}/").content.decode()
    )
    data = {"version": case.version, "reply": "已处理"}
    assert client.post(act_url(case, "approve"), data).status_code == 422


def test_an_act_that_does_not_exist_is_not_found(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    assert staff_client("dispatcher").post(act_url(case, "explode")).status_code == 404
    assert staff_client("dispatcher").get(act_url(case, "accept")).status_code == 405


def test_staff_act_on_their_own_report_as_residents_do(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    case = submit().case
    leader: User = cast.leader
    Case.objects.filter(pk=case.pk).update(account=leader)
    assert case_view(staff(leader), Case.objects.get(pk=case.pk)).actions == ()
    page = staff_client("leader").post(act_url(case, "withdraw"), {"version": case.version})
    assert page.status_code == 403


# -- two people -------------------------------------------------------------------------------


def test_who_comes_second_is_told_who_was_first_and_keeps_the_draft(
    clock: Any, submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    seen = line.case.version
    line.act("dispatcher", "ask_info", message="请补一张照片")
    clock.tick(minutes=4)
    data = {"version": seen, "reason_code": "other_district", "message": "不在本区，请向邻区反映"}
    client = staff_client("dispatcher")
    page = client.post(act_url(line.case, "reject"), data)
    text = page.content.decode()
    assert page.status_code == 409
    assert "调度员 4 分钟前已将本案改为「待补正」" in text
    assert "您的草稿已保留" in text
    for way_on in ("看差异", "合并", "放弃我的"):
        assert way_on in text
    assert "不在本区，请向邻区反映" in text
    line.case.refresh_from_db()
    assert line.case.state == State.AWAITING_INFO
    assert f'name="version" value="{line.case.version}"' in text
    again = client.post(act_url(line.case, "reject"), {**data, "version": line.case.version})
    assert again.status_code == 302


def test_a_draft_whose_step_is_gone_is_still_shown(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    seen = line.case.version
    line.act("dispatcher", "accept")
    data = {"version": seen, "message": "请问具体是几号楼？"}
    page = staff_client("dispatcher").post(act_url(line.case, "ask_info"), data)
    assert page.status_code == 409
    assert "请问具体是几号楼？" in page.content.decode()
    assert "readonly" in page.content.decode()


def test_a_double_click_is_one_act(submit: Submit, staff_client: Clients) -> None:
    case = submit().case
    data = {"version": case.version, "key": uuid4()}
    client = staff_client("dispatcher")
    for _ in range(2):
        assert client.post(act_url(case, "accept"), data).status_code == 302
    assert Act.objects.filter(case=case, action="accept").count() == 1


# -- the pane's answers -----------------------------------------------------------------------


def test_a_script_gets_the_fresh_pane_and_row(submit: Submit, staff_client: Clients) -> None:
    case = put(submit().case, "accepted")
    data = {"version": case.version, "owner": "department:ecology"}
    page = staff_client("dispatcher").post(
        act_url(case, "dispatch"), data, headers={"X-Fragment": "pane"}
    )
    text = page.content.decode()
    assert page.status_code == 200
    assert "data-gz-answer-row" in text
    assert f'data-undo="{act_url(case, "recall")}"' in text
    assert "待签收" in text
    assert "<html" not in text


def test_a_case_that_left_ones_sight_answers_nothing(submit: Submit, staff_client: Clients) -> None:
    """A return that the dispatcher upholds takes the case out of the bureau's hands."""
    case = put(submit().case, "in_consultation")
    data = {"version": case.version, "owner": "department:urban-management", "message": "归城管"}
    headers = {"X-Fragment": "pane"}
    assert (
        staff_client("dispatcher").post(act_url(case, "rule"), data, headers=headers).status_code
        == 200
    )
    assert staff_client("bureau").get(f"/desk/cases/{case.number}/").status_code == 404


def test_a_conflict_in_the_pane_keeps_the_draft_too(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    line = Line(cast, submit().case)
    data = {"version": line.case.version, "reason_code": "in_court", "message": "已在诉讼中"}
    line.act("dispatcher", "ask_info", message="请补充")
    page = staff_client("dispatcher").post(
        act_url(line.case, "reject"), data, headers={"X-Fragment": "pane"}
    )
    assert page.status_code == 409
    assert "已在诉讼中" in page.content.decode()
    assert "data-gz-problem" in page.content.decode()


# -- evidence ---------------------------------------------------------------------------------


def evidence_url(case: Case) -> str:
    return f"/desk/cases/{case.number}/evidence/"


def test_the_bureau_adds_both_photos_at_once_and_once(
    submit: Submit, staff_client: Clients
) -> None:
    case = put(submit().case, "in_progress")
    key = uuid4()
    client = staff_client("bureau")
    for _ in range(2):
        data = {"key": key, "before": jpeg(), "after": jpeg(colour="teal")}
        assert client.post(evidence_url(case), data).status_code == 302
    photos = Photo.objects.filter(stream=case.stream)
    assert sorted(photos.values_list("purpose", flat=True)) == ["after", "before"]
    case.refresh_from_db()
    data = {"version": case.version, "outcome_code": "solved", "message": "已清理"}
    assert client.post(act_url(case, "complete"), data).status_code == 302


def test_one_bad_photo_leaves_nothing_half_done(submit: Submit, staff_client: Clients) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    case = put(submit().case, "in_progress")
    bad = SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>", "image/jpeg")
    page = staff_client("bureau").post(evidence_url(case), {"before": jpeg(), "after": bad})
    assert page.status_code == 400
    assert "打不开" in page.content.decode()
    assert not Photo.objects.filter(stream=case.stream).exists()


def test_no_photo_is_said_so(submit: Submit, staff_client: Clients) -> None:
    case = put(submit().case, "in_progress")
    page = staff_client("bureau").post(evidence_url(case), {})
    assert page.status_code == 400
    assert "请至少选一张照片" in page.content.decode()


def test_only_the_handler_adds_evidence(submit: Submit, staff_client: Clients) -> None:
    case = put(submit().case, "in_progress")
    client = staff_client("dispatcher")
    assert "/evidence/" not in client.get(f"/desk/cases/{case.number}/").content.decode()
    assert client.post(evidence_url(case), {"before": jpeg()}).status_code == 403


# -- the main line ----------------------------------------------------------------------------


def test_the_whole_main_line_runs_through_the_desk(
    submit: Submit, cast: Any, staff_client: Clients
) -> None:
    """Plain posts only: no script has a part in it."""
    case = submit().case

    def step(who: str, action: str, **data: str) -> None:
        case.refresh_from_db()
        sent = {"version": case.version, "key": uuid4(), **data}
        page = staff_client(who).post(act_url(case, action), sent)
        assert page.status_code == 302, (action, page.status_code)

    step("dispatcher", "accept")
    step("dispatcher", "dispatch", owner="department:ecology")
    step("bureau", "sign_for")
    photos = {"before": jpeg(), "after": jpeg()}
    assert staff_client("bureau").post(evidence_url(case), photos).status_code == 302
    step("bureau", "complete", outcome_code="solved", message="净化器已更换")
    step("dispatcher", "approve", reply="您好，净化器已更换，复测达标。")
    step("followup", "start_followup")
    step("followup", "close", followup_result="satisfied")
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert complainant(case).receipts == {case.uid}
