"""One's own report: how it stands, and everything the complainant may do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from complaints.errors import ActionRefused, CaseError
from complaints.inputs import RATINGS
from complaints.models import Case
from complaints.performer import Performer
from complaints.selectors.groups import is_ratable
from complaints.selectors.tracking import (
    OFFERED,
    Step,
    find_for_complainant,
    offered_to_complainant,
    progress_of,
)
from complaints.services.acts import (
    add_supplement,
    leave_contact,
    rate_later,
    urge_case,
)
from complaints.services.intake import PHOTO_LIMIT
from complaints.services.own_data import forget_contact
from complaints.services.transition import perform
from complaints.views.acts import answers_case_errors, key_of
from complaints.views.identities import identity_choices
from complaints.views.track import code_page
from complaints.visitors import performer_of
from complaints.workflow import State, Text
from foundation.media.errors import UploadRefused
from foundation.media.services import stage_many

STEP_ICONS = {
    "submit": "camera",
    "accept": "circle-check",
    "dispatch": "send",
    "sign_for": "hammer",
    "ask_info": "message-circle-reply",
    "complete": "search",
    "approve": "circle-check-big",
    "answer_directly": "circle-check-big",
    "rate": "star",
    "reopen": "rotate-ccw",
    "close": "circle-check-big",
    "suspend": "pause",
    "respond": "message-circle",
    "begin_hearing": "users",
    "end_hearing": "users",
    "supplement": "plus",
    "evidence": "images",
    "urge": "bell-ring",
    "escalate": "stamp",
    "supervise": "stamp",
    "supervise_close": "stamp",
    "merge": "copy",
    "split": "undo-2",
    "ask_split": "undo-2",
    "contact": "phone",
}
RATING_ICONS = {"5": "smile", "4": "thumbs-up", "3": "meh", "2": "thumbs-down", "1": "frown"}

THANKS: dict[str, Text] = {
    "supplement": gettext_lazy("Added. The people who handle it can see it now."),
    "urge": gettext_lazy("Done. We told the people who handle it that you are waiting."),
    "contact": gettext_lazy("Saved. We will text you at every step."),
    "forget": gettext_lazy("Deleted. Nobody can read your contact any more."),
    "rate": gettext_lazy("Thank you. Your rating counts as you gave it."),
    "supply_info": gettext_lazy("Thank you. Your answer is in, and the report goes on."),
    "ask_split": gettext_lazy("We look at your report on its own again."),
    "reopen": gettext_lazy("Opened again. We will look at it once more."),
    "request_review": gettext_lazy("Your request for a review is in."),
    "request_second_review": gettext_lazy("Your request for a second review is in."),
    "withdraw": gettext_lazy("You took the report back."),
}


#: (act, input) → what to say when it is missing or none of the choices, in the words of its label.
ASKED_FOR: dict[tuple[str, str], Text] = {
    ("supply_info", "message"): gettext_lazy("Please write your answer."),
    ("ask_split", "message"): gettext_lazy("Please write in what it differs."),
    ("reopen", "message"): gettext_lazy("Please write what is still wrong."),
    ("request_review", "message"): gettext_lazy("Please write why we should look at it once more."),
    ("request_second_review", "message"): gettext_lazy(
        "Please write why we should look at it once more."
    ),
    ("rate", "rating"): gettext_lazy("Please choose how satisfied you are."),
}


@dataclass(frozen=True)
class Typed:
    """What came with an act that did not work out: nothing of it gets lost."""

    action: str = ""
    values: dict[str, str] | None = None
    field: str = ""
    problem: str = ""


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show the report to whoever holds its receipt or filed it; to all others the code form.

    With ``X-Fragment: 1`` only the parts that a live update exchanges. At most 15 statements.
    """
    by = performer_of(request)
    found = find_for_complainant(number, by.receipts, by.account_id)
    if found is None:
        return code_page(request, number)
    template = "complaints/case.html"
    if request.headers.get("X-Fragment") == "1":
        template = "complaints/_case.html"
    return _page(request, found, by, template=template)


@require_POST
@answers_case_errors
def act(request: HttpRequest, number: str, action: str) -> HttpResponseBase:
    """Apply one act of the complainant; a wrong input brings the page back with what was typed."""
    by = performer_of(request)
    found = find_for_complainant(number, by.receipts, by.account_id)
    if found is None:
        return code_page(request, number)
    doing = DOINGS.get(action)
    if doing is None:
        raise Http404
    try:
        told = doing(request, found, by)
    except (CaseError, UploadRefused) as error:
        return _refused(request, found, by, action, error)
    if told:
        messages.info(request, told)
    else:
        messages.success(request, str(THANKS[action]))
    return redirect("resident:case", number=found.number)


#: Applies an act; returns what to say instead of thanks, if anything.
Doing = Callable[[HttpRequest, Case, Performer], str | None]


