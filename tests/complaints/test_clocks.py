"""Clocks of a case: pauses, the first response, tracks, and a new notice during an extension."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from complaints.clockwork import PAUSES, RESUMES, plan
from complaints.handlers import resume_suspended
from complaints.models import Case, Clock
from complaints.services.acts import add_evidence
from complaints.services.intake import Receipt
from complaints.workflow import OPEN_STATES, TRANSITIONS, State
from foundation.ledger.actor import Actor
from foundation.media.services import stage
from foundation.worktime.services import set_day
from tests.complaints.conftest import Line, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def clock_of(case: Case, code: str) -> Clock:
    return Clock.objects.filter(case=case, code=code).order_by("-id")[0]


def local(moment: datetime | None) -> str:
    assert moment is not None
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def in_hand(cast: Any, submit: Submit, **parts: Any) -> Line:
    line = Line(cast, submit(category="noise-industrial", **parts).case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    return line


def test_a_pause_adds_its_own_time_and_nothing_more(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    assert local(line.case.handling_due_at) == "03-09 18:00"
    clock.tick(days=2)
    line.act("bureau", "suspend", message="请补充排气口的位置")
    waiting = clock_of(line.case, "handling")
    assert waiting.outcome == "running"
    assert waiting.paused_at is not None
    assert waiting.warn_at is None
    clock.tick(days=2)
    case = line.act("bureau", "resume")
    again = clock_of(case, "handling")
    assert local(again.due_at) == local(case.handling_due_at) == local(case.due_at) == "03-11 18:00"
    assert [s["why"] for s in again.explanation["skipped"]].count("暂停计时") == 2
    assert again.pauses == [[waiting.paused_at.isoformat(), timezone.now().isoformat()]]
    assert again.warn_at is not None


def test_asking_the_complainant_pauses_acceptance_and_never_restarts_it(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = Line(cast, submit(category="noise-industrial").case)
    before = local(line.case.due_at)
    clock.tick(hours=2)
    line.act("dispatcher", "ask_info", message="哪一家厂？")
    clock.tick(days=1)
    case = line.act("complainant", "supply_info", message="东边那家")
    assert Clock.objects.filter(case=case, code="accept").count() == 1
    assert local(case.due_at) == "03-04 18:00" != before
    line.act("dispatcher", "accept")
    assert clock_of(line.case, "accept").outcome == "met"


def test_a_case_refused_while_it_waits_is_judged_by_the_time_that_ran(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = Line(cast, submit(category="noise-industrial").case)
    line.act("dispatcher", "ask_info", message="哪一家厂？")
    clock.tick(days=9)
    line.act("dispatcher", "reject", reason_code="not_understood", message="请补充后再反映")
    assert clock_of(line.case, "accept").outcome == "met"


def test_a_pause_that_nobody_ends_ends_itself(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    line.act("bureau", "suspend", message="等厂家设备到货")
    clock.tick(days=13)
    resume_suspended(timezone.now())
    assert Case.objects.get(pk=line.case.pk).state == State.SUSPENDED
    clock.tick(days=3)
    resume_suspended(timezone.now())
    case = Case.objects.get(pk=line.case.pk)
    assert case.state == State.IN_PROGRESS
    assert case.due_at == case.handling_due_at
    assert case.due_at is not None
    assert case.due_at > timezone.now()


@pytest.mark.parametrize("way", ["words", "photo"])
def test_the_first_response_is_measured_from_acceptance(
    way: str, cast: Any, submit: Submit, clock: Any
) -> None:
    line = in_hand(cast, submit)
    assert clock_of(line.case, "first_response").outcome == "running"
    clock.tick(hours=3)
    if way == "words":
        case = line.act("bureau", "respond", contact_way="on_site", message="今天下午已到现场查看")
        assert case.state == State.IN_PROGRESS
    else:
        by = staff(cast.bureau)
        add_evidence(case_id=line.case.pk, by=by, purpose="before", photos=[stage(jpeg())])
    found = clock_of(line.case, "first_response")
    assert found.outcome == "met"
    assert found.stopped_at == timezone.now()


def test_who_says_nothing_until_the_answer_is_late_with_the_first_word(
    cast: Any, submit: Submit, clock: Any
) -> None:
    line = in_hand(cast, submit)
    clock.tick(days=2)
    line.act("bureau", "complete", outcome_code="solved", message="好了", no_photo_reason="室内")
    assert clock_of(line.case, "first_response").outcome == "late"


def test_a_withdrawn_case_owes_no_first_word(cast: Any, submit: Submit, clock: Any) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("complainant", "withdraw")
    assert clock_of(line.case, "first_response").outcome == "void"


def test_a_petition_has_the_times_of_its_law(cast: Any, submit: Submit, clock: Any) -> None:
    line = Line(cast, submit(category="noise-industrial").case)
    case = line.act("dispatcher", "accept", track="petition")
    handling = clock_of(case, "handling")
    assert case.track == "petition"
    assert handling.limit == "60d"
    assert "第三十四条" in handling.legal_basis
    assert local(case.handling_due_at) == "05-06 18:00"
    assert not Clock.objects.filter(case=case, code="first_response").exists()


def test_a_case_keeps_the_law_of_its_day(cast: Any, submit: Submit, clock: Any) -> None:
    line = Line(cast, submit(category="noise-industrial", track="petition").case)
    Case.objects.filter(pk=line.case.pk).update(submitted_at=timezone.now() - timedelta(days=1500))
    case = line.act("dispatcher", "accept")
    assert clock_of(case, "handling").legal_basis == "信访条例（国务院令第431号）第三十三条"


def test_a_new_notice_moves_a_paused_and_resumed_clock_without_losing_the_pause(
    cast: Any, submit: Submit, clock: Any, run_jobs: Callable[[], Any]
) -> None:
    line = in_hand(cast, submit)
    clock.tick(days=2)
    line.act("bureau", "suspend", message="等居民补充")
    clock.tick(days=2)
    line.act("bureau", "resume")
    _rest(date(2026, 3, 10))
    run_jobs()
    case = Case.objects.get(pk=line.case.pk)
    assert local(case.due_at) == "03-12 18:00"


def test_a_new_notice_moves_an_extension_with_the_time_it_runs_on_from(
    cast: Any, submit: Submit, clock: Any, run_jobs: Callable[[], Any]
) -> None:
    line = in_hand(cast, submit)
    line.act("bureau", "request_extension", message="要等监测结果")
    line.act("supervisor", "grant_extension")
    assert local(line.case.due_at) == "03-16 18:00"
    _rest(date(2026, 3, 4))
    run_jobs()
    case = Case.objects.get(pk=line.case.pk)
    extension = clock_of(case, "extension")
    assert local(extension.started_at) == "03-10 18:00"
    assert local(case.due_at) == local(case.handling_due_at) == "03-17 18:00"


def _rest(day: date) -> None:
    admin = Actor("staff", "1", "administrator")
    set_day(day=day, is_working=False, source="演练：临时放假通知", actor=admin)


@pytest.mark.once
def test_what_pauses_a_clock_is_followed_by_what_resumes_it() -> None:
    for pause, codes in PAUSES.items():
        paused = next(row for row in TRANSITIONS if row.action == pause)
        ways_on = {row.action for row in TRANSITIONS if row.source == paused.target}
        assert any(RESUMES.get(action) == codes for action in ways_on)


@pytest.mark.once
def test_every_act_into_an_open_state_leaves_a_deadline() -> None:
    """Either the state's own clock starts or runs on, or the answer's clock runs already."""
    for row in TRANSITIONS:
        if row.target not in OPEN_STATES or row.source == "start":
            continue
        todo = plan(source=row.source, action=row.action, target=row.target, answer_is_running=True)
        assert todo.state or todo.overall or not todo.void, row


def test_a_hearing_is_no_time_of_the_second_review(cast: Any, submit: Submit, clock: Any) -> None:
    line = in_hand(cast, submit)
    line.act("bureau", "complete", outcome_code="solved", message="好了", no_photo_reason="室内")
    line.act("dispatcher", "approve", reply="已处理。")
    line.act("system", "start_followup")
    line.act("followup", "close", followup_result="satisfied")
    line.act("complainant", "request_review", message="没有解决")
    line.act("supervisor", "uphold_answer", reply="维持")
    line.act("complainant", "request_second_review", message="还是没有解决")
    assert local(line.case.due_at) == "04-01 18:00"
    clock.tick(days=2)
    case = line.act("supervisor", "begin_hearing", message="3月10日上午在街道会议室听证")
    assert clock_of(case, "redress").paused_at is not None
    assert case.due_at == clock_of(case, "hearing").due_at
    clock.tick(days=6)
    case = line.act("supervisor", "end_hearing", message="听证已结束")
    assert local(case.due_at) == "04-07 18:00"
    assert clock_of(case, "hearing").outcome == "met"
    line.act("supervisor", "uphold_finally", reply="维持原答复")
    assert clock_of(case, "redress").outcome == "met"
