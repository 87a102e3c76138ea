"""Reads of the page tree: news, children, menu, site map."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet
from wagtail.models import Page, Site
from wagtail.query import PageQuerySet

from cms.models import DisclosurePage, NewsColumn, NewsPage, Picture

NEWS_PAGE_SIZE = 12
# One size per place, so that pictures are made once and fetched in one query.
COVER = "fill-640x400|format-webp"


@dataclass(frozen=True)
class NewsList:
    """One page of news, newest first; ``after`` is the key of the next page, '' on the last."""

    items: list[NewsPage]
    column: str
    columns: list[tuple[str, str]]
    after: str


@dataclass
class Branch:
    """A page and the pages below it, in menu order."""

    page: Page
    children: list["Branch"] = field(default_factory=list)


def news() -> QuerySet[NewsPage]:
    """Public news, newest first, with department; covers come with ``with_covers``."""
    return (
        NewsPage.objects.live()
        .public()
        .select_related("department")
        .order_by("-published_on", "-pk")
    )


def with_covers(pages: Sequence[NewsPage]) -> list[NewsPage]:
    """Fetch the covers' list size for all ``pages``: 1 query once the sizes have been made."""
    covers = {page.cover_id for page in pages if page.cover_id}
    if covers:
        ready = Picture.objects.get_queryset().filter(pk__in=covers).prefetch_renditions(COVER)
        by_id = {picture.pk: picture for picture in ready}
        for page in pages:
            page.cover = by_id.get(page.cover_id) if page.cover_id else None
    return list(pages)


def latest_news(count: int = 3) -> list[NewsPage]:
    """The newest news with covers. At most 4 queries."""
    return with_covers(list(news()[:count]))


def _older_than(key: str) -> Q:
    day, _, pk = key.partition(",")
    try:
        at, number = date.fromisoformat(day), int(pk)
    except ValueError:
        return Q()
    return Q(published_on__lt=at) | Q(published_on=at, pk__lt=number)


def news_list(*, column: str = "", after: str = "") -> NewsList:
    """One page of the news list; an unknown column shows everything. At most 4 queries."""
    known = column if column in NewsColumn.values else ""
    query = news().filter(_older_than(after))
    if known:
        query = query.filter(column=known)
    found = list(query[: NEWS_PAGE_SIZE + 1])
    items = with_covers(found[:NEWS_PAGE_SIZE])
    last = items[-1] if len(found) > NEWS_PAGE_SIZE else None
    key = f"{last.published_on},{last.pk}" if last else ""
    columns = [(str(code), str(label)) for code, label in NewsColumn.choices]
    return NewsList(items, known, columns, key)


def children_of(page: Page) -> list[Page]:
    """Public pages directly below ``page``, with their summaries. 2 queries."""
    return list(page.get_children().live().public().specific(defer=False))


def trail_of(page: Page) -> list[Page]:
    """The pages between the home page and ``page``. 1 query."""
    return list(page.get_ancestors().filter(depth__gt=2))


def public_pages() -> PageQuerySet:
    """The home page and every public page below it, in menu order. 2 queries."""
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        return Page.objects.none()
    below = Page.objects.descendant_of(site.root_page, inclusive=True)
    return below.live().public().order_by("path")


def site_tree() -> list[Branch]:
    """The public pages as a tree below the home page, without single news and disclosures.

    2 queries.
    """
    pages = public_pages().not_type(NewsPage, DisclosurePage).filter(depth__gt=2)
    branches: dict[str, Branch] = {}
    top: list[Branch] = []
    for page in pages:
        branch = branches[page.path] = Branch(page)
        parent = branches.get(page.path[: -page.steplen])
        (parent.children if parent else top).append(branch)
    return top
