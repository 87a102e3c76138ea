"""Conflicts, the transfer slip, and the auditor's list of looks at personal data."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from complaints.errors import CaseError
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import DESK_ROLES
from complaints.selectors.conflicts import conflicts_of
from complaints.selectors.reveals import MANY
from complaints.selectors.reveals import reveals as find_reveals
from complaints.services.conflicts import declare_accused, recuse
from complaints.services.slips import print_slip
from complaints.views.desk_case import case_or_404, draw_case
from complaints.visitors import performer_of
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles
from foundation.accounts.selectors import display_of


@require_POST
@require_roles(*DESK_ROLES)
def conflict(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """Enter who is complained about (``accused``), or step back (``recuse``)."""
    by = performer_of(request)
    case = case_or_404(by, number)
    try:
        _apply(request, case, by, verb)
    except CaseError as error:
        said = str(error.message)
        return draw_case(request, by, case, status=error.status, conflict_refused=said)
    return redirect(reverse("desk:case", args=[case.number]) + "#conflicts")


def _apply(request: HttpRequest, case: Case, by: Performer, verb: str) -> None:
    posted = request.POST
    if verb == "accused":
        declare_accused(
            case_id=case.pk,
            by=by,
            name=posted.get("name", "")[:1000],
            department=posted.get("department", "")[:40],
            relation=posted.get("relation", "accused")[:12],
        )
    elif verb == "recuse":
        recuse(case_id=case.pk, by=by, reason=posted.get("reason", "")[:1000])
    else:
        raise Http404


@require_POST
@require_roles(*DESK_ROLES)
def slip(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show the slip to print (A4). A POST, since printing is written down."""
    by = performer_of(request)
    case = case_or_404(by, number)
    try:
        printed = print_slip(case=case, by=by)
    except CaseError as error:
        return draw_case(request, by, case, status=error.status, conflict_refused=error.message)
    context = {
        "slip": printed,
        "case": case,
        "accused": conflicts_of(case).accused,
        "viewer": display_of(request.user),  # type: ignore[arg-type]
        "marks": range(12),
    }
    return render(request, "complaints/desk/slip.html", context)


@require_safe
@require_roles(Role.AUDITOR)
def reveals(request: HttpRequest) -> HttpResponse:
    """List who looked at whose contact or original photos, when and why. Names: auditor only."""
    page = find_reveals(request.GET.get("cursor", "")[:200])
    more = f"?{urlencode({'cursor': page.next_cursor})}" if page.next_cursor else ""
    context = {"page": page, "next_page": more, "many": MANY}
    return render(request, "complaints/desk/reveals.html", context)
