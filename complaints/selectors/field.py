"""What grid staff read on their phones: today's work, the most urgent first."""

from dataclasses import dataclass

from django.db.models import Q

from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import conditions_of, parties_of
from complaints.selectors.evidence import photos_of
from complaints.workflow import Party, State, Transition, actions_from
from foundation.media.models import Photo, PhotoState

TODAY_LIMIT = 100
WORKING = (
    State.DISPATCHED,
    State.IN_PROGRESS,
    State.WHISTLED,
    State.SUSPENDED,
    State.PARTIALLY_CLOSED,
)


@dataclass(frozen=True)
class Task:
    """One card: the case, its report photos and what can be done with it."""

    case: Case
    photos: tuple[Photo, ...]
    actions: tuple[Transition, ...]


def my_tasks(performer: Performer) -> list[Task]:
    """Return the cases the performer handles, by due time (at most 100). Two queries."""
    mine = Q(pk__in=[])
    for condition in conditions_of(performer.access):
        if Party.HANDLER in condition.parties:
            mine |= condition.q
    cases = list(
        Case.objects.filter(mine, is_open=True, state__in=WORKING)
        .select_related("category", "area", "owner_department", "owner_grid")
        .order_by("due_at", "id")[:TODAY_LIMIT]
    )
    by_stream: dict[str, list[Photo]] = {}
    streams = [case.stream for case in cases]
    for photo in Photo.objects.filter(stream__in=streams, state=PhotoState.CLEAN).order_by(
        "uploaded_at", "order"
    ):
        by_stream.setdefault(photo.stream, []).append(photo)
    return [_task(performer, case, by_stream.get(case.stream, [])) for case in cases]


def find_task(performer: Performer, case: Case) -> Task:
    """Return one case as a task. One query."""
    photos = photos_of(case)
    found = [*photos.report, *photos.before, *photos.after]
    return _task(performer, case, found)


def _task(performer: Performer, case: Case, photos: list[Photo]) -> Task:
    rows = actions_from(case.state, parties_of(performer, case) & {Party.HANDLER})
    return Task(case, tuple(photos), tuple(rows))
