"""Whistles and sub-tasks: departments are called, report in, agree a plan, finish, are graded."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from complaints.clockwork import PART, REPORT_IN
from complaints.errors import ActionRefused, CaseNotFound, InvalidInput
from complaints.inputs import clean_inputs
from complaints.models import Assist, Case, Clock, Whistle
from complaints.performer import Performer
from complaints.selectors.assists import called_departments
from complaints.services.clocks import cap_share, next_warning, rule_for, stop_clocks
from complaints.services.effects import Change
from complaints.services.recording import locked_for, record, seen
from complaints.workflow import Party, State
from foundation.places.models import Department
from foundation.worktime.services import deadline

#: A whistle for an emergency is answered as an emergency, whatever the case was taken for.
EMERGENCY = "emergency"


def call_or_dismiss(change: Change) -> None:
    """Write what a whistle's beginning or end means for departments; inside the transition.

    Three statements for a beginning, three for an end, none otherwise.
    """
    if change.row.action == "blow_whistle":
        kind = change.data["reason_code"]
        by = int(change.by.actor.id) if change.by.actor.kind == "staff" else None
        whistle = Whistle.objects.create(
            case=change.case, kind=kind, blown_by_id=by, blown_at=change.now
        )
        urgency = "critical" if kind == EMERGENCY else change.case.urgency
        called = _ask(change.case, change.called, REPORT_IN, urgency=urgency, whistle=whistle)
        change.story["clocks"] = {
            **change.story.get("clocks", {}),
            **{_clock_name(a): a.clock.due_at.isoformat() for a in called if a.clock},
        }
    elif change.row.action in {"end_whistle", "take_over"} and change.row.source == State.WHISTLED:
        stop_clocks(change.case, {REPORT_IN}, at=change.now, undone=True)
        change.story["undone"] = [REPORT_IN]
        Whistle.objects.filter(case=change.case, ended_at=None).update(ended_at=change.now)
        Assist.objects.filter(case=change.case, whistle__isnull=False, is_open=True).update(
            is_open=False
        )


def _ask(
    case: Case,
    departments: Sequence[Department],
    code: str,
    *,
    urgency: str,
    whistle: Whistle | None = None,
    text: str = "",
) -> list[Assist]:
    """Write one share and its clock a department; return the shares. Two statements."""
    now = timezone.now()
    rule = rule_for(code, track=case.track, urgency=urgency, on=localdate(case.submitted_at))
    due = deadline(now, rule.limit)
    clocks = [
        Clock(
            case=case,
            code=code,
            limit=rule.limit,
            legal_basis=rule.legal_basis,
            started_at=now,
            due_at=due.due,
            explanation=due.explanation(),
        )
        for _department in departments
    ]
    for clock in clocks:
        clock.warn_at = next_warning(clock)
        if code == PART:
            cap_share(clock, case)
    Clock.objects.bulk_create(clocks)
    return Assist.objects.bulk_create(
        Assist(case=case, department=d, clock=c, whistle=whistle, text=text, asked_at=now)
        for d, c in zip(departments, clocks, strict=True)
    )


def report_in(*, case_id: int, assist_id: int, by: Performer, key: UUID | None = None) -> Case:
    """Let a called department report in (报到), once; its time and person are kept.

    Raises CaseNotFound, NotPermitted (not this department's call), ActionRefused (already).
    """
    with transaction.atomic():
        case = locked_for(case_id, by, Party.ASSISTANT)
        if seen(case, key):
            return case
        assist = _own(case, assist_id, by)
        if assist.whistle_id is None or assist.reported_in_at:
            raise ActionRefused(_("This department has reported in already."), code="reported_in")
        assist.reported_in_at = timezone.now()
        assist.reported_in_by_id = int(by.actor.id)
        assist.save(update_fields=["reported_in_at", "reported_in_by"])
        _stop(assist)
        details = {**_named(assist), "stopped": [_clock_name(assist)]}
        record(case, "report_in", by, key=key, details=details)
    return case


def finish(
    *,
    case_id: int,
    assist_id: int,
    by: Performer,
    result: str,
    message: str,
    key: UUID | None = None,
) -> Case:
    """Let a department say what it did; its share is closed and the case leaves its sight.

    Raises CaseNotFound, NotPermitted, InvalidInput, ActionRefused (called, but not reported in).
    """
    given = clean_inputs({"result": result, "message": message}, ("result", "message"))
    with transaction.atomic():
        case = locked_for(case_id, by, Party.ASSISTANT)
        if seen(case, key):
            return case
        assist = _own(case, assist_id, by)
        if assist.whistle_id and not assist.reported_in_at:
            raise ActionRefused(_("Report in first."), code="not_reported_in")
        _close(case, assist, given["result"], given["message"])
        details = {**_named(assist), "result": assist.result}
        record(case, "assist_result", by, key=key, internal=given["message"], details=details)
    return case


def set_plan(
    *, case_id: int, by: Performer, plan: str, until: date | None, key: UUID | None = None
) -> Case:
    """Let the owner write down what all agreed on, and until when. ActionRefused: no whistle."""
    given = clean_inputs({"plan": plan}, ("plan",))
    with transaction.atomic():
        case = locked_for(case_id, by, Party.HANDLER)
        if seen(case, key):
            return case
        whistle = Whistle.objects.filter(case=case, ended_at=None).last()
        if whistle is None:
            raise ActionRefused(_("No whistle is open on this case."), code="no_whistle")
        whistle.plan, whistle.planned_until = given["plan"], until
        whistle.save(update_fields=["plan", "planned_until"])
        details: dict[str, object] = {"until": until.isoformat() if until else ""}
        record(case, "whistle_plan", by, key=key, internal=whistle.plan, details=details)
    return case


def grade(
    *,
    case_id: int,
    assist_id: int,
    by: Performer,
    grade: str,
    message: str = "",
    key: UUID | None = None,
) -> Case:
    """Let the owner that called grade a department, once, when it finished or the whistle ended.

    Raises CaseNotFound, NotPermitted, InvalidInput, ActionRefused (not finished, graded already).
    """
    given = clean_inputs({"grade": grade, "message": message}, ("grade",))
    with transaction.atomic():
        case = locked_for(case_id, by, Party.HANDLER)
        if seen(case, key):
            return case
        called = Assist.objects.filter(case=case, pk=assist_id, whistle__isnull=False)
        assist = called.select_related("department").first()
        if assist is None:
            raise CaseNotFound(_("There is no such task here."))
        if assist.is_open:
            raise ActionRefused(_("This department has not finished yet."), code="not_finished")
        if assist.grade:
            raise ActionRefused(_("This department has been graded already."), code="graded")
        assist.grade, assist.grade_text = int(given["grade"]), given.get("message", "")[:500]
        assist.save(update_fields=["grade", "grade_text"])
        details = {**_named(assist), "grade": assist.grade}
        record(case, "assist_grade", by, key=key, internal=assist.grade_text, details=details)
    return case


def add_task(
    *, case_id: int, by: Performer, departments: str, message: str, key: UUID | None = None
) -> Case:
    """Give other departments a part of the work; the case cannot be done before they are.

    Raises InvalidInput, and ActionRefused when the case is not being handled.
    """
    given = clean_inputs(
        {"departments": departments, "message": message}, ("departments", "message")
    )
    with transaction.atomic():
        case = locked_for(case_id, by, Party.HANDLER, Party.DISPATCHER)
        if seen(case, key):
            return case
        if case.state not in {State.IN_PROGRESS, State.WHISTLED}:
            raise ActionRefused(_("Sub-tasks are given while the case is being handled."))
        called = called_departments(case, given["departments"])
        _ask(case, called, PART, urgency=case.urgency, text=given["message"])
        case.assist_count += len(called)
        codes = ",".join(department.code for department in called)
        details: dict[str, object] = {"departments": codes}
        record(case, "add_task", by, key=key, internal=given["message"], details=details)
    return case


def withdraw_task(
    *, case_id: int, assist_id: int, by: Performer, message: str, key: UUID | None = None
) -> Case:
    """Take a sub-task back, with the reason."""
    given = clean_inputs({"message": message}, ("message",))
    with transaction.atomic():
        case = locked_for(case_id, by, Party.HANDLER, Party.DISPATCHER)
        if seen(case, key):
            return case
        assist = Assist.objects.filter(case=case, pk=assist_id, is_open=True, whistle=None).first()
        if assist is None:
            raise CaseNotFound(_("There is no such task here."))
        _close(case, assist, Assist.Result.WITHDRAWN, given["message"])
        record(
            case, "withdraw_task", by, key=key, internal=given["message"], details=_named(assist)
        )
    return case


def _own(case: Case, assist_id: int, by: Performer) -> Assist:
    """Return the open share ``assist_id`` if it is of the performer's own department."""
    assist = (
        Assist.objects.filter(case=case, pk=assist_id, is_open=True)
        .select_related("department", "clock")
        .first()
    )
    if assist is None or assist.department.code not in by.departments:
        raise CaseNotFound(_("There is no such task here."))
    return assist


def _close(case: Case, assist: Assist, result: str, words: str) -> None:
    assist.result, assist.result_text, assist.result_at = result, words, timezone.now()
    assist.is_open = False
    assist.save(update_fields=["result", "result_text", "result_at", "is_open"])
    if assist.whistle_id is None:
        _stop(assist, void=result == Assist.Result.WITHDRAWN)
    case.assist_count = max(0, case.assist_count - 1)


def _stop(assist: Assist, *, void: bool = False) -> None:
    if assist.clock_id is None:
        raise InvalidInput(_("This task has no deadline."))
    stop_clocks(assist.case, (), at=timezone.now(), void=void, only=assist.clock_id)


def _clock_name(assist: Assist) -> str:
    """What the ledger calls the clock of one department's call."""
    return f"{REPORT_IN}:{assist.pk}"


def _named(assist: Assist) -> dict[str, object]:
    return {"department": assist.department.code, "assist": assist.pk}
