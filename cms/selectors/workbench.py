"""Reads of the editors' workbench: the duties of one's departments and the pages begun for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from cms.models import DisclosurePage, Duty, DutyState
from cms.policies import kept_by
from foundation.accounts.access import Access

TABS = ("open", "overdue", "done")
PAGE_SIZE = 40
#: What was settled stays on the list of what is done for so long.
DONE_FOR = timedelta(days=60)


@dataclass(frozen=True)
class Work:
    """One duty with the page that somebody has begun to write for it, if any."""

    duty: Duty
    draft: DisclosurePage | None


@dataclass(frozen=True)
class Bench:
    """One tab of the workbench and how much lies in each."""

    tab: str
    works: list[Work]
    open_count: int
    overdue_count: int
    after: str


def duties_kept(access: Access) -> QuerySet[Duty]:
    """The duties that an editor keeps: the list and the single duty ask the same condition."""
    return Duty.objects.filter(kept_by(access)).exclude(state=DutyState.WITHDRAWN)


def duty_kept(access: Access, pk: int) -> Duty | None:
    """One duty that the editor keeps, else None. 1 query."""
    found = duties_kept(access).select_related("item", "department", "enterprise")
    return found.filter(pk=pk).first()


def _behind(key: str) -> Q:
    day, _comma, pk = key.partition(",")
    try:
        at, number = date.fromisoformat(day), int(pk)
    except ValueError:
        return Q()
    return Q(due_on__gt=at) | Q(due_on=at, pk__gt=number)


def bench(access: Access, *, tab: str = "", after: str = "") -> Bench:
    """Return one tab, the earliest due day first, paged by key. 4 queries."""
    today = timezone.localdate()
    kept = duties_kept(access)
    waiting = kept.filter(state=DutyState.OPEN)
    done = kept.filter(state__in=(DutyState.MET, DutyState.NONE), met_on__gte=today - DONE_FOR)
    lists = {
        "open": waiting.filter(due_on__gte=today),
        "overdue": waiting.filter(due_on__lt=today),
        "done": done,
    }
    tab = tab if tab in lists else "open"
    shown = lists[tab].filter(_behind(after)).order_by("due_on", "pk")
    rows = list(shown.select_related("item", "department", "enterprise")[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return Bench(
        tab=tab,
        works=_with_drafts(rows[:PAGE_SIZE]),
        open_count=lists["open"].count(),
        overdue_count=lists["overdue"].count(),
        after=f"{last.due_on},{last.pk}" if last else "",
    )


def _key(page: DisclosurePage) -> tuple[object, ...]:
    return page.item_id, page.period, page.department_id, page.enterprise_id


def _with_drafts(duties: Iterable[Duty]) -> list[Work]:
    duties = list(duties)
    periods = {duty.period for duty in duties}
    pages = DisclosurePage.objects.filter(
        item__in={duty.item_id for duty in duties}, period__in=periods
    )
    drafts = {_key(page): page for page in pages}
    return [
        Work(d, drafts.get((d.item_id, d.period, d.department_id, d.enterprise_id))) for d in duties
    ]


def draft_of(duty: Duty) -> DisclosurePage | None:
    """The page that was begun or published for this duty, else None. 1 query."""
    found: DisclosurePage | None = DisclosurePage.objects.filter(
        item=duty.item_id,
        period=duty.period,
        department=duty.department_id,
        enterprise=duty.enterprise_id,
    ).first()
    return found
