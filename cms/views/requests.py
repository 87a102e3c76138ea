"""Asking for information: subject, answer first, form, receipt. Works without JavaScript."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms import receipts
from cms.inforequest_errors import RequestError
from cms.inforequest_forms import ApplicationForm, SubjectForm
from cms.inforequest_inputs import Application, clean
from cms.selectors.inforequests import SIMILAR, answered_publicly, find_by_receipt
from cms.services.inforequest_intake import count_shown, submit_request
from cms.visitors import performer_of
from search.selectors import search

COOKIE = "gz_request_{number}"
SECONDS = 30 * 60
SALT, HIT_SALT = "cms.request-receipt", "cms.answer-first"
APPLICANT = ("name", "identity", "phone", "email", "address")


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask what somebody wants to know, then show what is published already and the whole form.

    Nothing about the person is asked before the published answers were seen.
    """
    if request.method != "POST":
        context = {"form": SubjectForm(), "answered": answered_publicly()[:3]}
        return render(request, "cms/requests/ask.html", context)
    form = SubjectForm(request.POST)
    try:
        title = clean(request.POST.get("title", ""), longest=120, name="title")
        about = request.POST.get("description", "")
        clean(about, longest=1000, name="description", required=False)
    except RequestError as error:
        form.is_valid()
        form.errors.clear()
        form.add_error(error.field, str(error.message))
        context = {"form": form, "answered": answered_publicly()[:3]}
        return render(request, "cms/requests/ask.html", context, status=400)
    return _form(request, {"title": title, "description": about, "key": str(receipts.new_key())})


def _similar(title: str) -> list[dict[str, Any]]:
    hits = search(title[:80], size=SIMILAR).hits
    return [{"hit": hit, "token": signing.dumps(hit.url, salt=HIT_SALT)} for hit in hits]


def _form(request: HttpRequest, values: dict[str, Any], error: Any = None) -> HttpResponse:
    initial = {"medium": "electronic", "way": "online", "kind": "citizen"}
    form = ApplicationForm(values if error else None, initial={**initial, **values})
    similar = [] if error else _similar(str(values["title"]))
    if similar:
        count_shown()
    if error:
        form.is_valid()
        form.errors.clear()
        form.add_error(error.field or None, str(error.message))
    context = {"form": form, "similar": similar}
    status = error.status if error else 200
    return render(request, "cms/requests/form.html", context, status=status)


@require_POST
def answered_me(request: HttpRequest) -> HttpResponse:
    """Count that something published was the answer, and lead there."""
    try:
        address = signing.loads(request.POST.get("hit", ""), salt=HIT_SALT, max_age=24 * 3600)
    except signing.BadSignature:
        return redirect("cms:requests")
    if not url_has_allowed_host_and_scheme(str(address), allowed_hosts=None):
        raise Http404
    count_shown(answered=True)
    return redirect(str(address))


@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Take the request and go on to its receipt; what was typed stays when something is wrong."""
    by = performer_of(request)
    values = {name: request.POST.get(name, "")[:4000] for name in ApplicationForm.base_fields}
    key = _key(values["key"])
    values["key"] = str(key)
    application = Application(
        key=key,
        title=values["title"],
        description=values["description"],
        medium=values["medium"],
        way=values["way"],
        kind=values["kind"],
        applicant={name: values[name] for name in APPLICANT},
        account_id=by.account_id if by.actor.kind == "resident" else None,
    )
    try:
        receipt = submit_request(application=application, by=by)
    except RequestError as error:
        return _form(request, values, error)
    number = receipt.request.number
    response = redirect("cms:request-receipt", number=number)
    response.set_cookie(
        COOKIE.format(number=number),
        signing.dumps({"number": number, "code": receipt.code}, salt=SALT),
        max_age=SECONDS,
        path=reverse("cms:request-receipt", args=[number]),
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


def _key(text: str) -> UUID:
    try:
        key = UUID(text)
    except ValueError:
        return receipts.new_key()
    return key if key.version == 4 else receipts.new_key()


@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Show number, code and QR to the browser that has just sent the request. One query."""
    raw = request.COOKIES.get(COOKIE.format(number=number), "")
    try:
        kept = signing.loads(raw, salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        kept = {}
    found = find_by_receipt(number, kept["code"]) if kept.get("number") == number else None
    if found is None:
        return render(request, "cms/requests/receipt_gone.html", {"number": number}, status=404)
    address = request.build_absolute_uri(reverse("cms:request-track"))
    context = {
        "found": found,
        "code": receipts.grouped(kept["code"]),
        "plain_code": kept["code"],
        # The fragment never reaches a server: no log and no referrer holds the code.
        "qr_text": f"{address}#{number}-{kept['code']}",
    }
    return render(request, "cms/requests/receipt.html", context)
