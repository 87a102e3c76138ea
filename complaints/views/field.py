"""Pages of grid staff: today's tasks, one task, and what keeps both readable without a network."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from complaints.forms import ActForm, owner_choices
from complaints.inputs import NO_PHOTO_REASONS, OUTCOMES
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import FIELD_ROLES
from complaints.selectors.assists import shares_of
from complaints.selectors.casefile import refusal_of
from complaints.selectors.field import Sheet, find_task_case, handed_on, my_tasks, task_sheet
from complaints.services.intake import PHOTO_LIMIT
from complaints.views.field_inputs import RETURN_REASONS, likely_owners
from complaints.visitors import performer_of
from complaints.workflow import State, Text
from foundation.accounts.policies import require_roles
from foundation.media.models import Photo
from foundation.vault.crypto import keyed_hash

#: Acts with a place of their own on the page; all others stand behind "More".
IN_PLACE = {"sign_for", "complete", "request_return"}
#: Acts that only need a tap; they become the big button at the foot.
ONE_TAP = ("sign_for", "resume", "continue")
#: Behind "More" in this order; what is not named comes first.
MORE_ORDER = {
    "respond": 0,
    "blow_whistle": 1,
    "request_extension": 2,
    "suspend": 3,
    "consult": 4,
}
STEP_LABELS: dict[str, Text] = {
    "sign": _("Sign for it"),
    "before": _("Before the work"),
    "after": _("After the work"),
    "hand_in": _("Hand in"),
}
PAIR_ALT: dict[str, Text] = {
    "before": _("Before the work"),
    "after": _("After the work"),
}
OUTCOME_ICONS = {
    "solved": "circle-check",
    "ordered": "clipboard-list",
    "filed": "gavel",
    "explained": "message-square",
    "not_found": "search",
    "long_term": "calendar-clock",
}


@require_safe
@require_roles(*FIELD_ROLES)
def tasks(request: HttpRequest) -> HttpResponseBase:
    """Show today's tasks, the most urgent first. At most 10 statements."""
    by = performer_of(request)
    context = {
        "tasks": my_tasks(by),
        "handed_on": handed_on(by),
        **phone_context(request.user),
    }
    return for_this_phone(request, render(request, "complaints/field/tasks.html", context))


@require_safe
@require_roles(*FIELD_ROLES)
def task(request: HttpRequest, number: str) -> HttpResponseBase:
    """Show one task of the reader's own; everything else is a 404. At most 15 statements."""
    by = performer_of(request)
    case = find_task_case(by, number)
    if case is None:
        raise Http404
    return draw_task(request, by, case)


@require_safe
@require_roles(*FIELD_ROLES)
def not_kept(request: HttpRequest) -> HttpResponseBase:
    """Show what the phone says about a page it has no copy of. It holds nothing private."""
    return render(request, "complaints/field/not_kept.html")


@require_safe
@require_roles(*FIELD_ROLES)
def worker(request: HttpRequest) -> HttpResponseBase:
    """Answer the service worker of /field/: its scope is this folder and nothing above it."""
    answer = render(
        request, "complaints/field/sw.js", content_type="text/javascript; charset=utf-8"
    )
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Service-Worker-Allowed"] = "/field/"
    return answer


def for_this_phone(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Say whose page it is, for the copy that the service worker keeps."""
    answer.headers["X-Field-Owner"] = _tag(request.user)
    return answer


def phone_context(user: Any) -> dict[str, str]:
    """Return what the phone needs to keep drafts apart and sealed.

    The tag tells one user of a shared phone from the next; the seal encrypts what waits there, and
    only a page of the same user brings it again.
    """
    return {"owner_tag": _tag(user), "owner_seal": keyed_hash("field-seal", str(user.pk))}


def _tag(user: AbstractBaseUser | Any) -> str:
    return keyed_hash("field-owner", str(user.pk))[:16]


def draw_task(
    request: HttpRequest,
    by: Performer,
    case: Case,
    *,
    status: int = 200,
    said: dict[str, Any] | None = None,
) -> HttpResponse:
    """Draw the task page; ``said`` holds problem and typed values of an act that did not work."""
    sheet = task_sheet(by, case)
    context = {
        "sheet": sheet,
        "task": sheet.task,
        "case": case,
        "steps": _steps(case, sheet),
        "can": sheet.task.offered,
        "one_tap": next((row for row in sheet.task.actions if row.action in ONE_TAP), None),
        "return_refusal": _return_refusal(sheet, case, by),
        "more": _more(sheet, case, by),
        "shares": shares_of(case) if case.assist_count else None,
        "no_photo_reasons": NO_PHOTO_REASONS.items(),
        "outcomes": [
            {"value": value, "label": label, "icon": OUTCOME_ICONS[value]}
            for value, label in OUTCOMES.items()
        ],
        "reasons": RETURN_REASONS.items(),
        "owners": likely_owners(case),
        "all_owners": owner_choices(case),
        "pair": _pair(sheet),
        "key": uuid4(),
        "photo_limit": PHOTO_LIMIT,
        "waits_for_signature": case.state == State.DISPATCHED,
        **phone_context(request.user),
        **(said or {}),
    }
    answer = render(request, "complaints/field/task.html", context, status=status)
    return for_this_phone(request, answer)


def _steps(case: Case, sheet: Sheet) -> list[dict[str, object]]:
    """Return the four steps with what is done, as the steps component wants them."""
    signed = case.state != State.DISPATCHED
    done = [
        (STEP_LABELS["sign"], signed),
        (STEP_LABELS["before"], sheet.has_before),
        (STEP_LABELS["after"], bool(sheet.photos.after)),
        (STEP_LABELS["hand_in"], case.state == State.PENDING_REVIEW),
    ]
    current = next((place for place, (_label, is_done) in enumerate(done) if not is_done), None)
    return [
        {
            "label": label,
            "state": "done" if is_done else "current" if place == current else "todo",
        }
        for place, (label, is_done) in enumerate(done)
    ]


def _return_refusal(sheet: Sheet, case: Case, by: Performer) -> Text:
    row = next((row for row in sheet.task.actions if row.action == "request_return"), None)
    refusal = refusal_of(row, case, by, timezone.now()) if row else None
    return refusal.message if refusal else ""


def _more(sheet: Sheet, case: Case, by: Performer) -> list[dict[str, object]]:
    """Return the seldom acts with their forms; those a guard refuses now are left out."""
    now = timezone.now()
    rows = sorted(sheet.task.actions, key=lambda row: MORE_ORDER.get(row.action, 0))
    return [
        {"row": row, "form": ActForm(row=row, case=case), "key": uuid4()}
        for row in rows
        if row.action not in IN_PLACE
        and row.action not in ONE_TAP
        and refusal_of(row, case, by, now) is None
    ]


def _pair(sheet: Sheet) -> dict[str, object]:
    shown = (*sheet.photos.before, *sheet.photos.from_complainant)
    before = next((p for p in shown if p.is_clean), None)
    after = next((p for p in sheet.photos.after if p.is_clean), None)
    return {
        "before": _side(before, PAIR_ALT["before"]),
        "after": _side(after, PAIR_ALT["after"]),
    }


def _side(photo: Photo | None, alt: Text) -> dict[str, object] | None:
    if photo is None:
        return None
    return {"src": photo.full_url, "thumb": photo.thumb_url, "alt": alt, "at": photo.uploaded_at}
