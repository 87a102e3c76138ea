"""12345 files at the desk: upload, watch how far it is, stop, take the rows with problems away."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from complaints.errors import InvalidInput
from complaints.hotline import is_configured, profile
from complaints.models import ImportRun
from complaints.services.imports import problems_of, start_import, stop_import
from complaints.sheets import LARGEST
from complaints.views.acts import answers_case_errors
from complaints.views.desk_pane import wants
from complaints.visitors import performer_of
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@require_roles(Role.DISPATCHER)
def uploads(request: HttpRequest) -> HttpResponse:
    """Show the form and the last files, or take a file and go on to its page."""
    if not is_configured():
        raise Http404
    if request.method != "POST":
        return _page(request)
    upload = request.FILES.get("file")
    try:
        # One byte more than allowed is enough to be refused.
        data = upload.read(LARGEST + 1) if upload else b""
        name = (upload.name or "") if upload else ""
        run = start_import(data=data, file_name=name, by=performer_of(request))
    except InvalidInput as error:
        return _page(request, error=error)
    return redirect("desk:import_run", uid=run.uid)


@require_safe
@require_roles(Role.DISPATCHER)
def run_page(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Show how far a file is; ``X-Fragment: 1`` answers the part that changes."""
    run = get_object_or_404(ImportRun, pk=uid)
    context = {"run": run, "good": max(0, run.total - run.bad)}
    template = "_import_run.html" if wants(request) else "import_run.html"
    return render(request, f"complaints/desk/{template}", context)


@require_POST
@require_roles(Role.DISPATCHER)
@answers_case_errors
def stop(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Stop after the present batch."""
    run = get_object_or_404(ImportRun, pk=uid)
    if not run.is_over:
        stop_import(run=run, by=performer_of(request))
    return redirect("desk:import_run", uid=run.uid)


@require_safe
@require_roles(Role.DISPATCHER)
@answers_case_errors
def problems(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Answer the rows that were not taken, for a spreadsheet."""
    run = get_object_or_404(ImportRun, pk=uid)
    if not run.has_errors_file:
        raise Http404
    body = problems_of(run=run, by=performer_of(request))
    answer = HttpResponse(body, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="12345-{uid.hex[:8]}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(request: HttpRequest, error: InvalidInput | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "runs": list(ImportRun.objects.select_related("started_by")[:SHOWN]),
        "columns": profile().columns,
        "problem": error,
        "errors": [{"href": "#file", "text": str(error.message)}] if error else [],
    }
    status = error.status if error else 200
    return render(request, "complaints/desk/import.html", context, status=status)
