"""The one door: every pair of state and act through the real service, and what each act leaves."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from complaints.errors import (
    ActionRefused,
    CaseNotFound,
    InvalidInput,
    NotPermitted,
    VersionConflict,
)
from complaints.inputs import FIELDS
from complaints.models import Act, Case, Clock
from complaints.numbers import case_number
from complaints.performer import Performer
from complaints.services.acts import add_evidence, add_supplement, leave_contact, rate_later
from complaints.services.intake import Receipt
from complaints.services.transition import perform
from complaints.workflow import (
    OPEN_STATES,
    STATES,
    TABLE,
    TRANSITIONS,
    UNDO_OFFERED,
    UNDO_WINDOW,
    Party,
    State,
)
from foundation.jobs.models import Job
from foundation.ledger.selectors import entries_of
from foundation.media.services import stage
from foundation.notices.models import Notice
from foundation.places.models import Department
from tests.complaints.conftest import SYSTEM, Line, complainant, jpeg, staff

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]

INPUTS = {
    "message": "说明一下情况",
    "reply": "接报后，工作人员到现场核查并要求整改。",
    "owner": "department:ecology",
    "proposed_owner": "department:urban-management",
    "body": "武进区",
    "outcome_code": "solved",
    "departments": "water,housing",
    "contact_way": "on_site",
    "rating": "4",
    "followup_result": "satisfied",
    "no_photo_reason": "室内，不便拍摄",
    "milestone_on": f"{timezone.localdate() + timedelta(days=90)}",
}
PLAYERS = {
    Party.DISPATCHER: "dispatcher",
    Party.HANDLER: "bureau",
    Party.REVIEWER: "dispatcher",
    Party.FOLLOWUP: "followup",
    Party.SUPERVISOR: "supervisor",
    Party.ASSISTANT: "bureau2",
}


def put_in_state(case: Case, state: State) -> Case:
    """Place a case directly in ``state``, owned by the bureau, as no service could."""
    spec = STATES[state]
    case.state, case.is_open = state, spec.is_open
    case.next_party = str(spec.next_party) if spec.next_party else ""
    case.due_at = timezone.now() + timedelta(days=1) if spec.is_open else None
    case.handling_due_at = timezone.now() + timedelta(days=2)
    case.owner_department = Department.objects.get(code="ecology")
    if state not in OPEN_STATES:
        case.closed_at = timezone.now()
    case.save()
    return case


def player(cast: Any, party: Party, case: Case) -> Performer:
    if party == Party.COMPLAINANT:
        return complainant(case)
    return SYSTEM if party == Party.SYSTEM else staff(getattr(cast, PLAYERS[party]))


def inputs_for(action: str, main: Case) -> dict[str, str]:
    reason = "beyond_street" if action == "blow_whistle" else "other_district"
    return {**INPUTS, "main_number": main.number, "reason_code": reason}


@pytest.mark.parametrize("state", list(State))
def test_every_act_in_every_state_does_what_the_table_says(
    state: State, submit: Submit, cast: Any
) -> None:
    """All pairs: rows of the table lead to their target, everything else is refused untouched."""
    main = submit().case
    case = submit().case
    for action in sorted({row.action for row in TRANSITIONS} - {"submit"}):
        row = TABLE.get((state, action))
        case = put_in_state(Case.objects.get(pk=case.pk), state)
        Case.objects.filter(pk=case.pk).update(
            return_count=1 if action == "dispute_again" else 0,
            redress_count=1 if action == "request_second_review" else 0,
            extension_count=0,
            assist_count=0,
            reopen_count=1 if action == "escalate" else 0,
            main_case=None,
            completed_by="",
        )
        before = Case.objects.get(pk=case.pk)
        party = sorted(row.parties)[0] if row else Party.DISPATCHER
        by = player(cast, party, case)
        if row is None:
            with pytest.raises(ActionRefused):
                perform(case_id=case.pk, action=action, by=by, data=inputs_for(action, main))
            assert Case.objects.get(pk=case.pk).version == before.version
            continue
        after = perform(case_id=case.pk, action=action, by=by, data=inputs_for(action, main))
        spec = STATES[row.target]
        assert after.state == row.target, action
        assert after.is_open == spec.is_open
        assert after.next_party == (str(spec.next_party) if spec.next_party else "")
        assert (after.due_at is not None) == spec.is_open
        assert after.version == before.version + 1
        assert Act.objects.filter(case=case, action=action, target=row.target).exists()
        assert entries_of(case.stream).filter(action=f"case.{action}").exists()


@pytest.mark.parametrize("row", TRANSITIONS[1:], ids=lambda r: f"{r.source}-{r.action}")
def test_only_the_named_parties_may_act(row: Any, submit: Submit, cast: Any) -> None:
    main = submit().case
    case = put_in_state(submit().case, State(row.source))
    for party in set(Party) - row.parties - {Party.REVIEWER, Party.DISPATCHER}:
        by = player(cast, party, case)
        with pytest.raises((NotPermitted, CaseNotFound)):
            perform(case_id=case.pk, action=row.action, by=by, data=inputs_for(row.action, main))


@pytest.mark.parametrize(
    "row", [r for r in TRANSITIONS[1:] if r.required], ids=lambda r: f"{r.source}-{r.action}"
)
def test_each_required_input_is_asked_for(row: Any, submit: Submit, cast: Any) -> None:
    main = submit().case
    case = put_in_state(submit().case, State(row.source))
    by = player(cast, sorted(row.parties)[0], case)
    for name in row.required:
        data = {**inputs_for(row.action, main), name: "   "}
        with pytest.raises(InvalidInput) as refused:
            perform(case_id=case.pk, action=row.action, by=by, data=data)
        assert refused.value.field == name
        assert str(FIELDS[name].label) in str(refused.value.message)
    assert Case.objects.get(pk=case.pk).state == row.source


def test_main_line_from_report_to_closure(submit: Submit, cast: Any, clock: Any) -> None:
    line = Line(cast, submit(category="noise-industrial").case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    assert line.case.handler == cast.bureau
    add_evidence(
        case_id=line.case.pk, by=staff(cast.bureau), purpose="before", photos=[stage(jpeg())]
    )
    line.case = add_evidence(
        case_id=line.case.pk, by=staff(cast.bureau), purpose="after", photos=[stage(jpeg())]
    )
    line.act("bureau", "complete", outcome_code="solved", message="风机已加装隔声罩")
    line.act("dispatcher", "approve", reply="接报后，现场检查确认风机噪声已治理。")
    line.act("complainant", "rate", rating="5")
    line.act("followup", "close", followup_result="satisfied")
    case = Case.objects.get(pk=line.case.pk)
    assert (case.state, case.is_open, case.rating) == ("closed", False, 5)
    assert list(Clock.objects.filter(case=case, outcome="running")) == []
    actions = [a.action for a in Act.objects.filter(case=case)]
    assert actions == [
        "submit",
        "accept",
        "dispatch",
        "sign_for",
        "evidence",
        "evidence",
        "complete",
        "approve",
        "rate",
        "close",
    ]
    ledger = entries_of(case.stream).values_list("seq", flat=True)
    assert list(Act.objects.filter(case=case).values_list("ledger_seq", flat=True)) == [
        seq for seq in ledger if Act.objects.filter(ledger_seq=seq).exists()
    ]


def test_completion_needs_a_pair_of_photos_or_a_reason(submit: Submit, cast: Any) -> None:
    line = Line(cast, submit().case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    with pytest.raises(ActionRefused) as refused:
        line.act("bureau", "complete", outcome_code="solved", message="好了")
    assert refused.value.code == "evidence_missing"


def test_nobody_approves_their_own_work(submit: Submit, cast: Any) -> None:
    case = put_in_state(submit().case, State.PENDING_REVIEW)
    by = staff(cast.dispatcher)
    Case.objects.filter(pk=case.pk).update(completed_by=by.name)
    with pytest.raises(ActionRefused) as refused:
        perform(case_id=case.pk, action="approve", by=by, data=INPUTS)
    assert refused.value.code == "own_work"


def test_stale_version_is_a_conflict_and_changes_nothing(submit: Submit, cast: Any) -> None:
    case = submit().case
    by = staff(cast.dispatcher)
    perform(case_id=case.pk, action="accept", by=by, version=1)
    with pytest.raises(VersionConflict):
        perform(case_id=case.pk, action="reject", by=by, version=1, data=INPUTS)
    assert Case.objects.get(pk=case.pk).state == "accepted"


def test_repeated_key_acts_once(submit: Submit, cast: Any) -> None:
    case, key, by = submit().case, uuid4(), staff(cast.dispatcher)
    for _ in range(3):
        perform(case_id=case.pk, action="accept", by=by, version=1, key=key)
    assert Case.objects.get(pk=case.pk).version == 2
    assert Act.objects.filter(case=case, action="accept").count() == 1


def test_words_stay_out_of_the_ledger(submit: Submit, cast: Any) -> None:
    case = put_in_state(submit().case, State.SUBMITTED)
    secret = "联系人王阿姨 13800138000"
    perform(case_id=case.pk, action="ask_info", by=staff(cast.dispatcher), data={"message": secret})
    entries = [str(e.data) for e in entries_of(case.stream)]
    assert all("13800138000" not in text and "王阿姨" not in text for text in entries)
    assert any("message_sha256" in text for text in entries)


def test_formerly_routed_department_loses_the_case(submit: Submit, cast: Any) -> None:
    case = put_in_state(submit().case, State.DISPATCHED)
    by = staff(cast.bureau)
    perform(case_id=case.pk, action="sign_for", by=by)
    Case.objects.filter(pk=case.pk).update(
        owner_department=Department.objects.get(code="urban-management")
    )
    with pytest.raises(CaseNotFound):
        perform(case_id=case.pk, action="suspend", by=by, data=INPUTS)


def test_extension_lengthens_from_the_old_end_and_only_once(
    submit: Submit, cast: Any, clock: Any
) -> None:
    line = Line(cast, submit(category="noise-industrial").case)
    line.act("dispatcher", "accept")
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("bureau", "sign_for")
    before = line.case.handling_due_at
    line.act("bureau", "request_extension", message="等待检测报告")
    line.act("supervisor", "grant_extension")
    assert before is not None
    assert line.case.handling_due_at is not None
    assert line.case.handling_due_at > before
    assert line.case.due_at == line.case.handling_due_at
    with pytest.raises(ActionRefused) as refused:
        line.act("bureau", "request_extension", message="再等等")
    assert refused.value.code == "already_extended"


def test_late_stays_late(submit: Submit, cast: Any, clock: Any) -> None:
    line = Line(cast, submit(category="noise-industrial").case)
    clock.move_to("2026-03-20T09:00")
    line.act("dispatcher", "accept")
    assert Clock.objects.get(case=line.case, code="accept").outcome == "late"


def test_a_comment_never_resets_a_clock(submit: Submit, cast: Any) -> None:
    case = submit().case
    add_supplement(case_id=case.pk, by=complainant(case), message="晚上更响")
    after = Case.objects.get(pk=case.pk)
    assert after.due_at == case.due_at
    assert Clock.objects.filter(case=case).count() == 1


def test_contact_goes_to_the_vault_only(submit: Submit) -> None:
    case = submit().case
    leave_contact(case_id=case.pk, by=complainant(case), phone="138 0013 8000")
    row = Case.objects.filter(pk=case.pk).values().get()
    assert row["complainant_record"] is not None
    assert "13800138000" not in str(row)
    with pytest.raises(InvalidInput):
        leave_contact(case_id=case.pk, by=complainant(case), phone="0519-88881234")


def test_notice_is_queued_once_for_who_left_a_number(submit: Submit, cast: Any) -> None:
    case = submit().case
    leave_contact(case_id=case.pk, by=complainant(case), phone="13800138000")
    perform(case_id=case.pk, action="accept", by=staff(cast.dispatcher))
    assert [n.code for n in Notice.objects.all()] == ["case.accepted"]


def reachable(submit: Submit) -> Case:
    """A new case whose complainant left a number."""
    case = submit().case
    return leave_contact(case_id=case.pk, by=complainant(case), phone="13800138000")


def told(settings: Any) -> list[str]:
    return sorted(file.read_text() for file in Path(settings.OUTBOX_ROOT, "sms").glob("*.txt"))


def test_an_act_that_is_undone_is_told_to_nobody(
    submit: Submit, cast: Any, clock: Any, run_jobs: Any, settings: Any
) -> None:
    case = put_in_state(reachable(submit), State.ACCEPTED)
    line = Line(cast, case)
    line.act("dispatcher", "dispatch", owner="department:ecology")
    run_jobs()
    line.act("dispatcher", "recall", message="派错了")
    run_jobs()
    clock.tick(seconds=UNDO_WINDOW.total_seconds() + 1)
    run_jobs()
    assert told(settings) == []
    notice = Notice.objects.get(code="case.dispatched")
    assert (notice.state, notice.reason, bytes(notice.sealed)) == ("withdrawn", "undone", b"")


def test_an_act_that_stands_is_told_once_after_the_window(
    submit: Submit, cast: Any, clock: Any, run_jobs: Any, settings: Any
) -> None:
    line = Line(cast, put_in_state(reachable(submit), State.ACCEPTED))
    line.act("dispatcher", "dispatch", owner="department:ecology")
    clock.tick(seconds=UNDO_OFFERED.total_seconds())
    run_jobs()
    assert told(settings) == []
    clock.tick(seconds=(UNDO_WINDOW - UNDO_OFFERED).total_seconds())
    run_jobs()
    run_jobs()
    assert len(told(settings)) == 1
    line.act("dispatcher", "recall", message="派错了")
    assert Notice.objects.get(code="case.dispatched").state == "sent"


def test_dispatched_again_it_is_told_again(
    submit: Submit, cast: Any, clock: Any, run_jobs: Any, settings: Any
) -> None:
    line = Line(cast, put_in_state(reachable(submit), State.ACCEPTED))
    line.act("dispatcher", "dispatch", owner="department:ecology")
    line.act("dispatcher", "recall", message="派错了")
    line.act("dispatcher", "dispatch", owner="department:urban-management")
    clock.tick(seconds=UNDO_WINDOW.total_seconds())
    run_jobs()
    assert len(told(settings)) == 1


def test_a_step_that_is_overtaken_is_not_told_after_the_next(
    submit: Submit, cast: Any, clock: Any, run_jobs: Any
) -> None:
    line = Line(cast, put_in_state(reachable(submit), State.ACCEPTED))
    line.act("dispatcher", "dispatch", owner="department:ecology")
    by = staff(cast.bureau)
    with CaptureQueriesContext(connection) as spent:
        perform(case_id=line.case.pk, action="sign_for", by=by, key=uuid4())
    assert len(spent) <= 15, "\n".join(q["sql"][:90] for q in spent)
    clock.tick(seconds=UNDO_WINDOW.total_seconds())
    run_jobs()
    states = dict(Notice.objects.values_list("code", "state"))
    assert states == {"case.dispatched": "withdrawn", "case.in_progress": "sent"}


def test_every_rating_costs_the_same_and_may_be_changed(submit: Submit) -> None:
    case = put_in_state(submit().case, State.CLOSED)
    for rating in "12345":
        rate_later(case_id=case.pk, by=complainant(case), rating=rating)
        assert Case.objects.get(pk=case.pk).rating == int(rating)


def test_closing_hands_a_public_draft_to_the_editors(submit: Submit, cast: Any) -> None:
    case = put_in_state(submit().case, State.PENDING_FOLLOWUP)
    perform(
        case_id=case.pk,
        action="close",
        by=staff(cast.followup),
        data={"followup_result": "satisfied"},
    )
    drafts = [j for j in Job.objects.all() if "cms" in str(j.args_kwargs)]
    assert any(case.number in str(j.args_kwargs) for j in drafts)


def test_transition_takes_at_most_fifteen_statements(submit: Submit, cast: Any) -> None:
    case = submit().case
    leave_contact(case_id=case.pk, by=complainant(case), phone="13800138000")
    by = staff(cast.dispatcher)
    with CaptureQueriesContext(connection) as spent:
        perform(case_id=case.pk, action="accept", by=by, key=uuid4())
    assert len(spent) <= 15, "\n".join(q["sql"][:90] for q in spent)


def test_numbers_name_the_local_day() -> None:
    from datetime import date

    assert case_number("TN", date(2026, 11, 23), 42).startswith("TN-20261123-0042-")


def test_drafts_for_the_editors_hold_no_telephone(submit: Submit, cast: Any) -> None:
    case = put_in_state(submit(description="请打 13800138000 联系我").case, State.PENDING_FOLLOWUP)
    by, data = staff(cast.followup), {"followup_result": "satisfied"}
    perform(case_id=case.pk, action="close", by=by, data=data)
    assert all("13800138000" not in str(job.args_kwargs) for job in Job.objects.all())
