"""The queue: tabs, filters, the list in order of risk, and the chosen case beside it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from complaints.hotline import is_configured
from complaints.identity import Identity
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import DESK_ROLES, parties_of
from complaints.selectors.desk import (
    DESK_PARTIES,
    LINKED_TABS,
    NO_PLACE,
    QueueFilter,
    QueuePage,
    default_tab,
    find_case,
    is_better_overdue,
    queue,
    tabs_of,
)
from complaints.selectors.desk_views import filters_of
from complaints.selectors.rules import categories
from complaints.selectors.tickets import number_by_ticket
from complaints.views.desk_pane import pane_context
from complaints.views.desk_rows import rows_html
from complaints.visitors import performer_of
from complaints.workflow import STATES, UNDO_OFFERED, State, Text
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles
from foundation.places.selectors import departments, towns

TAB_LABELS: dict[str, Text] = {
    "new": _("To accept"),
    "soon": _("Due soon"),
    "overdue": _("Overdue"),
    "calls": _("Not reported in"),
    "mine": _("My turn"),
    "open": _("All open"),
    "ended": _("Ended"),
    "ahead": _("Due in 3 days"),
}
EMPTY: dict[str, tuple[Text, Text]] = {
    "new": (_("All reports are accepted"), _("New ones appear here by themselves.")),
    "soon": (_("Nothing is due within 24 hours"), _("Well ahead of time.")),
    "overdue": (_("Nothing is overdue"), _("Well ahead of time.")),
    "calls": (_("Every department has come in time"), _("Whistles wait for nobody.")),
    "mine": (_("Nothing waits for you"), _("What others hand to you appears here.")),
    "open": (_("No open cases"), _("New ones appear here by themselves.")),
    "ended": (_("No ended cases yet"), _("Closed and rejected cases appear here.")),
    "ahead": (_("Nothing is due within three days"), _("Well ahead of time.")),
}
#: Tabs that should be empty; late calls show only while there are some.
ALARMS = ("overdue", "calls")
FILTERED_EMPTY = (_("Nothing matches"), _("Take a filter away, or look in another tab."))
FILTERS = ("state", "category", "area", "department", "identity", "number")


@require_safe
@require_roles(*DESK_ROLES)
def queue_page(request: HttpRequest) -> HttpResponse:
    """Show the reader's queue. A whole case number in the search opens that case. ≤ 10 queries.

    Opened without a wish while the reader's own tab is empty, it starts with what is overdue.
    """
    by = performer_of(request)
    wanted = QueueFilter.from_query(request.GET.dict(), default_tab(by.access))
    if wanted.number and not wanted.cursor:
        hit = find_case(by, wanted.number)
        if hit is not None:
            return redirect("desk:case", number=hit.number)
    if request.GET.get("number") and not wanted.cursor:
        found = number_by_ticket(by, request.GET["number"])
        if found:
            return redirect("desk:case", number=found)
    page = queue(by, wanted)
    if "tab" not in request.GET and is_better_overdue(wanted, page):
        return redirect(_address(QueryDict(), tab="overdue"))
    now = timezone.now()
    context: dict[str, Any] = {
        "now": now,
        "page": page,
        "drawn_rows": rows_html(page.rows, now),
        "wanted": wanted,
        "tabs": _tabs(by, wanted, page),
        "filters": _filters(wanted),
        "tab_label": TAB_LABELS[wanted.tab],
        "empty": FILTERED_EMPTY if wanted.is_narrowed else EMPTY[wanted.tab],
        "first_page": _address(request.GET, cursor=""),
        "next_page": _address(request.GET, cursor=page.next_cursor) if page.next_cursor else None,
        "previous_page": _address(request.GET, cursor="") if wanted.cursor else None,
        "reset": _address(QueryDict(), tab=wanted.tab),
        "here": request.get_full_path(),
        "export_query": _address(request.GET, tab=wanted.tab, cursor="").partition("?")[2],
        "undo_time": UNDO_OFFERED // timedelta(milliseconds=1),
        "may_register": by.access.has(Role.DISPATCHER),
        "may_import": is_configured(),
        "chosen": page.rows[0] if page.rows else None,
        **_own(request, by),
    }
    if page.cases:
        context |= _pane(by, page, request.get_full_path())
    return render(request, "complaints/desk/queue.html", context)


def _own(request: HttpRequest, by: Performer) -> dict[str, Any]:
    """Return the reader's named filters and the choices for many cases. One query."""
    here = _address(request.GET, number="", cursor="").partition("?")[2]
    queue = reverse("desk:queue")
    saved = [
        {"pk": f.pk, "name": f.name, "href": f"{queue}?{f.query}", "is_current": f.query == here}
        for f in filters_of(request.user.pk or 0)
    ]
    more: dict[str, Any] = {"saved": saved, "save_query": here}
    if by.access.has(Role.DISPATCHER):
        offices = [(f"department:{d.code}", d.short_name or d.name) for d in departments()]
        more |= {"bulk_owners": offices, "bulk_key": uuid4()}
    return more


def _pane(by: Performer, page: QueuePage, here: str) -> dict[str, Any]:
    """Draw the first case beside the list: its row is read already, only photos are missing."""
    case: Case = page.cases[0]
    parties = parties_of(by, case) & DESK_PARTIES
    return pane_context(by, case, page.rows[0], parties, back=here, with_photos=False)


def _tabs(by: Performer, wanted: QueueFilter, page: QueuePage) -> list[dict[str, Any]]:
    return [
        {
            "name": tab,
            "label": TAB_LABELS[tab],
            "count": page.counts.get(tab),
            "href": _address(QueryDict(), tab=tab),
            "is_current": tab == wanted.tab and not wanted.searches,
            "is_alarm": tab in ALARMS and bool(page.counts.get(tab)),
        }
        for tab in _tab_bar(by, wanted, page)
    ]


def _tab_bar(by: Performer, wanted: QueueFilter, page: QueuePage) -> list[str]:
    """Return the tabs to draw: those of the reader, and the one a link led to."""
    silent = "calls" if wanted.tab != "calls" and not page.counts.get("calls") else ""
    bar = [tab for tab in tabs_of(by.access) if tab != silent]
    return bar if wanted.tab in bar or wanted.tab not in LINKED_TABS else [*bar, wanted.tab]


def _filters(wanted: QueueFilter) -> dict[str, Any]:
    """Return the choices of each filter as (value, label) pairs."""
    states = [s for s in State if STATES[s].is_open is (wanted.tab != "ended")]
    return {
        "states": [(s.value, STATES[s].label) for s in states],
        "state": wanted.states[0] if wanted.states else "",
        "categories": _category_choices(),
        "towns": [*((town.code, town.name) for town in towns()), (NO_PLACE, _("No place yet"))],
        "departments": [(d.code, d.short_name or d.name) for d in departments()],
        "identities": Identity.choices,
    }


def _category_choices() -> list[tuple[str, str]]:
    """Return the categories in use, each followed by those below it, set in by one space."""
    known = categories()
    choices = []
    for top in (c for c in known if c.parent_id is None):
        choices.append((top.code, top.name))
        choices += [(c.code, f"　{c.name}") for c in known if c.parent_id == top.pk]
    return choices


def _address(query: QueryDict, **changes: str) -> str:
    """Return the queue's address with parts of its query string changed; empty parts left out."""
    wanted = QueryDict(mutable=True)
    for name in ("tab", *FILTERS, "cursor"):
        value = changes.get(name, query.get(name, ""))
        if value:
            wanted[name] = value
    text = wanted.urlencode()
    return f"{reverse('desk:queue')}?{text}" if text else reverse("desk:queue")
