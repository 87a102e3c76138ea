"""Groups and kinds at the desk: another main case, other kinds."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints.errors import CaseError, CaseNotFound
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import DESK_ROLES
from complaints.services.groups import change_main
from complaints.services.kinds import set_kinds
from complaints.views.acts import key_of
from complaints.views.desk_assist import Said
from complaints.views.desk_case import case_or_404, draw_case
from complaints.visitors import performer_of
from foundation.accounts.policies import require_roles

Verb = Callable[[HttpRequest, Case, Performer], str]


@require_POST
@require_roles(*DESK_ROLES)
def main(request: HttpRequest, number: str) -> HttpResponseBase:
    """Make a joined report the main case of its group (dispatchers)."""
    return _answered(request, number, _lead)


@require_POST
@require_roles(*DESK_ROLES)
def kinds(request: HttpRequest, number: str) -> HttpResponseBase:
    """Set the kinds of a case (dispatchers)."""
    return _answered(request, number, _sort)


def _lead(request: HttpRequest, case: Case, by: Performer) -> str:
    change_main(case_id=case.pk, by=by, version=_version(request))
    return _("%(number)s is the main case now.") % {"number": case.number}


def _sort(request: HttpRequest, case: Case, by: Performer) -> str:
    set_kinds(
        case_id=case.pk,
        by=by,
        main=request.POST.get("category", "")[:60],
        further=[code[:60] for code in request.POST.getlist("kinds")[:20]],
        version=_version(request),
        key=key_of(request),
    )
    return _("The kinds of %(number)s are changed.") % {"number": case.number}


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _answered(request: HttpRequest, number: str, verb: Verb) -> HttpResponseBase:
    by = performer_of(request)
    case = case_or_404(by, number)
    try:
        said = verb(request, case, by)
    except CaseNotFound as error:
        raise Http404 from error
    except CaseError as error:
        fresh = case_or_404(by, number)
        problem = Said(error.message)
        return draw_case(request, by, fresh, status=error.status, problem=problem)
    messages.success(request, said)
    return redirect("desk:case", number=case.number)
