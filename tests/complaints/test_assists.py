"""网格吹哨、部门报到, and sub-tasks: who is called sees the case, comes, finishes, is graded."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput, NotPermitted
from complaints.models import Assist, Case, Clock, Whistle
from complaints.policies import may_see, parties_of, visible
from complaints.services import assists, ladder
from complaints.services.intake import Receipt
from complaints.workflow import Party, State
from foundation.ledger.selectors import entries_of
from foundation.notices.models import Notice
from tests.complaints.conftest import Line, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]
#: bureau2 of the cast is an officer of the urban management bureau.
CALLED = "urban-management"


def in_hand(cast: Any, submit: Submit, **parts: Any) -> Line:
    line = Line(cast, submit(category="noise-industrial", **parts).case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    return line


def blown(cast: Any, submit: Submit, kind: str = "joint_enforcement") -> Line:
    line = in_hand(cast, submit)
    departments = f"{CALLED},water"
    line.act("bureau", "blow_whistle", reason_code=kind, departments=departments, message="要联合")
    return line


def share_of(case: Case, code: str = CALLED) -> Assist:
    return Assist.objects.get(case=case, department__code=code)


def sees(cast: Any, who: str, case: Case) -> tuple[bool, bool]:
    by = staff(getattr(cast, who))
    fresh = Case.objects.get(pk=case.pk)
    listed = Case.objects.filter(visible(by.access), pk=case.pk).exists()
    return listed, may_see(by, fresh)


def test_who_is_called_sees_the_case_until_its_part_is_done(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = in_hand(cast, submit)
    assert sees(cast, "bureau2", line.case) == (False, False)
    line.act(
        "bureau", "blow_whistle", reason_code="beyond_street", departments=CALLED, message="要联合"
    )
    assert sees(cast, "bureau2", line.case) == (True, True)
    by = staff(cast.bureau2)
    assert parties_of(by, line.case) == {Party.ASSISTANT}
    share = share_of(line.case)
    assists.report_in(case_id=line.case.pk, assist_id=share.pk, by=by)
    assists.finish(
        case_id=line.case.pk, assist_id=share.pk, by=by, result="done", message="已责令整改"
    )
    assert sees(cast, "bureau2", line.case) == (False, False)


def test_the_whole_whistle_is_in_the_ledger(cast: Any, submit: Submit, clock: Any) -> None:
    line = blown(cast, submit)
    assert line.case.state == State.WHISTLED
    assert line.case.assist_count == 2
    by, share = staff(cast.bureau2), share_of(line.case)
    clock.tick(hours=1)
    assists.report_in(case_id=line.case.pk, assist_id=share.pk, by=by)
    owner = staff(cast.bureau)
    assists.set_plan(case_id=line.case.pk, by=owner, plan="周三联合检查", until=None)
    assists.finish(case_id=line.case.pk, assist_id=share.pk, by=by, result="done", message="已查")
    assists.grade(case_id=line.case.pk, assist_id=share.pk, by=owner, grade="5", message="来得快")
    line.case = Case.objects.get(pk=line.case.pk)
    case = line.act("bureau", "end_whistle", message="水利局不需到场")
    share.refresh_from_db()
    assert (share.result, share.grade, share.is_open) == ("done", 5, False)
    assert share.reported_in_by_id == cast.bureau2.pk
    assert Whistle.objects.get(case=case).ended_at == timezone.now()
    assert not share_of(case, "water").is_open
    assert case.assist_count == 0
    acts = [e.action for e in entries_of(case.stream).order_by("seq")][-6:]
    assert acts == [
        "case.blow_whistle",
        "case.report_in",
        "case.whistle_plan",
        "case.assist_result",
        "case.assist_grade",
        "case.end_whistle",
    ]
    told = str([e.data for e in entries_of(case.stream)])
    assert "联合检查" not in told
    assert "来得快" not in told


@pytest.mark.parametrize(
    ("kind", "limit"),
    [("emergency", "30m"), ("beyond_street", "4wh"), ("joint_enforcement", "4wh")],
)
def test_each_kind_of_whistle_has_its_time_to_report_in(
    kind: str, limit: str, cast: Any, submit: Submit, clock: Any
) -> None:
    line = blown(cast, submit, kind)
    clocks = Clock.objects.filter(case=line.case, code="report_in")
    assert {c.limit for c in clocks} == {limit}
    assert clocks.count() == 2


def test_who_comes_late_is_late_alone(cast: Any, submit: Submit, clock: Any) -> None:
    line = blown(cast, submit, "emergency")
    clock.tick(minutes=40)
    share = share_of(line.case)
    assists.report_in(case_id=line.case.pk, assist_id=share.pk, by=staff(cast.bureau2))
    assert Assist.objects.select_related("clock").get(pk=share.pk).is_late
    water = share_of(line.case, "water")
    assert water.clock is not None
    assert water.clock.outcome == "running"


def test_the_ladder_tells_the_department_that_was_called(
    cast: Any, submit: Submit, clock: Any
) -> None:
    called = cast.bureau2
    blown(cast, submit, "emergency")
    clock.tick(minutes=30)
    assert ladder.climb(now=timezone.now()) >= 2
    assert Notice.objects.filter(code="case.warning", user_id=called.pk).exists()


def test_only_the_called_department_answers_for_itself(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = blown(cast, submit)
    by, water = staff(cast.bureau2), share_of(line.case, "water")
    with pytest.raises(CaseNotFound):
        assists.report_in(case_id=line.case.pk, assist_id=water.pk, by=by)
    with pytest.raises(NotPermitted):
        assists.report_in(case_id=line.case.pk, assist_id=water.pk, by=staff(cast.bureau))
    with pytest.raises(CaseNotFound):
        assists.report_in(case_id=line.case.pk, assist_id=water.pk, by=staff(cast.street2))
    with pytest.raises(NotPermitted):
        assists.set_plan(case_id=line.case.pk, by=by, plan="我定", until=None)
    mine = share_of(line.case)
    with pytest.raises(ActionRefused, match="请先报到"):
        assists.finish(
            case_id=line.case.pk, assist_id=mine.pk, by=by, result="done", message="好了"
        )
    with pytest.raises(ActionRefused, match="还没有办结"):
        assists.grade(case_id=line.case.pk, assist_id=mine.pk, by=staff(cast.bureau), grade="1")
    assists.report_in(case_id=line.case.pk, assist_id=mine.pk, by=by)
    with pytest.raises(ActionRefused, match="已报到"):
        assists.report_in(case_id=line.case.pk, assist_id=mine.pk, by=by)


@pytest.mark.parametrize("codes", ["ecology", "nowhere", "water,nowhere"])
def test_nobody_calls_oneself_or_nobody(codes: str, cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    with pytest.raises(InvalidInput, match="至少选择一个其他部门"):
        line.act("bureau", "blow_whistle", reason_code="emergency", departments=codes, message="急")
    assert Case.objects.get(pk=line.case.pk).state == State.IN_PROGRESS
    assert not Whistle.objects.exists()


def test_a_case_is_not_done_before_its_sub_tasks(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    owner = staff(cast.bureau)
    assists.add_task(
        case_id=line.case.pk, by=owner, departments=f"{CALLED},water", message="查烟道"
    )
    line.case = Case.objects.get(pk=line.case.pk)
    done = {"outcome_code": "solved", "message": "好了", "no_photo_reason": "室内"}
    with pytest.raises(ActionRefused, match="协办任务没有完成"):
        line.act("bureau", "complete", **done)
    by, share = staff(cast.bureau2), share_of(line.case)
    assists.finish(case_id=line.case.pk, assist_id=share.pk, by=by, result="done", message="已查")
    water = share_of(line.case, "water")
    assists.withdraw_task(case_id=line.case.pk, assist_id=water.pk, by=owner, message="不需要了")
    line.case = Case.objects.get(pk=line.case.pk)
    assert line.act("bureau", "complete", **done).state == State.PENDING_REVIEW
    clocks = Clock.objects.filter(case=line.case, code="assist").order_by("pk")
    assert [c.outcome for c in clocks] == ["met", "void"]


def test_a_shared_case_waits_for_the_department_on_its_desk(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    line = blown(cast, submit)
    desk = staff_client("bureau2")
    page = desk.get("/desk/?tab=mine").content.decode()
    assert line.case.number in page
    case = desk.get(f"/desk/cases/{line.case.number}/").content.decode()
    assert "我们报到" in case
    share = share_of(line.case)
    path = f"/desk/cases/{line.case.number}/share"
    assert desk.post(f"{path}/report-in/", {"assist": share.pk}).status_code == 302
    again = desk.post(f"{path}/report-in/", {"assist": share.pk})
    assert again.status_code == 422
    assert "已报到" in again.content.decode()
    wrong = desk.post(f"{path}/finish/", {"assist": share.pk, "result": "", "message": "去过"})
    assert wrong.status_code == 400
    assert "去过" in wrong.content.decode()
    data = {"assist": share.pk, "result": "done", "message": "已责令整改"}
    assert desk.post(f"{path}/finish/", data).headers["Location"] == "/desk/"
    assert desk.get(f"/desk/cases/{line.case.number}/").status_code == 404
    owner = staff_client("bureau").get(f"/desk/cases/{line.case.number}/").content.decode()
    assert "已责令整改" in owner
    assert "已报到 1/2" in owner


FILLED = {
    "message": "看看",
    "plan": "周三",
    "departments": ["water"],
    "result": "done",
    "grade": "5",
}


@pytest.mark.parametrize(
    ("who", "verbs", "status"),
    [
        ("street2", ("report-in", "finish", "plan", "grade", "task", "withdraw"), 404),
        ("bureau2", ("plan", "grade", "task", "withdraw"), 403),
        ("bureau", ("report-in", "finish"), 403),
        ("dispatcher", ("report-in", "finish", "plan", "grade"), 403),
        ("leader", ("report-in", "finish", "plan", "grade", "task", "withdraw"), 403),
        ("grid", ("report-in", "finish", "plan", "grade", "task", "withdraw"), 403),
    ],
)
def test_each_act_on_a_share_belongs_to_somebody(
    who: str,
    verbs: tuple[str, ...],
    status: int,
    cast: Any,
    submit: Submit,
    clock: Any,
    staff_client: Callable[[str], Client],
) -> None:
    line = blown(cast, submit)
    share = share_of(line.case)
    desk = staff_client(who)
    for verb in verbs:
        path = f"/desk/cases/{line.case.number}/share/{verb}/"
        assert desk.post(path, {"assist": share.pk, **FILLED}).status_code == status, verb
    share.refresh_from_db()
    assert (share.reported_in_at, share.result, share.grade) == (None, "", None)
    assert Assist.objects.count() == 2


@pytest.mark.parametrize("verb", ["plan", "task", "nothing"])
def test_bad_input_to_shares_is_answered_in_words(
    verb: str, cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    line = blown(cast, submit)
    path = f"/desk/cases/{line.case.number}/share/{verb}/"
    data = {"plan": "周三联合检查", "until": "明天", "departments": ["x y"], "message": "看看"}
    answer = staff_client("bureau").post(path, data)
    assert answer.status_code == (404 if verb == "nothing" else 400)
    if verb == "plan":
        assert "2026-11-23 的样子" in answer.content.decode()
        assert "周三联合检查" in answer.content.decode()


def test_a_department_is_graded_once(cast: Any, submit: Submit, clock: Any) -> None:
    line = blown(cast, submit)
    line.act("bureau", "end_whistle", message="已处置")
    owner, share = staff(cast.bureau), share_of(line.case)
    assists.grade(case_id=line.case.pk, assist_id=share.pk, by=owner, grade="2", message="没有来")
    with pytest.raises(ActionRefused, match="已评价过"):
        assists.grade(case_id=line.case.pk, assist_id=share.pk, by=owner, grade="5")
    share.refresh_from_db()
    assert share.grade == 2


def test_whoever_was_not_waited_for_is_neither_in_time_nor_late(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = blown(cast, submit)
    clock.tick(minutes=20)
    line.act("bureau", "end_whistle", message="自行解决了")
    outcomes = Clock.objects.filter(case=line.case, code="report_in")
    assert {c.outcome for c in outcomes} == {"void"}
    late = blown(cast, submit, "emergency")
    clock.tick(minutes=40)
    late.act("bureau", "end_whistle", message="没有等到")
    outcomes = Clock.objects.filter(case=late.case, code="report_in")
    assert {c.outcome for c in outcomes} == {"late"}


def test_a_sub_task_ends_before_the_answer_is_due(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    end = line.case.handling_due_at
    assert end is not None
    clock.move_to(end - timedelta(hours=1))
    owner = staff(cast.bureau)
    assists.add_task(case_id=line.case.pk, by=owner, departments=CALLED, message="查烟道")
    share = Assist.objects.select_related("clock").get(case=line.case)
    assert share.clock is not None
    assert share.clock.due_at == end


def test_departments_that_do_not_come_are_seen_on_the_desk(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    line = blown(cast, submit, "emergency")
    desk = staff_client("dispatcher")
    assert "逾期未报到" not in desk.get("/desk/?tab=open").content.decode()
    clock.tick(minutes=31)
    for who in ("dispatcher", "bureau", "street"):
        page = staff_client(who).get("/desk/?tab=calls").content.decode()
        assert "逾期未报到" in page
        assert (line.case.number in page) is (who != "street" or "near" in page)
    for code in (CALLED, "water"):
        share = share_of(line.case, code)
        Assist.objects.filter(pk=share.pk).update(reported_in_at=timezone.now())
    assert line.case.number not in desk.get("/desk/?tab=calls").content.decode()


def test_who_came_is_named_on_the_case(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    line = blown(cast, submit)
    share = share_of(line.case)
    assists.report_in(case_id=line.case.pk, assist_id=share.pk, by=staff(cast.bureau2))
    page = staff_client("bureau").get(f"/desk/cases/{line.case.number}/").content.decode()
    assert str(cast.bureau2) in page
    phone = staff_client("bureau").get(f"/field/{line.case.number}/").content.decode()
    assert "已报到 1/2" in phone


def test_shared_cases_cost_lists_and_pages_no_more_than_others(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    lines = [blown(cast, submit) for _ in range(4)]
    assists.add_task(
        case_id=lines[0].case.pk, by=staff(cast.bureau), departments=CALLED, message="查烟道"
    )
    number = lines[0].case.number
    for who in ("bureau", "bureau2", "dispatcher"):
        desk = staff_client(who)
        for path, limit in (("/desk/?tab=mine", 10), ("/desk/?tab=calls", 10)):
            assert statements(desk, path) <= limit
        assert statements(desk, f"/desk/cases/{number}/") <= 15
    assert statements(staff_client("bureau"), "/field/") <= 10
    assert statements(staff_client("bureau"), f"/field/{number}/") <= 15


def statements(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def test_a_whistle_stays_within_the_statements_of_a_transition(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = in_hand(cast, submit, contact={"phone": "13800000009"})
    data = {"reason_code": "emergency", "departments": CALLED, "message": "急"}
    for action, inputs in (("blow_whistle", data), ("end_whistle", {"message": "好了"})):
        with CaptureQueriesContext(connection) as queries:
            line.act("bureau", action, **inputs)
        asked = [q for q in queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN"))]
        assert len(asked) <= 15, [q["sql"][:80] for q in asked]


def test_who_usually_helps_is_ticked_already(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[str], Client]
) -> None:
    line = Line(cast, submit(category="air-cooking-fumes").case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    for path in (f"/desk/cases/{line.case.number}/", f"/field/{line.case.number}/"):
        page = staff_client("bureau").get(path).content.decode()
        boxes = re.findall(r'<input[^>]*name="departments"[^>]*id="blow_whistle[^>]*>', page)
        ticked = {re.findall(r'value="([^"]+)"', box)[0] for box in boxes if "checked" in box}
        assert ticked == {"market", "urban-management"}
