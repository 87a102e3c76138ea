"""Reports joined to one main case (并单): each keeps its own receipt, answer and rating."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from complaints.errors import InvalidInput
from complaints.models import Act, Case
from complaints.workflow import State, find
from foundation.media.models import Photo
from foundation.media.selectors import photos_by_stream

#: States of a case in which its answer can be rated.
RATABLE = frozenset({State.REPLIED, State.PENDING_FOLLOWUP, State.PARTIALLY_CLOSED, State.CLOSED})
#: Acts on the main case that everybody joined to it sees; what its own reporter did is private.
FOLLOWED = frozenset(
    {
        "accept",
        "reject",
        "refer_out",
        "dispatch",
        "answer_directly",
        "sign_for",
        "blow_whistle",
        "report_in",
        "end_whistle",
        "grant_extension",
        "suspend",
        "respond",
        "resume",
        "complete",
        "approve",
        "start_followup",
        "reopen",
        "close",
        "close_stage",
        "escalate",
        "continue",
        "overturn_answer",
    }
)
SHOWN = 50
COLUMNS = ("uid", "number", "description", "submitted_at", "rating", "channel", "photo_count")


def members_of(main: Case) -> QuerySet[Case]:
    """Return the reports joined to ``main``, the earliest first."""
    return Case.objects.filter(main_case=main, state=State.MERGED).order_by("submitted_at", "pk")


def shown_case(case: Case) -> Case:
    """Return the case whose progress the reporter of ``case`` follows: the main one if joined.

    No query when ``main_case`` is loaded.
    """
    main = case.main_case if case.state == State.MERGED else None
    return main or case


def is_ratable(case: Case) -> bool:
    """Whether there is an answer to rate. At most one query, for the main case."""
    return shown_case(case).state in RATABLE


def splits_of(case: Case) -> int:
    """Return how often the reporter said that it is another problem. One query."""
    return Act.objects.filter(case=case, action="ask_split", actor_kind="resident").count()


def main_for(case: Case, number: str) -> Case:
    """Return the main case that ``case`` may join. One query.

    Raises InvalidInput, naming the way out, when it is the case itself, was merged, or has ended.
    """
    main = Case.objects.filter(number=number).select_related("main_case").first()
    if main is None or main.pk == case.pk:
        raise _refused(_("Choose another open case that is not merged itself."))
    if main.main_case_id == case.pk:
        raise _refused(
            _("%(number)s belongs to this case. Open it and choose “Make it the main case”."), main
        )
    if main.main_case is not None:
        raise _refused(_("%(number)s belongs to %(main)s. Choose that one."), main)
    if not main.is_open:
        raise _refused(_("%(number)s has ended. Choose an open case."), main)
    return main


def _refused(sentence: object, main: Case | None = None) -> InvalidInput:
    if main is None:
        return InvalidInput(str(sentence), field="main_number")
    words = {"number": main.number, "main": main.main_case.number if main.main_case else ""}
    return InvalidInput(str(sentence) % words, field="main_number")


@dataclass(frozen=True)
class Group:
    """Everybody who reported one problem, for the main case's page."""

    members: tuple[Case, ...] = ()
    total: int = 0
    photos: Mapping[str, Photo] | None = None

    @property
    def people(self) -> int:
        """How many reports there are, the main one included."""
        return self.total + 1


def group_of(case: Case) -> Group:
    """Return the reports joined to ``case``. One query; two more when there are any.

    No query for a case of which :func:`complaints.selectors.desk.find_case` knows that it has none.
    """
    if case.__dict__.get("has_members") is False:
        return Group()
    members = list(members_of(case).only(*COLUMNS)[:SHOWN])
    if not members:
        return Group()
    total = len(members) if len(members) < SHOWN else members_of(case).count()
    shots = photos_by_stream([member.stream for member in members if member.photo_count])
    return Group(tuple(members), total, {stream: found[0] for stream, found in shots.items()})


def may_become_main(case: Case) -> bool:
    """Whether a joined report can still change places with its main case. No query if loaded."""
    main = shown_case(case)
    return main is not case and find(main.state, "merge") is not None
