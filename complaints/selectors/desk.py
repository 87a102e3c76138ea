"""What the desk reads: the queue in order of risk, its tabs, and one case with all that belongs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from complaints.models import Act, Case, Clock
from complaints.performer import Performer
from complaints.policies import parties_of, visible
from complaints.selectors.evidence import CasePhotos, photos_of
from complaints.selectors.rules import category_by_code, rules
from complaints.workflow import STATES, Party, State, Transition, actions_from
from foundation.accounts.access import Access
from foundation.places.selectors import area_by_code, department_by_code

PAGE_SIZE = 50
SOON = timedelta(hours=24)

#: Columns that a list row shows; everything else stays in the database.
LIST_COLUMNS = (
    "uid",
    "number",
    "state",
    "is_open",
    "version",
    "next_party",
    "due_at",
    "handling_due_at",
    "urgency",
    "description",
    "address",
    "photo_count",
    "submitted_at",
    "is_outside",
    "urge_count",
    "is_supervised",
    "rating",
    "category_id",
    "category__name",
    "area__name",
    "owner_department__name",
    "owner_department__short_name",
    "owner_grid__name",
    "suggested_department__name",
    "suggested_department__short_name",
    "suggested_department__code",
    "suggested_grid__name",
    "suggested_grid__code",
)


@dataclass(frozen=True)
class QueueFilter:
    """What the desk asks for. Unknown values are ignored, so that an old link never breaks."""

    tab: str = "open"
    states: tuple[str, ...] = ()
    category: str = ""
    area: str = ""
    department: str = ""
    number: str = ""
    cursor: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "QueueFilter":
        """Read a query string's values."""
        tab = query.get("tab", "open")
        state = query.get("state", "")
        return cls(
            tab=tab if tab in TABS else "open",
            states=(state,) if state in set(State) else (),
            category=query.get("category", "")[:60],
            area=query.get("area", "")[:32],
            department=query.get("department", "")[:40],
            number=query.get("number", "").strip().upper()[:24],
            cursor=query.get("cursor", "")[:200],
        )


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue and the cursor of the next ('' when this is the last)."""

    cases: list[Case]
    next_cursor: str
    counts: dict[str, int] = field(default_factory=dict)


def _open() -> Q:
    return Q(is_open=True)


def _tab_open(access: Access, user_id: int | None, now: datetime) -> Q:
    return _open()


def _tab_new(access: Access, user_id: int | None, now: datetime) -> Q:
    return _open() & Q(state=State.SUBMITTED)


def _tab_soon(access: Access, user_id: int | None, now: datetime) -> Q:
    return _open() & Q(due_at__gt=now, due_at__lte=now + SOON)


def _tab_overdue(access: Access, user_id: int | None, now: datetime) -> Q:
    return _open() & Q(due_at__lte=now)


def _tab_mine(access: Access, user_id: int | None, now: datetime) -> Q:
    """Cases that wait for what this person's roles do."""
    turns = _turns(access)
    return _open() & (Q(next_party__in=sorted(turns)) if turns else Q(handler_id=user_id))


def _tab_ended(access: Access, user_id: int | None, now: datetime) -> Q:
    return Q(is_open=False)


TABS = {
    "open": _tab_open,
    "new": _tab_new,
    "mine": _tab_mine,
    "soon": _tab_soon,
    "overdue": _tab_overdue,
    "ended": _tab_ended,
}
COUNTED_TABS = ("new", "mine", "soon", "overdue")


def _turns(access: Access) -> set[str]:
    from_roles = {
        "dispatcher": {Party.DISPATCHER, Party.REVIEWER},
        "followup_clerk": {Party.FOLLOWUP},
        "supervisor": {Party.SUPERVISOR},
        "street_officer": {Party.HANDLER, Party.REVIEWER},
        "bureau_officer": {Party.HANDLER},
        "grid_worker": {Party.HANDLER},
    }
    return {str(party) for role in access.roles for party in from_roles.get(str(role), set())}


