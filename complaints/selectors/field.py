"""What grid staff read on their phones: today's work, the most urgent first, and one task."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Q

from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.policies import conditions_of, parties_of, without_conflicts
from complaints.privacy import without_contacts
from complaints.selectors.casefile import ACT_LABELS
from complaints.selectors.deadlines import Deadline, deadline_of, with_clock
from complaints.selectors.evidence import REPORT, SUPPLEMENT, CasePhotos, photos_of
from complaints.workflow import Party, State, Text, Transition, actions_from
from foundation.accounts.access import Access
from foundation.ledger.models import Entry
from foundation.media.models import Photo
from foundation.media.selectors import photos_by_stream
from foundation.places.datum import Datum, Point, convert

TODAY_LIMIT = 100
HANDED_ON_LIMIT = 20
WORKING = (
    State.DISPATCHED,
    State.IN_PROGRESS,
    State.WHISTLED,
    State.SUSPENDED,
    State.PARTIALLY_CLOSED,
)
#: Others have to act, but the case may come back.
HANDED_ON = (
    State.RETURN_REQUESTED,
    State.EXTENSION_REQUESTED,
    State.IN_CONSULTATION,
    State.PENDING_REVIEW,
)
#: Acts whose internal words are meant for the handler.
TOLD = {
    "dispatch",
    "rule",
    "send_back",
    "deny_return",
    "deny_extension",
    "conclude_consultation",
    "resume",
}
#: Acts that carry words of the complainant.
ADDED = {"supplement", "supply_info", "reopen"}
RELATIONS = (
    "category",
    "category__parent",
    "area",
    "owner_department",
    "owner_grid",
    "suggested_department",
    "suggested_grid",
)
#: Which photo stands on the card, the likeliest first.
PICTURE_ORDER = {REPORT: 0, SUPPLEMENT: 1}
#: What would lead to the reporter. House numbers and plates stay: they lead to the problem.


@dataclass(frozen=True)
class Task:
    """One card: the case, its clean photos and what can be done with it."""

    case: Case
    photos: tuple[Photo, ...]
    actions: tuple[Transition, ...]

    @property
    def offered(self) -> frozenset[str]:
        return frozenset(row.action for row in self.actions)

    @property
    def position(self) -> Point | None:
        """WGS-84 longitude and latitude, if known."""
        lon, lat = self.case.lon, self.case.lat
        return (lon, lat) if lon is not None and lat is not None else None

    @property
    def map_position(self) -> Point | None:
        """The position as Chinese map apps count it: GCJ-02, six decimals (0.1 m)."""
        if self.position is None:
            return None
        lon, lat = convert(*self.position, source=Datum.WGS84, target=Datum.GCJ02)
        return round(lon, 6), round(lat, 6)

    @property
    def deadline(self) -> Deadline:
        """The clock behind the due time, as the desk shows it."""
        return deadline_of(self.case)

    @property
    def description(self) -> str:
        return without_contacts(self.case.description)

    @property
    def address(self) -> str:
        return without_contacts(self.case.address)

    @property
    def photo(self) -> Photo | None:
        """The picture of the card: what the reporter photographed, else any."""
        ranked = sorted(self.photos, key=lambda photo: PICTURE_ORDER.get(photo.purpose, 2))
        return ranked[0] if ranked else None


@dataclass(frozen=True)
class Said:
    """Words that came with an act: who-side title, time, text."""

    title: Text
    at: datetime
    text: str


@dataclass(frozen=True)
class Sheet:
    """Everything one task page shows."""

    task: Task
    photos: CasePhotos
    told: tuple[Said, ...] = ()
    added: tuple[Said, ...] = ()
    is_doubtful: bool = False

    @property
    def has_before(self) -> bool:
        """Whether a picture from before the work is there; the report's own counts."""
        return bool(self.photos.before or self.photos.report or self.photos.supplement)


def handled_by(access: Access) -> Q:
    """Return the list condition of cases that fall to ``access`` for handling."""
    mine = Q(pk__in=[])
    for condition in conditions_of(access):
        if Party.HANDLER in condition.parties:
            mine |= condition.q
    return mine & without_conflicts(access)


def my_tasks(performer: Performer) -> list[Task]:
    """Return the cases the performer handles, by due time (at most 100). Two queries."""
    cases = list(
        with_clock(Case.objects.filter(handled_by(performer.access), is_open=True))
        .filter(state__in=WORKING)
        .select_related("category", "area", "owner_department", "owner_grid")
        .order_by("due_at", "id")[:TODAY_LIMIT]
    )
    by_stream = photos_by_stream(case.stream for case in cases) if cases else {}
    return [_task(performer, case, by_stream.get(case.stream, [])) for case in cases]


def handed_on(performer: Performer) -> list[Case]:
    """Return the performer's cases that wait for somebody else (at most 20). One query."""
    return list(
        Case.objects.filter(handled_by(performer.access), is_open=True, state__in=HANDED_ON)
        .select_related("category", "area")
        .order_by("due_at", "id")[:HANDED_ON_LIMIT]
    )


def find_task_case(performer: Performer, number: str) -> Case | None:
    """Return the case with ``number`` if it is the performer's to handle today. One query."""
    return (
        with_clock(Case.objects.filter(handled_by(performer.access), number=number.upper()))
        .select_related(*RELATIONS)
        .first()
    )


def task_sheet(performer: Performer, case: Case) -> Sheet:
    """Return one case with its photos and what was said about it. Two queries."""
    photos = photos_of(case)
    acts = list(Act.objects.filter(case=case).order_by("-ledger_seq"))
    return Sheet(
        task=_task(performer, case, [*photos.from_complainant, *photos.before, *photos.after]),
        photos=photos,
        told=_said(act for act in acts if act.action in TOLD and act.internal_text)[:3],
        added=_said(act for act in acts if act.action in ADDED and act.public_text),
        is_doubtful=any(act.data.get("plausible") is False for act in acts),
    )


def version_after(case: Case, key: UUID) -> int | None:
    """Return the version that the act sent with ``key`` left; None when it never arrived.

    At most 2 queries.
    """
    seq = Act.objects.filter(case=case, key=key).values_list("ledger_seq", flat=True).first()
    if seq is None:
        return None
    data = cast(dict[str, Any], Entry.objects.get(seq=seq).data)
    return int(data["version"])


def _said(acts: Iterable[Act]) -> tuple[Said, ...]:
    return tuple(
        Said(
            title=ACT_LABELS.get(act.action, act.action),
            at=act.at,
            text=without_contacts(act.internal_text or act.public_text),
        )
        for act in acts
    )


def _task(performer: Performer, case: Case, photos: list[Photo]) -> Task:
    rows = actions_from(case.state, parties_of(performer, case) & {Party.HANDLER})
    return Task(case, tuple(photos), tuple(rows))
