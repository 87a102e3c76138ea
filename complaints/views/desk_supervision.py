"""督办 at the desk: the board and its list, an order's acts, the printed sheet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from complaints.errors import CaseError, CaseNotFound
from complaints.models import SupervisionOrder
from complaints.performer import Performer
from complaints.policies import DESK_ROLES
from complaints.selectors.supervision import (
    COLUMNS,
    OrderFilter,
    board,
    order_page,
    orders_visible,
)
from complaints.services import supervision
from complaints.views.acts import key_of
from complaints.views.desk_case import case_or_404, draw_case
from complaints.views.desk_orders import DEFAULT_LIMIT, DUE_LIMITS
from complaints.visitors import performer_of
from complaints.workflow import Text
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles
from foundation.places.selectors import departments
from foundation.worktime.services import deadline

FILTERS = ("column", "level", "reason", "department")


@dataclass(frozen=True)
class Said:
    """What stopped it, for the page, and what was typed."""

    text: Text
    is_conflict: bool = False
    draft: tuple[tuple[Text, str], ...] = field(default_factory=tuple)


@require_safe
@require_roles(*DESK_ROLES)
def board_page(request: HttpRequest) -> HttpResponse:
    """Show orders as columns or, with ``view=list`` or any filter, as a list. At most 10 queries.

    Supervisors act; leaders, auditors and dispatchers read; owners find those on their own cases.
    """
    by = performer_of(request)
    wanted = OrderFilter.from_query(request.GET.dict())
    as_list = request.GET.get("view") == "list" or any(request.GET.get(n) for n in FILTERS)
    page = order_page(by, wanted) if as_list else None
    context: dict[str, Any] = {
        "now": timezone.now(),
        "columns": () if as_list else board(by),
        "page": page,
        "as_list": as_list,
        "wanted": wanted,
        "column_choices": COLUMNS.items(),
        "levels": SupervisionOrder.Level.choices,
        "reasons": SupervisionOrder.Reason.choices,
        "departments": [(d.code, d.short_name or d.name) for d in departments()],
        "colours": SupervisionOrder.Colour.choices,
        "may_decide": by.access.has(Role.SUPERVISOR),
        "next_page": _address(request, page.next_cursor) if page and page.next_cursor else None,
        "first_page": _address(request, "") if wanted.cursor else None,
    }
    return render(request, "complaints/desk/supervision.html", context)


def _address(request: HttpRequest, cursor: str) -> str:
    query = QueryDict(mutable=True)
    query["view"] = "list"
    for name in FILTERS:
        if request.GET.get(name):
            query[name] = request.GET[name][:60]
    if cursor:
        query["cursor"] = cursor
    return f"{reverse('desk:supervision')}?{query.urlencode()}"


@require_safe
@require_roles(*DESK_ROLES)
def sheet(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show one order as a sheet of A4 to be printed; 404 to whoever may not see its case."""
    by = performer_of(request)
    order = orders_visible(by).filter(uid=uid).first()
    if order is None:
        raise Http404
    context = {"order": order, "case": order.case, "printed_at": timezone.now()}
    return render(request, "complaints/desk/supervision_sheet.html", context)


@require_POST
@require_roles(*DESK_ROLES)
def issue(request: HttpRequest, number: str) -> HttpResponseBase:
    """Issue an order on a case; a wrong input brings the page back with what was typed."""
    by = performer_of(request)
    case = case_or_404(by, number)
    key = key_of(request)
    try:
        supervision.issue_order(
            case_id=case.pk,
            by=by,
            colour=request.POST.get("colour", ""),
            level=request.POST.get("level", ""),
            reason_code=request.POST.get("reason_code", ""),
            demand=request.POST.get("demand", ""),
            due=_due(request),
            key=f"{case.uid}:{key}" if key else "",
            note=request.POST.get("note", ""),
        )
    except CaseError as error:
        return _refused(request, by, number, error)
    messages.success(request, _("The order is issued; its owner is told."))
    return redirect(f"{reverse('desk:case', args=[number])}#supervision")


def _due(request: HttpRequest) -> datetime:
    limit = request.POST.get("limit", "")
    return deadline(timezone.now(), limit if limit in DUE_LIMITS else DEFAULT_LIMIT).due


Verb = Callable[[HttpRequest, UUID, Performer], SupervisionOrder]


def _sign(request: HttpRequest, uid: UUID, by: Performer) -> SupervisionOrder:
    return supervision.sign_order(order_uid=uid, by=by)


def _answer(request: HttpRequest, uid: UUID, by: Performer) -> SupervisionOrder:
    words = request.POST.get("feedback", "")
    return supervision.answer_order(order_uid=uid, by=by, feedback=words)


def _close(request: HttpRequest, uid: UUID, by: Performer) -> SupervisionOrder:
    return supervision.close_order(order_uid=uid, by=by, note=request.POST.get("note", ""))


def _raise(request: HttpRequest, uid: UUID, by: Performer) -> SupervisionOrder:
    return supervision.raise_order(order_uid=uid, by=by, note=request.POST.get("note", ""))


def _colour(request: HttpRequest, uid: UUID, by: Performer) -> SupervisionOrder:
    colour = request.POST.get("colour", "")
    return supervision.colour_order(order_uid=uid, by=by, colour=colour)


VERBS: dict[str, Verb] = {
    "sign": _sign,
    "answer": _answer,
    "close": _close,
    "raise": _raise,
    "colour": _colour,
}


@require_POST
@require_roles(*DESK_ROLES)
def act(request: HttpRequest, uid: UUID, verb: str) -> HttpResponseBase:
    """Do ``verb`` with an order; then lead back to the case, or to the board when moved there."""
    doing = VERBS.get(verb)
    by = performer_of(request)
    order = orders_visible(by).filter(uid=uid).first()
    if doing is None or order is None:
        raise Http404
    try:
        doing(request, uid, by)
    except CaseError as error:
        return _refused(request, by, order.case.number, error)
    messages.success(request, _("Noted."))
    if verb == "colour":
        return redirect("desk:supervision")
    return redirect(f"{reverse('desk:case', args=[order.case.number])}#supervision")


def _refused(
    request: HttpRequest, by: Performer, number: str, error: CaseError
) -> HttpResponseBase:
    if isinstance(error, CaseNotFound):
        raise Http404 from error
    words = {n: request.POST.get(n, "")[:2000] for n in ("demand", "note", "feedback")}
    typed = {**words, **{n: request.POST.get(n, "")[:12] for n in ("reason_code", "colour")}}
    case = case_or_404(by, number)
    problem = Said(error.message)
    return draw_case(request, by, case, status=error.status, problem=problem, order_typed=typed)
