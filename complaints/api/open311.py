"""Open311 GeoReport v2: discovery, services, sending a request, and asking for requests.

Written to the wiki's specification and to what two independent clients need (``three``,
``georeport``): no redirects, lists as bare arrays, errors in the format that was asked for.
"""

import math
from collections.abc import Callable, Mapping
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from complaints.api.answers import failed, listed, single
from complaints.errors import CaseError, InvalidInput
from complaints.models import ApiClient, Channel, LocationSource, Track
from complaints.selectors import open311
from complaints.selectors.open311 import Wanted
from complaints.services.clients import TooMany, client_of, spend, submit_for_client
from complaints.services.intake import Reading, Report
from foundation.media.errors import UploadRefused
from foundation.media.services import StagedPhoto, stage

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, str, P], HttpResponse]
IDS_LIMIT = 100


def endpoint(*methods: str) -> Callable[[View[P]], View[P]]:
    """Answer only ``methods``; turn every refusal into Open311's error in the asked format."""

    def decorate(view: View[P]) -> View[P]:
        @csrf_exempt
        @wraps(view)
        def answering(
            request: HttpRequest, kind: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            if request.method not in methods:
                said = _("Use %(methods)s here.") % {"methods": ", ".join(methods)}
                return failed(405, said, kind)
            try:
                return view(request, kind, *args, **kwargs)
            except TooMany as many:
                return failed(429, str(many.message), kind, many.wait)
            except UploadRefused as refused:
                return failed(400, str(refused.sentence), kind)
            except CaseError as error:
                return failed(403 if error.status == 403 else 400, str(error.message), kind)

        return answering

    return decorate


READS = ("GET", "HEAD")


@endpoint(*READS)
def discovery(request: HttpRequest, kind: str) -> HttpResponse:
    """Say where the endpoint is and which formats it speaks."""
    root = f"{settings.PUBLIC_URL.rstrip('/')}/open311/v2"
    found = {
        "changeset": "2026-11-24T00:00:00+08:00",
        "contact": _("Ask the district's command centre, telephone 12345."),
        "key_service": _("Ask the district's administrator for a key."),
        "endpoints": [
            {
                "specification": "http://wiki.open311.org/GeoReport_v2",
                "url": root,
                "changeset": "2026-11-24T00:00:00+08:00",
                "type": "production",
                "formats": ["text/xml", "application/json"],
            }
        ],
    }
    return single("discovery", found, kind)


@endpoint(*READS)
def services(request: HttpRequest, kind: str) -> HttpResponse:
    """List the kinds of problems."""
    return listed("services", "service", open311.services(), kind)


@endpoint(*READS)
def service(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """Describe one kind of problem."""
    found = open311.service_definition(code)
    if found is None:
        return failed(404, _("There is no service with this code."), kind)
    return single("service_definition", found, kind)


@endpoint(*READS, "POST")
def requests(request: HttpRequest, kind: str) -> HttpResponse:
    """List public cases, or take a report in."""
    if request.method == "POST":
        return _take(request, kind)
    found = open311.requests(_wanted(request.GET.dict()))
    return listed("service_requests", "request", found, kind)


@endpoint(*READS)
def one_request(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Show one case: public, or sent with the key that asks."""
    client = _client(request) if request.GET.get("api_key") else None
    uid = _uuid(public_id)
    found = open311.request_of(uid, client) if uid else None
    if found is None:
        return failed(404, _("There is no request with this id."), kind)
    return listed("service_requests", "request", [found], kind)


@endpoint(*READS)
def token(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """Return the id a token stands for; here both are the same."""
    client = _client(request) if request.GET.get("api_key") else None
    uid = _uuid(public_id)
    found = open311.token_request(uid, client) if uid else None
    if found is None:
        return failed(404, _("There is no request with this id."), kind)
    return listed("service_requests", "request", [found], kind)


def _client(request: HttpRequest) -> ApiClient:
    """Return the client that asks and count its request. Raises NotPermitted, TooMany."""
    given = request.POST.get("api_key") or request.GET.get("api_key", "")
    client = client_of(given)
    spend(client)
    return client


def _take(request: HttpRequest, kind: str) -> HttpResponse:
    client = _client(request)
    _receipt, public_id = submit_for_client(client=client, report=_report(request))
    answer = {"service_request_id": str(public_id), "service_notice": "", "account_id": ""}
    return listed("service_requests", "request", [answer], kind, status=201)


def _report(request: HttpRequest) -> Report:
    posted = request.POST.dict()
    if not posted.get("service_code"):
        raise InvalidInput(_("service_code is needed."), field="service_code")
    reading, address = _reading(posted), posted.get("address_string", "")
    if reading is None and not address.strip():
        raise InvalidInput(_("Give lat and long, or address_string."), field="lat")
    key = _uuid(request.headers.get("Idempotency-Key", ""))
    return Report(
        submission_key=key if key and key.version == 4 else uuid4(),
        category=posted["service_code"],
        description=posted.get("description", ""),
        address=address,
        reading=reading,
        photos=_photos(request),
        track=Track.REPORT,
        channel=Channel.API,
        contact=_contact(posted),
    )


def _reading(posted: Mapping[str, str]) -> Reading | None:
    lat, lon = posted.get("lat", "").strip(), posted.get("long", "").strip()
    if not lat and not lon:
        return None
    try:
        point = float(lon), float(lat)
    except ValueError:
        point = (math.nan, math.nan)
    if not (all(map(math.isfinite, point)) and abs(point[0]) <= 180 and abs(point[1]) <= 90):
        raise InvalidInput(_("lat and long are WGS-84 degrees, such as 31.78."), field="lat")
    return Reading(point[0], point[1], source=LocationSource.PIN)


def _contact(posted: Mapping[str, str]) -> dict[str, str]:
    name = "".join(posted.get(part, "") for part in ("last_name", "first_name")).strip()
    found = {"name": name, "phone": posted.get("phone", "").strip()}
    return {part: value for part, value in found.items() if value}


def _photos(request: HttpRequest) -> list[StagedPhoto]:
    return [stage(upload) for upload in request.FILES.getlist("media")[:10] if upload.name]


def _wanted(asked: Mapping[str, str]) -> Wanted:
    """Read a list's filters; unknown names are ignored, wrong values told."""
    ids = [part.strip() for part in asked.get("service_request_id", "").split(",") if part.strip()]
    known = [uid for part in ids[:IDS_LIMIT] if (uid := _uuid(part))]
    statuses = frozenset(part for part in asked.get("status", "").split(",") if part)
    if statuses - {"open", "closed"}:
        raise InvalidInput(_("status is open or closed."), field="status")
    return Wanted(
        ids=known or ([UUID(int=0)] if ids else ()),
        codes=[part for part in asked.get("service_code", "").split(",") if part],
        start=_day(asked, "start_date"),
        end=_day(asked, "end_date"),
        statuses=statuses,
    )


def _day(asked: Mapping[str, str], name: str) -> date | None:
    text = asked.get(name, "").strip().replace(" ", "+")
    if not text:
        return None
    try:
        moment = parse_datetime(text)
        found = timezone.localtime(moment).date() if moment and moment.tzinfo else None
        found = found or (moment.date() if moment else parse_date(text))
    except ValueError:
        found = None
    if found is None:
        said = _("%(name)s is a date like 2026-11-23T00:00:00Z.") % {"name": name}
        raise InvalidInput(said, field=name)
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
