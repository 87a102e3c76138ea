"""A finding on patrol: photo, place, kind, a few words, and whether it was settled on the spot."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from complaints.errors import CaseError, InvalidInput
from complaints.models import Channel, LocationSource, Track
from complaints.numbers import new_submission_key
from complaints.performer import Performer
from complaints.policies import FIELD_ROLES
from complaints.selectors.rules import tiles
from complaints.services.intake import PHOTO_LIMIT, Reading, Receipt, Report, submit_report
from complaints.views.acts import key_of
from complaints.views.field import for_this_phone, phone_context
from complaints.views.field_acts import wants_json
from complaints.views.field_inputs import Photos, sighting_of, staged_photos
from complaints.visitors import performer_of
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles
from foundation.places.selectors import area_by_path

TYPED = ("category", "description", "address", "lon", "lat", "taken_at", "is_settled")
ANCHORS = {"category": "category_0", "before": "finding-before", "after": "finding-after",
           "photos": "finding-before"}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@require_roles(*FIELD_ROLES)
def new(request: HttpRequest) -> HttpResponseBase:
    """Show the form, or take a finding, once per key.

    A plain post is led back to the tasks; the outbox (``Accept: application/json``) gets what it
    expects of every act, or a problem with a code.
    """
    if request.method != "POST":
        return _form(request, Photos(), None)
    photos, problem = staged_photos(request)
    if problem is None:
        try:
            receipt = _submit(request, performer_of(request), photos)
        except CaseError as error:
            return _refused(request, photos, error)
        return _done(request, receipt)
    return _refused(request, photos, problem)


def _submit(request: HttpRequest, by: Performer, photos: Photos) -> Receipt:
    posted, key = request.POST, key_of(request)
    is_settled = bool(posted.get("is_settled"))
    if is_settled and not photos.after and not posted.get("description", "").strip():
        raise InvalidInput(
            _("Take a photo from after, or write how it was settled."), field="after"
        )
    point = sighting_of(request).point
    report = Report(
        submission_key=key if key and key.version == 4 else new_submission_key(),
        category=posted.get("category", ""),
        description=posted.get("description", ""),
        address=posted.get("address", ""),
        reading=Reading(*point, source=LocationSource.BROWSER) if point else None,
        photos=photos.before,
        after_photos=photos.after if is_settled else (),
        track=Track.PATROL,
        channel=Channel.PATROL,
        area_code=own_area(by),
        is_settled=is_settled,
    )
    return submit_report(report=report, by=by)


def own_area(by: Performer) -> str:
    """Return the code of the finder's own grid or town; '' when the duty is not bound to one."""
    paths = by.access.areas(Role.GRID_WORKER) or by.access.areas(Role.STREET_OFFICER)
    area = area_by_path(min(paths)) if paths else None
    return area.code if area else ""


def _done(request: HttpRequest, receipt: Receipt) -> HttpResponseBase:
    said = _("Taken in as %(number)s. The dispatcher sees it now.") % {
        "number": receipt.case.number
    }
    if wants_json(request):
        return JsonResponse({"version": 1, "was": 0, "said": said, "hint": ""})
    messages.success(request, said)
    return redirect("field:tasks")


def _refused(request: HttpRequest, photos: Photos, error: CaseError) -> HttpResponseBase:
    if not wants_json(request):
        return _form(request, photos, error)
    body = {"type": "about:blank", "title": str(error.message), "status": error.status,
            "code": error.code, "field": error.field}  # fmt: skip
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


def _form(request: HttpRequest, photos: Photos, error: CaseError | None) -> HttpResponse:
    """Draw the form with everything that was entered; photos too."""
    field = error.field or "before" if error else ""
    field = "before" if field == "photos" else field
    problems = {field: str(error.message)} if error else {}
    context: dict[str, Any] = {
        "values": {name: request.POST.get(name, "")[:4000] for name in TYPED},
        "key": key_of(request) or uuid4(),
        "problems": problems,
        "category_problems": [problems["category"]] if "category" in problems else [],
        "errors": [
            {"href": f"#{ANCHORS.get(name, name)}", "text": text} for name, text in problems.items()
        ],
        "tickets": photos.tickets,
        "tiles": [
            {"value": c.code, "label": c.tile_label or c.name, "icon": c.icon or "circle-help"}
            for c in tiles()
        ],
        "photo_limit": PHOTO_LIMIT,
        **phone_context(request.user),
    }
    status = error.status if error else 200
    answer = render(request, "complaints/field/new.html", context, status=status)
    return for_this_phone(request, answer)
