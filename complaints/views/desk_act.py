"""Acts at the desk: apply one, or bring the page back with the reason and everything typed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints.errors import CaseError, CaseNotFound, NotPermitted, VersionConflict
from complaints.forms import ActForm
from complaints.inputs import FIELDS
from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.policies import DESK_ROLES, may_see, parties_of
from complaints.selectors.casefile import ACT_LABELS, actor_label, owner_name
from complaints.selectors.desk import DESK_PARTIES
from complaints.selectors.evidence import AFTER, BEFORE
from complaints.services.shortcut import ACCEPT_AND_DISPATCH, accept_and_dispatch
from complaints.services.site_work import add_site_photos
from complaints.services.transition import perform
from complaints.views.acts import apply_form, key_of
from complaints.views.desk_case import case_or_404, draw_case
from complaints.views.desk_offers import row_of
from complaints.views.desk_pane import PANE, back_of, draw_pane, wants
from complaints.visitors import performer_of
from complaints.workflow import ACTIONS, State, Text, Transition
from foundation.accounts.policies import require_roles
from foundation.media.errors import UploadRefused
from foundation.media.services import stage_many
from foundation.ui.clock import moment_text

DESK_ACTIONS = ACTIONS | {ACCEPT_AND_DISPATCH.action}
#: Refusals of guards that an input mends: the sentence belongs to that input.
MENDED_BY = {"evidence_missing": "no_photo_reason", "category_missing": "category"}
DRAFT_LIMIT = 4000


@dataclass(frozen=True)
class Problem:
    """What stopped an act: a sentence; who was faster, if somebody was; the draft it kept."""

    text: Text
    is_conflict: bool = False
    draft: tuple[tuple[Text, str], ...] = ()


@require_POST
@require_roles(*DESK_ROLES)
def act(request: HttpRequest, number: str, action: str) -> HttpResponseBase:
    """Apply ``action``; then lead back, or answer the fresh fragment a script asked for.

    400 for a wrong input, 403 and 422 for what is not allowed, 409 when somebody was faster: always
    the same page again, with the sentence and everything that was typed.
    """
    if action not in DESK_ACTIONS:
        raise Http404
    by = performer_of(request)
    case = case_or_404(by, number)
    row = row_of(case, action)
    form = ActForm(request.POST, row=row, case=case) if row else None
    try:
        done = _apply(request, case, action, by, form)
    except CaseNotFound as error:
        raise Http404 from error
    except CaseError as error:
        return _refused(request, case, action, by, error)
    if done is None:
        return _again(request, by, case, status=400, failed=form)
    return _done(request, by, done, action)


def _apply(
    request: HttpRequest, case: Case, action: str, by: Performer, form: ActForm | None
) -> Case | None:
    """Return the changed case, or None when an input of ``form`` is wrong."""
    if form is None:
        # No such step from here: the service says whether somebody was faster or it never was.
        return perform(
            case_id=case.pk,
            action=action,
            by=by,
            version=_version(request),
            key=key_of(request),
        )
    if not form.row.parties & parties_of(by, case) & DESK_PARTIES:
        raise NotPermitted(_("This step belongs to somebody else."))
    try:
        if form.row is ACCEPT_AND_DISPATCH:
            return _both(form, case, by)
        return apply_form(form, case=case, row=form.row, by=by)
    except CaseError as error:
        field = MENDED_BY.get(error.code, "")
        if field not in form.fields:
            raise
        form.add_error(field, str(error.message))
        return None


def _both(form: ActForm, case: Case, by: Performer) -> Case | None:
    if not form.is_valid():
        return None
    try:
        return accept_and_dispatch(
            case_id=case.pk,
            by=by,
            data=form.inputs,
            version=form.cleaned_data["version"],
            key=form.cleaned_data["key"],
        )
    except CaseError as error:
        if error.field not in form.fields:
            raise
        form.add_error(error.field, str(error.message))
        return None


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _done(request: HttpRequest, by: Performer, case: Case, action: str) -> HttpResponseBase:
    said = said_of(case, action)
    if wants(request) == PANE:
        fresh = case_or_404(by, case.number) if _still_visible(by, case) else None
        if fresh is None:
            return HttpResponse(status=204)
        return draw_pane(request, by, fresh, said=said, can_undo=_can_undo(by, fresh))
    messages.success(request, said)
    back = back_of(request)
    if back:
        return redirect(back)
    if not _still_visible(by, case):
        return redirect("desk:queue")
    return redirect("desk:case", number=case.number)


def _still_visible(by: Performer, case: Case) -> bool:
    """Whether the case is still this person's business: handed on, it leaves a bureau's sight."""
    return may_see(by, case)


def _can_undo(by: Performer, case: Case) -> bool:
    """Whether what was just done can be recalled: dispatched, and nobody has signed yet."""
    row = row_of(case, "recall")
    return bool(row and row.parties & parties_of(by, case))


def said_of(case: Case, action: str) -> str:
    """Return the sentence after an act: what is true now."""
    if case.state == State.DISPATCHED:
        key = f"grid:{case.owner_grid.code}" if case.owner_grid else ""
        if case.owner_department:
            key = f"department:{case.owner_department.code}"
        return _("%(number)s: sent to %(owner)s.") % {
            "number": case.number,
            "owner": owner_name(key),
        }
    return _("%(number)s is now “%(state)s”.") % {
        "number": case.number,
        "state": case.spec.label,
    }


def _refused(
    request: HttpRequest, seen: Case, action: str, by: Performer, error: CaseError
) -> HttpResponse:
    """Bring the page back with the sentence, in the case's present state, and the draft."""
    case = case_or_404(by, seen.number)
    row = row_of(case, action)
    form = None
    if row is not None and row.parties & parties_of(by, case) & DESK_PARTIES:
        form = _with_draft(request, row, case)
    conflict = isinstance(error, VersionConflict)
    problem = Problem(
        text=_who_was_faster(case) if conflict else error.message,
        is_conflict=conflict,
        draft=() if form else tuple(_draft(request)),
    )
    return _again(request, by, case, status=error.status, failed=form, problem=problem)


