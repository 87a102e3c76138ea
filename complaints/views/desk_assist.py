"""Other offices' shares at the desk: report in, plan, finish, grade, give and withdraw tasks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints.errors import CaseError, CaseNotFound, InvalidInput
from complaints.forms import typed
from complaints.inputs import FIELDS
from complaints.models import Case
from complaints.performer import Performer
from complaints.policies import DESK_ROLES
from complaints.services import assists
from complaints.views.acts import key_of
from complaints.views.desk_case import case_or_404, draw_case
from complaints.visitors import performer_of
from complaints.workflow import Text
from foundation.accounts.policies import require_roles


@dataclass(frozen=True)
class Said:
    """What stopped it, for the page; it looks like a problem of an act."""

    text: Text
    is_conflict: bool = False
    draft: tuple[tuple[Text, str], ...] = ()


def _words(request: HttpRequest, name: str = "message") -> str:
    return request.POST.get(name, "")


def _number(request: HttpRequest) -> int:
    text = request.POST.get("assist", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _day(request: HttpRequest) -> date | None:
    text = request.POST.get("until", "").strip()
    if not text:
        return None
    try:
        found = parse_date(text)
    except ValueError:
        found = None
    if found is None:
        raise InvalidInput(_("Please write the day like 2026-11-23."), field="until")
    return found


Verb = Callable[[HttpRequest, Case, Performer], Case]


def _report_in(request: HttpRequest, case: Case, by: Performer) -> Case:
    key, number = key_of(request), _number(request)
    return assists.report_in(case_id=case.pk, assist_id=number, by=by, key=key)


def _finish(request: HttpRequest, case: Case, by: Performer) -> Case:
    return assists.finish(
        case_id=case.pk,
        assist_id=_number(request),
        by=by,
        result=_words(request, "result"),
        message=_words(request),
        key=key_of(request),
    )


def _plan(request: HttpRequest, case: Case, by: Performer) -> Case:
    plan, until = _words(request, "plan"), _day(request)
    return assists.set_plan(case_id=case.pk, by=by, plan=plan, until=until, key=key_of(request))


def _grade(request: HttpRequest, case: Case, by: Performer) -> Case:
    return assists.grade(
        case_id=case.pk,
        assist_id=_number(request),
        by=by,
        grade=_words(request, "grade"),
        message=_words(request),
        key=key_of(request),
    )


def _add_task(request: HttpRequest, case: Case, by: Performer) -> Case:
    chosen = typed(request.POST, "departments")
    key, words = key_of(request), _words(request)
    return assists.add_task(case_id=case.pk, by=by, departments=chosen, message=words, key=key)


def _withdraw(request: HttpRequest, case: Case, by: Performer) -> Case:
    return assists.withdraw_task(
        case_id=case.pk,
        assist_id=_number(request),
        by=by,
        message=_words(request),
        key=key_of(request),
    )


VERBS: dict[str, Verb] = {
    "report-in": _report_in,
    "finish": _finish,
    "plan": _plan,
    "grade": _grade,
    "task": _add_task,
    "withdraw": _withdraw,
}


@require_POST
@require_roles(*DESK_ROLES)
def share(request: HttpRequest, number: str, verb: str) -> HttpResponseBase:
    """Do ``verb`` about a share in the case; then lead back, or bring the page with the reason."""
    doing = VERBS.get(verb)
    if doing is None:
        raise Http404
    by = performer_of(request)
    case = case_or_404(by, number)
    try:
        doing(request, case, by)
    except CaseNotFound as error:
        raise Http404 from error
    except CaseError as error:
        typed_words = {name: _words(request, name)[:2000] for name in ("plan", "message")}
        draft = tuple((FIELDS[name].label, text) for name, text in typed_words.items() if text)
        fresh = case_or_404(by, number)
        problem = Said(error.message, draft=draft)
        return draw_case(request, by, fresh, status=error.status, problem=problem)
    messages.success(request, _("Noted."))
    if verb == "finish":
        return redirect("desk:queue")
    return redirect("desk:case", number=number)
