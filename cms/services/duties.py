"""What happens to one duty: evidence comes and goes, a period is declared empty, an occasion opens.

A duty is met on the day on which good evidence for it could be seen, and late for ever when that
was after its due day. Evidence that is withdrawn reopens its duty at once; a fault of another kind
(a file that does not open) reopens it when it is still there on the next day, so that a storage
that was away for a minute takes nobody's mark.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from wagtail.documents.models import Document
from wagtail.models import Page

from cms.errors import DutyError
from cms.models import (
    CatalogueItem,
    DisclosurePage,
    Duty,
    DutyState,
    Enterprise,
    Evidence,
    EvidenceKind,
    Rhythm,
    SubjectKind,
)
from cms.selectors.evidence import TAKEN_AWAY, Look, evidence_of, look, public_pages
from cms.selectors.subjects import Subjects
from cms.services.rota import due_of, rule_in_force
from cms.services.tallies import retally
from foundation.accounts.models import User
from foundation.ledger.actor import Actor
from foundation.ledger.services import Record, append, append_bulk

SYSTEM = Actor.system("disclosure")
REASON_LENGTH = 200


@dataclass(frozen=True)
class Change:
    """What a look at its evidence changes in a duty; the ledger's word for it."""

    duty: Duty
    action: str


def today() -> date:
    """The day in Asia/Shanghai."""
    return timezone.localdate()


def _locked(duty_id: int) -> Duty:
    return Duty.objects.select_for_update(of=("self",)).select_related("item").get(pk=duty_id)


def about(duty: Duty, **more: object) -> dict[str, object]:
    """What the ledger says of a duty, besides what happened to it."""
    return {
        "duty": duty.pk,
        "subject": duty.subject_key,
        "period": duty.period,
        "due_on": duty.due_on.isoformat(),
        "late": duty.is_late,
        **more,
    }


def _tell(duty: Duty, action: str, actor: Actor, **more: object) -> None:
    stream = f"duties:{duty.item.code}"
    append(stream=stream, action=action, actor=actor, data=about(duty, **more))


@transaction.atomic
def attach_evidence(
    *,
    duty_id: int,
    actor: Actor,
    user: User | None = None,
    page: Page | None = None,
    document: Document | None = None,
    dataset: str = "",
) -> Duty:
    """Give a duty a page, a file or a dataset as its evidence, and look at it at once.

    Attaching the same thing twice changes nothing. Locks the duty. Raises DutyError.
    """
    duty = _locked(duty_id)
    if duty.state in {DutyState.WITHDRAWN, DutyState.NONE}:
        raise DutyError("not_open")
    kind, title = _kind_of(page, document, dataset)
    keys = {"page_id": page and page.pk, "document": document, "dataset": dataset, "kind": kind}
    _row, made = Evidence.objects.get_or_create(
        duty=duty, removed_at=None, **keys, defaults={"title": title[:255], "added_by": user}
    )
    if made:
        _tell(duty, "duty.evidence_added", actor, kind=kind)
    _look_again([duty], actor)
    return duty


def _kind_of(page: Page | None, document: Document | None, dataset: str) -> tuple[str, str]:
    if page is not None:
        return EvidenceKind.PAGE, page.title
    if document is not None:
        return EvidenceKind.FILE, document.title
    if dataset:
        return EvidenceKind.DATASET, dataset
    raise DutyError("nothing_given")


@transaction.atomic
def remove_evidence(*, evidence_id: int, actor: Actor) -> Duty:
    """Take a piece of evidence away; its duty opens again when nothing else proves it."""
    evidence = Evidence.objects.get(pk=evidence_id)
    duty = _locked(evidence.duty_id)
    if evidence.removed_at is None:
        evidence.removed_at = timezone.now()
        evidence.save(update_fields=["removed_at"])
        _tell(duty, "duty.evidence_removed", actor, kind=evidence.kind)
    _look_again([duty], actor)
    return duty


@transaction.atomic
def declare_none(*, duty_id: int, reason: str, actor: Actor) -> Duty:
    """Declare that a duty did not arise (本月无). After its day that is a late declaration.

    Raises DutyError when the item arises in every period, without a reason, or with evidence.
    """
    duty = _locked(duty_id)
    reason = " ".join(reason.split())[:REASON_LENGTH]
    if duty.state != DutyState.OPEN:
        raise DutyError("not_open")
    if not duty.item.may_not_arise:
        raise DutyError("always_arises")
    if not reason:
        raise DutyError("reason_required")
    duty.state, duty.reason, duty.met_on = DutyState.NONE, reason, today()
    duty.is_late = duty.met_on > duty.due_on
    duty.save(update_fields=["state", "reason", "met_on", "is_late"])
    _tell(duty, "duty.declared", actor)
    retally(item_id=duty.item_id, days=[duty.due_on])
    return duty


@transaction.atomic
def withdraw_declaration(*, duty_id: int, actor: Actor) -> Duty:
    """Take a declaration back: the duty is open, and late if its day has passed."""
    duty = _locked(duty_id)
    if duty.state != DutyState.NONE:
        raise DutyError("not_declared")
    _tell(duty, "duty.declaration_withdrawn", actor)
    duty.state, duty.reason, duty.met_on, duty.is_late = DutyState.OPEN, "", None, False
    duty.save(update_fields=["state", "reason", "met_on", "is_late"])
    retally(item_id=duty.item_id, days=[duty.due_on])
    return duty


