"""Mail alerts of the public map: asked for, confirmed from the mailbox, one digest a day, ended.

The address is in the vault only; rows hold keyed hashes. Nobody is written to before the owner of
the mailbox confirmed, except for the one letter that asks for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from complaints.models import AlertSubscription, Category, PublicPoint
from complaints.models.public_point import PublicState
from complaints.selectors.public_map import news_on
from complaints.selectors.rules import category_by_id
from foundation.ledger.actor import Actor
from foundation.notices.budget import spend
from foundation.notices.services import Order, queue, queue_many
from foundation.places.models import Area
from foundation.places.selectors import area_by_code
from foundation.vault.crypto import keyed_hash
from foundation.vault.services import shred, store

#: Wishes that one mailbox may have at once.
MOST_WISHES = 5
#: An unconfirmed wish is forgotten after this time; its link ends with it.
TO_CONFIRM = timedelta(days=2)
#: The letter that asks is not sent again within this time.
ASK_AGAIN = timedelta(minutes=10)
#: Lines of a digest; the rest is a number with a link to the list.
LINES = 20
BATCH = 500
CONFIRM, END = "alerts.confirm", "alerts.end"
SYSTEM = Actor.system("worker")


@dataclass(frozen=True)
class Wish:
    """What somebody wants to hear of; None means everything."""

    town: Area | None = None
    kind: Category | None = None


def ask(*, email: str, wish: Wish, source: str) -> None:
    """Remember a wish and send the letter that asks for confirmation; own transaction.

    The caller answers everybody alike: whether a mailbox has wishes already is nobody's business.
    Nothing happens above the budget of ``source`` (an address of the network) or with too many
    wishes of one mailbox.
    """
    if not spend("alerts", source):
        return
    address = email.strip().lower()
    owner = keyed_hash("alert-owner", address)
    town, kind = wish.town.code if wish.town else "", wish.kind.pk if wish.kind else None
    mark = keyed_hash("alert-wish", f"{address}|{town}|{kind or ''}")
    now = timezone.now()
    with transaction.atomic():
        known = AlertSubscription.objects.select_for_update().filter(mark=mark).first()
        if known is not None:
            if known.confirmed_at is None and known.asked_at <= now - ASK_AGAIN:
                known.asked_at = now
                known.save(update_fields=["asked_at"])
                _send_question(known)
            return
        if AlertSubscription.objects.filter(owner=owner).count() >= MOST_WISHES:
            return
        pk = uuid4()
        record = store(kind="alert", stream=f"alert:{pk}", fields={"email": address})
        made = AlertSubscription(
            id=pk, record_id=record.id, mark=mark, owner=owner, town=town, kind_id=kind,
            asked_at=now,
        )  # fmt: skip
        # A twin that was asked for at the same moment wins; this one was never there.
        if not _inserted(made):
            transaction.set_rollback(True)
            return
        _send_question(made)


def _inserted(made: AlertSubscription) -> bool:
    AlertSubscription.objects.bulk_create([made], ignore_conflicts=True)
    return AlertSubscription.objects.filter(pk=made.pk).exists()


def _send_question(wish: AlertSubscription) -> None:
    queue(
        code="alert.confirm",
        key=f"alert:{wish.pk}:ask:{int(wish.asked_at.timestamp())}",
        stream=f"alert:{wish.pk}",
        context={"what": words_of(wish), "path": path_of(wish.pk, CONFIRM)},
        record_id=wish.record_id,
    )


def path_of(pk: UUID, purpose: str) -> str:
    """Return the address of the page that confirms or ends a wish; its token is signed."""
    name = "public:alert_confirm" if purpose == CONFIRM else "public:alert_end"
    return reverse(name, args=[signing.dumps(str(pk), salt=purpose)])


def wish_of(token: str, purpose: str) -> AlertSubscription | None:
    """Return the wish that a link names; None when the link is forged or old. One query."""
    pk = _pk_in(token, purpose)
    return AlertSubscription.objects.filter(pk=pk).first() if pk else None


def is_link(token: str, purpose: str) -> bool:
    """Whether we once sent this link, be its wish still there or not. No query."""
    return _pk_in(token, purpose) is not None


def _pk_in(token: str, purpose: str) -> UUID | None:
    age = TO_CONFIRM if purpose == CONFIRM else None
    try:
        return UUID(signing.loads(token, salt=purpose, max_age=age))
    except (signing.BadSignature, ValueError, TypeError):
        return None


def words_of(wish: AlertSubscription) -> str:
    """Return in words what a wish is about. No query when warm."""
    town, kind = area_by_code(wish.town) if wish.town else None, category_by_id(wish.kind_id)
    return " · ".join(
        [town.name if town else _("The whole district"), kind.name if kind else _("All kinds")]
    )


def confirm(*, pk: UUID) -> None:
    """Start a wish from tomorrow's digest on; twice changes nothing. One statement."""
    waiting = AlertSubscription.objects.filter(pk=pk, confirmed_at=None)
    waiting.update(confirmed_at=timezone.now(), told_until=timezone.localdate() - timedelta(days=1))


