"""The chosen case beside the queue: what a decision needs, and the acts; also a fragment."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from complaints.forms import ActForm
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import may_read_whole, parties_of
from complaints.selectors.casefile import desk_photos, work_of
from complaints.selectors.desk import DESK_PARTIES, QueueRow, queue_rows
from complaints.selectors.evidence import photos_of
from complaints.views.desk_beside import beside_context
from complaints.views.desk_offers import offers_for, suggestion_name
from complaints.views.desk_rows import rows_html
from complaints.workflow import Party

PANE = "pane"


def pane_context(
    by: Performer,
    case: Case,
    row: QueueRow,
    parties: frozenset[Party],
    *,
    back: str,
    failed: ActForm | None = None,
    with_photos: bool = True,
) -> dict[str, Any]:
    """Return what the pane shows: one query for the photos, the work, twins, and the guess.

    ``with_photos``: whether the twins' photos are compared too; the queue's own page does without.
    """
    offers = offers_for(case, by, parties, failed=failed, compact=True)
    work = work_of(case)
    return {
        "case": case,
        "row": row,
        "may_read_whole": may_read_whole(by, case),
        "offers": offers,
        "photos": desk_photos(case, photos_of(case), work.acts),
        "work": work,
        "suggestion": suggestion_name(case),
        **beside_context(by, case, offers, compact=True, with_photos=with_photos),
        "back": back,
    }


def draw_pane(
    request: HttpRequest,
    by: Performer,
    case: Case,
    *,
    status: int = 200,
    failed: ActForm | None = None,
    **more: Any,
) -> HttpResponse:
    """Answer the pane of ``case`` alone, with a fresh row for the list. Five queries."""
    now = timezone.now()
    row = queue_rows([case], now)[0]
    parties = parties_of(by, case) & DESK_PARTIES
    context = pane_context(by, case, row, parties, back=back_of(request), failed=failed)
    return render(
        request,
        "complaints/desk/_pane_fragment.html",
        {**context, "now": now, "drawn_rows": rows_html([row], now), **more},
        status=status,
    )


def wants(request: HttpRequest) -> str:
    """Return which fragment a script asked for: ``pane``, ``1`` (the case page's part) or ''."""
    return request.headers.get("X-Fragment", "")[:10]


def back_of(request: HttpRequest) -> str:
    """Return the queue's address to go back to; only addresses of the queue are followed."""
    wanted = request.POST.get("back") or request.headers.get("X-Back", "")
    queue = reverse("desk:queue")
    path = wanted.partition("?")[0]
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if safe and path == queue else ""
