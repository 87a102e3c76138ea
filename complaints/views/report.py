"""Reporting a problem: one form, plain POST, receipt. Works without JavaScript."""

import math
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from complaints.errors import CaseError
from complaints.models import LocationSource
from complaints.numbers import new_submission_key
from complaints.selectors.nearby import joined_by
from complaints.selectors.rules import tiles
from complaints.services.intake import PHOTO_LIMIT, Reading, Receipt, Report, submit_report
from complaints.views.receipt import hand_over
from complaints.visitors import performer_of
from foundation.media.errors import UploadRefused
from foundation.media.services import StagedPhoto, stage, staged_of, ticket_of
from foundation.places.datum import Datum
from foundation.places.selectors import current_district, grids_geojson, towns_geojson

#: Where the line of the error summary leads.
ANCHORS = {"category": "category_0"}
TYPED = (
    "category",
    "description",
    "address",
    "lon",
    "lat",
    "accuracy",
    "location_source",
    "datum",
    "joins",
)


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Show the report form, or take the report and go on to its receipt."""
    if request.method != "POST":
        return _form(request, {"key": new_submission_key()})
    photos, problems = _photos(request)
    receipt = None if problems else _submit(request, photos, problems)
    if receipt is None:
        return _form(request, _typed(request, photos), problems, status=400)
    response = _sent(request, reverse("resident:receipt", args=[receipt.case.number]))
    hand_over(response, receipt)
    return response


def _sent(request: HttpRequest, where: str) -> HttpResponse:
    """Lead on to the receipt; the page's script, which also sends kept drafts, asks for JSON."""
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"receipt": where}, status=201)
    return redirect(where)


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def areas(request: HttpRequest) -> HttpResponse:
    """Answer the outlines of towns and grids for the pin picker: public facts, nobody's position.

    The browser itself finds the town around a position, so that none is sent before the report but
    the rounded one with which it asks for open reports nearby.
    """
    body = f'{{"towns":{towns_geojson()},"grids":{grids_geojson()}}}'
    return HttpResponse(body, content_type="application/geo+json")


def _submit(
    request: HttpRequest, photos: list[StagedPhoto], problems: dict[str, str]
) -> Receipt | None:
    by = performer_of(request)
    content = Report(
        submission_key=_key(request),
        category=request.POST.get("category", ""),
        description=request.POST.get("description", ""),
        address=request.POST.get("address", ""),
        reading=_reading(request),
        photos=photos,
        account_id=by.account_id if by.actor.kind == "resident" else None,
        joins=joined_by(request.POST.get("joins", "")[:400]),
    )
    try:
        return submit_report(report=content, by=by)
    except CaseError as error:
        problems[error.field or "description"] = str(error.message)
        return None


def _key(request: HttpRequest) -> UUID:
    """Return the form's submission key; one that is no random UUID is replaced by a fresh one."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return new_submission_key()
    return key if key.version == 4 else new_submission_key()


def _reading(request: HttpRequest) -> Reading | None:
    """Return the position sent along; nonsense counts as none, the address then serves."""
    try:
        lon, lat = float(request.POST["lon"]), float(request.POST["lat"])
    except (KeyError, ValueError):
        return None
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        return None
    source = request.POST.get("location_source", "")
    datum = request.POST.get("datum", "")
    return Reading(
        lon,
        lat,
        datum=Datum(datum) if datum in set(Datum) else Datum.WGS84,
        source=LocationSource(source)
        if source in LocationSource.values
        else LocationSource.BROWSER,
        accuracy=_number(request.POST.get("accuracy", "")),
    )


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _photos(request: HttpRequest) -> tuple[list[StagedPhoto], dict[str, str]]:
    """Stage new uploads and take over those kept from an earlier try. Names the first problem."""
    problems: dict[str, str] = {}
    kept = [_kept(ticket) for ticket in request.POST.getlist("kept")[:PHOTO_LIMIT]]
    staged = [photo for photo in kept if photo is not None]
    uploads = [upload for upload in request.FILES.getlist("photos") if upload.name]
    if len(staged) + len(uploads) > PHOTO_LIMIT:
        problems["photos"] = _("At most %(limit)d photos at once.") % {"limit": PHOTO_LIMIT}
        uploads = uploads[: PHOTO_LIMIT - len(staged)]
    several = len(staged) + len(uploads) > 1
    for order, upload in enumerate(uploads, start=len(staged) + 1):
        try:
            staged.append(stage(upload))
        except UploadRefused as refused:
            said = str(refused.sentence)
            which = _("Photo %(n)d: %(problem)s") % {"n": order, "problem": said}
            problems.setdefault("photos", which if several else said)
    return staged, problems


def _kept(ticket: str) -> StagedPhoto | None:
    try:
        return staged_of(ticket)
    except UploadRefused:
        return None


def _typed(request: HttpRequest, photos: list[StagedPhoto]) -> dict[str, Any]:
    """Return everything the reporter entered, so that nothing is lost when the form comes back."""
    values: dict[str, Any] = {name: request.POST.get(name, "") for name in TYPED}
    kept = [{"ticket": ticket_of(photo), "bytes": photo.size_bytes} for photo in photos]
    return {**values, "key": _key(request), "kept": kept}


def _form(
    request: HttpRequest,
    values: dict[str, Any],
    problems: dict[str, str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    errors = [
        {"href": f"#{ANCHORS.get(name, name)}", "text": text}
        for name, text in (problems or {}).items()
    ]
    context = {
        "values": values,
        "problems": problems or {},
        "errors": errors,
        "tiles": [
            {"value": c.code, "label": c.tile_label or c.name, "icon": c.icon or "circle-help"}
            for c in tiles()
        ],
        "category_problems": [problems["category"]] if problems and "category" in problems else [],
        "district_map": current_district(),
        "photo_limit": PHOTO_LIMIT,
    }
    return render(request, "complaints/report.html", context, status=status)
