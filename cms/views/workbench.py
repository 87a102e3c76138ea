"""The editors' workbench below /cms/duties/: what is due, one press to its page."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from wagtail.admin.auth import require_admin_access

from cms.errors import DutyError
from cms.forms import short_text
from cms.models import Duty
from cms.policies import keeps_any_duty
from cms.selectors.workbench import bench, duty_kept
from cms.services.disclosures import begin_page, named_by
from cms.services.duties import attach_evidence, declare_none, withdraw_declaration
from foundation.accounts.access import access_of
from foundation.accounts.models import Role
from foundation.accounts.selectors import actor_of, user_of


def _kept(request: HttpRequest, pk: int) -> Duty:
    found = duty_kept(access_of(request.user), pk)
    if found is None:
        raise Http404
    return found


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(f"{reverse('duties_bench')}?tab={short_text(request.POST, 'tab', 10)}")


@require_admin_access
@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """My duties by due day."""
    access = access_of(request.user)
    if not keeps_any_duty(access):
        raise Http404
    shown = bench(
        access, tab=short_text(request.GET, "tab"), after=short_text(request.GET, "after")
    )
    return render(request, "cms/admin/duties.html", {"bench": shown})


@require_admin_access
@require_POST
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the page of this duty, filled as far as it can be."""
    page = begin_page(duty=_kept(request, pk), user=user_of(request))
    return redirect("wagtailadmin_pages:edit", page.pk)


@require_admin_access
@require_POST
def declare(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare that nothing arose, or take that back."""
    duty, actor = _kept(request, pk), actor_of(request, Role.EDITOR)
    try:
        if "undo" in request.POST:
            withdraw_declaration(duty_id=duty.pk, actor=actor)
            messages.success(request, _("The declaration was taken back."))
        else:
            reason = short_text(request.POST, "reason", 200)
            declare_none(duty_id=duty.pk, reason=reason, actor=actor)
            messages.success(request, _("Declared: did not arise."))
    except DutyError as error:
        messages.error(request, error.sentence)
    return _back(request)


@require_admin_access
@require_POST
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Attach what stands at an address of this site: a page, a file, a dataset."""
    duty = _kept(request, pk)
    named = named_by(short_text(request.POST, "address", 300))
    try:
        changed = attach_evidence(
            duty_id=duty.pk,
            actor=actor_of(request, Role.EDITOR),
            user=user_of(request),
            page=named.page,
            document=named.document,
            dataset=named.dataset,
        )
    except DutyError as error:
        messages.error(request, error.sentence)
        return _back(request)
    if changed.fault:
        messages.warning(request, changed.fault_sentence)
    else:
        messages.success(request, _("Attached, and found good."))
    return _back(request)
