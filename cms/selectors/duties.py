"""Reads of single duties: lists paged by key, one duty with its evidence."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from cms.models import CatalogueItem, Duty, DutyState, Evidence

PAGE_SIZE = 40
STATES = ("overdue", "open", "met", "late", "none")


@dataclass(frozen=True)
class DutyFilter:
    """What a list is asked for; empty fields ask for nothing."""

    state: str = ""
    department: str = ""
    item: str = ""
    year: int | None = None
    enterprise: str = ""


@dataclass(frozen=True)
class DutyPage:
    """One page of duties; ``after`` is the key of the next one, '' on the last."""

    duties: list[Duty]
    after: str


def _evidence() -> Prefetch[str]:
    rows = Evidence.objects.filter(removed_at__isnull=True).select_related("page", "document")
    return Prefetch("evidence", queryset=rows)


def all_duties() -> QuerySet[Duty]:
    """Duties that the public may read: all but withdrawn ones."""
    return Duty.objects.exclude(state=DutyState.WITHDRAWN)


def _in_state(state: str, today: date) -> Q:
    return {
        "overdue": Q(state=DutyState.OPEN, due_on__lt=today),
        "open": Q(state=DutyState.OPEN, due_on__gte=today),
        "met": Q(state=DutyState.MET, is_late=False),
        "late": Q(state__in=(DutyState.MET, DutyState.NONE), is_late=True),
        "none": Q(state=DutyState.NONE),
    }.get(state, Q())


def filtered(wanted: DutyFilter, today: date) -> QuerySet[Duty]:
    """Return the duties that a filter asks for; unknown values find nothing."""
    duties = all_duties().filter(_in_state(wanted.state, today))
    if wanted.department:
        duties = duties.filter(department__code=wanted.department)
    if wanted.item:
        duties = duties.filter(item__code=wanted.item)
    if wanted.enterprise:
        duties = duties.filter(enterprise__code=wanted.enterprise)
    if wanted.year:
        duties = duties.filter(due_on__range=(date(wanted.year, 1, 1), date(wanted.year, 12, 31)))
    return duties


def _behind(key: str) -> Q:
    """The filter for rows behind ``key`` ("2026-10-29,17"); none for a malformed key."""
    parts = key.split(",")
    try:
        day, pk = date.fromisoformat(parts[0]), int(parts[1])
    except (ValueError, IndexError):
        return Q()
    return Q(due_on__lt=day) | Q(due_on=day, pk__lt=pk)


def duty_page(wanted: DutyFilter, *, after: str = "", today: date | None = None) -> DutyPage:
    """Return one page, the latest due day first. 2 queries."""
    duties = filtered(wanted, today or timezone.localdate()).filter(_behind(after))
    duties = duties.select_related("item", "department", "enterprise")
    rows = list(duties.prefetch_related(_evidence()).order_by("-due_on", "-pk")[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    return DutyPage(rows[:PAGE_SIZE], f"{last.due_on},{last.pk}" if last else "")


def duty_by_id(pk: int) -> Duty | None:
    """Return one duty that the public may read, with its evidence. 2 queries."""
    found = all_duties().select_related("item__head", "department", "enterprise")
    return found.prefetch_related(_evidence()).filter(pk=pk).first()


def item_by_code(code: str) -> CatalogueItem | None:
    """Return an item with its rules and their clauses. 3 queries."""
    items = CatalogueItem.objects.select_related("head", "department")
    return items.prefetch_related("rules__clause").filter(code=code).first()
