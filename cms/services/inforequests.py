"""The one door through which an information request changes its state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.inforequest_errors import (
    ActionRefused,
    InvalidInput,
    NotPermitted,
    RequestNotFound,
    VersionConflict,
)
from cms.inforequest_inputs import clean_act
from cms.inforequest_workflow import OVERALL, STATES, AnswerType, Clock, State, Transition, find
from cms.models import InfoRequest, RequestClock
from cms.performer import Performer
from cms.policies import may_see_request, request_parties
from cms.services.inforequest_clocks import (
    pause_clocks,
    resume_clocks,
    start_clock,
    stop_clocks,
)
from cms.services.inforequest_record import record, tell
from cms.services.proposals import propose_if_repeated
from cms.services.releases import draft_release, drop_release

ASKED, GRANTED, REFUSED = "asked", "granted", "refused"


@dataclass
class Change:
    """One act under way. ``clocks``: new deadlines by code, for row and ledger."""

    request: InfoRequest
    row: Transition
    by: Performer
    now: datetime
    data: dict[str, str]
    source: str = ""
    clocks: dict[str, datetime] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    void: set[str] = field(default_factory=set)
    paused: set[str] = field(default_factory=set)
    public: str = ""
    internal: str = ""


def perform(
    *,
    request_id: int,
    action: str,
    by: Performer,
    data: Mapping[str, object] | None = None,
    version: int | None = None,
    at: datetime | None = None,
) -> InfoRequest:
    """Apply ``action``: lock, authorise, guard, change, clocks, ledger, notice; one transaction.

    ``version``: what the person saw (VersionConflict, 409). ``at``: when a deadline that the
    system acts on ran out. Raises RequestNotFound, NotPermitted, InvalidInput, ActionRefused.
    """
    with transaction.atomic():
        request = InfoRequest.objects.select_for_update().filter(pk=request_id).first()
        if request is None or not may_see_request(by, request):
            raise RequestNotFound(_("There is no such request here."))
        if version is not None and version != request.version:
            raise VersionConflict(
                _("Somebody changed this request while you were looking. It is now “%(state)s”.")
                % {"state": request.spec.label}
            )
        row = _row(request, action, by)
        now = at or timezone.now()
        change = Change(
            request, row, by, now, clean_act(action, data or {}, row.required), request.state
        )
        EFFECTS.get(action, _nothing)(change)
        _finish(change)
    return request


def _row(request: InfoRequest, action: str, by: Performer) -> Transition:
    row = find(request.state, action)
    if row is None:
        raise ActionRefused(
            _("This step is not possible while the request is “%(state)s”.")
            % {"state": request.spec.label}
        )
    if not row.parties & request_parties(by, request):
        raise NotPermitted(_("This step belongs to somebody else."))
    first = request.drafted_by if row.source == State.IN_REVIEW else request.asked_by
    if row.other_person and first == by.name:
        raise ActionRefused(_("A second person has to do this: four eyes."))
    return row


def _nothing(change: Change) -> None:
    """An act without an effect of its own."""


def _start(change: Change, code: str, *, at: datetime | None = None, limit: str = "") -> None:
    clock = start_clock(change.request, code, at=at or change.now, limit=limit)
    change.clocks[code] = clock.due_at
    if code in OVERALL:
        change.request.answer_due_at = clock.due_at


def _receive(change: Change) -> None:
    """Received (Art 31), or received anew after a correction (Art 30): the answer's time begins."""
    change.request.received_at = change.now
    _start(change, Clock.ANSWER)


def _confirm(change: Change) -> None:
    change.stopped.add(Clock.CONFIRM)
    _receive(change)
    _start(change, Clock.CORRECTION_NOTICE)


def _ask_correction(change: Change) -> None:
    """Once, and within 7 working days (Art 30)."""
    request = change.request
    if request.correction_count:
        raise ActionRefused(_("A correction may be asked for once only (Art 30)."))
    running = RequestClock.objects.filter(request=request, code=Clock.CORRECTION_NOTICE)
    if not running.filter(due_at__gte=change.now).exists():
        raise ActionRefused(_("The 7 working days for asking are over (Art 30)."))
    request.correction_count += 1
    change.stopped.add(Clock.CORRECTION_NOTICE)
    change.void |= OVERALL
    request.answer_due_at = None
    request.extension = request.extension_limit = ""
    change.public = change.data["message"]
    _start(change, Clock.CORRECTION, limit=change.data["limit"])


def _correct(change: Change) -> None:
    change.public = change.data["message"]
    change.stopped.add(Clock.CORRECTION)
    _receive(change)


def _lapse(change: Change) -> None:
    change.void.add(Clock.CORRECTION)


def _consult(change: Change) -> None:
    """Asking others stops the clock of the answer (Art 33)."""
    change.internal = change.data["message"]
    change.paused |= OVERALL
    pause_clocks(change.request, OVERALL, at=change.now)
    _start(change, Clock.OPINION)


def _record_opinion(change: Change) -> None:
    change.internal = change.data.get("message", "")
    change.stopped.add(Clock.OPINION)
    for clock in resume_clocks(change.request, OVERALL, at=change.now):
        change.clocks[clock.code] = change.request.answer_due_at = clock.due_at


