"""The office's desk of information requests: list, page, acts, the yearly report."""

import csv
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.inforequest_errors import RequestError
from cms.inforequest_forms import ActForm
from cms.inforequest_workflow import ANSWERS, GROUNDS, AnswerType, Party, State, Text, find
from cms.models import ApplicantKind, CatalogueItem, InfoRequest, Release, YearlyEntry
from cms.policies import REQUEST_ROLES, request_parties
from cms.redaction import premark
from cms.selectors.inforequests import acts_of, clock_stories, desk_list, offered, proposals
from cms.selectors.request_figures import YearlyReport, yearly_report
from cms.services.inforequests import perform
from cms.services.proposals import decide_proposal
from cms.services.releases import marked_original
from cms.services.request_publication import (
    publish_answer,
    reveal_applicant,
    withdraw_publication,
)
from cms.services.yearly_entries import HAND_FIGURES, keep_entry
from cms.visitors import performer_of
from foundation.accounts.policies import require_roles

TAB_WORDS: dict[str, Text] = {
    "waiting": gettext_lazy("For the office"),
    "overdue": pgettext_lazy("information request", "Overdue"),
    "review": gettext_lazy("To be checked"),
    "open": pgettext_lazy("information request", "All open"),
    "ended": pgettext_lazy("information request", "Ended"),
}
LINES: dict[str, Text] = {
    "received": gettext_lazy("Received in the year"),
    "carried_in": gettext_lazy("Carried over from the year before"),
    "granted": gettext_lazy("Released"),
    "partial": gettext_lazy("Released in part"),
    "already_public": gettext_lazy("Already published"),
    "refused": gettext_lazy("Not released"),
    "not_held": gettext_lazy("Does not exist"),
    "not_ours": gettext_lazy("Not ours to release"),
    "other_law": gettext_lazy("Way set by another law"),
    "repeated": gettext_lazy("Repeated request"),
    "redirected": gettext_lazy("Complaint in disguise, redirected"),
    "lapsed": gettext_lazy("Given up: not corrected in time"),
    "withdrawn": gettext_lazy("Taken back by the applicant"),
    "carried_on": gettext_lazy("Carried over into the next year"),
}


@require_safe
@require_roles(*REQUEST_ROLES)
def queue(request: HttpRequest) -> HttpResponse:
    """The list by tab, what is due first in front; open proposals. At most 10 statements."""
    text = request.GET.get("page", "0")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    found = desk_list(request.GET.get("tab", "waiting"), page=page)
    tabs = [(name, label, found.counts[name]) for name, label in TAB_WORDS.items()]
    context = {
        "list": found,
        "tabs": tabs,
        "proposals": proposals(),
        "items": CatalogueItem.objects.filter(is_active=True) if page == 0 else (),
        "next": f"?tab={found.tab}&page={found.after}" if found.after else None,
        "year": timezone.localdate().year,
        "may_decide": Party.EDITOR in request_parties(performer_of(request), InfoRequest()),
    }
    return render(request, "cms/requests/desk_list.html", context)


def _found(number: str) -> InfoRequest:
    found = InfoRequest.objects.filter(number=number.upper()).first()
    if found is None:
        raise Http404
    return found


