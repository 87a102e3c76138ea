"""Acts from the phone: plain posts answer pages, the phone's outbox gets JSON it can read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from complaints.errors import CaseError, VersionConflict
from complaints.guards import Facts, evidence_shown
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import FIELD_ROLES
from complaints.selectors.evidence import BEFORE, evidence_of
from complaints.selectors.field import find_task_case, version_after
from complaints.services.site_work import SiteWork, add_site_photos, doubts_of, finish_on_site
from complaints.services.transition import perform
from complaints.views.acts import key_of
from complaints.views.field import draw_task
from complaints.views.field_inputs import (
    Photos,
    plain_inputs,
    return_inputs,
    sighting_of,
    staged_photos,
    typed_in,
    version_of,
)
from complaints.visitors import performer_of
from complaints.workflow import STATES, State, Text
from foundation.accounts.policies import require_roles

#: What the page says after an act.
DONE: dict[str, Text] = {
    "sign_for": gettext_lazy("Signed for. It is yours now."),
    "evidence": gettext_lazy("The photo is in."),
    "complete": gettext_lazy("Handed in. Somebody else checks it now."),
    "request_return": gettext_lazy("Handed back. The dispatcher decides."),
    "request_extension": gettext_lazy("You asked for more time. A supervisor decides."),
    "blow_whistle": gettext_lazy("The whistle is blown. Departments are called together."),
    "suspend": gettext_lazy("Paused. The resident reads your reason."),
}
#: After these the task is out of one's hands, and the list comes next.
LEADS_TO_LIST = {
    "complete",
    "request_return",
    "dispute_again",
    "consult",
    "request_extension",
}
#: The wrong input of an act → the control that mends it.
MENDED_BY = {"evidence_missing": "after", "unknown_owner": "proposed_owner"}

DOUBTS: dict[str, Text] = {
    "far": gettext_lazy("The photo seems to be from more than 300 m away."),
    "old": gettext_lazy("The photo seems to be older than a day."),
}


@dataclass
class Post:
    """One post on its way: who, which case, which photos came along."""

    request: HttpRequest
    case: Case
    by: Performer
    action: str
    photos: Photos

    @property
    def wants_json(self) -> bool:
        return wants_json(self.request)


@require_POST
@require_roles(*FIELD_ROLES)
def act(request: HttpRequest, number: str, action: str) -> HttpResponseBase:
    """Apply one act of the handler, once per key.

    A plain post is led on, or gets its page back with the sentence and all that was typed; photos
    too. The outbox (``Accept: application/json``) gets the new version, or a problem with a code.
    """
    doing = DOINGS.get(action)
    by = performer_of(request)
    case = find_task_case(by, number) if doing else None
    if doing is None or case is None:
        return _gone(request)
    post = Post(request, case, by, action, Photos())
    key = key_of(request)
    known = version_after(case, key) if key else None
    if known is not None:
        return _done(post, known)
    post.photos, problem = staged_photos(request)
    if problem:
        return _refused(post, problem)
    try:
        changed = doing(post)
    except CaseError as error:
        return _refused(post, error)
    return _done(post, changed.version)


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks that reads problems itself (as the gate of staff areas judges it)."""
    accepts = request.headers.get("Accept", "")
    return "json" in accepts and "text/html" not in accepts


Doing = Callable[[Post], Case]


def _sign(post: Post) -> Case:
    """Sign without asking for the version: "I have it" holds whatever was added meanwhile."""
    return perform(case_id=post.case.pk, action="sign_for", by=post.by, key=key_of(post.request))


def _evidence(post: Post) -> Case:
    """Add photos taken on arrival. Adding contradicts nobody, so no version is asked."""
    return add_site_photos(
        case_id=post.case.pk,
        by=post.by,
        purpose=BEFORE,
        photos=post.photos.before,
        seen=sighting_of(post.request),
        key=key_of(post.request),
    )


def _complete(post: Post) -> Case:
    posted = post.request.POST
    work = SiteWork(
        outcome_code=posted.get("outcome_code", ""),
        message=posted.get("message", ""),
        no_photo_reason=posted.get("no_photo_reason", ""),
        no_photo_code=posted.get("no_photo_code", ""),
        before=post.photos.before,
        after=post.photos.after,
        seen=sighting_of(post.request),
    )
    return finish_on_site(
        case_id=post.case.pk,
        by=post.by,
        work=work,
        version=version_of(post.request),
        key=key_of(post.request),
    )