def end(*, pk: UUID) -> None:
    """Forget a wish and destroy its address; twice changes nothing. Own transaction."""
    with transaction.atomic():
        wish = AlertSubscription.objects.select_for_update().filter(pk=pk).first()
        if wish is None:
            return
        shred(wish.record_id, actor=SYSTEM, reason="alert ended")
        wish.delete()


def forget_unconfirmed() -> int:
    """End wishes that nobody confirmed in time; return how many. Touches only due rows."""
    before = timezone.now() - TO_CONFIRM
    old = AlertSubscription.objects.filter(confirmed_at=None, asked_at__lt=before)
    pks = list(old.values_list("pk", flat=True)[:BATCH])
    for pk in pks:
        end(pk=pk)
    return len(pks)


def send_digests(*, today: date) -> int:
    """Queue yesterday's digest for everybody who has not had it; return how many letters.

    Idempotent by day: a letter's key is the wish and the day, and a row tells how far it was told.
    After days of standstill one letter tells of the last day. Touches only due rows.
    """
    day = today - timedelta(days=1)
    news = news_on(day)
    sent = 0
    while True:
        with transaction.atomic():
            due = AlertSubscription.objects.select_for_update(skip_locked=True).filter(
                confirmed_at__isnull=False, told_until__lt=day
            )
            wishes = list(due.order_by("told_until", "pk")[:BATCH])
            if not wishes:
                return sent
            orders = [order for wish in wishes if (order := _digest(wish, news, day))]
            queue_many(orders)
            told = AlertSubscription.objects.filter(pk__in=[wish.pk for wish in wishes])
            told.update(told_until=day)
        sent += len(orders)


def _digest(wish: AlertSubscription, news: Sequence[PublicPoint], day: date) -> Order | None:
    about = [
        point
        for point in news
        if (not wish.town or point.town == wish.town)
        and (wish.kind_id is None or point.kind_id == wish.kind_id)
    ]
    if not about:
        return None
    return Order(
        code="alert.digest",
        key=f"alert:{wish.pk}:{day.isoformat()}",
        stream=f"alert:{wish.pk}",
        context={
            "day": f"{day.month}月{day.day}日",
            "what": words_of(wish),
            "count": len(about),
            "lines": [_line(point) for point in about[:LINES]],
            "more": max(len(about) - LINES, 0),
            "list": reverse("public:map") + (f"?area={wish.town}" if wish.town else ""),
            "unsubscribe": path_of(wish.pk, END),
        },
        record_id=wish.record_id,
    )


def _line(point: PublicPoint) -> str:
    category, town = category_by_id(point.category_id), area_by_code(point.town)
    names = [category.name if category else "", point.place, town.name if town else ""]
    told = " · ".join(name for name in names if name)
    return f"{told}：{PublicState(point.state).label}"
