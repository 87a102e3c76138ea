"""Atom feeds of published results and of news."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext_lazy as _

from cms.models import NewsPage, PublishedResult
from cms.selectors.results import latest_results
from cms.selectors.site import news

ENTRIES = 40


class ResultsFeed(Feed):
    """The newest published results, masked texts only."""

    feed_type = Atom1Feed
    title = _("Results of environmental complaints")
    subtitle = _("What was reported and how it was handled")
    link = "/results/"
    feed_url = "/feeds/results/"

    def items(self) -> list[PublishedResult]:
        return latest_results(ENTRIES)

    def item_title(self, item: PublishedResult) -> str:
        return f"{item.area_name} {item.problem[:40]}".strip()

    def item_description(self, item: PublishedResult) -> str:
        return item.outcome

    def item_updateddate(self, item: PublishedResult) -> datetime:
        return item.last_published_at or item.first_published_at or datetime.now(UTC)

    def item_categories(self, item: PublishedResult) -> list[str]:
        return [item.category] if item.category else []


@dataclass(frozen=True)
class Item:
    """One piece of news with its address, which only the request's cache makes cheap."""

    page: NewsPage
    address: str


class NewsFeed(Feed):
    """The newest news."""

    feed_type = Atom1Feed
    title = _("News")
    subtitle = _("News, notices and know-how")
    link = "/news/"
    feed_url = "/feeds/news/"

    def get_object(self, request: HttpRequest) -> HttpRequest:  # type: ignore[override]
        return request

    def items(self, request: HttpRequest) -> list[Item]:
        return [Item(page, page.get_url(request) or self.link) for page in news()[:ENTRIES]]

    def item_title(self, item: Item) -> str:
        return str(item.page.title)

    def item_description(self, item: Item) -> str:
        return item.page.summary

    def item_link(self, item: Item) -> str:
        return item.address

    def item_pubdate(self, item: Item) -> datetime:
        return timezone.make_aware(datetime.combine(item.page.published_on, time(9)))

    def item_updateddate(self, item: Item) -> datetime:
        return item.page.last_published_at or self.item_pubdate(item)