@transaction.atomic
def open_occasion(
    *,
    item: CatalogueItem,
    happened_on: date,
    mark: str,
    title: str,
    actor: Actor,
    subject_key: str = "",
    enterprise: Enterprise | None = None,
) -> Duty:
    """Open the duty that a single occasion brings (a penalty, an ad-hoc report): due by its rule.

    ``mark`` names the occasion within item and subject, e.g. a decision's number; entering it
    twice raises DutyError, as do a day to come and an item without a rule for occasions.
    """
    if happened_on > today():
        raise DutyError("in_future")
    rules = [rule for rule in item.rules.all() if rule.rhythm == Rhythm.EVENT]
    rule = rule_in_force(rules, happened_on)
    if rule is None:
        raise DutyError("no_rule")
    key = f"e:{enterprise.code}" if enterprise else subject_key or _only_subject(item)
    department = item.department_id or (enterprise.supervisor_id if enterprise else None)
    if department is None:
        department = Subjects(item).on(happened_on)[key].department_id
    due = due_of(starts_on=happened_on, limit=rule.limit)
    duty, made = Duty.objects.get_or_create(
        item=item,
        subject_key=key,
        period=mark[:40],
        defaults={
            "department_id": department,
            "enterprise": enterprise,
            "title": title[:120],
            "starts_on": happened_on,
            "due_on": due.day,
            "limit": rule.limit,
            "explanation": {**due.explanation, "clause": rule.clause.code},
        },
    )
    if not made:
        raise DutyError("exists")
    _tell(duty, "duty.opened", actor)
    retally(item_id=item.pk, days=[duty.due_on])
    return duty


def _only_subject(item: CatalogueItem) -> str:
    if item.subject == SubjectKind.DISTRICT:
        return "district"
    raise DutyError("no_rule")


@transaction.atomic
def take_page(*, page_id: int) -> Duty | None:
    """Make a published disclosure the evidence of the duty it names; None when there is none."""
    page = DisclosurePage.objects.filter(pk=page_id, live=True).first()
    if page is None:
        return None
    named = Duty.objects.filter(item=page.item_id, period=page.period)
    if page.enterprise_id:
        named = named.filter(enterprise=page.enterprise_id)
    else:
        named = named.filter(enterprise=None, department=page.department_id)
    duty = named.exclude(state__in=(DutyState.NONE, DutyState.WITHDRAWN)).first()
    return attach_evidence(duty_id=duty.pk, actor=SYSTEM, page=page) if duty else None


@transaction.atomic
def look_again(*, duty_ids: Sequence[int], actor: Actor = SYSTEM) -> list[Change]:
    """Look at the evidence of these duties and settle them. Locks them.

    5 statements for what nobody touched since the last look, however many duties; those of a
    change, and reading what changed, besides.
    """
    duties = list(
        Duty.objects.select_for_update(of=("self",))
        .select_related("item")
        .filter(pk__in=duty_ids, state__in=(DutyState.OPEN, DutyState.MET))
        .order_by("pk")
    )
    return _look_again(duties, actor)


def _look_again(duties: Sequence[Duty], actor: Actor) -> list[Change]:
    held = evidence_of(duties)
    ids = [e.page_id for rows in held.values() for e in rows if e.page_id]
    pages = public_pages(ids) if ids else {}
    changes, read, touched = [], [], []
    day = today()
    for duty in duties:
        looks = [look(evidence, duty, pages) for evidence in held[duty.pk]]
        read += [one for one in looks if _remember(one)]
        before = (duty.state, duty.fault, duty.fault_since)
        action = settle(duty, looks, day)
        if action:
            changes.append(Change(duty, action))
        if action or before != (duty.state, duty.fault, duty.fault_since):
            touched.append(duty)
    Evidence.objects.bulk_update([one.evidence for one in read], ["mark", "fault"])
    _write(duties, touched, day)
    _tell_changes(changes, actor)
    return changes


def _remember(one: Look) -> bool:
    """Keep what a look found on its evidence; whether that is news."""
    news = (one.mark, one.fault) != (one.evidence.mark, one.evidence.fault)
    one.evidence.mark, one.evidence.fault = one.mark, one.fault
    return news


def _write(duties: Sequence[Duty], touched: Sequence[Duty], day: date) -> None:
    Duty.objects.bulk_update(
        touched, ["state", "met_on", "is_late", "fault", "fault_since"], batch_size=500
    )
    Duty.objects.filter(pk__in=[duty.pk for duty in duties]).update(checked_on=day)


def settle(duty: Duty, looks: Sequence[Look], day: date) -> str:
    """Give ``duty`` the state that its evidence deserves on ``day``; the ledger's word or ''."""
    faults = [one.fault for one in looks]
    if "" in faults:
        duty.fault, duty.fault_since = "", None
        return _meet(duty, day) if duty.state == DutyState.OPEN else ""
    fault = faults[0] if faults else ""
    if duty.state == DutyState.OPEN:
        duty.fault = fault
        return ""
    taken = all(one in TAKEN_AWAY for one in faults)
    if not taken and (duty.fault_since is None or duty.fault_since >= day):
        duty.fault, duty.fault_since = fault, duty.fault_since or day
        return ""
    return _reopen(duty, fault)


def _meet(duty: Duty, day: date) -> str:
    duty.state, duty.met_on, duty.is_late = DutyState.MET, day, day > duty.due_on
    return "duty.met"


def _reopen(duty: Duty, fault: str) -> str:
    duty.state, duty.met_on, duty.is_late = DutyState.OPEN, None, False
    duty.fault, duty.fault_since = fault, None
    return "duty.reopened"


def _tell_changes(changes: Sequence[Change], actor: Actor) -> None:
    if not changes:
        return
    days: defaultdict[int, set[date]] = defaultdict(set)
    for change in changes:
        days[change.duty.item_id].add(change.duty.due_on)
    for item_id, due in sorted(days.items()):
        retally(item_id=item_id, days=due)
    append_bulk(
        [Record(f"duties:{c.duty.item.code}", c.action, actor, about(c.duty)) for c in changes]
    )
