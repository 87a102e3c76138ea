"""One's own request: the way in by number and code, how it stands, what the applicant may do."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cms.inforequest_errors import RequestError
from cms.inforequest_forms import ActForm
from cms.inforequest_workflow import ANSWERS, AnswerType, Party, State, find
from cms.models import InfoRequest, Release
from cms.selectors.inforequests import (
    acts_of,
    answered_publicly,
    clock_stories,
    find_by_receipt,
    find_for_applicant,
    offered,
    own_requests,
)
from cms.services.inforequests import perform
from cms.visitors import count_wrong, has_guessed_enough, performer_of, remember

#: What the applicant reads of the office's work; other acts stay inside.
TOLD = frozenset(
    {"submit", "confirm", "ask_correction", "correct", "lapse", "consult", "record_opinion",
     "grant_extension", "redirect", "approve", "withdraw"}
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def track(request: HttpRequest) -> HttpResponse:
    """Ask for number and code; a right pair opens the request, a wrong one tells nothing."""
    if request.method != "POST":
        return _way_in(request)
    if has_guessed_enough(request):
        waiting = _("Too many wrong codes from this network. Please try again in ten minutes.")
        return _way_in(request, waiting, status=429)
    number, code = (request.POST.get(name, "")[:60] for name in ("number", "code"))
    found = find_by_receipt(number.replace("\x00", ""), code)
    if found is None:
        count_wrong(request)
        wrong = _("Number and code do not fit. Please compare them with your receipt.")
        return _way_in(request, wrong, status=400)
    if not request.user.is_authenticated:
        # A session that somebody else may have planted must not gain a right.
        request.session.cycle_key()
    remember(request.session, found)
    return redirect("cms:own-request", number=found.number)


def _way_in(request: HttpRequest, problem: str = "", *, status: int = 200) -> HttpResponse:
    by = performer_of(request)
    context = {
        "problem": problem,
        "typed": request.POST.get("number", "")[:24] if request.method == "POST" else "",
        "errors": [{"href": "#number", "text": problem}] if problem else [],
        "mine": own_requests(by.receipts, by.account_id),
    }
    return render(request, "cms/requests/track.html", context, status=status)


def _mine(request: HttpRequest, number: str) -> InfoRequest:
    by = performer_of(request)
    found: InfoRequest | None = find_for_applicant(number, by.receipts, by.account_id)
    if found is None:
        raise Http404
    return found


@require_safe
def own_request(request: HttpRequest, number: str) -> HttpResponse:
    """Show the request to whoever holds its receipt or filed it. At most 8 statements."""
    return _page(request, _mine(request, number))


def _page(
    request: HttpRequest, found: InfoRequest, form: ActForm | None = None, status: int = 200
) -> HttpResponse:
    by = performer_of(request)
    rows = {row.action: row for row in offered(by, found) if Party.APPLICANT in row.parties}
    is_answered = found.state == State.ANSWERED
    correct = rows.get("correct")
    context = {
        "found": found,
        "stories": clock_stories(found),
        "acts": [act for act in acts_of(found) if act.action in TOLD],
        "answer": ANSWERS[AnswerType(found.answer_type)] if is_answered else None,
        "release": Release.objects.filter(request=found).first() if is_answered else None,
        "correct": (form or ActForm(correct, initial={"version": found.version}))
        if correct
        else None,
        "may_withdraw": "withdraw" in rows,
    }
    return render(request, "cms/requests/own.html", context, status=status)


@require_POST
def own_act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Correct the request or take it back."""
    found, by = _mine(request, number), performer_of(request)
    row = find(found.state, action)
    if row is None or Party.APPLICANT not in row.parties:
        raise Http404
    form = ActForm(row, request.POST)
    form.is_valid()
    try:
        perform(request_id=found.pk, action=action, by=by, data=request.POST.dict())
    except RequestError as error:
        form.errors.clear()
        form.take(error)
        return _page(request, found, form, error.status)
    messages.success(request, _("Done. We go on with it."))
    return redirect("cms:own-request", number=found.number)


@require_safe
def released(request: HttpRequest, number: str) -> HttpResponse:
    """The released text as a file: the clean copy, and nothing else."""
    found = _mine(request, number)
    release = Release.objects.filter(request=found).first()
    if found.state != State.ANSWERED or release is None:
        raise Http404
    response = HttpResponse(release.text, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.number}.txt"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
def answered(request: HttpRequest) -> HttpResponse:
    """The open list of answered requests, without persons."""
    text = request.GET.get("page", "0")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
    rows = list(answered_publicly()[page * 20 : page * 20 + 21])
    more = f"?page={page + 1}" if len(rows) > 20 else None
    before = f"?page={page - 1}" if page else None
    context = {"rows": rows[:20], "more": more, "before": before}
    return render(request, "cms/requests/answered.html", context)


@require_safe
def answered_one(request: HttpRequest, uid: str) -> HttpResponse:
    """One published answer."""
    found = answered_publicly().filter(uid=uid).first()
    if found is None:
        raise Http404
    answer = ANSWERS[AnswerType(found.answer_type)]
    return render(request, "cms/requests/answered_one.html", {"found": found, "answer": answer})
