"""The catalogue of duties at /disclosure/, its items and single duties."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cms import presenters
from cms.forms import short_text, year_of
from cms.models import DisclosureIndexPage
from cms.selectors.duties import STATES, DutyFilter, duty_by_id, duty_page, item_by_code
from cms.views.words import live_page
from foundation.places.models import Department


@require_safe
def disclosure(request: HttpRequest) -> HttpResponse:
    """The rate, the tree of items, what is overdue, departments and months. ≤ 10 queries."""
    page = live_page(DisclosureIndexPage)
    context = {"page": page, "self": page, **presenters.disclosure(None, request)}
    return render(request, "cms/disclosure.html", context)


def _filter(request: HttpRequest) -> DutyFilter:
    state = short_text(request.GET, "state")
    return DutyFilter(
        state=state if state in STATES else "",
        department=short_text(request.GET, "department"),
        item=short_text(request.GET, "item"),
        year=year_of(request.GET),
        enterprise=short_text(request.GET, "enterprise"),
    )


@require_safe
def duties(request: HttpRequest) -> HttpResponse:
    """Duties by state, department, item and year, paged by key. ≤ 10 queries."""
    wanted = _filter(request)
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {
        "wanted": wanted,
        "list": duty_page(wanted, after=short_text(request.GET, "after")),
        "states": STATES,
        "departments": Department.objects.filter(is_active=True).only("code", "name", "short_name"),
        "query": kept.urlencode(),
    }
    return render(request, "cms/duties.html", context)


@require_safe
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """One duty: by which law, until when and why, and what proves it."""
    found = duty_by_id(pk)
    if found is None:
        raise Http404
    return render(request, "cms/duty.html", {"duty": found})


@require_safe
def item(request: HttpRequest, code: str) -> HttpResponse:
    """One item of the catalogue: its rules with their law, and its duties."""
    found = item_by_code(code)
    if found is None:
        raise Http404
    page = duty_page(DutyFilter(item=code), after=short_text(request.GET, "after"))
    return render(request, "cms/catalogue_item.html", {"item": found, "list": page})
