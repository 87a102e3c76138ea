"""A report by telephone: the dispatcher writes down the caller's words, reads out the receipt."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from complaints.errors import CaseError
from complaints.identity import Identity
from complaints.models import System
from complaints.numbers import grouped, new_submission_key
from complaints.performer import Performer
from complaints.selectors.rules import categories
from complaints.services.intake import (
    ADDRESS_LIMIT,
    DESCRIPTION_LIMIT,
    Receipt,
    Report,
    TicketKnown,
    submit_report,
)
from complaints.views.acts import key_of
from complaints.views.desk_sources import SOURCE_FIELDS, TRACKS, source_of
from complaints.visitors import performer_of
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles
from foundation.places.models import Area, AreaKind
from foundation.places.selectors import area_tree, descendants, full_name

TYPED = ("category", "description", "address", "area", "phone", "name", "identity", *SOURCE_FIELDS)


@require_http_methods(["GET", "HEAD", "POST"])
@require_roles(Role.DISPATCHER)
def new(request: HttpRequest) -> HttpResponse:
    """Show the form, or take the report down and show its number and code to read out.

    One key gives one case and one receipt, so loading the answer again changes nothing.
    """
    if request.method != "POST":
        return _form(request, {})
    by = performer_of(request)
    try:
        receipt = _submit(request, by)
    except CaseError as error:
        return _form(request, _typed(request), error=error)
    context = {"case": receipt.case, "code": grouped(receipt.code), "has_contact": _called(request)}
    return render(request, "complaints/desk/registered.html", context)


def _submit(request: HttpRequest, by: Performer) -> Receipt:
    key = key_of(request)
    source = source_of(request.POST.dict())
    return submit_report(
        report=Report(
            submission_key=key if key and key.version == 4 else new_submission_key(),
            category=request.POST.get("category", ""),
            description=request.POST.get("description", ""),
            address=request.POST.get("address", ""),
            area_code=request.POST.get("area", ""),
            track=source.track,
            channel=source.channel,
            ticket=source.ticket,
            received_at=source.received_at,
            identity=_identity(request),
            contact={name: request.POST.get(name, "") for name in ("phone", "name")},
        ),
        by=by,
    )


def _identity(request: HttpRequest) -> Identity:
    """Return what the caller asked for; left open: by name if there is a contact."""
    wanted = request.POST.get("identity", "")
    if wanted in Identity:
        return Identity(wanted)
    return Identity.REAL_NAME if _called(request) else Identity.ANONYMOUS


def _called(request: HttpRequest) -> bool:
    return bool(request.POST.get("phone", "").strip())


def _typed(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in TYPED}


def _form(
    request: HttpRequest, values: dict[str, str], *, error: CaseError | None = None
) -> HttpResponse:
    known = categories()
    context: dict[str, Any] = {
        "values": values,
        "key": request.POST.get("key") or new_submission_key(),
        "categories": [
            (top, [c for c in known if c.parent_id == top.pk])
            for top in known
            if top.parent_id is None
        ],
        "areas": _areas(),
        "tracks": TRACKS,
        "systems": System.choices,
        "identities": Identity.choices,
        "known_case": error.number if isinstance(error, TicketKnown) else "",
        "problem": error,
        "errors": [{"href": f"#{error.field or 'description'}", "text": str(error)}]
        if error
        else [],
        "description_limit": DESCRIPTION_LIMIT,
        "address_limit": ADDRESS_LIMIT,
    }
    return render(
        request, "complaints/desk/new.html", context, status=error.status if error else 200
    )


def _areas() -> list[tuple[Area, list[tuple[str, str]]]]:
    """Return towns with their communities and grids, for the list of places."""
    found = []
    for district in area_tree():
        for town in district.children:
            inside = [
                (area.code, full_name(area).removeprefix(town.area.name).strip() or area.name)
                for area in descendants(town.area.path)
                if area.kind != AreaKind.TOWN
            ]
            found.append((town.area, inside))
    return found
