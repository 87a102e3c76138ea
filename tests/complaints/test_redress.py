"""重办 with its own clock, 复查 and 复核 to the end, stages with their dates."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine

from complaints.errors import ActionRefused, InvalidInput
from complaints.models import Clock
from complaints.selectors.finality import decided_finally
from complaints.selectors.tracking import progress_of
from complaints.services.acts import rate_later
from tests.cast import sign_in
from tests.complaints.conftest import Line, complainant

NOW = "2026-11-02T10:00:00+08:00"
pytestmark = pytest.mark.django_db
ANSWER = "经查，烧烤店油烟净化器未开，已责令整改。"


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as travel:
        yield travel


@pytest.fixture
def line(cast: Any, submit: Callable[..., Any]) -> Line:
    """A case that was answered."""
    line = Line(cast, submit(contact={"phone": "13812345678"}).case)
    line.act("dispatcher", "accept")
    work(line)
    return line


def work(line: Line) -> None:
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    line.act("bureau", "complete", outcome_code="solved", message="好", no_photo_reason="室内")
    line.act("dispatcher", "approve", reply=ANSWER)


def close(line: Line) -> None:
    line.act("complainant", "rate", rating="3")
    line.act("followup", "close", followup_result="accepting")


def test_the_second_handling_has_its_own_clock_and_shows_it(line: Line, clock: Any) -> None:
    clock.move_to("2026-11-05T09:00:00+08:00")
    assert progress_of(line.case).contest_until is not None
    line.act("complainant", "reopen", message="还有味道")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    redo = Clock.objects.get(case=line.case, code="redo")
    assert redo.limit == "5wd"
    assert redo.outcome == "running"
    assert line.case.handling_due_at == redo.due_at
    # 5 working days from Thursday: Thursday of the next week, at the close of business.
    assert redo.due_at.isoformat() == "2026-11-12T10:00:00+00:00"
    shown = progress_of(line.case)
    assert redo.due_at in {shown.answer_due, line.case.due_at}
    with pytest.raises(ActionRefused):
        line.act("complainant", "reopen", message="再办一次")


def test_the_second_time_goes_to_supervision(line: Line) -> None:
    line.act("complainant", "reopen", message="还有味道")
    work(line)
    line.act("system", "start_followup")
    with pytest.raises(ActionRefused, match="转督查"):
        line.act("followup", "close", followup_result="dissatisfied")
    line.act("followup", "escalate", message="重办后仍不满意")
    assert line.case.is_supervised


def test_reviews_have_their_clocks_and_an_end(line: Line, submit: Any) -> None:
    close(line)
    line.act("complainant", "request_review", message="请复查")
    first = Clock.objects.get(case=line.case, code="redress", outcome="running")
    assert first.limit == "30d"
    line.act("supervisor", "uphold_answer", reply="经查，原答复维持。")
    line.act("complainant", "request_second_review", message="请复核")
    line.act("supervisor", "uphold_finally", reply="经查，维持，程序终结。")
    assert line.case.state == "archived"
    with pytest.raises(ActionRefused):
        line.act("complainant", "request_second_review", message="再来")
    again = submit(
        description=f"{line.case.number} 的事情还没完", contact={"phone": "138 1234 5678"}
    ).case
    assert decided_finally(again) == line.case.number
    page = sign_in(line.cast.dispatcher).get(f"/desk/cases/{again.number}/").content.decode()
    assert "复核终结" in page
    somebody = submit(description=f"听说 {line.case.number}", contact={"phone": "13900000000"}).case
    assert decided_finally(somebody) == ""
    assert decided_finally(submit(description=f"看 {line.case.number}").case) == ""


def test_a_stage_tells_what_remains_and_until_when(line: Line) -> None:
    line.act("system", "start_followup")
    words = "河道清淤已完成，还剩雨污分流改造。"
    for wrong in ("2026-11-02", "2020-01-01", "2028-01-01", "明年"):
        with pytest.raises(InvalidInput) as refused:
            line.act("followup", "close_stage", message=words, milestone_on=wrong)
        assert refused.value.field == "milestone_on"
    line.act("followup", "close_stage", message=words, milestone_on="2027-03-31")
    step = progress_of(line.case).steps[0]
    assert "还剩雨污分流" in step.text
    assert "3月31日" in step.text.replace(" ", "")
    assert Clock.objects.filter(case=line.case, code="milestone", outcome="running").exists()
    # The next stage.
    line.act("bureau", "continue")
    line.act("bureau", "complete", outcome_code="solved", message="好", no_photo_reason="室内")
    line.act("dispatcher", "approve", reply=ANSWER)
    line.act("system", "start_followup")
    line.act("followup", "close_stage", message="只剩验收。", milestone_on="2027-06-30")
    assert line.case.state == "partially_closed"


def test_every_rating_is_one_choice_and_counts(line: Line) -> None:
    """No level asks for more than another: one choice, words never needed."""
    by = complainant(line.case)
    for level in ("1", "2", "3", "4", "5"):
        assert rate_later(case_id=line.case.pk, by=by, rating=level).rating == int(level)


def test_why_there_is_no_photo_is_kept_as_a_code(cast: Any, submit: Any) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    done = {"outcome_code": "solved", "message": "好"}
    with pytest.raises(ActionRefused):
        line.act("bureau", "complete", no_photo_code="invisible", **done)
    with pytest.raises(InvalidInput):
        line.act("bureau", "complete", no_photo_code="lazy", no_photo_reason="x", **done)
    line.act("bureau", "complete", no_photo_code="invisible", no_photo_reason="夜间异味", **done)
    act = line.case.acts.get(action="complete")
    assert act.data["no_photo_code"] == "invisible"
