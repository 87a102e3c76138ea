"""Telling people: queue a notice with the change it tells of, deliver it once afterwards."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import F, Q
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone, translation

from foundation.jobs.services import Event, emit_many
from foundation.notices.budget import spend
from foundation.notices.channels import Message, channel_of
from foundation.notices.errors import Refused, TryLater
from foundation.notices.models import FINAL_STATES, Notice, State
from foundation.notices.registry import Template, contacts_of, template_of
from foundation.vault.errors import RecordNotFound
from foundation.vault.services import open_sealed, read_for_delivery, seal

TOPIC = "notices.queued"

#: A run that died without a word is taken over after this time; longer than any gateway's timeout.
LEASE = timedelta(minutes=2)

#: After so many vain attempts a notice is given up and shown to operators.
MAX_ATTEMPTS = 9


@dataclass(frozen=True)
class Order:
    """One notice to queue. See :func:`queue` for the fields."""

    code: str
    key: str
    stream: str
    context: dict[str, Any] = field(default_factory=dict)
    record_id: UUID | None = None
    user_id: int | None = None
    to: dict[str, str] | None = None
    run_after: datetime | None = None


def queue(
    *,
    code: str,
    key: str,
    stream: str,
    context: dict[str, Any] | None = None,
    record_id: UUID | None = None,
    user_id: int | None = None,
    to: dict[str, str] | None = None,
    run_after: datetime | None = None,
) -> None:
    """Queue one notice inside the caller's transaction: it is told if, and only if, that commits.

    ``key`` is unique for ever: a second order with it is ignored. ``context`` must be JSON-able and
    should hold the least that the text needs; it is stored sealed and wiped after delivery. The
    recipient is a sealed record of the vault, an account, or a one-off address ``to`` (channel →
    address, stored sealed and wiped too). ``run_after`` (aware) holds the notice back, so that
    :func:`withdraw` can still take it back when what it tells of is undone. Two statements. Raises
    UnknownTemplate and jobs' OutsideTransaction.
    """
    queue_many([Order(code, key, stream, context or {}, record_id, user_id, to, run_after)])


def queue_many(orders: Sequence[Order]) -> None:
    """Queue many notices with the same two statements. See :func:`queue`."""
    rows = [_row(order) for order in orders]
    if not rows:
        return
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    emit_many([_event(row) for row in rows])


def withdraw(*, stream: str, codes: Sequence[str]) -> int:
    """Withdraw what was queued about ``stream`` under ``codes`` and has not left; return how many.

    For acts that are undone: call it in the transaction that undoes. What a worker is handing to a
    gateway at this moment is not stopped, so ``run_after`` has to leave time. One statement.
    """
    waiting = Notice.objects.filter(stream=stream, code__in=codes, state=State.QUEUED)
    return waiting.update(state=State.WITHDRAWN, reason="undone", sealed=b"")


def _row(order: Order) -> Notice:
    made = template_of(order.code)
    now = timezone.now()
    leaves = order.run_after or now
    notice_id = uuid4()
    content = json.dumps({"context": order.context, "to": order.to or {}}, ensure_ascii=False)
    return Notice(
        id=notice_id,
        key=order.key,
        code=order.code,
        stream=order.stream,
        record_id=order.record_id,
        user_id=order.user_id,
        queued_at=now,
        leave_after=order.run_after,
        valid_until=leaves + made.valid_for if made.valid_for else None,
        sealed=seal(content.encode(), context=_seal_context(notice_id)),
    )


def _event(notice: Notice) -> Event:
    key = f"{notice.id}:{notice.attempts}"
    payload = {"notice": str(notice.id)}
    return Event(topic=TOPIC, key=key, payload=payload, run_after=notice.leave_after)


def _seal_context(notice_id: UUID) -> str:
    return f"notice:{notice_id}"


def deliver(*, notice_id: UUID) -> State | None:
    """Deliver a queued notice once and return its final state; None when there is nothing to do.

    Safe to call any number of times, at once or again: a conditional UPDATE lets one run claim the
    row. Raises TryLater after putting the row back, so that the job is retried. No transaction is
    open while the gateway is called.
    """
    notice = _claim(notice_id)
    if notice is None:
        return None
    with _released_unless_finished(notice):
        return _attempt(notice)


def _claim(notice_id: UUID) -> Notice | None:
    now = timezone.now()
    free = Q(state=State.QUEUED) | Q(state=State.SENDING, claimed_at__lt=now - LEASE)
    claimed = Notice.objects.filter(free, pk=notice_id).update(
        state=State.SENDING, claimed_at=now, attempts=F("attempts") + 1
    )
    return Notice.objects.get(pk=notice_id) if claimed else None


@contextmanager
def _released_unless_finished(notice: Notice) -> Iterator[None]:
    try:
        yield
    finally:
        if notice.state not in FINAL_STATES:
            Notice.objects.filter(pk=notice.pk, state=State.SENDING).update(
                state=State.QUEUED, claimed_at=None
            )


def _attempt(notice: Notice) -> State:
    made = template_of(notice.code)
    if notice.valid_until and notice.valid_until < timezone.now():
        return _finish(notice, State.SKIPPED, "too late")
    content = json.loads(open_sealed(bytes(notice.sealed), context=_seal_context(notice.pk)))
    channel, address = _address(notice, made, content["to"])
    if not address:
        return _finish(notice, State.SKIPPED, "nobody to tell")
    if not notice.channel and not _within_budget(notice, made, channel, address):
        return _finish(notice, State.SKIPPED, "budget used up")
    message = _render(notice, made, channel, address, content["context"])
    return _hand_over(notice, channel, message)


def _hand_over(notice: Notice, channel: str, message: Message) -> State:
    try:
        channel_of(channel).deliver(message)
    except Refused as refusal:
        return _finish(notice, State.FAILED, refusal.reason)
    except TryLater as delay:
        if notice.attempts >= MAX_ATTEMPTS:
            return _finish(notice, State.FAILED, delay.reason)
        raise
    return _finish(notice, State.SENT, "")


def _within_budget(notice: Notice, made: Template, channel: str, address: str) -> bool:
    """Spend once per notice; what may wait is tried again later, what may not is dropped."""
    if spend(channel, address):
        notice.channel = channel
        Notice.objects.filter(pk=notice.pk).update(channel=channel)
        return True
    if made.valid_for is None and notice.attempts < MAX_ATTEMPTS:
        raise TryLater("budget used up")
    return False


def _address(notice: Notice, made: Template, one_off: dict[str, str]) -> tuple[str, str]:
    """Return the first (channel, address) that reaches the recipient; ('', '') if none."""
    wanted = (notice.channel,) if notice.channel else made.channels
    book = one_off or (contacts_of(notice.user_id) if notice.user_id else {})
    for channel in wanted:
        if channel not in settings.NOTICE_CHANNELS:
            continue
        address = book.get(channel) or _address_in_record(notice.record_id, channel)
        if address:
            return channel, address
    return "", ""


def _address_in_record(record_id: UUID | None, channel: str) -> str:
    if record_id is None:
        return ""
    try:
        return read_for_delivery(record_id, "phone" if channel == "sms" else channel)
    except RecordNotFound:
        return ""


def _render(
    notice: Notice, made: Template, channel: str, address: str, context: dict[str, Any]
) -> Message:
    subject, text = _words(made, channel, context)
    way_out = context.get("unsubscribe")
    unsubscribe = f"{settings.PUBLIC_URL}{way_out}" if way_out else ""
    return Message(notice.key, address, subject, text, unsubscribe)


def preview(code: str, context: dict[str, Any], *, channel: str = "sms") -> tuple[str, str]:
    """Return subject and text of the notice ``code`` exactly as delivery would write them.

    Nothing is queued. Raises UnknownTemplate.
    """
    return _words(template_of(code), channel, context)


def _words(made: Template, channel: str, context: dict[str, Any]) -> tuple[str, str]:
    values = {
        **context,
        "public_url": settings.PUBLIC_URL,
        "notice_code": made.code,
        "channel": channel,
    }
    with translation.override(settings.LANGUAGE_CODE):
        # The inner template is Django's own: a text message must not be HTML-escaped.
        text = get_template(made.body_template).template.render(  # type: ignore[attr-defined]
            Context(values, autoescape=False)
        )
        return str(made.subject), text.strip()


def _finish(notice: Notice, state: State, reason: str) -> State:
    notice.state = state
    Notice.objects.filter(pk=notice.pk).update(
        state=state,
        reason=reason,
        sent_at=timezone.now() if state == State.SENT else None,
        claimed_at=None,
        sealed=b"",
    )
    return state


def take_over_abandoned() -> int:
    """Queue again what a killed worker left half-way; returns how many. For the periodic job.

    Own transaction is the caller's (jobs' ``emit_many`` demands one). Two statements.
    """
    now = timezone.now()
    left = Notice.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE)
    rows = list(left.defer("sealed").order_by("claimed_at")[:500])
    return _emit_again(rows)


def _emit_again(rows: Iterable[Notice]) -> int:
    events = [_event(row) for row in rows]
    if events:
        emit_many(events)
    return len(events)
