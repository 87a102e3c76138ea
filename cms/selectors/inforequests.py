"""Reads of information requests: the applicant's, the office's, the public's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.timezone import localtime

from cms import receipts
from cms.inforequest_workflow import CLOCKS, OPEN_STATES, State, Text, Transition, rows_from
from cms.models import CatalogueProposal, InfoRequest, RequestAct, RequestClock
from cms.performer import Performer
from cms.policies import request_parties
from foundation.worktime.services import remaining_working_days

PAGE_SIZE = 30
SIMILAR = 5


def find_by_receipt(number: str, code: str) -> InfoRequest | None:
    """Return the request whose number and code both fit. One query, right or wrong."""
    digits = receipts.clean_code(code)
    return InfoRequest.objects.filter(
        number=number.strip().upper()[:24], receipt_hash=receipts.code_hash(digits)
    ).first()


def find_for_applicant(number: str, shown: Iterable[UUID], account: int | None) -> Any:
    """Return the request if its receipt was shown or the account filed it. One query."""
    mine = Q(uid__in=list(shown))
    if account is not None:
        mine |= Q(account_id=account)
    return InfoRequest.objects.filter(mine, number=number.upper()).first()


def own_requests(shown: Iterable[UUID], account: int | None) -> list[InfoRequest]:
    """Return the newest twenty requests of an account or of this session. One query."""
    mine = Q(uid__in=list(shown))
    if account is not None:
        mine |= Q(account_id=account)
    return list(InfoRequest.objects.filter(mine)[:20])


@dataclass(frozen=True)
class ClockStory:
    """A deadline that explains itself."""

    clock: RequestClock
    label: Text
    days: int
    skipped: list[Mapping[str, str]]
    pauses: list[tuple[datetime, datetime]]

    @property
    def is_running(self) -> bool:
        return self.clock.outcome == RequestClock.Outcome.RUNNING


def clock_stories(request: InfoRequest) -> list[ClockStory]:
    """Return the clocks of a request, newest first. One query."""
    now = timezone.now()
    return [
        ClockStory(
            clock,
            CLOCKS[clock.code].label,
            remaining_working_days(now, clock.due_at),
            list(clock.explanation.get("skipped", [])),
            [
                (localtime(datetime.fromisoformat(a)), localtime(datetime.fromisoformat(b)))
                for a, b in clock.pauses
            ],
        )
        for clock in request.clocks.order_by("-started_at", "-id")
    ]


def acts_of(request: InfoRequest) -> list[RequestAct]:
    """Return what happened, newest first. One query."""
    return list(request.acts.order_by("-ledger_seq"))


def offered(by: Performer, request: InfoRequest) -> list[Transition]:
    """Return the acts that ``by`` may do now, as the table and four eyes allow. No query."""
    parties = request_parties(by, request)
    rows = [row for row in rows_from(request.state) if row.parties & parties]
    first = request.drafted_by if request.state == State.IN_REVIEW else request.asked_by
    rows = [row for row in rows if not (row.other_person and first == by.name)]
    return [row for row in rows if _makes_sense(row.action, request)]


def _makes_sense(action: str, request: InfoRequest) -> bool:
    if action in {"grant_extension", "refuse_extension"}:
        return request.extension == "asked"
    if action == "ask_extension":
        return request.extension not in {"asked", "granted"}
    return action != "ask_correction" or not request.correction_count


TABS = ("waiting", "overdue", "review", "open", "ended")


@dataclass(frozen=True)
class DeskList:
    """One page of the office's list with the counts of its tabs."""

    tab: str
    rows: list[InfoRequest]
    counts: dict[str, int] = field(default_factory=dict)
    after: int = 0


def _of_tab(tab: str, now: datetime) -> Q:
    return {
        "waiting": Q(is_open=True, next_party="editor"),
        "overdue": Q(is_open=True, due_at__lt=now),
        "review": Q(is_open=True, state=State.IN_REVIEW) | Q(is_open=True, extension="asked"),
        "open": Q(is_open=True),
        "ended": Q(is_open=False),
    }[tab]


def desk_list(tab: str, *, page: int = 0) -> DeskList:
    """Return one page of a tab, what is due first in front. Two queries."""
    now = timezone.now()
    tab = tab if tab in TABS else "waiting"
    counts = InfoRequest.objects.aggregate(
        **{name: Count("pk", filter=_of_tab(name, now)) for name in TABS}
    )
    order = ("-ended_at", "-pk") if tab == "ended" else ("due_at", "pk")
    found = InfoRequest.objects.filter(_of_tab(tab, now)).order_by(*order)
    rows = list(found[page * PAGE_SIZE : (page + 1) * PAGE_SIZE + 1])
    return DeskList(tab, rows[:PAGE_SIZE], counts, page + 1 if len(rows) > PAGE_SIZE else 0)


def proposals() -> list[CatalogueProposal]:
    """Return open proposals for the catalogue with their number of requests. One query."""
    wanted = CatalogueProposal.objects.filter(state=CatalogueProposal.State.OPEN)
    return list(wanted.annotate(count=Count("requests"))[:20])


def answered_publicly() -> QuerySet[InfoRequest]:
    """Published answers, newest first; only their ``public_*`` fields may be shown."""
    found = InfoRequest.objects.filter(published_at__isnull=False, state=State.ANSWERED)
    return found.order_by("-published_at", "-id")


def open_count() -> int:
    """How many requests are open now. One query."""
    return InfoRequest.objects.filter(state__in=sorted(OPEN_STATES)).count()
