"""The one door through which a case changes its state."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.clockwork import (
    EXTENSION,
    FIRST_RESPONSE,
    HANDLING,
    OVERALL,
    ClockPlan,
    plan,
    story_of,
)
from complaints.errors import ActionRefused, CaseNotFound, NotPermitted, VersionConflict
from complaints.guards import Facts
from complaints.inputs import clean_inputs
from complaints.models import Act, Case, Clock
from complaints.performer import Performer
from complaints.policies import may_see, parties_of
from complaints.selectors.disputes import returned_owners
from complaints.selectors.evidence import evidence_of
from complaints.selectors.groups import splits_of
from complaints.services.assists import call_or_dismiss
from complaints.services.clocks import (
    new_clock,
    pause_clocks,
    resume_clocks,
    return_due,
    stop_clocks,
)
from complaints.services.digests import digest
from complaints.services.effects import Change, apply_effect
from complaints.services.group_links import take_members_along
from complaints.services.messages import tell_complainant
from complaints.services.remembering import remember_answer
from complaints.workflow import STATES, State, Transition, find
from foundation.jobs.services import Event, emit_many
from foundation.ledger.services import append
from foundation.vault.masking import masked

#: Inputs whose words stay out of the ledger: it keeps their digest, the act keeps the words.
WORDS = ("message", "reply", "rating_text", "no_photo_reason", "body")


def perform(
    *,
    case_id: int,
    action: str,
    by: Performer,
    data: Mapping[str, object] | None = None,
    version: int | None = None,
    key: UUID | None = None,
) -> Case:
    """Apply ``action`` to a case: authorise, lock, guard, change, ledger, jobs; one transaction.

    ``version`` is what the person saw: if the case moved on, VersionConflict (409) and nothing is
    changed. ``key`` makes a repeated post harmless: the case is returned as it is. Raises
    CaseNotFound (also when the case is none of the performer's business), NotPermitted,
    InvalidInput and ActionRefused, each with a sentence. At most 15 statements.
    """
    with transaction.atomic():
        case = _locked(case_id, str((data or {}).get("main_number", "")).upper())
        if not may_see(by, case):
            raise CaseNotFound(_("There is no such case here."))
        if key is not None and Act.objects.filter(case=case, key=key).exists():
            return case
        _check_version(case, version)
        row = find(case.state, action)
        if row is None:
            raise ActionRefused(
                _("This step is not possible while the case is “%(state)s”.")
                % {"state": case.spec.label},
                code="not_in_table",
            )
        _authorise(row, case, by)
        change = Change(
            case=case,
            row=row,
            by=by,
            now=timezone.now(),
            data=clean_inputs(data or {}, row.required),
        )
        _check_guard(change)
        _apply(change, key)
    return case


def _locked(case_id: int, main_number: str = "") -> Case:
    """Lock the case; with the main case of a merge, in one order, so that none waits for ever."""
    wanted = Q(pk=case_id) | Q(number=main_number) if main_number else Q(pk=case_id)
    found = (
        Case.objects.select_for_update(of=("self",))
        .select_related("owner_department", "owner_grid", "category", "area")
        .filter(wanted)
        .order_by("pk")
    )
    case = next((row for row in found if row.pk == case_id), None)
    if case is None:
        raise CaseNotFound(_("There is no such case here."))
    return case


def _check_version(case: Case, version: int | None) -> None:
    if version is not None and version != case.version:
        raise VersionConflict(
            _("Somebody changed this case while you were looking. It is now “%(state)s”.")
            % {"state": case.spec.label}
        )


def _authorise(row: Transition, case: Case, by: Performer) -> None:
    if not row.parties & parties_of(by, case):
        raise NotPermitted(_("This step belongs to somebody else."))


def _check_guard(change: Change) -> None:
    guard = change.row.guard
    refusal = guard(_facts(change)) if guard else None
    if refusal:
        raise ActionRefused(refusal.message, code=refusal.code, field=refusal.field)


def _facts(change: Change) -> Facts:
    case = change.case
    action = change.row.action
    before, after = evidence_of(case) if action == "complete" else (False, False)
    return Facts(
        now=change.now,
        return_count=case.return_count,
        return_due_at=return_due(case) if action == "request_return" else None,
        returned_owners=returned_owners(case) if action == "dispatch" else frozenset(),
        is_ruled=case.is_ruled,
        assist_count=case.assist_count,
        extension_count=case.extension_count,
        reopen_count=case.reopen_count,
        redress_count=case.redress_count,
        split_count=splits_of(case) if _is_own_split(change) else 0,
        handling_due_at=case.handling_due_at,
        replied_at=case.replied_at,
        closed_at=case.closed_at,
        performer_completed_it=bool(case.completed_by) and case.completed_by == change.by.name,
        has_before_photo=before,
        has_after_photo=after,
        has_category=case.category_id is not None,
        data=dict(change.data),
    )


def _is_own_split(change: Change) -> bool:
    return change.row.action == "ask_split" and not change.by.is_system


def _apply(change: Change, key: UUID | None) -> None:
    case, row = change.case, change.row
    source = case.state
    apply_effect(change)
    case.state = row.target
    case.version += 1
    _turn_clocks(change, source)
    case.save()
    call_or_dismiss(change)
    take_members_along(change)
    act = _record(change, source, key)
    tell_complainant(case, row, act)
    if change.data.get("reply"):
        remember_answer(case, change.data["reply"], at=change.now)
    emit_many(_events(change))


def _turn_clocks(change: Change, source: str) -> None:
    """Pause, resume, stop and start clocks as planned; set next actor and due time."""
    case, row = change.case, change.row
    todo = plan(
        source=source,
        action=row.action,
        target=row.target,
        answer_is_running=case.handling_due_at is not None,
        track=case.track,
    )
    resumed = _resume(change, todo)
    started = _new_clocks(change, todo, skip=set(resumed))
    due = {**resumed, **{clock.code: clock.due_at for clock in started}}
    case.handling_due_at = next((due[c] for c in OVERALL if c in due), case.handling_due_at)
    if todo.pause:
        pause_clocks(case, todo.pause, at=change.now)
    if todo.void:
        stop_clocks(case, todo.void, at=change.now, void=True)
    if todo.stop:
        stop_clocks(case, todo.stop, at=change.now)
    if started:
        Clock.objects.bulk_create(started)
    change.story = story_of(todo, due)
    _set_next_actor(case, row.target, due[todo.state] if todo.state else case.handling_due_at)


def _resume(change: Change, todo: ClockPlan) -> dict[str, datetime]:
    """Let paused clocks run on; return their new deadlines by code."""
    if not todo.resume:
        return {}
    resumed = resume_clocks(change.case, todo.resume, at=change.now)
    return {clock.code: clock.due_at for clock in resumed}


def _new_clocks(change: Change, todo: ClockPlan, skip: set[str]) -> list[Clock]:
    """Return the unsaved clocks that the act starts; those in ``skip`` run on instead."""
    case = change.case
    # An extension runs on from the old end.
    start = case.handling_due_at if todo.overall == EXTENSION else None
    if todo.overall == HANDLING:
        # Accepted once before and joined to another case meanwhile: the time runs on.
        start = case.accepted_at
    wanted = [(todo.overall, start or change.now), (todo.state, change.now)]
    if todo.first_response:
        wanted.append((FIRST_RESPONSE, change.now))
    return [
        new_clock(case, code, start=begin) for code, begin in wanted if code and code not in skip
    ]


def _set_next_actor(case: Case, target: State, due_at: datetime | None) -> None:
    spec = STATES[target]
    case.is_open = spec.is_open
    case.next_party = str(spec.next_party) if spec.next_party else ""
    case.due_at = due_at if spec.is_open else None


def _record(change: Change, source: str, key: UUID | None) -> Act:
    case, by = change.case, change.by
    entry = append(
        stream=case.stream,
        action=f"case.{change.row.action}",
        actor=by.actor,
        at=change.now,
        data={
            "number": case.number,
            "from": source,
            "to": case.state,
            "version": case.version,
            "due": case.due_at.isoformat() if case.due_at else "",
            **change.story,
            **{k: v for k, v in change.data.items() if k not in WORDS},
            **{f"{k}_sha256": digest(change.data[k]) for k in WORDS if change.data.get(k)},
        },
    )
    return Act.objects.create(
        case=case,
        ledger_seq=entry.seq,
        key=key,
        action=change.row.action,
        source=source,
        target=case.state,
        actor_kind=by.actor.kind,
        actor_id=by.actor.id,
        actor_role=by.actor.role,
        at=change.now,
        public_text=change.public_text,
        internal_text=change.internal_text,
        data={k: v for k, v in change.data.items() if k not in WORDS},
    )


def _events(change: Change) -> list[Event]:
    case = change.case
    key = f"{case.uid}:{case.version}"
    events = [
        Event(
            "case.changed",
            key,
            {"case": str(case.uid), "action": change.row.action, "state": case.state},
        )
    ]
    if case.state == State.CLOSED:
        events.append(Event("case.closed", str(case.uid), _public_draft(case)))
    return events


def _public_draft(case: Case) -> dict[str, object]:
    """What an editor gets as the draft of a published result: no person, no exact place."""
    return {
        "number": case.number,
        "area_code": case.area.code if case.area else "",
        "area_name": case.area.name if case.area else "",
        "category": case.category.name if case.category else "",
        # The job row keeps what it is given: private numbers are gone before it is written.
        "problem": masked(case.description),
        "outcome": masked(case.reply),
        "closed_on": _local_day(case.closed_at),
    }


def _local_day(moment: datetime | None) -> str:
    return timezone.localtime(moment).date().isoformat() if moment else ""
