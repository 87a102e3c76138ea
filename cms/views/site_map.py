"""Every public page, as a tree."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cms.selectors.site import site_tree


@require_safe
def site_map(request: HttpRequest) -> HttpResponse:
    """Every public page, as a tree."""
    tree = site_tree()
    alone = [branch.page for branch in tree if not branch.children]
    files = {
        reverse("cms:results"): _("Published results"),
        reverse("cms:indicators"): _("Indicators"),
        reverse("cms:projects"): _("Projects and tasks of the plan"),
        reverse("cms:data"): _("Open data"),
        reverse("cms:requests"): _("Request information"),
        reverse("cms:answered-requests"): _("Answered requests"),
        reverse("cms:corrections"): _("Corrections"),
        # Pages of the tree with the same address have a better name.
        **{str(page.get_url(request)): page.title for page in alone},
        "/search/": _("Search"),
    }
    branches = [branch for branch in tree if branch.children]
    return render(request, "cms/site_map.html", {"files": files, "tree": branches})
