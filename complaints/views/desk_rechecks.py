"""Blind re-checks: one sees the report and the photos, not who handled it nor how it ended."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from complaints.errors import CaseError, CaseNotFound
from complaints.models import Recheck
from complaints.selectors.evidence import photos_of
from complaints.selectors.rechecks import PAGE_SIZE, agreement, recheck_for, waiting_for
from complaints.services.rechecks import judge
from complaints.visitors import performer_of
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles
from foundation.metrics.period import Period

JUDGES = (Role.FOLLOWUP_CLERK, Role.SUPERVISOR)


@require_safe
@require_roles(*JUDGES)
def rechecks(request: HttpRequest) -> HttpResponse:
    """List what waits for the reader, oldest first, and this month's agreement. ≤ 10 queries."""
    waiting = list(waiting_for(performer_of(request))[: PAGE_SIZE + 1])
    month = Period.parse(f"{timezone.localdate():%Y-%m}")
    context = {
        "rechecks": waiting[:PAGE_SIZE],
        "is_cut": len(waiting) > PAGE_SIZE,
        "page_size": PAGE_SIZE,
        "agreement": agreement(month),
    }
    return render(request, "complaints/desk/rechecks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_roles(*JUDGES)
def recheck(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Show one drawn case without its handler and result, and take the verdict."""
    by = performer_of(request)
    found = recheck_for(by, uid)
    if found is None:
        raise Http404
    if request.method != "POST":
        return _page(request, found)
    verdict, words = request.POST.get("verdict", ""), request.POST.get("words", "")
    try:
        judge(recheck_uid=uid, by=by, verdict=verdict, words=words)
    except CaseNotFound as error:
        raise Http404 from error
    except CaseError as error:
        typed = {"verdict": verdict, "words": words[:600]}
        return _page(request, found, problem=error, typed=typed, status=error.status)
    messages.success(request, _("Thank you. Your finding is kept."))
    return redirect("desk:rechecks")


def _page(
    request: HttpRequest,
    found: Recheck,
    *,
    problem: CaseError | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    field = problem.field if problem else ""
    href = "#verdict_0" if field == "verdict" else "#words"
    context: dict[str, Any] = {
        "recheck": found,
        "case": found.case,
        "photos": photos_of(found.case),
        "verdicts": Recheck.Verdict.choices,
        "typed": typed or {},
        "problem": problem,
        "errors": [{"href": href, "text": str(problem.message)}] if problem else [],
    }
    return render(request, "complaints/desk/recheck.html", context, status=status)
