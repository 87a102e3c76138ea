"""One case at the desk: facts, course, clocks, photos, contact, and every act that is possible."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from complaints.errors import CaseError
from complaints.forms import ActForm
from complaints.inputs import RATINGS
from complaints.models import Accused, Case
from complaints.performer import Performer
from complaints.policies import DESK_ROLES, may_read_whole, may_reveal_contact
from complaints.selectors.casefile import desk_photos, stories_of, work_in
from complaints.selectors.conflicts import conflicts_of
from complaints.selectors.desk import CaseView, case_view, find_case
from complaints.selectors.tickets import tickets_of
from complaints.selectors.tracking import looks_at
from complaints.services.conflicts import REGISTRARS
from complaints.services.contact import REVEAL_REASONS, reveal_contact
from complaints.views.desk_beside import beside_context, group_context
from complaints.views.desk_offers import Offer, offers_for, suggestion_name
from complaints.views.desk_orders import orders_context
from complaints.views.desk_pane import PANE, back_of, draw_pane, wants
from complaints.views.desk_shares import shares_context
from complaints.views.desk_templates import with_templates
from complaints.visitors import performer_of
from complaints.workflow import Party
from foundation.accounts.policies import require_roles
from foundation.places.selectors import departments


@require_safe
@require_roles(*DESK_ROLES)
def case_page(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show a case to whoever may see it today; 404 to all others. At most 15 statements.

    ``X-Fragment: pane`` answers the pane of the queue, ``X-Fragment: 1`` the part of the page that
    a live update exchanges.
    """
    by = performer_of(request)
    case = case_or_404(by, number)
    if wants(request) == PANE:
        return draw_pane(request, by, case)
    return draw_case(request, by, case)


@require_POST
@require_roles(*DESK_ROLES)
def contact(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show the complainant's contact once, for a reason. Nothing of it outlives the answer."""
    by = performer_of(request)
    case = case_or_404(by, number)
    typed, code = request.POST.get("reason", "")[:1000], request.POST.get("reason_code", "")
    try:
        fields = reveal_contact(case=case, by=by, reason=typed, code=code)
    except CaseError as error:
        refused = {"problem": str(error.message), "reason": typed, "code": code}
        return draw_case(request, by, case, status=error.status, contact_refused=refused)
    return draw_case(request, by, case, contact_shown=_contact_lines(fields))


def _contact_lines(fields: dict[str, str]) -> list[tuple[str, str]]:
    labels = {
        "name": _("Name"),
        "phone": _("Telephone"),
        "landline": _("Landline"),
        "email": _("E-mail"),
        "words": _("Words as they came"),
    }
    return [(labels.get(name, name), value.removeprefix("+86")) for name, value in fields.items()]


def case_or_404(by: Performer, number: str) -> Case:
    """Return the case if ``by`` may see it today; a stranger's case does not exist. One query."""
    case = find_case(by, number)
    if case is None:
        raise Http404
    return case


def draw_case(
    request: HttpRequest,
    by: Performer,
    case: Case,
    *,
    status: int = 200,
    failed: ActForm | None = None,
    **more: Any,
) -> HttpResponse:
    """Draw the page, or its exchangeable part when a script asked for a fragment."""
    view = case_view(by, case)
    template = "complaints/desk/_case.html" if wants(request) else "complaints/desk/case.html"
    context = {**case_context(by, view, failed=failed), "back": back_of(request), **more}
    return render(request, template, context, status=status)


def case_context(by: Performer, view: CaseView, *, failed: ActForm | None) -> dict[str, Any]:
    """Return what the page shows. One query for looks at the contact, one for possible twins."""
    case = view.case
    offers = offers_for(case, by, view.parties, failed=failed)
    offers = with_templates(offers, case, view.acts)
    if offers and failed is None:
        offers = opened_first(offers)
    return {
        "now": timezone.now(),
        "view": view,
        "case": case,
        "row": view.row,
        "photos": desk_photos(case, view.photos, view.acts),
        "offers": offers,
        "rating_word": RATINGS.get(str(case.rating or ""), ""),
        "stories": stories_of(view.clocks),
        "suggestion": suggestion_name(case),
        **beside_context(by, case, offers),
        **group_context(by, view),
        "looks": looks_at(case) if case.complainant_record else (),
        "may_reveal": may_reveal_contact(by, case),
        "may_read_whole": may_read_whole(by, case),
        "reveal_reasons": REVEAL_REASONS,
        "conflicts": conflicts_of(case),
        "relations": Accused.Relation.choices,
        "may_register_conflict": bool(REGISTRARS & view.parties),
        "may_recuse": bool(view.parties),
        "bodies": [(d.code, d.name) for d in departments()] if REGISTRARS & view.parties else (),
        "may_add_evidence": case.is_open and Party.HANDLER in view.parties,
        "evidence_key": uuid4(),
        "work": work_in(view.acts),
        **shares_context(by, view),
        **orders_context(by, view),
        "tickets": tickets_of(case),
    }


def opened_first(offers: list[Offer]) -> list[Offer]:
    """Open the likeliest act's form, unless one click does it or it cannot work now."""
    first = offers[0]
    is_open = first.is_primary and not first.is_direct and first.refusal is None
    return [replace(first, is_open=is_open), *offers[1:]]