def _hand_back(post: Post) -> Case:
    return _perform(post, return_inputs(post.request.POST.dict()))


def _plain(post: Post) -> Case:
    return _perform(post, plain_inputs(post.request.POST))


def _perform(post: Post, data: dict[str, object]) -> Case:
    return perform(
        case_id=post.case.pk,
        action=post.action,
        by=post.by,
        data=data,
        version=version_of(post.request),
        key=key_of(post.request),
    )


DOINGS: dict[str, Doing] = {
    "sign_for": _sign,
    "evidence": _evidence,
    "complete": _complete,
    "request_return": _hand_back,
    **dict.fromkeys(
        (
            "dispute_again",
            "consult",
            "respond",
            "blow_whistle",
            "end_whistle",
            "request_extension",
            "suspend",
            "resume",
            "continue",
        ),
        _plain,
    ),
}


def _done(post: Post, version: int) -> HttpResponseBase:
    said = str(DONE.get(post.action, _("Done.")))
    hint = _hint(post)
    if post.wants_json:
        return JsonResponse({"version": version, "was": version - 1, "said": said, "hint": hint})
    messages.success(post.request, said)
    if hint:
        messages.warning(post.request, hint)
    if post.action in LEADS_TO_LIST:
        return redirect("field:tasks")
    return redirect("field:task", number=post.case.number)


def _hint(post: Post) -> str:
    """Return the gentle question about photos that do not fit, or ''."""
    place = (post.case.lon, post.case.lat)
    photos = [*post.photos.before, *post.photos.after]
    doubts = doubts_of(photos, seen=sighting_of(post.request), place=place)
    if not doubts:
        return ""
    words = "".join(str(DOUBTS[doubt]) for doubt in doubts)
    return words + _("It was taken all the same; we only noted it.")


def _gone(request: HttpRequest) -> HttpResponseBase:
    """Answer for a case that is not, or no longer, the sender's; nothing tells which."""
    if not wants_json(request):
        raise Http404
    return _problem("not_found", _("This task is not on your list any more."), 404)


def _problem(code: str, sentence: str, status: int, **more: Any) -> JsonResponse:
    return JsonResponse(
        {"type": "about:blank", "title": sentence, "status": status, "code": code, **more},
        status=status,
        content_type="application/problem+json",
    )


def _refused(post: Post, error: CaseError) -> HttpResponseBase:
    """Say what stopped the act, against the case as it is now; nothing typed gets lost."""
    fresh = find_task_case(post.by, post.case.number)
    if fresh is None:
        return _gone(post.request)
    field = error.field or MENDED_BY.get(error.code, "")
    if post.wants_json:
        return _problem(
            error.code,
            str(error.message),
            error.status,
            field=field,
            version=fresh.version,
            state=str(STATES[State(fresh.state)].label),
        )
    return _page_again(post, fresh, error, field)


def _page_again(post: Post, case: Case, error: CaseError, field: str) -> HttpResponse:
    problems = _problems(post, case, error, field)
    said = {
        "acted": post.action,
        "typed": typed_in(post.request.POST.dict()),
        "tickets": post.photos.tickets,
        "problem": str(error.message),
        "problem_field": field,
        "problems": problems,
        "is_conflict": isinstance(error, VersionConflict),
        "errors": [
            {"href": f"#{post.action}-{name or 'form'}", "text": text}
            for name, text in problems.items()
        ],
    }
    return draw_task(post.request, post.by, case, status=error.status, said=said)


def _problems(post: Post, case: Case, error: CaseError, field: str) -> dict[str, str]:
    """Return what is wrong by control: a missing outcome does not hide missing photos.

    At most one query.
    """
    if (post.action, field) != ("complete", "outcome_code"):
        return {field: str(error.message)}
    before, after = evidence_of(case)
    facts = Facts(
        now=timezone.now(),
        has_before_photo=before or bool(post.photos.before),
        has_after_photo=after or bool(post.photos.after),
        data={"no_photo_reason": post.request.POST.get("no_photo_reason", "")},
    )
    unproved = evidence_shown(facts)
    found = {"after": str(unproved.message)} if unproved else {}
    return {**found, field: _("Please choose an outcome.")}
