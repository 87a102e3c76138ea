"""The public result list and its rows."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cms import presenters
from cms.models import ResultsPage
from cms.selectors.results import published
from cms.views.words import live_page


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The public result list."""
    page = live_page(ResultsPage)
    context = {"page": page, "self": page, **presenters.results(None, request)}
    return render(request, "cms/results_page.html", context)


@require_safe
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """One published result at an address that stays."""
    found = published().filter(pk=pk).first()
    if found is None:
        raise Http404
    return render(request, "cms/result_detail.html", {"result": found})
