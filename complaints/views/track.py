"""The way to a report: by receipt code, or from the list of one's own account."""

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from complaints.models import Case
from complaints.numbers import RECEIPT_DIGITS, clean_receipt_code
from complaints.selectors.tracking import MyCases, find_by_receipt, my_cases
from complaints.services.guessing import Busy, attempt, source_of
from complaints.visitors import performer_of, remember_receipt

#: Longer texts are cut before they come back into the field.
TYPED_LIMIT = 80


@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for the receipt code; a right one opens the case, a wrong one tells nothing.

    Whether the code or its number exists shows neither in the words nor in the status nor in the
    statements made; only more tries from one address make it slower (``services.guessing``).
    """
    if request.method != "POST":
        return _page(request)
    typed = request.POST.get("code", "")
    if len(clean_receipt_code(typed)) != RECEIPT_DIGITS:
        return _page(request, typed, _("A receipt code has 16 digits. Please check it."))
    try:
        case = _found(request, typed)
    except Busy as busy:
        response = _page(request, typed, str(busy), status=busy.status, wait=busy.seconds)
        response.headers["Retry-After"] = str(busy.seconds)
        return response
    if case is None:
        wrong = _("The code does not fit. Please compare it with the 16 digits on your receipt.")
        return _page(request, typed, wrong)
    _let_in(request, case)
    return redirect("resident:case", number=case.number)


def _found(request: HttpRequest, typed: str) -> Case | None:
    address = get_adapter(request).get_client_ip(request)
    with attempt(source_of(address)) as tried:
        case = find_by_receipt(typed)
        tried.right = case is not None
    return case


def _let_in(request: HttpRequest, case: Case) -> None:
    if not request.user.is_authenticated:
        # A session that somebody else may have planted must not gain a right.
        request.session.cycle_key()
    remember_receipt(request.session, case)


def code_page(request: HttpRequest, number: str) -> HttpResponse:
    """Return the same page for a number that is not open here, whether it exists or not."""
    told = _("To open %(number)s, type the receipt code that belongs to it.") % {"number": number}
    return _page(request, told=told, status=404)


def _page(
    request: HttpRequest,
    typed: str = "",
    problem: str = "",
    *,
    told: str = "",
    wait: int = 0,
    status: int = 0,
) -> HttpResponse:
    context: dict[str, Any] = {
        "typed": typed[:TYPED_LIMIT],
        "problem": problem,
        "told": told,
        "wait": wait,
        "errors": [{"href": "#code", "text": problem}] if problem else [],
        "mine": None if problem or told else _mine(request),
    }
    answer = status or (400 if problem else 200)
    return render(request, "complaints/track.html", context, status=answer)


def _mine(request: HttpRequest) -> MyCases | None:
    """Return the cases of a signed-in resident's account; None for guests and staff."""
    by = performer_of(request)
    if by.account_id is None or by.actor.kind != "resident":
        return None
    return my_cases(by.account_id, request.GET.get("cursor", "")[:200])
