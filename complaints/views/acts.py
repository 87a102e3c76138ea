"""The one way a page applies an act: form → service → answer; errors become HTTP here only."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from complaints.errors import CaseError, CaseNotFound
from complaints.forms import ActForm
from complaints.models import Case
from complaints.performer import Performer
from complaints.services.transition import perform
from complaints.workflow import Transition

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def answers_case_errors(view: View[P]) -> View[P]:
    """Turn a CaseError that a page did not handle itself into its HTTP answer with a sentence."""

    @wraps(view)
    def answering(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except CaseNotFound as error:
            raise Http404(str(error.message)) from error
        except CaseError as error:
            return refused(request, error)

    return answering


def refused(request: HttpRequest, error: CaseError) -> HttpResponse:
    """Return the page that says what went wrong and how to go on, with the error's status."""
    return render(request, "complaints/refused.html", {"error": error}, status=error.status)


def apply_form(form: ActForm, *, case: Case, row: Transition, by: Performer) -> Case | None:
    """Apply a posted act; None when an input is wrong (the form then says which and why).

    Raises the CaseErrors that no input can mend (conflict, refusal, permission).
    """
    if not form.is_valid():
        return None
    try:
        return perform(
            case_id=case.pk,
            action=row.action,
            by=by,
            data=form.inputs,
            version=form.cleaned_data["version"],
            key=form.cleaned_data["key"],
        )
    except CaseError as error:
        if error.field and error.field in form.fields:
            form.add_error(error.field, str(error.message))
            return None
        raise


def key_of(request: HttpRequest) -> UUID | None:
    """Return the idempotency key that a page or an offline outbox sent; None when invalid."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None
