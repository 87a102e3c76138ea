"""Projects and tasks of the plan, and the list of public corrections."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cms.selectors import corrections as corrected
from cms.selectors.plan import plan_page


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """What the plan builds, by category, and its dated tasks with their owners. 3 queries."""
    return render(request, "cms/projects.html", {"plan": plan_page()})


@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    """Every figure and value that was changed after it was published, newest first. 3 queries."""
    return render(request, "cms/corrections.html", {"corrections": corrected.newest()})
