"""Named filters of the queue, many cases at once, and who is looking at a case."""

import re
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from complaints.policies import DESK_ROLES
from complaints.selectors.desk_views import others_looking
from complaints.services import desk_views
from complaints.services.bulk_acts import MOST, SUGGESTED, Picked, assign_many
from complaints.views.desk_case import case_or_404
from complaints.visitors import performer_of
from foundation.accounts.models import Role
from foundation.accounts.policies import require_roles
from foundation.places.selectors import department_by_code

PICKED = re.compile(r"([A-Za-z]{2}-[0-9]{8}-[0-9]{4,8}-[A-Za-z]):([0-9]{1,9})")


@require_POST
@require_roles(*DESK_ROLES)
def save(request: HttpRequest) -> HttpResponseBase:
    """Keep the filter that stands in the form under the name somebody typed."""
    query = request.POST.get("query", "")
    if desk_views.save_filter(
        user_id=(request.user.pk or 0), name=request.POST.get("name", ""), query=query
    ):
        messages.success(request, _("The filter is kept among your tabs."))
    else:
        said = _("Give the filter a name. You can keep %(n)d; delete one you no longer need.")
        messages.error(request, said % {"n": desk_views.MOST_FILTERS})
    return redirect(f"{reverse('desk:queue')}?{query}" if query else "desk:queue")


@require_POST
@require_roles(*DESK_ROLES)
def drop(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Forget one of the own filters."""
    desk_views.drop_filter(user_id=(request.user.pk or 0), pk=pk)
    return redirect("desk:queue")


@require_POST
@require_roles(*DESK_ROLES)
def looking(request: HttpRequest, number: str) -> HttpResponse:
    """Note that the reader has this case open (or closed it), and answer who else has. ≤ 8 queries.

    Whoever may not see the case hears nothing of it: 404.
    """
    case = case_or_404(performer_of(request), number)
    user_id = request.user.pk or 0
    if request.POST.get("away"):
        desk_views.look_away(case=case, user_id=user_id)
        return HttpResponse(status=204)
    desk_views.look(case=case, user_id=user_id)
    context = {"people": others_looking(case, user_id)}
    return render(request, "complaints/desk/_looking.html", context)


@require_POST
@require_roles(Role.DISPATCHER)
def assign(request: HttpRequest) -> HttpResponse:
    """Dispatch up to fifty chosen cases and say of each what became of it."""
    matches = [PICKED.fullmatch(text) for text in request.POST.getlist("case")[: MOST + 1]]
    picked = [Picked(match[1].upper(), int(match[2])) for match in matches if match]
    owner = request.POST.get("owner", "")
    problem = _problem(len(picked), owner)
    outcomes = []
    if not problem:
        by = performer_of(request)
        outcomes = assign_many(by=by, picked=picked, owner=owner, key=_key(request))
    context = {
        "problem": problem,
        "outcomes": outcomes,
        "done": sum(outcome.is_done for outcome in outcomes),
        "total": len(outcomes),
    }
    status = 400 if problem else 200
    return render(request, "complaints/desk/assigned.html", context, status=status)


def _problem(count: int, owner: str) -> str:
    if not count:
        return _("Choose at least one case.")
    if count > MOST:
        return _("At most %(n)d cases at once.") % {"n": MOST}
    kind, _colon, code = owner.partition(":")
    if owner != SUGGESTED and (kind != "department" or department_by_code(code) is None):
        return _("Choose who gets the cases.")
    return ""


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()