def _supplement(request: HttpRequest, case: Case, by: Performer) -> None:
    uploads = [upload for upload in request.FILES.getlist("photos") if upload.name]
    add_supplement(
        case_id=case.pk,
        by=by,
        message=request.POST.get("message", ""),
        photos=stage_many(uploads),
        key=key_of(request),
    )


def _urge(request: HttpRequest, case: Case, by: Performer) -> str | None:
    """Urge; whoever asks again on the same day reads kindly that it is known."""
    try:
        urge_case(case_id=case.pk, by=by, key=key_of(request))
    except ActionRefused as refused:
        if refused.code != "urged_today":
            raise
        return str(refused.message)
    return None


def _contact(request: HttpRequest, case: Case, by: Performer) -> None:
    phone, identity = request.POST.get("phone", "")[:60], request.POST.get("identity", "")
    leave_contact(case_id=case.pk, by=by, phone=phone, identity=identity)


def _forget(request: HttpRequest, case: Case, by: Performer) -> None:
    forget_contact(case_id=case.pk, by=by)


def _rate(request: HttpRequest, case: Case, by: Performer) -> None:
    """Rate: the first rating moves an answered case on, a later one changes only the rating."""
    rating, words = request.POST.get("rating", ""), request.POST.get("rating_text", "")
    if case.state == State.REPLIED:
        data = {"rating": rating, "rating_text": words}
        perform(case_id=case.pk, action="rate", by=by, data=data, key=key_of(request))
    else:
        rate_later(case_id=case.pk, by=by, rating=rating, rating_text=words)


def _step(action: str) -> Doing:
    def step(request: HttpRequest, case: Case, by: Performer) -> None:
        data = {"message": request.POST.get("message", "")}
        perform(case_id=case.pk, action=action, by=by, data=data, key=key_of(request))

    return step


DOINGS: dict[str, Doing] = {
    "supplement": _supplement,
    "urge": _urge,
    "contact": _contact,
    "forget": _forget,
    "rate": _rate,
    **{action: _step(action) for action in OFFERED},
}


def _refused(
    request: HttpRequest, case: Case, by: Performer, action: str, error: CaseError | UploadRefused
) -> HttpResponse:
    """Bring the page back with the problem at its place and everything that was typed."""
    case = find_for_complainant(case.number, by.receipts, by.account_id) or case
    upload = isinstance(error, UploadRefused)
    typed = Typed(
        action=action,
        values={name: request.POST.get(name, "")[:4000] for name in TYPED_NAMES},
        field="photos" if upload else (error.field if isinstance(error, CaseError) else ""),
        problem=str(error.sentence) if isinstance(error, UploadRefused) else _said(action, error),
    )
    status = error.status if isinstance(error, CaseError) else 400
    return _page(request, case, by, typed=typed, status=status)


def _said(action: str, error: CaseError) -> str:
    """Return the error's sentence, or one that names what this page calls the input."""
    asked = ASKED_FOR.get((action, error.field)) if error.code in UNANSWERED else None
    return str(asked or error.message)


UNANSWERED = {"required", "not_a_choice"}
TYPED_NAMES = ("message", "phone", "rating", "rating_text")


def _page(
    request: HttpRequest,
    case: Case,
    by: Performer,
    *,
    template: str = "complaints/case.html",
    typed: Typed | None = None,
    status: int = 200,
) -> HttpResponse:
    typed = typed or Typed()
    progress = progress_of(case)
    offered = offered_to_complainant(case, timezone.now())
    context: dict[str, Any] = {
        "case": case,
        "progress": progress,
        "timeline": _timeline(progress.steps, progress.chip),
        "offered": offered,
        "can_rate": is_ratable(case),
        "can_add": case.is_open,
        "ratings": [
            {"value": value, "label": label, "icon": RATING_ICONS[value]}
            for value, label in RATINGS.items()
        ],
        "chosen_rating": (typed.values or {}).get("rating") or str(case.rating or ""),
        "signature": (
            f"{case.state}.{progress.shown.state}.{case.is_open:d}.{progress.can_urge:d}.{'-'.join(sorted(offered))}"
        ),
        "photo_limit": PHOTO_LIMIT,
        "identities": identity_choices(case),
        "key": uuid4(),
        "typed": typed,
        "errors": _errors(typed),
    }
    return render(request, template, context, status=status)


def _timeline(steps: tuple[Step, ...], chip: str) -> list[dict[str, object]]:
    return [
        {
            "at": step.at,
            "title": step.title,
            "body": step.text,
            "icon": STEP_ICONS.get(step.action, "circle-dot"),
            "current": order == 0,
            "state": chip if order == 0 else "",
        }
        for order, step in enumerate(steps)
    ]


def _errors(typed: Typed) -> list[dict[str, str]]:
    """Name the problem above the page; its line leads into the field, or to the act's panel."""
    if not typed.problem:
        return []
    place = f"{typed.action}-{typed.field}" if typed.field else f"act-{typed.action}"
    if typed.field == "rating":
        place = "rate-rating_0"
    return [{"href": f"#{place}", "text": typed.problem}]
