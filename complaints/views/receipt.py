"""The receipt: shown once to the browser that filed the report, with number, code and QR."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from complaints.errors import CaseError
from complaints.models import Case
from complaints.numbers import grouped
from complaints.performer import Performer
from complaints.selectors.tracking import NEXT_STEPS, find_by_receipt
from complaints.services.acts import leave_contact
from complaints.services.intake import Receipt
from complaints.views.identities import identity_choices
from complaints.workflow import State
from foundation.ledger.actor import Actor

RECEIPT_COOKIE = "gz_receipt_{number}"
LAST_REPORT_COOKIE = "gz_last_report"
RECEIPT_SECONDS = 30 * 60
LAST_REPORT_SECONDS = 180 * 24 * 3600
SALT = "complaints.receipt"


@dataclass(frozen=True)
class Held:
    """What this browser holds: the code that it was handed, and the case it opens."""

    code: str
    case: Case


def hand_over(response: HttpResponse, receipt: Receipt) -> None:
    """Give the code to this browser only, for the receipt page; and the number to the home page."""
    response.set_cookie(
        # One cookie a report: several that waited for the network all keep their receipts.
        RECEIPT_COOKIE.format(number=receipt.case.number),
        signing.dumps({"number": receipt.case.number, "code": receipt.code}, salt=SALT),
        max_age=RECEIPT_SECONDS,
        path=f"{reverse('resident:report')}{receipt.case.number}/",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    response.set_cookie(
        LAST_REPORT_COOKIE,
        receipt.case.number,
        max_age=LAST_REPORT_SECONDS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Show number, code and QR to the browser that has just filed the report. One query."""
    held = _held(request, number)
    return _gone(request, number) if held is None else _page(request, held)


@require_POST
def contact(request: HttpRequest, number: str) -> HttpResponse:
    """Keep a telephone number left on the receipt page; asked for only after the report is in."""
    held = _held(request, number)
    if held is None:
        return _gone(request, number)
    phone = request.POST.get("phone", "")[:60]
    try:
        identity = request.POST.get("identity", "")
        leave_contact(case_id=held.case.pk, by=_holder(held.case), phone=phone, identity=identity)
    except CaseError as error:
        return _page(request, held, phone=phone, problem=str(error.message), status=400)
    messages.success(request, _("Saved. We will text you at every step."))
    return redirect("resident:receipt", number=held.case.number)


def _held(request: HttpRequest, number: str) -> Held | None:
    """Return what the receipt cookie opens, if it belongs to ``number`` and is fresh. One query."""
    raw = request.COOKIES.get(RECEIPT_COOKIE.format(number=number), "")
    try:
        kept = signing.loads(raw, salt=SALT, max_age=RECEIPT_SECONDS)
    except signing.BadSignature:
        return None
    if kept.get("number") != number.upper():
        return None
    case = find_by_receipt(kept["code"])
    return Held(kept["code"], case) if case is not None else None


def _holder(case: Case) -> Performer:
    return Performer(Actor(kind="resident", id="guest"), receipts=frozenset({case.uid}))


def _gone(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "complaints/receipt_gone.html", {"number": number}, status=404)


def _is_thin(case: Case) -> bool:
    """Whether a photo or a sentence more would help those who have to find it."""
    return case.is_open and (case.is_unplaced or not (case.description or case.photo_count))


def _page(
    request: HttpRequest, held: Held, *, phone: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    address = request.build_absolute_uri(reverse("resident:track"))
    context: dict[str, Any] = {
        "case": held.case,
        "number": held.case.number,
        "code": grouped(held.code),
        "plain_code": held.code,
        "track_address": address,
        # The fragment never reaches a server: no log and no referrer holds the code.
        "qr_text": f"{address}#{held.code}",
        "next_step": NEXT_STEPS[State(held.case.state)],
        "is_thin": _is_thin(held.case),
        "phone": phone,
        "identities": identity_choices(held.case),
        "problem": problem,
        "errors": [{"href": "#phone", "text": problem}] if problem else [],
    }
    return render(request, "complaints/receipt.html", context, status=status)