@require_safe
@require_roles(*REQUEST_ROLES)
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One request with its clocks, acts and history. At most 10 statements."""
    return _page(request, _found(number))


def _page(
    request: HttpRequest, found: InfoRequest, *, status: int = 200, **more: Any
) -> HttpResponse:
    by = performer_of(request)
    rows = [row for row in offered(by, found) if row.parties & {Party.EDITOR, Party.REVIEWER}]
    tried: ActForm | None = more.get("tried")
    action = more.get("action", "")
    forms = [(row, tried if tried and row.action == action else _blank(row, found)) for row in rows]
    release = Release.objects.filter(request=found).first()
    parties = request_parties(by, found)
    context = {
        "found": found,
        "offers": [(row, form, row.action == action) for row, form in forms],
        "stories": clock_stories(found),
        "acts": acts_of(found),
        "release": release,
        # Only those who draft and check see what is blacked out, and only while it is checked.
        "original": marked_original(release)
        if release and found.state == State.IN_REVIEW and parties
        else "",
        "answer": ANSWERS[AnswerType(found.answer_type)] if found.answer_type else None,
        "may_reveal": Party.EDITOR in parties,
        "may_publish": Party.EDITOR in parties and found.state == State.ANSWERED,
        "public": {
            "title": found.public_title or found.title,
            "question": found.public_question or found.description,
            "answer": found.public_answer or found.letter,
        },
        **more,
    }
    return render(request, "cms/requests/desk_request.html", context, status=status)


def _blank(row: Any, found: InfoRequest) -> ActForm:
    """A fresh form; a returned draft comes back as it was."""
    initial: dict[str, Any] = {"version": found.version}
    if row.action == "draft_answer" and found.answer_type:
        release = Release.objects.filter(request=found).first()
        initial |= {
            "answer_type": found.answer_type, "letter": found.letter, "pointer": found.pointer,
            "ground": found.ground, "source": marked_original(release) if release else "",
            "document": release.name if release else "",
        }  # fmt: skip
    return ActForm(row, initial=initial)


@require_POST
@require_roles(*REQUEST_ROLES)
def act(request: HttpRequest, number: str, action: str) -> HttpResponseBase:
    """Apply one act of the table; a wrong input brings the page back with what was typed."""
    found, by = _found(number), performer_of(request)
    row = find(found.state, action)
    data = request.POST.dict()
    if row is not None and data.get("do") == "mark":
        data["source"] = premark(data.get("source", "")[:60_000])
        return _page(request, found, action=action, tried=ActForm(row, initial=data))
    form = ActForm(row, request.POST) if row else None
    try:
        version = _version(data.get("version", ""))
        perform(request_id=found.pk, action=action, by=by, data=data, version=version)
    except RequestError as error:
        if form is None:
            return _page(request, found, status=error.status, problem=str(error.message))
        form.is_valid()
        form.errors.clear()
        form.take(error)
        return _page(request, found, status=error.status, action=action, tried=form)
    messages.success(request, _("Done."))
    return redirect("request-desk:page", number=found.number)


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@require_POST
@require_roles(*REQUEST_ROLES)
def beside(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """Look at the applicant, publish the answer, or take the publication back."""
    found, by = _found(number), performer_of(request)
    said = {name: request.POST.get(name, "") for name in ("reason", "title", "question", "answer")}
    try:
        if verb == "applicant":
            fields = reveal_applicant(request_id=found.pk, by=by, reason=said["reason"])
            return _page(request, found, applicant=fields)
        if verb == "publish":
            words = {name: said[name] for name in ("title", "question", "answer")}
            publish_answer(request_id=found.pk, by=by, **words)
        elif verb == "unpublish":
            withdraw_publication(request_id=found.pk, by=by)
        else:
            raise Http404
    except RequestError as error:
        more = {"problem": str(error.message)}
        if verb == "publish":
            return _page(request, found, status=error.status, public=said, **more)
        return _page(request, found, status=error.status, **more)
    messages.success(request, _("Done."))
    return redirect("request-desk:page", number=found.number)


@require_POST
@require_roles(*REQUEST_ROLES)
def proposal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a proposal into the catalogue, or decline it with a reason."""
    by = performer_of(request)
    if Party.EDITOR not in request_parties(by, InfoRequest()):
        raise PermissionDenied
    item = request.POST.get("item", "")[:60].replace("\x00", "")
    try:
        decide_proposal(
            proposal_id=pk, by=by, item_code=item, reason=request.POST.get("reason", "")
        )
    except RequestError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Done."))
    return redirect("request-desk:queue")


def _report(year: int) -> YearlyReport:
    if not 2000 <= year <= 2099:
        raise Http404
    return yearly_report(year, until=timezone.now())


@require_http_methods(["GET", "HEAD", "POST"])
@require_roles(*REQUEST_ROLES)
def report(request: HttpRequest, year: int) -> HttpResponse:
    """The draft of the yearly report (Art 49, 50): counts from the ledger, the rest by hand."""
    found = _report(year)
    problem = ""
    if request.method == "POST":
        try:
            keep_entry(year=year, by=performer_of(request), given=request.POST.dict())
        except RequestError as error:
            problem = str(error.message)
        else:
            messages.success(request, _("Saved."))
            return redirect("request-desk:report", year=year)
    entry = YearlyEntry.objects.filter(pk=year).first() or YearlyEntry(year=year)
    figures = [(c, label, entry.figures.get(c, 0)) for c, label in HAND_FIGURES.items()]
    context = {
        "report": found,
        "kinds": ApplicantKind.labels,
        "lines": [(LINES[code], row, total) for code, row, total in found.lines()],
        "grounds": [(label, found.grounds[code]) for code, label in GROUNDS.items()],
        "figures": figures,
        "entry": entry,
        "problem": problem,
        "year": year,
    }
    status = 400 if problem else 200
    return render(request, "cms/requests/report.html", context, status=status)


@require_safe
@require_roles(*REQUEST_ROLES)
def report_csv(request: HttpRequest, year: int) -> HttpResponse:
    """The report's table as CSV, with the figures entered by hand below."""
    found = _report(year)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="requests-{year}.csv"'
    writer = csv.writer(response)
    writer.writerow([_("Item"), *map(str, ApplicantKind.labels), _("Total")])
    for code, row, total in found.lines():
        writer.writerow([str(LINES[code]), *row, total])
    for code, label in GROUNDS.items():
        writer.writerow([str(label), *[""] * len(found.kinds), found.grounds[code]])
    entry = YearlyEntry.objects.filter(pk=year).first()
    for code, label in HAND_FIGURES.items():
        value = entry.figures.get(code, 0) if entry else 0
        writer.writerow([str(label), *[""] * len(found.kinds), value])
    return response
