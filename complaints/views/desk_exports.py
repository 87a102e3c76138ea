"""Lists as files at the desk: ask, watch, stop, fetch. Everybody sees their own only."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from complaints.models import Export
from complaints.policies import DESK_ROLES
from complaints.services.exports import ask_export, fetch_export, stop_export
from complaints.views.acts import answers_case_errors
from complaints.views.desk_pane import wants
from complaints.visitors import performer_of
from foundation.accounts.policies import require_roles
from foundation.accounts.selectors import user_of

SHOWN = 20
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_http_methods(["GET", "HEAD", "POST"])
@require_roles(*DESK_ROLES)
@answers_case_errors
def exports(request: HttpRequest) -> HttpResponseBase:
    """List one's own files, or ask for one and go on to its page."""
    if request.method == "POST":
        made = ask_export(
            by=performer_of(request),
            query=request.POST.get("query", ""),
            file_format=request.POST.get("format", ""),
        )
        return redirect("desk:export", uid=made.uid)
    own = Export.objects.filter(asked_by=user_of(request))[:SHOWN]
    return render(request, "complaints/desk/exports.html", {"exports": list(own)})


@require_safe
@require_roles(*DESK_ROLES)
def export_page(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Show how far a file is; ``X-Fragment: 1`` answers the part that changes."""
    template = "_export.html" if wants(request) else "export.html"
    context = {"export": _own(request, uid)}
    return render(request, f"complaints/desk/{template}", context)


@require_POST
@require_roles(*DESK_ROLES)
@answers_case_errors
def stop(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Stop a file under way."""
    export = _own(request, uid)
    if not export.is_over:
        stop_export(export=export, by=performer_of(request))
    return redirect("desk:export", uid=uid)


@require_safe
@require_roles(*DESK_ROLES)
@answers_case_errors
def fetch(request: HttpRequest, uid: UUID) -> HttpResponseBase:
    """Answer the finished file."""
    export = _own(request, uid)
    if export.state != Export.State.DONE:
        raise Http404
    body = fetch_export(export=export, by=performer_of(request))
    answer = HttpResponse(body, content_type=TYPES[export.format])
    name = f"cases-{uid.hex[:8]}.{export.format}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _own(request: HttpRequest, uid: UUID) -> Export:
    """Return the reader's own file; a stranger's does not exist. One query."""
    export = Export.objects.filter(pk=uid, asked_by=user_of(request)).first()
    if export is None:
        raise Http404
    return export