def _with_draft(request: HttpRequest, row: Transition, case: Case) -> ActForm:
    """Return a fresh form of the act that holds what was typed and today's version.

    Sending it again is a new decision, made with the notice of the change in sight.
    """
    typed = {name: request.POST[name][:DRAFT_LIMIT] for name in FIELDS if name in request.POST}
    return ActForm(row=row, case=case, initial=typed)


def _draft(request: HttpRequest) -> list[tuple[Text, str]]:
    return [
        (spec.label, request.POST[name][:DRAFT_LIMIT])
        for name, spec in FIELDS.items()
        if spec.multiline and request.POST.get(name, "").strip()
    ]


def _who_was_faster(case: Case) -> str:
    """Say who changed the case, when, and to what. One query."""
    last = Act.objects.filter(case=case).order_by("-ledger_seq").first()
    if last is None:
        return _("Somebody changed this case. It is now “%(state)s”.") % {"state": case.spec.label}
    words = {
        "who": actor_label(last.actor_kind, last.actor_role),
        "when": moment_text(last.at, now=timezone.now()),
        "state": case.spec.label,
        "act": ACT_LABELS.get(last.action, last.action),
    }
    if last.source == last.target:
        return _("%(who)s, %(when)s: %(act)s. The case is still “%(state)s”.") % words
    return _("%(who)s changed this case to “%(state)s” %(when)s.") % words


def _again(
    request: HttpRequest,
    by: Performer,
    case: Case,
    *,
    status: int,
    failed: ActForm | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    draw = draw_pane if wants(request) == PANE else draw_case
    more: dict[str, Any] = {"problem": problem, "failed_form": failed}
    return draw(request, by, case, status=status, failed=failed, **more)


@require_POST
@require_roles(*DESK_ROLES)
def evidence(request: HttpRequest, number: str) -> HttpResponseBase:
    """Take photos from before and after the work, from the handler."""
    by = performer_of(request)
    case = case_or_404(by, number)
    try:
        added = _add_photos(request, case, by)
    except CaseNotFound as error:
        raise Http404 from error
    except UploadRefused as refused:
        return _again_photos(request, by, case, str(refused.sentence), 400)
    except CaseError as error:
        return _again_photos(request, by, case, str(error.message), error.status)
    if not added:
        said = _("Choose at least one photo.")
        return _again_photos(request, by, case, said, 400)
    messages.success(request, _("Photos added. They appear as soon as they are checked."))
    return redirect("desk:case", number=case.number)


def _add_photos(request: HttpRequest, case: Case, by: Performer) -> bool:
    """Stage all uploads before any is attached, so that one bad photo leaves nothing half done."""
    key = key_of(request)
    chosen = {purpose: _uploads(request, purpose) for purpose in (BEFORE, AFTER)}
    staged = {purpose: stage_many(files) for purpose, files in chosen.items() if files}
    for purpose, photos in staged.items():
        add_site_photos(
            case_id=case.pk, by=by, purpose=purpose, photos=photos, key=_part(key, purpose)
        )
    return bool(staged)


def _uploads(request: HttpRequest, purpose: str) -> Sequence[UploadedFile]:
    return [upload for upload in request.FILES.getlist(purpose) if upload.name]


def _part(key: UUID | None, purpose: str) -> UUID | None:
    return uuid5(key, purpose) if key else None


def _again_photos(
    request: HttpRequest, by: Performer, case: Case, said: str, status: int
) -> HttpResponse:
    return draw_case(request, by, case, status=status, photos_problem=said)
