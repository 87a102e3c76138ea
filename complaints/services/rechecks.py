"""盲样抽查: draw closed cases once a week, and let somebody uninvolved judge them."""

import hashlib
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.errors import ActionRefused, CaseNotFound, InvalidInput
from complaints.inputs import clean_text
from complaints.models import Act, Case, Recheck, SampleDraw, SupervisionOrder
from complaints.performer import Performer
from complaints.sampling import list_digest, sample
from complaints.services.recording import locked_for, record
from complaints.services.supervision import issue_order
from complaints.workflow import Party, State
from foundation.ledger.actor import Actor
from foundation.ledger.models import Entry
from foundation.ledger.services import append
from foundation.places.models import AreaKind
from foundation.places.pack import Pack
from foundation.places.selectors import ancestors, snapshot
from foundation.worktime.services import deadline

SYSTEM = Performer(Actor.system("sample"))
WEEK = timedelta(days=7)
FEEDBACK_LIMIT = "2wd"
ENDED = (State.CLOSED, State.ARCHIVED)


def draw_last_week(*, now: datetime) -> SampleDraw | None:
    """Draw from the district's last whole week, once; None when that was done already."""
    today = timezone.localdate(now)
    monday = today - timedelta(days=today.weekday()) - WEEK
    if SampleDraw.objects.filter(first_day=monday).exists():
        return None
    return draw_week(first_day=monday)


def draw_week(*, first_day: date) -> SampleDraw:
    """Draw from what was closed in the week from ``first_day`` (a Monday, the district's date).

    The seed comes from the ledger's last entry, so that nobody chooses it; seed, drawn numbers and
    a digest of each whole list go into the ledger. One transaction.
    """
    share, least = _rule()
    with transaction.atomic():
        closed, ids = _closed_in(first_day)
        numbers = [number for listed in closed.values() for number in listed]
        seed = _seed(first_day)
        now = timezone.now()
        draw = SampleDraw.objects.create(
            first_day=first_day, seed=seed, drawn_at=now, closed_count=len(numbers)
        )
        chosen = sample(closed, seed=seed, share=share, least=least)
        Recheck.objects.bulk_create(
            Recheck(draw=draw, case_id=ids[number], unit=unit)
            for unit, listed in chosen.items()
            for number in listed
        )
        units = {
            unit: {"closed": len(closed[unit]), "sha256": list_digest(closed[unit]), "drawn": got}
            for unit, got in chosen.items()
        }
        append(
            stream=draw.stream,
            action="sample.drawn",
            actor=SYSTEM.actor,
            at=now,
            data={"seed": seed, "share": share, "least": least, "units": units},
        )
    return draw


def _rule() -> tuple[int, int]:
    """Return share (per cent) and least number of the district's pack; 5 and 1 without."""
    pack = Pack(settings.DISTRICT_PACK)
    if not pack.has("recheck"):
        return 5, 1
    row = pack.row("recheck")
    share, least = row.whole("share"), row.whole("least")
    row.finish()
    return share, least


def _closed_in(first_day: date) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Return the numbers of the week's closed cases by office, and their ids. One query."""
    start = timezone.make_aware(datetime.combine(first_day, time.min))
    cases = Case.objects.filter(
        state__in=ENDED, closed_at__gte=start, closed_at__lt=start + WEEK
    ).exclude(reply="")
    closed: dict[str, list[str]] = defaultdict(list)
    ids = {}
    rows = cases.values_list("number", "pk", "owner_department__code", "owner_grid_id")
    for number, pk, department, grid in rows.order_by("number"):
        closed[_unit(department, grid)].append(number)
        ids[number] = pk
    return dict(closed), ids


def _unit(department: str | None, grid: int | None) -> str:
    """Name the office that answers for a case: its department, or the street of its grid."""
    if department:
        return f"department:{department}"
    area = snapshot().areas_by_id.get(grid) if grid else None
    town = next((a for a in ancestors(area) if a.kind == AreaKind.TOWN), None) if area else None
    return f"street:{town.code}" if town else "desk"


def _seed(first_day: date) -> str:
    last = Entry.objects.order_by("-seq").values_list("hash", flat=True).first() or ""
    return hashlib.sha256(f"{last}:{first_day.isoformat()}".encode()).hexdigest()


def judge(*, recheck_uid: UUID, by: Performer, verdict: str, words: str = "") -> Recheck:
    """Keep what somebody uninvolved found, once; who disagrees says why, and an order follows.

    Raises CaseNotFound, NotPermitted, InvalidInput, ActionRefused (judged already, or had a part
    in the case).
    """
    if verdict not in Recheck.Verdict.values:
        raise InvalidInput(_("Please choose what you see."), field="verdict")
    text = clean_text(words, longest=500, label=_("Why"), field="words")
    if verdict == Recheck.Verdict.DISAGREE and not text:
        raise InvalidInput(_("Please write what is not solved."), code="required", field="words")
    with transaction.atomic():
        recheck = _locked(recheck_uid, by)
        recheck.verdict, recheck.words = verdict, text
        recheck.judged_by_id, recheck.judged_at = int(by.actor.id), timezone.now()
        recheck.save(update_fields=["verdict", "words", "judged_by", "judged_at"])
        details: dict[str, object] = {"verdict": verdict, "week": str(recheck.draw.first_day)}
        record(recheck.case, "recheck", by, internal=text, details=details)
        if verdict == Recheck.Verdict.DISAGREE:
            _order(recheck)
    return recheck


def _locked(uid: UUID, by: Performer) -> Recheck:
    found = Recheck.objects.filter(uid=uid).select_related("draw").first()
    if found is None:
        raise CaseNotFound(_("There is no such re-check here."))
    case = locked_for(found.case_id, by, Party.FOLLOWUP, Party.SUPERVISOR)
    found.refresh_from_db(fields=["verdict"])
    found.case = case
    if found.verdict:
        raise ActionRefused(_("This case was judged already."), code="judged")
    if Act.objects.filter(case=case, actor_kind="staff", actor_id=by.actor.id).exists():
        raise ActionRefused(
            _("You had a part in this case; somebody else has to look."), code="involved"
        )
    return found


def _order(recheck: Recheck) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        demand = gettext(
            "A blind re-check found the problem not solved. Look again and report what follows."
        )
    issue_order(
        case_id=recheck.case_id,
        by=SYSTEM,
        colour=SupervisionOrder.Colour.YELLOW,
        level=SupervisionOrder.Level.ORDER,
        reason_code=SupervisionOrder.Reason.DISAGREED,
        demand=demand,
        due=deadline(timezone.now(), FEEDBACK_LIMIT).due,
        key=f"recheck:{recheck.uid}",
    )
