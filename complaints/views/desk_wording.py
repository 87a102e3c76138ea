"""Before words go to a resident: templates, a preview of exactly what arrives, and doubts."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_POST

from complaints.errors import CaseError, CaseNotFound
from complaints.forms import ActForm, typed
from complaints.inputs import FIELDS
from complaints.models import Act, Case
from complaints.performer import Performer
from complaints.policies import DESK_ROLES, parties_of
from complaints.selectors.desk import DESK_PARTIES
from complaints.selectors.wording import (
    doubts_about_answer,
    facts_of,
    replies_for,
)
from complaints.services.answers import Preview, preview_act, sent_lately
from complaints.views.desk_case import case_or_404, draw_case
from complaints.views.desk_offers import row_of
from complaints.views.desk_templates import field_of
from complaints.visitors import performer_of
from complaints.workflow import Transition
from foundation.accounts.policies import require_roles

#: Longest text that is brought back; the service says by how much it is too long.
DRAFT_LIMIT = 6000


@require_POST
@require_roles(*DESK_ROLES)
def wording(request: HttpRequest, number: str, action: str) -> HttpResponseBase:
    """Bring the case page back with a template put in, or with a preview; nothing is sent.

    404 for a case or a step that is not the reader's; a wrong input answers 400 with its sentence.
    """
    by = performer_of(request)
    case = case_or_404(by, number)
    row = row_of(case, action)
    if row is None or not field_of(row) or not row.parties & parties_of(by, case) & DESK_PARTIES:
        raise Http404
    if "use" in request.POST:
        return _with_template(request, by, case, row)
    return _with_preview(request, by, case, row)


def _with_template(
    request: HttpRequest, by: Performer, case: Case, row: Transition
) -> HttpResponseBase:
    values = _typed(request)
    acts = Act.objects.filter(case=case)
    choices = replies_for(case, row.action, facts_of(case, acts))
    chosen = next((c for c in choices if c.code == request.POST.get("template")), None)
    if chosen:
        values[field_of(row)] = chosen.text
    form = ActForm(row=row, case=case, initial=values)
    return draw_case(request, by, case, failed=form, template_used=chosen.code if chosen else "")


def _with_preview(
    request: HttpRequest, by: Performer, case: Case, row: Transition
) -> HttpResponseBase:
    form = ActForm(request.POST, row=row, case=case)
    shown: Preview | None = None
    problem = ""
    if form.is_valid():
        try:
            shown = preview_act(
                case_id=case.pk,
                action=row.action,
                by=by,
                data=form.inputs,
                version=form.cleaned_data["version"],
            )
        except CaseNotFound as error:
            raise Http404 from error
        except CaseError as error:
            if error.field in form.fields:
                form.add_error(error.field, str(error.message))
            else:
                problem = str(error.message)
    words = _typed(request).get(field_of(row), "")
    doubts = doubts_about_answer(case, words, sent_lately(case, words)) if words else []
    status = 200 if shown else 400
    return draw_case(
        request,
        by,
        case,
        status=status,
        failed=form,
        answer_preview=shown,
        answer_doubts=doubts,
        preview_problem=problem,
    )


def _typed(request: HttpRequest) -> dict[str, str]:
    return {
        name: typed(request.POST, name)[:DRAFT_LIMIT] for name in FIELDS if name in request.POST
    }
