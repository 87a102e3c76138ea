"""What each page type shows besides its own fields (see ``cms.presentation``)."""

from django.http import HttpRequest
from django.urls import reverse

from cms.forms import month_of, short_text, year_of
from cms.key_figures import home_figures
from cms.models import (
    ContentPage,
    DisclosureIndexPage,
    DisclosurePage,
    EnglishPage,
    HomePage,
    IndicatorIndexPage,
    NewsIndexPage,
    NewsPage,
    ResultsPage,
    SectionPage,
)
from cms.presentation import presenter
from cms.selectors.catalogue import catalogue
from cms.selectors.indicators import explaining_pages, indicator_groups, indicator_table
from cms.selectors.results import latest_results, result_list
from cms.selectors.site import children_of, latest_news, news_list, trail_of


@presenter(HomePage)
def home(page: HomePage, request: HttpRequest) -> dict[str, object]:
    """Three rates, the newest results and news, a glance at the indicators."""
    groups = indicator_groups()
    pages = {**explaining_pages(groups), "reply_rate": reverse("cms:results")}
    return {
        "figures": home_figures(pages),
        "results": latest_results(4),
        "news": latest_news(3),
        "groups": groups,
    }


@presenter(SectionPage)
@presenter(EnglishPage)
def section(page: SectionPage | EnglishPage, request: HttpRequest) -> dict[str, object]:
    """The pages above and below."""
    return {"trail": trail_of(page), "children": children_of(page)}


@presenter(ContentPage)
@presenter(NewsPage)
@presenter(DisclosurePage)
def reading(
    page: ContentPage | NewsPage | DisclosurePage, request: HttpRequest
) -> dict[str, object]:
    """The pages above."""
    return {"trail": trail_of(page)}


@presenter(NewsIndexPage)
def news_index(page: NewsIndexPage, request: HttpRequest) -> dict[str, object]:
    """One page of news, by column."""
    return {
        "list": news_list(
            column=short_text(request.GET, "column"), after=short_text(request.GET, "after")
        )
    }


@presenter(ResultsPage)
def results(page: ResultsPage | None, request: HttpRequest) -> dict[str, object]:
    """One month of published results."""
    return {
        "list": result_list(
            month=month_of(request.GET),
            area_code=short_text(request.GET, "area"),
            after=short_text(request.GET, "after"),
        )
    }


@presenter(IndicatorIndexPage)
def indicator_index(page: IndicatorIndexPage | None, request: HttpRequest) -> dict[str, object]:
    """The indicator table by kind."""
    return {"groups": indicator_table()}


@presenter(DisclosureIndexPage)
def disclosure(page: DisclosureIndexPage | None, request: HttpRequest) -> dict[str, object]:
    """The catalogue of duties, one year of it."""
    return {"catalogue": catalogue(year=year_of(request.GET))}
