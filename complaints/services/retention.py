"""What was kept long enough goes: contact first, then photos, then words. Statistics stay."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from complaints.models import Act, Case, RetentionRule
from complaints.models.case import LocationSource
from complaints.performer import Performer
from complaints.selectors.evidence import REPORT, SUPPLEMENT
from complaints.services.recording import record
from foundation.ledger.actor import Actor
from foundation.media.models import Photo
from foundation.media.services import erase
from foundation.places.models import Area, AreaKind
from foundation.vault.errors import RecordNotFound
from foundation.vault.masking import masked
from foundation.vault.services import shred

TOMBSTONE = "〔保存期满，已删除〕"
SYSTEM = Performer(Actor.system("retention"))
REASON = "time of retention is over"
#: Acts whose words the public may read: they are masked, not deleted.
ANSWERS = ("approve", "answer_directly")


@dataclass(frozen=True)
class Step:
    """One step: its name, the rule's column, and what it does to a locked case."""

    name: str
    column: str
    apply: Callable[[Case], None]


def _contact(case: Case) -> None:
    if case.complainant_record is None:
        return
    with suppress(RecordNotFound):  # Nothing is left to destroy then; the pointer goes as well.
        shred(case.complainant_record, actor=SYSTEM.actor, reason=REASON)
    case.complainant_record = None


def _photos(case: Case) -> None:
    mine = Photo.objects.filter(stream=case.stream, purpose__in=(REPORT, SUPPLEMENT))
    for pk in mine.values_list("pk", flat=True):
        erase(pk, actor=SYSTEM.actor, reason=REASON)


def _words(case: Case) -> None:
    """Replace free text, take the place back to its street, cut the tie to the account."""
    case.description = TOMBSTONE if case.description else ""
    case.address = TOMBSTONE if case.address else ""
    case.rating_text = TOMBSTONE if case.rating_text else ""
    case.reply = masked(case.reply)
    case.lon = case.lat = case.raw_location = None
    case.location_source = LocationSource.NONE
    case.account = None
    case.area = _street_of(case.area)
    case.area_path = case.area.path if case.area else ""
    acts = Act.objects.filter(case=case)
    acts.exclude(action__in=ANSWERS).exclude(public_text="").update(public_text=TOMBSTONE)
    acts.exclude(internal_text="").update(internal_text=TOMBSTONE)
    for act in acts.filter(action__in=ANSWERS).exclude(public_text=""):
        act.public_text = masked(act.public_text)
        act.save(update_fields=["public_text"])


def _street_of(area: Area | None) -> Area | None:
    while area is not None and area.kind in {AreaKind.GRID, AreaKind.COMMUNITY}:
        area = area.parent
    return area


STEPS = (
    Step("contact", "contact_days", _contact),
    Step("originals", "originals_days", _photos),
    Step("words", "words_days", _words),
)


def due(now: datetime) -> Iterator[tuple[Step, QuerySet[Case]]]:
    """Yield each step with the cases it is due for; one query for the rules. Lazy querysets."""
    rules = {rule.track: rule for rule in RetentionRule.objects.all()}
    for place, step in enumerate(STEPS):
        wanted = Q(pk__in=[])
        for track, rule in rules.items():
            ended_by = now - timedelta(days=getattr(rule, step.column))
            of_track = Q(track=track) if track else ~Q(track__in=[t for t in rules if t])
            wanted |= of_track & Q(closed_at__lte=ended_by)
        yield step, Case.objects.filter(wanted, is_open=False, retention_step=place)


def clear_due(*, now: datetime, limit: int) -> dict[str, int]:
    """Do each step for at most ``limit`` cases; return how many were done. Idempotent.

    One transaction a case: its ledger entry stands or falls with the deletion. Only due rows are
    read, by the index on (step, end).
    """
    done: dict[str, int] = {}
    for step, cases in due(now):
        ids = list(cases.order_by("closed_at").values_list("pk", flat=True)[:limit])
        done[step.name] = sum(_clear(pk, step, now) for pk in ids)
    return done


def _clear(pk: int, step: Step, now: datetime) -> bool:
    with transaction.atomic():
        place = STEPS.index(step)
        case = (
            Case.objects.select_for_update(of=("self",))
            .select_related("area__parent__parent")
            .filter(pk=pk, is_open=False, retention_step=place)
            .first()
        )
        if case is None:
            return False
        step.apply(case)
        case.retention_step = place + 1
        record(case, "anonymise", SYSTEM, details={"step": step.name})
    return True


def counts(now: datetime | None = None) -> dict[str, int]:
    """Return how many cases each step is due for. Four queries."""
    return {step.name: cases.count() for step, cases in due(now or timezone.now())}
