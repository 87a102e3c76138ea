"""What the desk reads: the queue in order of risk, its tabs, and one case with all that belongs."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.lookups import Exact
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from complaints.identity import Identity
from complaints.models import Act, Case, Clock
from complaints.models.case import SERIAL_INDEXED, serial_of_number
from complaints.numbers import is_case_number
from complaints.performer import Performer
from complaints.policies import conditions_of, parties_of, visible
from complaints.selectors.assists import late_calls
from complaints.selectors.casefile import Step, steps_of
from complaints.selectors.deadlines import clock_of, with_clock, working_days_left
from complaints.selectors.evidence import CasePhotos, photos_of
from complaints.selectors.kinds import below, first_of_kinds, of_kinds
from complaints.selectors.relations import attach_relations
from complaints.selectors.rules import category_by_code, rules
from complaints.workflow import STATES, Party, State, Transition, actions_from
from foundation.accounts.access import Access
from foundation.accounts.models import Role
from foundation.places.selectors import area_by_code, children_of, department_by_code

PAGE_SIZE = 50
SOON = timedelta(hours=24)
#: How far the leaders' overview looks ahead; its numbers lead to lists of the same cases.
AHEAD = timedelta(days=3)
#: What the filter for places calls cases that have none yet.
NO_PLACE = "none"
NUMBER_PART = re.compile(r"[^0-9A-Z-]")

#: Columns that rows show and that the first case's pane and guards ask for; the long texts and
#: hashes stay in the database.
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
    "is_key",
    "identity",
    "conflict_count",
    "rating",
    "account_id",
    "area_path",
    "lat",
    "lon",
    "return_count",
    "extension_count",
    "reopen_count",
    "redress_count",
    "replied_at",
    "closed_at",
    "completed_by",
    "category_id",
    "area_id",
    "owner_department_id",
    "owner_grid_id",
    "suggested_department_id",
    "suggested_grid_id",
    "track",
    "is_ruled",
    "assist_count",
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
    identity: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str], default_tab: str = "open") -> "QueueFilter":
        """Read a query string's values."""
        tab = query.get("tab", default_tab)
        state = query.get("state", "")
        return cls(
            tab=tab if tab in TABS else default_tab,
            states=(state,) if state in set(State) else (),
            category=query.get("category", "")[:60],
            area=query.get("area", "")[:32],
            department=query.get("department", "")[:40],
            number=NUMBER_PART.sub("", query.get("number", "").upper())[:24],
            cursor=query.get("cursor", "")[:200],
            identity=identity if (identity := query.get("identity", "")) in Identity else "",
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tab is asked for."""
        asked = (self.states, self.category, self.area, self.department, self.number, self.identity)
        return any(asked)

    @property
    def searches(self) -> bool:
        """Whether a number is looked for: then everything visible counts, not the tab's part."""
        return bool(self.number)


@dataclass(frozen=True)
class QueueRow:
    """A case in the list with the clock that its due time comes from."""

    case: Case
    started_at: datetime | None = None
    working_days: int | None = None


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue and the cursor of the next ('' when this is the last)."""

    cases: list[Case]
    next_cursor: str
    counts: dict[str, int] = field(default_factory=dict)
    rows: list[QueueRow] = field(default_factory=list)


Tab = Callable[[Access, datetime], Q]


def _tab_all(access: Access, now: datetime) -> Q:
    return Q()


def _tab_new(access: Access, now: datetime) -> Q:
    return Q(state=State.SUBMITTED)


def _tab_soon(access: Access, now: datetime) -> Q:
    return Q(due_at__gt=now, due_at__lte=now + SOON)


def _tab_ahead(access: Access, now: datetime) -> Q:
    return Q(due_at__gt=now, due_at__lte=now + AHEAD)


def _tab_overdue(access: Access, now: datetime) -> Q:
    return Q(due_at__lte=now)


def _tab_calls(access: Access, now: datetime) -> Q:
    return late_calls(now)


def _tab_mine(access: Access, now: datetime) -> Q:
    """Cases that wait for this person: each way of reaching a case with the parties it makes."""
    waiting = Q(pk__in=[])
    for condition in conditions_of(access):
        if condition.parties:
            waiting |= condition.waiting
    return waiting


#: What each tab picks among the open cases; the tab of ended cases takes all that are not open.
TABS: dict[str, Tab] = {
    "new": _tab_new,
    "soon": _tab_soon,
    "overdue": _tab_overdue,
    "calls": _tab_calls,
    "mine": _tab_mine,
    "open": _tab_all,
    "ended": _tab_all,
    "ahead": _tab_ahead,
}
#: Tabs that links lead to and the bar leaves out unless one stands there.
LINKED_TABS = frozenset({"ahead"})
COUNTED_TABS = ("new", "soon", "overdue", "calls", "mine", "open")
DISTRICT_WIDE = (Role.DISPATCHER, Role.SUPERVISOR, Role.FOLLOWUP_CLERK, Role.LEADER, Role.AUDITOR)


def tabs_of(access: Access) -> tuple[str, ...]:
    """Return the tabs that make sense for a person, in the order of the bar."""
    hidden = set(LINKED_TABS)
    if not access.has(*DISTRICT_WIDE):
        hidden.add("new")
    if not any(condition.parties for condition in conditions_of(access)):
        hidden.add("mine")
    return tuple(tab for tab in TABS if tab not in hidden)


def default_tab(access: Access) -> str:
    """Return where a person's desk opens: new reports, one's own turn, or everything (readers)."""
    if access.has(Role.DISPATCHER):
        return "new"
    return "mine" if "mine" in tabs_of(access) else "open"


def is_better_overdue(wanted: QueueFilter, page: QueuePage) -> bool:
    """Whether a desk that was opened without a wish has nothing to show, but something is late."""
    is_empty = not page.rows and not wanted.is_narrowed and not wanted.cursor
    return is_empty and wanted.tab != "overdue" and bool(page.counts.get("overdue"))


def queue(performer: Performer, wanted: QueueFilter, *, counts: bool = True) -> QueuePage:
    """Return one page of cases the performer may see, the most urgent first, keyset paged.

    At most 4 queries, 5 with a kind asked for: the page with its clocks, the tabs' counts, and the
    versions of places and calendar. Open tabs stand on the partial indexes of open cases.
    """
    rules()
    now = timezone.now()
    base = Case.objects.filter(visible(performer.access))
    area = area_by_code(wanted.area) if wanted.area else None
    within, ended = area.path if area else "", wanted.tab == "ended" and not wanted.searches
    inside = Case.objects.filter(visible(performer.access, within=within, ended=ended))
    newest_first = wanted.searches or wanted.tab == "ended"
    found = inside if wanted.searches else _in_tab(inside, performer, wanted.tab, now)
    found = _narrowed(found, wanted)
    ordering = ("-submitted_at", "-id") if newest_first else ("due_at", "id")
    found = _after(found, wanted.cursor, ordering)
    rows = _first(with_clock(found.only(*LIST_COLUMNS)), wanted, ordering)
    page = rows[:PAGE_SIZE]
    attach_relations(page)
    more = _cursor(page[-1], ordering) if len(rows) > PAGE_SIZE else ""
    drawn = [_row(case, *clock_of(case), now) for case in page]
    return QueuePage(page, more, _counts(base, performer, now) if counts else {}, drawn)


def matching(performer: Performer, wanted: QueueFilter) -> QuerySet[Case]:
    """Return everything that :func:`queue` pages through, in no order, for files and counts."""
    found = Case.objects.filter(visible(performer.access))
    if not wanted.searches:
        found = _in_tab(found, performer, wanted.tab, timezone.now())
    category = category_by_code(wanted.category) if wanted.category else None
    if category is not None:
        found = found.filter(of_kinds(below(category)))
    return _narrowed(found, wanted)


def _in_tab(base: QuerySet[Case], performer: Performer, tab: str, now: datetime) -> QuerySet[Case]:
    return base.filter(TABS[tab](performer.access, now), is_open=tab != "ended")


def queue_rows(cases: Sequence[Case], now: datetime) -> list[QueueRow]:
    """Return the rows of ``cases`` with the clock each due time comes from. At most 2 queries."""
    running = Clock.objects.filter(
        case__in=[case.pk for case in cases if case.is_open], outcome=Clock.Outcome.RUNNING
    )
    started: dict[tuple[int, datetime | None], tuple[datetime | None, str]] = {
        (case_id, due): (start, limit)
        for case_id, due, start, limit in running.values_list(
            "case_id", "due_at", "started_at", "limit"
        )
    }
    return [_row(case, *started.get((case.pk, case.due_at), (None, "")), now) for case in cases]


def _row(case: Case, start: datetime | None, limit: str, now: datetime) -> QueueRow:
    return QueueRow(case, start, working_days_left(limit, case.due_at, now))


def _narrowed(found: QuerySet[Case], wanted: QueueFilter) -> QuerySet[Case]:
    if wanted.states:
        found = found.filter(state__in=wanted.states)
    area = area_by_code(wanted.area) if wanted.area else None
    if area is not None:
        found = found.filter(area_path__startswith=area.path)
    elif wanted.area == NO_PLACE:
        found = found.filter(in_no_town())
    department = department_by_code(wanted.department) if wanted.department else None
    if department is not None:
        found = found.filter(owner_department_id=department.pk)
    if wanted.identity:
        found = found.filter(identity=wanted.identity)
    return found.filter(_number_like(wanted.number)) if wanted.number else found


def _first(found: QuerySet[Case], wanted: QueueFilter, ordering: tuple[str, str]) -> list[Case]:
    """Read one page and one row more; a filter by kind finds further kinds by a second query."""
    category = category_by_code(wanted.category) if wanted.category else None
    if category is None:
        return list(found.order_by(*ordering)[: PAGE_SIZE + 1])
    return first_of_kinds(found, below(category), ordering, PAGE_SIZE + 1)


def in_no_town() -> Q:
    """Match cases that stand in no town or street: without a place, or with the district only."""
    return Q(area_path__in=["", *(area.path for area in children_of(None))])


def _number_like(typed: str) -> Q:
    """Match the beginning of a number, a date within it, or a running number ("42")."""
    if typed.isdigit() and len(typed) < 8:
        serial = f"{typed:0>4}-"
        return Q(Exact(serial_of_number(), serial[:SERIAL_INDEXED])) & Q(
            number__contains=f"-{serial}"
        )
    return Q(number__contains=f"-{typed}") if typed[:1].isdigit() else Q(number__startswith=typed)


def _counts(base: QuerySet[Case], performer: Performer, now: datetime) -> dict[str, int]:
    """Count the person's tabs over open cases only, in one statement."""
    shown = set(tabs_of(performer.access))
    wanted = {
        tab: Count("pk", filter=TABS[tab](performer.access, now))
        for tab in COUNTED_TABS
        if tab in shown
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
    if moment is None:
        return found
    # The plain bound lets an index start at the right place; the second part settles ties.
    if ordering[0] == "-submitted_at":
        found = found.filter(submitted_at__lte=moment)
        return found.filter(Q(submitted_at__lt=moment) | Q(pk__lt=pk))
    return found.filter(due_at__gte=moment).filter(Q(due_at__gt=moment) | Q(pk__gt=pk))


def _signer() -> Signer:
    return Signer(salt="complaints.desk.cursor")


#: Staff act at the desk in their posts' right; what they reported themselves they follow as
#: residents do.
DESK_PARTIES = frozenset(Party) - {Party.COMPLAINANT, Party.SYSTEM}


@dataclass(frozen=True)
class CaseView:
    """A case with everything its page shows, for one reader."""

    case: Case
    parties: frozenset[Party]
    actions: tuple[Transition, ...]
    acts: tuple[Act, ...]
    clocks: tuple[Clock, ...]
    photos: CasePhotos
    steps: tuple[Step, ...] = ()
    row: QueueRow | None = None

    @property
    def state_label(self) -> object:
        return STATES[State(self.case.state)].label


def find_case(performer: Performer, number: str) -> Case | None:
    """Return the case with ``number`` if the performer may see it today. At most one query."""
    if not is_case_number(number.upper()):
        return None
    found = Case.objects.filter(visible(performer.access), number=number.upper())
    joined = Exists(Case.objects.filter(main_case=OuterRef("pk")))
    found = found.select_related("handler", "main_case").annotate(has_members=joined)
    case = found.first()
    if case is not None:
        attach_relations([case])
    return case


def visible_among(access: Access, uids: Sequence[str]) -> list[str]:
    """Return those of the cases ``uids`` that somebody with ``access`` may see now. One query."""
    found = Case.objects.filter(visible(access), uid__in=uids)
    return [str(uid) for uid in found.values_list("uid", flat=True)]


def case_view(performer: Performer, case: Case) -> CaseView:
    """Return everything the case page shows. Three queries besides the case itself."""
    parties = parties_of(performer, case) & DESK_PARTIES
    acts = tuple(Act.objects.filter(case=case).order_by("-ledger_seq"))
    clocks = tuple(Clock.objects.filter(case=case).order_by("started_at", "id"))
    return CaseView(
        case=case,
        parties=parties,
        actions=tuple(actions_from(case.state, parties)),
        acts=acts,
        clocks=clocks,
        photos=photos_of(case),
        steps=steps_of(acts),
        row=_row(case, *_clock_behind(case, clocks), timezone.now()),
    )


def _clock_behind(case: Case, clocks: Sequence[Clock]) -> tuple[datetime | None, str]:
    """Return start and limit of the running clock that the case's due time comes from."""
    for clock in clocks:
        if clock.outcome == Clock.Outcome.RUNNING and clock.due_at == case.due_at:
            return clock.started_at, clock.limit
    return None, ""
