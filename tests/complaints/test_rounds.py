"""A case that is handled again: new evidence is needed, and 不满意 is never closed away."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.errors import ActionRefused, InvalidInput
from complaints.models import Case
from complaints.selectors.evidence import evidence_of, photos_of
from complaints.selectors.tracking import offered_to_complainant, progress_of
from complaints.services.acts import add_evidence
from complaints.services.intake import Receipt
from complaints.workflow import Party, State
from foundation.media.models import Photo
from foundation.media.services import stage
from tests.complaints.conftest import Line, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def worked(cast: Any, submit: Submit, clock: Any) -> Line:
    """A case of the bureau, signed for and with a pair of photos."""
    line = Line(cast, submit(photos=[stage(jpeg())]).case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    show_after(line)
    clock.tick(hours=1)
    return line


def show_after(line: Line) -> None:
    line.case = add_evidence(
        case_id=line.case.pk, by=staff(line.cast.bureau), purpose="after", photos=[stage(jpeg())]
    )


def complete(line: Line, **data: str) -> Case:
    return line.act("bureau", "complete", outcome_code="solved", message="已清走", **data)


def answered(line: Line) -> Case:
    complete(line)
    return line.act("dispatcher", "approve", reply="已清走，请您再看看。")


def opened_again(line: Line, clock: Any, who: str = "complainant") -> Line:
    answered(line)
    line.act(who, "reopen", message="又堆起来了")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    clock.tick(hours=1)
    return line


# -- evidence of this round -------------------------------------------------------------------


@pytest.mark.parametrize("who", ["complainant", "followup"])
def test_a_reopened_case_needs_a_new_photo_from_after(
    who: str, cast: Any, submit: Submit, clock: Any
) -> None:
    line = opened_again(worked(cast, submit, clock), clock, who)
    assert evidence_of(line.case) == (True, False)
    with pytest.raises(ActionRefused) as refused:
        complete(line)
    assert refused.value.code == "evidence_missing"
    show_after(line)
    assert complete(line).state == State.PENDING_REVIEW


def test_what_the_reviewer_sent_back_needs_a_new_photo_or_a_reason(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = worked(cast, submit, clock)
    complete(line)
    line.act("dispatcher", "send_back", message="说明太短")
    with pytest.raises(ActionRefused):
        complete(line)
    assert complete(line, no_photo_reason="只改说明，照片见上次").state == State.PENDING_REVIEW


def test_an_answer_that_was_overturned_needs_new_evidence(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = worked(cast, submit, clock)
    answered(line)
    line.act("system", "start_followup")
    line.act("followup", "close", followup_result="accepting")
    line.act("complainant", "request_review", message="没有清走")
    line.act("supervisor", "overturn_answer", reply="重新办理。")
    assert evidence_of(line.case) == (True, False)


def test_other_steps_keep_the_evidence(cast: Any, submit: Submit, clock: Any) -> None:
    line = worked(cast, submit, clock)
    line.act("bureau", "suspend", message="等车")
    line.act("bureau", "resume")
    line.act("bureau", "consult", message="两家都管")
    line.act("dispatcher", "rule", owner="department:ecology", message="由生态环境局办")
    line.act("bureau", "sign_for")
    assert complete(line).state == State.PENDING_REVIEW


def test_old_photos_are_shown_apart_and_one_query_finds_them(
    cast: Any, submit: Submit, clock: Any, django_assert_num_queries: Any
) -> None:
    line = opened_again(worked(cast, submit, clock), clock)
    with django_assert_num_queries(1):
        old = photos_of(line.case)
    assert (len(old.after), len(old.earlier), len(old.report)) == (0, 1, 1)
    show_after(line)
    new = photos_of(line.case)
    assert (len(new.after), new.earlier) == (1, old.earlier)
    with django_assert_num_queries(1):
        evidence_of(line.case)


def test_every_page_says_which_photo_is_from_last_time(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[Any], Client]
) -> None:
    line = opened_again(worked(cast, submit, clock), clock)
    Photo.objects.update(state="clean")
    client = staff_client("bureau")
    field = client.get(f"/field/{line.case.number}/").content.decode()
    assert "data-has-after" not in field
    assert "上次处理后照片 1" in field
    assert "请再拍一张处理后照片" in field
    shown = progress_of(Case.objects.get(pk=line.case.pk)).photos
    assert (shown.after, len(shown.earlier)) == ((), 1)


def test_completing_a_second_time_stays_within_fifteen_statements(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = opened_again(worked(cast, submit, clock), clock)
    show_after(line)
    with CaptureQueriesContext(connection) as spent:
        complete(line)
    assert len(spent) <= 15, "\n".join(q["sql"][:90] for q in spent)


# -- 不满意 ------------------------------------------------------------------------------------


def asked(line: Line) -> Line:
    line.act("system", "start_followup")
    return line


def test_a_dissatisfied_resident_is_not_closed_away(cast: Any, submit: Submit, clock: Any) -> None:
    line = worked(cast, submit, clock)
    answered(line)
    asked(line)
    with pytest.raises(ActionRefused) as refused:
        line.act("followup", "close", followup_result="dissatisfied", message="还有味道")
    assert refused.value.field == "followup_result"
    assert "申请重新办理" in str(refused.value)
    with pytest.raises(ActionRefused, match="重新办理"):
        line.act("followup", "escalate", message="跳过重办")
    assert line.act("followup", "reopen", message="居民说还有味道").state == State.REOPENED


def still_dissatisfied(cast: Any, submit: Submit, clock: Any) -> Line:
    line = opened_again(worked(cast, submit, clock), clock)
    show_after(line)
    answered(line)
    return asked(line)


def test_after_a_second_try_it_goes_to_a_supervisor_with_a_note(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = still_dissatisfied(cast, submit, clock)
    with pytest.raises(ActionRefused, match="转督查"):
        line.act("followup", "close", followup_result="dissatisfied", message="还有味道")
    with pytest.raises(InvalidInput):
        line.act("followup", "escalate", message="  ")
    case = line.act("followup", "escalate", message="居民两次都不满意")
    assert (case.state, case.next_party) == (State.REVIEWING, Party.SUPERVISOR)
    assert case.is_supervised
    assert case.due_at is not None
    assert line.act("supervisor", "overturn_answer", reply="责令重新办理。").state == "reopened"


def test_supervision_takes_no_right_from_the_resident(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = still_dissatisfied(cast, submit, clock)
    line.act("followup", "escalate", message="居民两次都不满意")
    case = line.act("supervisor", "uphold_answer", reply="经查，处理到位。")
    assert "request_review" in offered_to_complainant(case, timezone.now())
    line.act("complainant", "request_review", message="不同意")
    case = line.act("supervisor", "uphold_answer", reply="维持。")
    offered = offered_to_complainant(case, timezone.now())
    assert "request_review" not in offered
    assert "request_second_review" in offered


def test_too_late_to_open_again_it_can_still_go_to_a_supervisor(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = worked(cast, submit, clock)
    answered(line)
    asked(line)
    Case.objects.update(replied_at=timezone.now() - timedelta(days=31))
    assert line.act("followup", "escalate", message="回访晚了，居民不满意").is_supervised


def test_the_clerk_reads_at_the_field_what_to_do_instead(
    cast: Any, submit: Submit, clock: Any, staff_client: Callable[[Any], Client]
) -> None:
    line = worked(cast, submit, clock)
    answered(line)
    asked(line)
    client, address = staff_client("followup"), f"/desk/cases/{line.case.number}/"
    page = client.get(address).content.decode()
    assert f"{address}act/reopen/" in page
    assert "转督查" in page
    posted = {"followup_result": "dissatisfied", "message": "还有", "version": line.case.version}
    answer = client.post(f"{address}act/close/", posted)
    assert answer.status_code in {400, 422}
    assert "居民不满意，不能直接办结：请选“申请重新办理”。" in answer.content.decode()
    assert Case.objects.get(pk=line.case.pk).state == State.PENDING_FOLLOWUP