def queue(performer: Performer, wanted: QueueFilter, *, counts: bool = True) -> QueuePage:
    """Return one page of cases the performer may see, the most urgent first, keyset paged.

    At most 3 queries: the page, the tabs' counts, and the places' version.
    """
    rules()
    now = timezone.now()
    base = Case.objects.filter(visible(performer.access))
    found = base.filter(TABS[wanted.tab](performer.access, performer.account_id, now))
    found = _narrowed(found, wanted)
    ordering = ("-submitted_at", "-id") if wanted.tab == "ended" else ("due_at", "id")
    found = _after(found, wanted.cursor, ordering)
    rows = list(
        found.select_related(
            "category",
            "area",
            "owner_department",
            "owner_grid",
            "suggested_department",
            "suggested_grid",
        )
        .only(*LIST_COLUMNS)
        .order_by(*ordering)[: PAGE_SIZE + 1]
    )
    page = rows[:PAGE_SIZE]
    more = _cursor(page[-1], ordering) if len(rows) > PAGE_SIZE else ""
    return QueuePage(page, more, _counts(base, performer, now) if counts else {})


def _narrowed(found: QuerySet[Case], wanted: QueueFilter) -> QuerySet[Case]:
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    category = category_by_code(wanted.category) if wanted.category else None
    if category is not None:
        ids = [c.pk for c in rules().categories.values() if category.pk in (c.pk, c.parent_id)]
        found = found.filter(category_id__in=ids)
    area = area_by_code(wanted.area) if wanted.area else None
    if area is not None:
        found = found.filter(area_path__startswith=area.path)
    department = department_by_code(wanted.department) if wanted.department else None
    if department is not None:
        found = found.filter(owner_department_id=department.pk)
    if wanted.number:
        found = found.filter(number__startswith=wanted.number)
    return found


def _counts(base: QuerySet[Case], performer: Performer, now: datetime) -> dict[str, int]:
    """Count the tabs over open cases only, in one statement."""
    wanted = {
        tab: Count("pk", filter=TABS[tab](performer.access, performer.account_id, now))
        for tab in COUNTED_TABS
    }
    return base.filter(is_open=True).aggregate(**wanted)


def _cursor(case: Case, ordering: tuple[str, ...]) -> str:
    moment = case.submitted_at if ordering[0] == "-submitted_at" else case.due_at
    return _signer().sign(f"{moment.isoformat() if moment else ''}|{case.pk}")


def _after(found: QuerySet[Case], cursor: str, ordering: tuple[str, ...]) -> QuerySet[Case]:
    """Continue behind ``cursor``; a cursor that was tampered with starts from the beginning."""
    if not cursor:
        return found
    try:
        moment_text, _sep, pk_text = _signer().unsign(cursor).partition("|")
    except BadSignature:
        return found
    moment, pk = parse_datetime(moment_text), int(pk_text)
    if ordering[0] == "-submitted_at":
        return found.filter(Q(submitted_at__lt=moment) | Q(submitted_at=moment, pk__lt=pk))
    return found.filter(Q(due_at__gt=moment) | Q(due_at=moment, pk__gt=pk))


def _signer() -> Signer:
    return Signer(salt="complaints.desk.cursor")


@dataclass(frozen=True)
class CaseView:
    """A case with everything its page shows, for one reader."""

    case: Case
    parties: frozenset[Party]
    actions: tuple[Transition, ...]
    acts: tuple[Act, ...]
    clocks: tuple[Clock, ...]
    photos: CasePhotos

    @property
    def state_label(self) -> object:
        return STATES[State(self.case.state)].label


CASE_RELATIONS = (
    "category",
    "category__parent",
    "area",
    "owner_department",
    "owner_grid",
    "suggested_department",
    "suggested_grid",
    "handler",
    "main_case",
)


def find_case(performer: Performer, number: str) -> Case | None:
    """Return the case with ``number`` if the performer may see it today. One query."""
    return (
        Case.objects.filter(visible(performer.access), number=number.upper())
        .select_related(*CASE_RELATIONS)
        .first()
    )


def case_view(performer: Performer, case: Case) -> CaseView:
    """Return everything the case page shows. Three queries besides the case itself."""
    parties = parties_of(performer, case)
    return CaseView(
        case=case,
        parties=parties,
        actions=tuple(actions_from(case.state, parties)),
        acts=tuple(Act.objects.filter(case=case).order_by("-ledger_seq")),
        clocks=tuple(Clock.objects.filter(case=case).order_by("started_at", "id")),
        photos=photos_of(case),
    )
