"""The search page: a plain GET form, links for everything else, no script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from search.query import FILTERS
from search.selectors import Choice, Results, search

# The contract of addresses fixes this one; the apps above are not known here.
REPORT = "/report/"
FACET_TITLES = {"area": _("Area"), "category": _("Type"), "year": _("Year")}


@dataclass(frozen=True)
class Link:
    """One tab or facet value as a link."""

    label: Any
    count: int
    href: str
    is_chosen: bool


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """``/search/?q=&kind=&area=&category=&year=&after=``: at most 10 statements."""
    chosen = {name: request.GET.get(name, "") for name in FILTERS}
    found = search(request.GET.get("q", ""), chosen, request.GET.get("after", ""))
    context = {
        "results": found,
        "tabs": _tabs(found),
        "facets": _facets(found),
        "filters": found.query.filters,
        "next": _address(found, after=found.next_cursor) if found.next_cursor else None,
        "first": _address(found) if found.query.cursor else None,
        "report_url": REPORT,
    }
    response = render(request, "search/results.html", context)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _address(found: Results, **changes: str) -> str:
    parameters: Mapping[str, str] = {"q": found.query.text, **found.query.filters, **changes}
    return f"{reverse('search:results')}?{urlencode({k: v for k, v in parameters.items() if v})}"


def _tabs(found: Results) -> list[Link]:
    choices = (found.facets or {}).get("kind", [])
    everything = sum(choice.count for choice in choices)
    is_all = "kind" not in found.query.filters
    first = Link(_("All"), everything, _address(found, kind=""), is_all)
    return [first, *(_link(found, "kind", choice) for choice in choices)]


def _facets(found: Results) -> list[tuple[str, Any, list[Link]]]:
    facets = found.facets or {}
    return [
        (name, title, [_link(found, name, choice) for choice in facets[name]])
        for name, title in FACET_TITLES.items()
        if _divides(facets.get(name, [])) and (name != "category" or _is_of_one_kind(found))
    ]


def _is_of_one_kind(found: Results) -> bool:
    """Whether types can be told apart: those of results and of news do not belong in one list."""
    if {"kind", "category"} & found.query.filters.keys():
        return True
    return len((found.facets or {}).get("kind", [])) == 1


def _divides(choices: Sequence[Choice]) -> bool:
    """Whether a facet is worth showing: one value that everything has leads nowhere."""
    return len(choices) > 1 or any(choice.is_chosen for choice in choices)


def _link(found: Results, name: str, choice: Choice) -> Link:
    """A chosen facet value leads back to all values; a chosen tab stays where it is."""
    value = "" if choice.is_chosen and name != "kind" else choice.value
    address = _address(found, **{name: value})
    return Link(choice.label, choice.count, address, choice.is_chosen)
