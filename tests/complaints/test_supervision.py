"""督办: orders are issued, signed, answered, raised, struck off, and coloured by time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput, NotPermitted
from complaints.models import Act, Case, SupervisionOrder
from complaints.selectors.supervision import OrderFilter, board, order_page
from complaints.services.supervision import (
    LADDER,
    answer_order,
    close_order,
    colour_order,
    issue_order,
    raise_order,
    sign_order,
    turn_colours,
)
from foundation.ledger.selectors import entries_of
from foundation.notices.models import Notice
from tests.cast import sign_in
from tests.complaints.conftest import SYSTEM, Line, staff

NOW = "2026-11-23T10:00:00+08:00"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def line(cast: Any, submit: Callable[..., Any]) -> Line:
    """A case that the ecology bureau handles."""
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    return line


def issue(line: Line, **parts: Any) -> SupervisionOrder:
    given = {
        "by": staff(line.cast.supervisor),
        "colour": "blue",
        "level": "order",
        "reason_code": "delaying",
        "demand": "请说明进展",
        "due": timezone.now() + timedelta(days=3),
        **parts,
    }
    return issue_order(case_id=line.case.pk, **given)


def test_an_order_is_signed_answered_and_struck_off(line: Line) -> None:
    order = issue(line)
    line.case.refresh_from_db()
    assert line.case.is_supervised
    bureau, supervisor = staff(line.cast.bureau), staff(line.cast.supervisor)
    signed = sign_order(order_uid=order.uid, by=bureau)
    assert signed.signed_by == line.cast.bureau
    assert sign_order(order_uid=order.uid, by=bureau).signed_at == signed.signed_at
    answered = answer_order(order_uid=order.uid, by=bureau, feedback="已约谈业主，周五前整改")
    assert answered.feedback_at == timezone.now()
    done = close_order(order_uid=order.uid, by=supervisor, note="同意销号")
    assert not done.is_open
    line.case.refresh_from_db()
    assert not line.case.is_supervised
    told = [e.action for e in entries_of(line.case.stream) if "supervise" in e.action]
    assert told == [
        "case.supervise", "case.supervise_sign", "case.supervise_answer", "case.supervise_close",
    ]  # fmt: skip
    # The words stay out of the ledger.
    assert not any("周五" in str(e.data) for e in entries_of(line.case.stream))


def test_owner_and_issuer_are_told(line: Line) -> None:
    order = issue(line)
    assert Notice.objects.get(code="supervision.issued").user_id == line.cast.bureau.pk
    answer_order(order_uid=order.uid, by=staff(line.cast.bureau), feedback="已处理")
    assert Notice.objects.get(code="supervision.answered").user_id == line.cast.supervisor.pk


def test_the_same_key_issues_once(line: Line) -> None:
    first = issue(line, key="late:1", by=SYSTEM)
    again = issue(line, key="late:1", by=SYSTEM, colour="red")
    assert first.pk == again.pk
    assert SupervisionOrder.objects.count() == 1


def test_a_case_stays_supervised_while_one_order_is_open(line: Line) -> None:
    one, _other = issue(line), issue(line)
    close_order(order_uid=one.uid, by=staff(line.cast.supervisor), note="误发")
    line.case.refresh_from_db()
    assert line.case.is_supervised


def test_raising_goes_up_step_by_step_and_ends(line: Line) -> None:
    order, supervisor = issue(line), staff(line.cast.supervisor)
    answer_order(order_uid=order.uid, by=staff(line.cast.bureau), feedback="正在办")
    for level in LADDER[1:]:
        order = raise_order(order_uid=order.uid, by=supervisor, note="仍未解决")
        assert (order.level, order.colour) == (level, "red")
        assert order.signed_at is None
        assert order.feedback == ""
        assert order.due_at > timezone.now()
    with pytest.raises(ActionRefused, match="最高"):
        raise_order(order_uid=order.uid, by=supervisor, note="再升")
    assert "正在办" in Act.objects.filter(action="supervise_answer").get().internal_text


def test_striking_off_unanswered_needs_a_reason(line: Line) -> None:
    order = issue(line)
    with pytest.raises(InvalidInput, match="请写明"):
        close_order(order_uid=order.uid, by=staff(line.cast.supervisor))


def test_nothing_moves_after_striking_off(line: Line) -> None:
    order, supervisor = issue(line), staff(line.cast.supervisor)
    close_order(order_uid=order.uid, by=supervisor, note="误发")
    with pytest.raises(ActionRefused, match="已销号"):
        answer_order(order_uid=order.uid, by=staff(line.cast.bureau), feedback="已处理")
    with pytest.raises(ActionRefused):
        colour_order(order_uid=order.uid, by=supervisor, colour="red")


@pytest.mark.parametrize("who", ["dispatcher", "bureau", "leader", "followup"])
def test_only_supervisors_issue(line: Line, who: str) -> None:
    with pytest.raises(NotPermitted):
        issue(line, by=staff(getattr(line.cast, who)))
    assert SupervisionOrder.objects.count() == 0


def test_strangers_to_the_case_do_not_find_its_order(line: Line) -> None:
    order = issue(line)
    with pytest.raises(CaseNotFound):
        sign_order(order_uid=order.uid, by=staff(line.cast.bureau2))
    with pytest.raises(NotPermitted):
        sign_order(order_uid=order.uid, by=staff(line.cast.dispatcher))
    with pytest.raises(NotPermitted):
        close_order(order_uid=order.uid, by=staff(line.cast.bureau), note="我自己销")


def test_a_formerly_routed_department_loses_the_order(line: Line) -> None:
    order = issue(line)
    department = Case.objects.get(pk=line.case.pk).owner_department
    assert department is not None
    Case.objects.filter(pk=line.case.pk).update(owner_department=None)
    assert order_page(staff(line.cast.bureau), OrderFilter()).orders == ()
    with pytest.raises(CaseNotFound):
        answer_order(order_uid=order.uid, by=staff(line.cast.bureau), feedback="…")
    # While nobody owns the case the dispatchers answer.
    assert sign_order(order_uid=order.uid, by=staff(line.cast.dispatcher)).signed_at


@pytest.mark.parametrize(
    ("field", "value"),
    [("colour", "green"), ("level", ""), ("reason_code", "x"), ("demand", "  ")],
)
def test_wrong_inputs_name_their_field(line: Line, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        issue(line, **{field: value})
    assert refused.value.field == field


def test_a_time_behind_us_is_refused(line: Line) -> None:
    with pytest.raises(InvalidInput, match="之后"):
        issue(line, due=timezone.now())


def test_time_colours_what_nobody_answered(line: Line, clock: Any) -> None:
    order = issue(line, due=timezone.now() + timedelta(days=2))
    answered = issue(line, due=timezone.now() + timedelta(days=2))
    answer_order(order_uid=answered.uid, by=staff(line.cast.bureau), feedback="已办")
    assert turn_colours(now=timezone.now()) == 0
    for day, colour in ((1, "yellow"), (2, "red")):
        clock.move_to(f"2026-11-{23 + day}T10:00:00+08:00")
        assert turn_colours(now=timezone.now()) == 1
        order.refresh_from_db()
        assert order.colour == colour
    assert turn_colours(now=timezone.now()) == 0
    answered.refresh_from_db()
    assert answered.colour == "blue"


def test_the_board_has_four_columns_and_few_statements(line: Line) -> None:
    orders = [issue(line, colour=colour) for colour in ("blue", "yellow", "red", "red")]
    close_order(order_uid=orders[3].uid, by=staff(line.cast.supervisor), note="误发")
    by = staff(line.cast.supervisor)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        columns = board(by)
    assert {c.code: c.count for c in columns} == {"blue": 1, "yellow": 1, "red": 1, "closed": 1}
    assert len(asked) <= 5
    page = sign_in(line.cast.supervisor)
    page.get("/desk/supervision/")
    with CaptureQueriesContext(connection) as asked:
        text = page.get("/desk/supervision/").content.decode()
    assert all(word in text for word in ("提醒（蓝）", "预警（黄）", "逾期（红）", "已销号"))
    assert len(asked) <= 10
    with CaptureQueriesContext(connection) as asked:
        text = page.get("/desk/supervision/?view=list&column=red").content.decode()
    assert text.count(f">{line.case.number}</a>") == 1
    assert len(asked) <= 10


def test_the_list_pages_by_key(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("complaints.selectors.supervision.PAGE_SIZE", 2)
    made = [issue(line).pk for _ in range(5)]
    by, found, cursor = staff(line.cast.supervisor), [], ""
    for _turn in range(5):
        page = order_page(by, OrderFilter(cursor=cursor))
        found += [order.pk for order in page.orders]
        cursor = page.next_cursor
        if not cursor:
            break
    assert found == sorted(made, reverse=True)
    # A cursor somebody made up starts from the beginning.
    assert len(order_page(by, OrderFilter(cursor="x:y")).orders) == 2


def test_supervising_takes_two_clicks_from_the_case(line: Line) -> None:
    """The form comes filled in: open it, send it."""
    page = sign_in(line.cast.supervisor)
    address = f"/desk/cases/{line.case.number}/"
    text = page.get(address).content.decode()
    assert 'id="issue-order"' in text
    sent = {"reason_code": "delaying", "colour": "blue", "level": "order", "limit": "2wd",
            "demand": "请于反馈期限前报告"}  # fmt: skip
    answer = page.post(f"{address}supervise/", sent, follow=True)
    assert "督办单已下达" in answer.content.decode()
    order = SupervisionOrder.objects.get()
    assert order.due_at.isoformat() == "2026-11-25T10:00:00+00:00"
    owner = sign_in(line.cast.bureau)
    assert "签收督办单" in owner.get(address).content.decode()
    assert owner.post(f"/desk/supervision/{order.uid}/sign/").status_code == 302
    empty = owner.post(f"/desk/supervision/{order.uid}/answer/", {"feedback": " "})
    assert empty.status_code == 400
    owner.post(f"/desk/supervision/{order.uid}/answer/", {"feedback": "已责令整改"})
    assert "已责令整改" in page.get(address).content.decode()
    sheet = page.get(f"/desk/supervision/{order.uid}/sheet/").content.decode()
    assert "督办单" in sheet
    assert "已责令整改" in sheet
    assert "批示" in sheet
    page.post(f"/desk/supervision/{order.uid}/close/", {"note": "同意"})
    order.refresh_from_db()
    assert not order.is_open


def test_what_was_typed_comes_back(line: Line) -> None:
    page = sign_in(line.cast.supervisor)
    sent = {
        "reason_code": "nonsense",
        "colour": "red",
        "level": "order",
        "demand": "务必周五前办结",
    }
    answer = page.post(f"/desk/cases/{line.case.number}/supervise/", sent)
    assert answer.status_code == 400
    assert "务必周五前办结" in answer.content.decode()


def test_others_get_neither_sheet_nor_acts(line: Line) -> None:
    order = issue(line)
    stranger = sign_in(line.cast.bureau2)
    assert stranger.get(f"/desk/supervision/{order.uid}/sheet/").status_code == 404
    assert stranger.post(f"/desk/supervision/{order.uid}/sign/").status_code == 404
    assert line.case.number not in stranger.get("/desk/supervision/").content.decode()
    assert sign_in(line.cast.grid).get("/desk/supervision/").status_code == 403
    leader = sign_in(line.cast.leader)
    assert line.case.number in leader.get("/desk/supervision/").content.decode()
    assert leader.post(f"/desk/supervision/{order.uid}/close/", {"note": "x"}).status_code == 403


def test_the_case_page_costs_one_statement_more(line: Line) -> None:
    page = sign_in(line.cast.supervisor)
    address = f"/desk/cases/{line.case.number}/"
    page.get(address)
    with CaptureQueriesContext(connection) as before:
        page.get(address)
    issue(line)
    with CaptureQueriesContext(connection) as after:
        page.get(address)
    assert len(after) <= len(before) + 1 <= 15
