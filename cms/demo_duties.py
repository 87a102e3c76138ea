"""Demonstration of the catalogue: most duties kept, some late, a few overdue. Deterministic.

Only duties without a history are given one: what editors did is never touched. Days are set by
hand here, as nothing else in the house may; the ledger says the same.
"""

import hashlib
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from cms.models import (
    DisclosureIndexPage,
    DisclosurePage,
    Duty,
    DutyState,
    Evidence,
    EvidenceKind,
)
from cms.pack_tree import publish
from cms.rota import period_names
from cms.services.duties import SYSTEM, about
from cms.services.rota import keep_rota
from cms.services.tallies import retally
from foundation.ledger.services import Record, append_bulk
from foundation.places.pack import Changes

ZONE = ZoneInfo("Asia/Shanghai")
#: Of a hundred due duties so many are published late, and so many not at all.
LATE, MISSED = 4, 3
BEFORE_DUE, AFTER_DUE = (2, 12), (1, 9)


def load() -> Changes:
    """Make the rota of today and tell a plausible story of every duty that has fallen due."""
    today = timezone.localdate()
    keep_rota(today=today)
    waiting = Duty.objects.filter(state=DutyState.OPEN, enterprise=None, evidence=None, title="")
    told = [
        duty
        for duty in waiting.select_related("item", "department").order_by("pk")
        if _tell(duty, today)
    ]
    for item_id in {duty.item_id for duty in told}:
        retally(item_id=item_id, days={d.due_on for d in told if d.item_id == item_id})
    append_bulk([_record(duty) for duty in told])
    return Changes(added=len(told))


def _chance(duty: Duty, salt: str, among: int) -> int:
    """A number below ``among`` that the same duty gets every time."""
    key = f"{duty.item.code}/{duty.subject_key}/{duty.period}/{salt}"
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % among


def _day(duty: Duty, fate: int) -> date:
    first, last = AFTER_DUE if fate < LATE else BEFORE_DUE
    days = first + _chance(duty, "day", last - first + 1)
    return duty.due_on + timedelta(days=days if fate < LATE else -days)


def _tell(duty: Duty, today: date) -> bool:
    """Give the duty its story; False when its day has not come or it was missed."""
    fate = _chance(duty, "fate", 100)
    day = max(_day(duty, fate), duty.starts_on + timedelta(days=1))
    if day >= today or LATE <= fate < LATE + MISSED:
        return False
    duty.met_on, duty.is_late = day, day > duty.due_on
    if duty.item.may_not_arise and _chance(duty, "none", 3) == 0:
        duty.state, duty.reason = DutyState.NONE, "本期无相关事项"
    else:
        duty.state = DutyState.MET
        _publish(duty, day)
    duty.save(update_fields=["state", "reason", "met_on", "is_late"])
    return True


def _publish(duty: Duty, day: date) -> None:
    index = DisclosureIndexPage.objects.get()
    period = period_names(duty.period)[0]
    words = f"{period}{duty.item.name}：{duty.item.description}"
    body = f"<p>{words}</p><p>本页是演示内容，用来说明公开目录怎样运行，不代表真实情况。</p>"
    page = DisclosurePage(
        title=f"{duty.item.name}（{period}）",
        slug=f"{duty.item.code}-{duty.period.lower()}-{duty.pk}",
        item=duty.item,
        period=duty.period,
        department=duty.department,
        contact=f"{duty.department.name} {duty.department.phone}".strip(),
        summary=words[:160],
        body=[("text", body)],
    )
    index.add_child(instance=page)
    publish(page)
    at = datetime.combine(day, time(10), ZONE)
    DisclosurePage.objects.filter(pk=page.pk).update(first_published_at=at, last_published_at=at)
    Evidence.objects.create(duty=duty, kind=EvidenceKind.PAGE, page=page, title=page.title)


def _record(duty: Duty) -> Record:
    action = "duty.declared" if duty.state == DutyState.NONE else "duty.met"
    at = datetime.combine(duty.met_on or duty.due_on, time(10), ZONE)
    return Record(f"duties:{duty.item.code}", action, SYSTEM, about(duty), at)
