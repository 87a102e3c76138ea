"""The rota: which duties exist on a day, made from the catalogue's rules.

Runs every night and after the catalogue or a list of enterprises changed; running it twice changes
nothing. What was due stays as it was: a rule edited in mid-period moves only duties whose day has
not come, and a law entered after the fact asks for nothing before it was entered.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Min

from cms.models import CatalogueItem, Duty, DutyRule, DutyState, Rhythm
from cms.rota import Due, Span, due_day, spans
from cms.selectors.subjects import Subject, Subjects
from cms.services.tallies import retally
from foundation.ledger.actor import Actor
from foundation.ledger.services import Record, append_bulk
from foundation.worktime.selectors import calendar, deadline

SYSTEM = Actor.system("disclosure")
#: How far back a nightly run looks for periods without their duties.
LOOK_BACK = timedelta(days=400)
#: What a law entered after the fact gives from the day it was entered (条例 Art 26).
GRACE = "20wd"
BATCH = 2000


@dataclass
class Kept:
    """What a run of the rota changed."""

    made: int = 0
    moved: int = 0
    withdrawn: int = 0
    days: set[date] = field(default_factory=set)
    records: list[Record] = field(default_factory=list)

    def __iadd__(self, other: "Kept") -> "Kept":
        self.made += other.made
        self.moved += other.moved
        self.withdrawn += other.withdrawn
        return self


@dataclass(frozen=True)
class Wanted:
    """A duty that the rules ask for."""

    span: Span
    rule: DutyRule
    subject: Subject
    due: Due


def due_of(*, starts_on: date, limit: str) -> Due:
    """Return the due day by the working calendar in force. Raises BadLimit."""
    return due_day(starts_on=starts_on, limit=limit, count=_count, roll_off=_roll_off)


def _count(start: object, limit: str) -> Due:
    counted = deadline(start, limit)  # type: ignore[arg-type]
    return Due(counted.due.date(), counted.explanation())


def _roll_off(day: date) -> date:
    return calendar().next_working_day(day)


def keep_rota(*, today: date, since: date | None = None) -> Kept:
    """Make, move and withdraw duties so that they agree with the rules on ``today``.

    Looks at periods that ended on or after ``since`` (400 days back by default). One transaction
    per item; about 10 statements per item that changed and 5 per item that did not.
    """
    whole, began = Kept(), _began()
    if began is None:
        return whole
    for item in CatalogueItem.objects.prefetch_related("rules__clause").order_by("pk"):
        whole += _keep_item(item, _Window(since or today - LOOK_BACK, today, began))
    return whole


def _began() -> date | None:
    """Since when the district proves its duties here: what was due before is not asked for."""
    first: date | None = DutyRule.objects.aggregate(first=Min("entered_on"))["first"]
    return first


@dataclass(frozen=True)
class _Window:
    """Periods that ended from ``since`` to ``today`` and were due on ``began`` or later."""

    since: date
    today: date
    began: date


@transaction.atomic
def _keep_item(item: CatalogueItem, window: _Window) -> Kept:
    kept = Kept()
    wanted = {(w.span.name, w.subject.key): w for w in _wanted(item, window)}
    periodic = Duty.objects.filter(item=item, title="", starts_on__gte=window.since)
    held = {(duty.period, duty.subject_key): duty for duty in periodic}
    _make(item, [w for key, w in wanted.items() if key not in held], kept)
    for key, duty in held.items():
        _adapt(duty, wanted.get(key), window.today, kept)
    if kept.days:
        retally(item_id=item.pk, days=kept.days)
        append_bulk([_named(record, item) for record in kept.records])
    return kept


def _named(record: Record, item: CatalogueItem) -> Record:
    return Record(f"duties:{item.code}", record.action, record.actor, record.data)


def _wanted(item: CatalogueItem, window: _Window) -> Iterator[Wanted]:
    if not item.is_active:
        return
    subjects = Subjects(item)
    rules = [rule for rule in item.rules.all() if rule.rhythm != Rhythm.EVENT]
    for rhythm in sorted({rule.rhythm for rule in rules}):
        same = [rule for rule in rules if rule.rhythm == rhythm]
        for span in spans(rhythm, ended_from=window.since, ended_until=window.today):
            rule = rule_in_force(same, span.last)
            due = _due(rule, span, window.began) if rule else None
            if rule is None or due is None:
                continue
            for subject in subjects.on(span.last).values():
                yield Wanted(span, rule, subject, due)


def rule_in_force(rules: Sequence[DutyRule], day: date) -> DutyRule | None:
    """The newest rule in force on ``day``; a rule ends with its clause."""
    valid = [rule for rule in rules if _holds(rule, day)]
    return max(valid, key=lambda rule: rule.valid_from, default=None)


def _holds(rule: DutyRule, day: date) -> bool:
    return rule.valid_from <= day and (rule.last_day is None or day <= rule.last_day)


def _due(rule: DutyRule, span: Span, began: date) -> Due | None:
    """When the period is due; a law entered after that day gives the time it takes to comply."""
    due = due_of(starts_on=span.last, limit=rule.limit)
    if due.day < began:
        return None
    if due.day >= rule.entered_on:
        return due
    again = due_of(starts_on=rule.entered_on, limit=GRACE)
    return Due(again.day, {**again.explanation, "entered_on": rule.entered_on.isoformat()})


def _make(item: CatalogueItem, wanted: Sequence[Wanted], kept: Kept) -> None:
    rows = [
        Duty(
            item=item,
            department_id=w.subject.department_id,
            enterprise_id=w.subject.enterprise_id,
            subject_key=w.subject.key,
            period=w.span.name,
            starts_on=w.span.last,
            due_on=w.due.day,
            limit=w.rule.limit,
            explanation={**w.due.explanation, "clause": w.rule.clause.code},
        )
        for w in wanted
    ]
    Duty.objects.bulk_create(rows, batch_size=BATCH)
    kept.made += len(rows)
    kept.days.update(row.due_on for row in rows)
    counts = Counter((row.period, row.due_on) for row in rows)
    for (period, day), count in sorted(counts.items()):
        data = {"period": period, "due_on": day.isoformat(), "count": count}
        kept.records.append(Record("duties:", "duties.made", SYSTEM, data))


def _adapt(duty: Duty, wanted: Wanted | None, today: date, kept: Kept) -> None:
    """Move or withdraw a duty whose day has not come; bring a withdrawn one back."""
    if duty.state == DutyState.WITHDRAWN:
        if wanted is not None:
            _reinstate(duty, wanted, kept)
    elif duty.state != DutyState.OPEN or duty.due_on < today:
        return
    elif wanted is None:
        _withdraw(duty, kept)
    elif (duty.due_on, duty.limit) != (wanted.due.day, wanted.rule.limit):
        _move(duty, wanted, kept)


def _about(duty: Duty, **more: object) -> dict[str, object]:
    return {"duty": duty.pk, "period": duty.period, "due_on": duty.due_on.isoformat(), **more}


def _withdraw(duty: Duty, kept: Kept) -> None:
    duty.state = DutyState.WITHDRAWN
    duty.save(update_fields=["state"])
    kept.withdrawn += 1
    kept.days.add(duty.due_on)
    kept.records.append(Record("duties:", "duty.withdrawn", SYSTEM, _about(duty)))


def _reinstate(duty: Duty, wanted: Wanted, kept: Kept) -> None:
    duty.state = DutyState.OPEN
    kept.days.add(duty.due_on)
    _take(duty, wanted)
    kept.days.add(duty.due_on)
    kept.made += 1
    kept.records.append(Record("duties:", "duty.reinstated", SYSTEM, _about(duty)))


def _move(duty: Duty, wanted: Wanted, kept: Kept) -> None:
    before = duty.due_on
    _take(duty, wanted)
    kept.days.update((before, duty.due_on))
    kept.moved += 1
    data = _about(duty, before=before.isoformat())
    kept.records.append(Record("duties:", "duty.moved", SYSTEM, data))


def _take(duty: Duty, wanted: Wanted) -> None:
    duty.due_on, duty.limit = wanted.due.day, wanted.rule.limit
    duty.explanation = {**wanted.due.explanation, "clause": wanted.rule.clause.code}
    duty.save(update_fields=["state", "due_on", "limit", "explanation"])