def _ask_extension(change: Change) -> None:
    request = change.request
    if request.extension in {ASKED, GRANTED}:
        raise ActionRefused(_("More time may be granted once only (Art 33)."))
    _not_after_due(change)
    request.extension, request.extension_limit = ASKED, change.data["limit"]
    request.asked_by = change.by.name
    change.internal = change.data["message"]


def _not_after_due(change: Change) -> None:
    due = change.request.answer_due_at
    if due is None or change.now > due:
        raise ActionRefused(_("The time for the answer is over; late stays late."))


def _grant_extension(change: Change) -> None:
    """Approved once, and told before the first time ends (Art 33)."""
    request = change.request
    if request.extension != ASKED:
        raise ActionRefused(_("Nobody has asked for more time."))
    _not_after_due(change)
    request.extension = GRANTED
    change.void |= OVERALL
    old_due = request.answer_due_at
    stop_clocks(request, OVERALL, at=change.now, void=True)
    _start(change, Clock.EXTENSION, at=old_due, limit=request.extension_limit)


def _refuse_extension(change: Change) -> None:
    if change.request.extension != ASKED:
        raise ActionRefused(_("Nobody has asked for more time."))
    change.request.extension = REFUSED
    change.internal = change.data["message"]


def _redirect(change: Change) -> None:
    """Art 39: told, and shown the right way; nothing of it counts as an answer of Art 36."""
    change.public = change.data["message"]
    change.stopped |= {*OVERALL, Clock.CONFIRM}
    change.void.add(Clock.CORRECTION_NOTICE)


def _draft_answer(change: Change) -> None:
    request, data = change.request, change.data
    answer = AnswerType(data["answer_type"])
    if answer == AnswerType.REPEATED:
        _check_repeated(request, data["pointer"])
    request.answer_type = answer
    request.ground, request.pointer = data.get("ground", ""), data.get("pointer", "")
    request.letter, request.drafted_by = data["letter"], change.by.name
    is_released = answer == AnswerType.GRANTED and data.get("source")
    marks = draft_release(request, data, at=change.now) if is_released else 0
    if not is_released:
        drop_release(request)
    request.is_partial = marks > 0
    if request.is_partial and not request.ground:
        raise InvalidInput(
            _("Say why the blacked out parts are not released (Art 37)."), field="ground"
        )


def _check_repeated(request: InfoRequest, number: str) -> None:
    """Art 36 (6): the same applicant, and an answer was given."""
    earlier = InfoRequest.objects.filter(
        number=number.upper(), state=State.ANSWERED, applicant_index=request.applicant_index
    )
    if not earlier.exclude(pk=request.pk).exists():
        raise InvalidInput(
            _("There is no answered request of this applicant with that number."), field="pointer"
        )


def _approve(change: Change) -> None:
    change.stopped |= OVERALL
    change.void.add(Clock.CORRECTION_NOTICE)
    change.public = change.request.letter


def _return_draft(change: Change) -> None:
    change.internal = change.data["message"]


def _withdraw(change: Change) -> None:
    change.void |= set(Clock)


EFFECTS: dict[str, Callable[[Change], None]] = {
    "confirm": _confirm,
    "ask_correction": _ask_correction,
    "correct": _correct,
    "lapse": _lapse,
    "consult": _consult,
    "record_opinion": _record_opinion,
    "ask_extension": _ask_extension,
    "grant_extension": _grant_extension,
    "refuse_extension": _refuse_extension,
    "redirect": _redirect,
    "draft_answer": _draft_answer,
    "approve": _approve,
    "return_draft": _return_draft,
    "withdraw": _withdraw,
}


def _finish(change: Change) -> None:
    request, row = change.request, change.row
    request.state = row.target
    request.version += 1
    _turn_clocks(change)
    spec = STATES[row.target]
    request.is_open = spec.is_open
    request.next_party = str(spec.next_party) if spec.next_party else ""
    if spec.is_open:
        request.due_at = change.clocks.get(spec.clock) or request.answer_due_at or request.due_at
    else:
        request.due_at, request.ended_at = None, change.now
    request.save()
    record(
        request,
        row.action,
        change.by,
        at=change.now,
        source=change.source,
        public=change.public,
        internal=change.internal,
        data=_story(change),
    )
    tell(request, row.notice)
    if row.target == State.ANSWERED:
        propose_if_repeated(request, at=change.now)


def _turn_clocks(change: Change) -> None:
    fresh = set(change.clocks)
    if void := change.void - fresh:
        stop_clocks(change.request, void, at=change.now, void=True)
    if stopped := change.stopped - fresh:
        stop_clocks(change.request, stopped, at=change.now)


def _story(change: Change) -> dict[str, Any]:
    """What the ledger is told: clocks, choices, the answer's type; no word of a person."""
    told: dict[str, Any] = {
        "clocks": {str(code): due.isoformat() for code, due in sorted(change.clocks.items())},
        "stopped": sorted(map(str, change.stopped)),
        "void": sorted(map(str, change.void)),
        "paused": sorted(map(str, change.paused)),
        **{n: change.data[n] for n in ("limit", "consulted", "opinion") if n in change.data},
    }
    if change.row.target in {State.IN_REVIEW, State.ANSWERED}:
        request = change.request
        told |= {"answer": request.answer_type, "ground": request.ground}
        told["partial"] = request.is_partial
    return {name: value for name, value in told.items() if value not in ([], {}, "")}
