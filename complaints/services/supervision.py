"""督办: issue an order on a case, sign for it, answer it, raise it, strike it off."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput
from complaints.inputs import clean_text
from complaints.models import Case, SupervisionOrder
from complaints.performer import Performer
from complaints.selectors.people import people_of
from complaints.services.recording import locked_for, record
from complaints.workflow import Party
from foundation.ledger.actor import Actor
from foundation.notices.services import Order, queue_many
from foundation.worktime.services import deadline

Colour, Level, Reason = (
    SupervisionOrder.Colour,
    SupervisionOrder.Level,
    SupervisionOrder.Reason,
)
#: 督办 → 挂牌督办 → 提级 → 通报/约谈 (domain.md §2d).
LADDER = tuple(Level.values)
#: A reminder becomes a warning when so little of its time is left.
NEAR = timedelta(days=1)
#: How long an answer to a raised order may take.
RAISED_LIMIT = "2wd"
BATCH = 200
LONGEST = 2000


def issue_order(
    *,
    case_id: int,
    by: Performer,
    colour: str,
    level: str,
    reason_code: str,
    demand: str,
    due: datetime,
    key: str = "",
    note: str = "",
) -> SupervisionOrder:
    """Issue an order on a case and tell its owner; the case counts as supervised from now on.

    ``due``: aware, by when its owner answers. ``key``: an order with it is made once; the ladder
    of warnings may use one a clock. For supervisors and the system. Raises CaseNotFound,
    NotPermitted, InvalidInput (not a choice, no demand, due in the past). 信访工作条例 Art 40.
    """
    values = {
        "colour": _choice(colour, Colour.values, "colour"),
        "level": _choice(level, Level.values, "level"),
        "reason_code": _choice(reason_code, Reason.values, "reason_code"),
        "demand": _words(demand, "demand", needed=True),
        "note": _words(note, "note"),
    }
    with transaction.atomic():
        case = locked_for(case_id, by, Party.SUPERVISOR, Party.SYSTEM)
        known = SupervisionOrder.objects.filter(key=key).first() if key else None
        if known is not None:
            return known
        now = timezone.now()
        if due <= now:
            raise InvalidInput(_("Choose a time for the answer that lies ahead."), field="due")
        order = SupervisionOrder(case=case, issued_at=now, due_at=due, **values)
        order.key = key or f"order:{order.uid}"
        order.issued_by_id = _user_id(by)
        order.save(force_insert=True)
        case.is_supervised = True
        _record(order, "supervise", by, words=order.demand)
        _tell_owner(order, "supervision.issued")
    return order


def sign_order(*, order_uid: UUID, by: Performer) -> SupervisionOrder:
    """Let the case's owner sign for an order, once; signing again changes nothing.

    Raises CaseNotFound, NotPermitted, ActionRefused (struck off).
    """
    with transaction.atomic():
        order = _locked(order_uid, by, *_answerable(order_uid))
        if order.signed_at is None:
            _sign(order, by)
            order.save(update_fields=["signed_at", "signed_by"])
            _record(order, "supervise_sign", by)
    return order


def answer_order(*, order_uid: UUID, by: Performer, feedback: str) -> SupervisionOrder:
    """Let the case's owner answer an order; who answers has signed for it as well.

    Raises CaseNotFound, NotPermitted, InvalidInput (no words), ActionRefused (struck off).
    """
    words = _words(feedback, "feedback", needed=True)
    with transaction.atomic():
        order = _locked(order_uid, by, *_answerable(order_uid))
        if order.feedback == words:
            return order
        if order.signed_at is None:
            _sign(order, by)
        order.feedback, order.feedback_at = words, timezone.now()
        order.save(update_fields=["signed_at", "signed_by", "feedback", "feedback_at"])
        _record(order, "supervise_answer", by, words=words)
        _tell_issuer(order)
    return order


def close_order(*, order_uid: UUID, by: Performer, note: str = "") -> SupervisionOrder:
    """Strike an order off (销号). Without an answer of the owner it needs a note why.

    The case stays supervised while another order on it is open. Raises CaseNotFound, NotPermitted,
    InvalidInput, ActionRefused.
    """
    words = _words(note, "note")
    with transaction.atomic():
        order = _locked(order_uid, by, Party.SUPERVISOR)
        if order.feedback_at is None and not words:
            raise InvalidInput(
                _("Its owner has not answered. Write why it is struck off all the same."),
                field="note",
            )
        order.is_open, order.closed_at = False, timezone.now()
        order.note = words or order.note
        order.save(update_fields=["is_open", "closed_at", "note"])
        others = SupervisionOrder.objects.filter(case=order.case, is_open=True)
        order.case.is_supervised = others.exists()
        _record(order, "supervise_close", by, words=words)
        _tell_owner(order, "supervision.closed")
    return order


def raise_order(*, order_uid: UUID, by: Performer, note: str) -> SupervisionOrder:
    """Take an order one level up (升级): red, a new time, to be signed for and answered anew.

    What was answered before stays in the course of the case. Raises CaseNotFound, NotPermitted,
    InvalidInput (no words), ActionRefused (highest level already).
    """
    words = _words(note, "note", needed=True)
    with transaction.atomic():
        order = _locked(order_uid, by, Party.SUPERVISOR)
        place = LADDER.index(order.level)
        if place + 1 == len(LADDER):
            raise ActionRefused(_("This is the highest level already."), code="highest")
        order.level, order.colour = LADDER[place + 1], Colour.RED
        order.due_at = deadline(timezone.now(), RAISED_LIMIT).due
        order.note, order.feedback, order.feedback_at = words, "", None
        order.signed_at = order.signed_by = None
        order.save()
        _record(order, "supervise_raise", by, words=words)
        _tell_owner(order, "supervision.issued")
    return order


def colour_order(*, order_uid: UUID, by: Performer, colour: str) -> SupervisionOrder:
    """Move an open order to another column of the board; the same colour changes nothing."""
    wanted = _choice(colour, Colour.values, "colour")
    with transaction.atomic():
        order = _locked(order_uid, by, Party.SUPERVISOR, Party.SYSTEM)
        if order.colour != wanted:
            order.colour = wanted
            order.save(update_fields=["colour"])
            _record(order, "supervise_colour", by)
    return order


def turn_colours(*, now: datetime, batch: int = BATCH) -> int:
    """Let time colour unanswered orders: yellow a day before their end, red past it; how many.

    Touches only due rows (partial index). One transaction an order, so that a clash costs one.
    """
    waiting = SupervisionOrder.objects.filter(is_open=True, feedback_at=None)
    late = Q(colour__in=(Colour.BLUE, Colour.YELLOW), due_at__lte=now)
    near = Q(colour=Colour.BLUE, due_at__lte=now + NEAR)
    due = list(waiting.filter(late | near).values_list("uid", "due_at")[:batch])
    system = Performer(Actor.system("supervision"))
    for uid, due_at in due:
        colour = Colour.RED if due_at <= now else Colour.YELLOW
        try:
            colour_order(order_uid=uid, by=system, colour=colour)
        except ActionRefused:
            continue  # struck off meanwhile
    return len(due)


def _locked(uid: UUID, by: Performer, *parties: Party) -> SupervisionOrder:
    """Lock the case first, as every act does, then read the order. Two to four statements."""
    case_id = SupervisionOrder.objects.filter(uid=uid).values_list("case_id", flat=True).first()
    if case_id is None:
        raise CaseNotFound(_("There is no such order here."))
    case = locked_for(case_id, by, *parties)
    order = SupervisionOrder.objects.get(uid=uid)
    order.case = case
    if not order.is_open:
        raise ActionRefused(_("This order has been struck off."), code="struck_off")
    return order


def _answerable(uid: UUID) -> tuple[Party, ...]:
    """Who answers: the owner; the dispatchers while the case has none. One statement."""
    found = SupervisionOrder.objects.filter(uid=uid).select_related("case").first()
    return answering_parties(found.case) if found else (Party.HANDLER,)


def answering_parties(case: Case) -> tuple[Party, ...]:
    """Return who answers an order on ``case``."""
    owned = case.owner_department_id is not None or case.owner_grid_id is not None
    return (Party.HANDLER,) if owned else (Party.DISPATCHER,)


def _sign(order: SupervisionOrder, by: Performer) -> None:
    order.signed_at, order.signed_by_id = timezone.now(), _user_id(by)


def _user_id(by: Performer) -> int | None:
    return int(by.actor.id) if by.actor.kind == "staff" else None


def _choice(value: str, choices: list[str], field: str) -> str:
    if value not in choices:
        raise InvalidInput(_("Choose one from the list."), code="not_a_choice", field=field)
    return value


def _words(raw: str, field: str, *, needed: bool = False) -> str:
    label = {"demand": _("What is demanded"), "note": _("Instruction"), "feedback": _("Feedback")}
    text = clean_text(raw, longest=LONGEST, label=label[field], field=field)
    if needed and not text:
        raise InvalidInput(
            _("%(label)s is needed.") % {"label": label[field]}, code="required", field=field
        )
    return text


def _record(order: SupervisionOrder, action: str, by: Performer, *, words: str = "") -> None:
    details: dict[str, object] = {
        "order": str(order.uid),
        "colour": order.colour,
        "level": order.level,
        "order_reason": order.reason_code,
        "feedback_due": order.due_at.isoformat(),
    }
    record(order.case, action, by, internal=words, details=details)


def _tell_owner(order: SupervisionOrder, code: str) -> None:
    case = order.case
    party = answering_parties(case)[0]
    people = people_of(case, {party})
    context = {"number": case.number, "due": f"{timezone.localtime(order.due_at):%Y-%m-%d %H:%M}"}
    key = f"{order.uid}:{code}:{case.version}"
    queue_many(
        [
            Order(code, f"{key}:{user}", case.stream, context, user_id=user)
            for user in sorted(people)
        ]
    )


def _tell_issuer(order: SupervisionOrder) -> None:
    if order.issued_by_id is None:
        return
    key = f"{order.uid}:answered:{order.case.version}"
    context = {"number": order.case.number}
    user = order.issued_by_id
    queue_many([Order("supervision.answered", key, order.case.stream, context, user_id=user)])
