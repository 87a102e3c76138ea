"""One gate before every operation of API v1: method, key, limits, parameters, body; then errors."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from complaints.api import v1  # noqa: F401  fills the table
from complaints.api.operations import TABLE, Call, Operation
from complaints.api.problems import BadRequest, problem, problem_of
from complaints.api.schemas import faults_of
from complaints.errors import CaseError, NotPermitted
from complaints.models import ApiClient, Case
from complaints.services.clients import client_of, spend
from foundation.media.errors import UploadRefused

LONGEST = 256 * 1024


@csrf_exempt
def serve(request: HttpRequest, path: str, **given: str) -> HttpResponse:
    """Answer one request at ``path``, a path of the table with its parameters in ``given``."""
    here = TABLE.at(path)
    method = "GET" if request.method == "HEAD" else request.method or ""
    entry = here.get(method)
    if entry is None:
        allowed = ", ".join(sorted(here))
        refused = problem(405, "method", _("Use %(methods)s here.") % {"methods": allowed})
        refused["Allow"] = allowed
        return refused
    try:
        return entry.function(_call(entry, request, given))
    except UploadRefused as refused_upload:
        return problem(400, "upload", str(refused_upload.sentence))
    except CaseError as error:
        return problem_of(error, _version_now(given))


def _call(entry: Operation, request: HttpRequest, given: Mapping[str, str]) -> Call:
    client = _client(entry, request) if entry.needs else None
    known = {parameter.name: parameter for parameter in entry.parameters}
    asked = {**request.GET.dict(), **given}
    unknown = [name for name in asked if name not in known]
    if unknown:
        names = ", ".join(known) or "–"
        sentence = _("There is no parameter %(what)s; known: %(names)s.")
        raise BadRequest(sentence % {"what": unknown[0][:40], "names": names})
    for name, value in asked.items():
        if len(value) > known[name].schema.get("maxLength", 40) or "\x00" in value:
            raise BadRequest(_("%(name)s is too long.") % {"name": name})
    return Call(request, asked, _body(entry, request) if entry.takes else None, client)


def _client(entry: Operation, request: HttpRequest) -> ApiClient:
    """The client by ``Authorization: Bearer`` or ``X-API-Key``; its request is counted."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    key = token if scheme.lower() == "bearer" else request.headers.get("X-API-Key", "")
    try:
        client = client_of(key)
    except NotPermitted as error:
        error.status = 401
        raise
    spend(client)
    if entry.needs == "work" and not client.may_work:
        raise NotPermitted(_("This key may not work on cases."), code="may_not_work")
    return client


def _body(entry: Operation, request: HttpRequest) -> Any:
    try:
        raw = request.body
    except (RequestDataTooBig, UnreadablePostError) as error:
        raise BadRequest(_("The body is too large or broke off.")) from error
    if len(raw) > LONGEST:
        raise BadRequest(_("The body is too large or broke off."))
    try:
        found = json.loads(raw, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise BadRequest(_("The body is not JSON in UTF-8.")) from error
    if "\\u0000" in raw.decode("utf-8", "replace"):
        raise BadRequest(_("The body holds a NUL character."))
    errors = faults_of(entry.takes, found)
    if errors:
        raise BadRequest(errors[0]["detail"], errors)
    return found


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _version_now(given: Mapping[str, str]) -> int | None:
    """The version that a conflict was about, for the answer. 1 query, only after an error."""
    number = given.get("number", "")
    found = Case.objects.filter(number=number.upper()[:24]).values_list("version", flat=True)
    return found.first() if number else None
