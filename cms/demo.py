"""Demonstration content of a district pack: pictures, pages, news, results. Idempotent.

What exists is never overwritten: an editor's change wins over the pack's text.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from django.core.files.base import ContentFile
from wagtail.models import Page

from cms.models import (
    ContentPage,
    HomePage,
    NewsColumn,
    NewsIndexPage,
    NewsPage,
    Picture,
    PublishedResult,
    SectionPage,
)
from cms.pack_tree import home_page, publish
from foundation.places.models import Department
from foundation.places.pack import Changes, Pack, Row
from foundation.places.selectors import area_by_code
from foundation.vault.masking import find_private

KINDS: dict[str, type[Page]] = {"content": ContentPage, "section": SectionPage}
PICTURES = "demo/images"


def load_pictures(pack: Pack) -> Changes:
    """``[[pictures]]`` of ``demo/pages.toml`` → the editors' library, known by their title."""
    known = set(Picture.objects.values_list("title", flat=True))
    changes = Changes()
    for row in pack.rows("demo/pages", "pictures"):
        title = row.text("title", longest=80)
        path = pack.path(f"{PICTURES}/{row.text('file')}")
        values = {"description": row.text("alt"), "credit": row.text("credit")}
        row.finish()
        if title in known:
            changes += Changes(unchanged=1)
            continue
        data = ContentFile(path.read_bytes(), name=path.name)
        Picture.objects.create(title=title, file=data, **values)
        changes += Changes(added=1)
    return changes


def _resolved(value: Any, pictures: Mapping[str, int], pages: Mapping[str, int]) -> Any:
    """Replace "@picture:title" and "@page:slug" by keys, at any depth."""
    if isinstance(value, dict):
        return {name: _resolved(part, pictures, pages) for name, part in value.items()}
    if isinstance(value, list):
        return [_resolved(part, pictures, pages) for part in value]
    if isinstance(value, str) and value.startswith("@picture:"):
        return pictures[value.removeprefix("@picture:")]
    if isinstance(value, str) and value.startswith("@page:"):
        return pages.get(value.removeprefix("@page:"))
    return value


def _body(row: Row) -> list[dict[str, Any]]:
    pictures = dict(Picture.objects.values_list("title", "pk"))
    pages = dict(Page.objects.values_list("slug", "pk"))
    body: list[dict[str, Any]] = _resolved(row.raw("body", []), pictures, pages)
    return body


def _picture(row: Row, field: str) -> Picture | None:
    title = row.text(field, "")
    found: Picture | None = Picture.objects.filter(title=title).first() if title else None
    return found


def _furnish_home(row: Row) -> Changes:
    """Words and picture of the home page, once: later it is the editors'."""
    home: HomePage = home_page()
    if home.lead:
        return Changes(unchanged=1)
    home.lead = row.text("lead", longest=80)
    home.summary = row.text("summary", "", longest=160)
    home.banner = _picture(row, "banner")
    home.banner_alt = row.text("banner_alt", "", longest=160)
    home.body = _body(row)
    publish(home)
    return Changes(changed=1)


def _summarise(row: Row) -> Changes:
    """Words above a list that the bare tree brought (``slug`` of an existing page)."""
    page = Page.objects.filter(slug=row.text("slug")).specific().first()
    summary = row.text("summary", longest=160)
    row.finish()
    if page is None or page.summary:
        return Changes(unchanged=1)
    page.summary = summary
    publish(page)
    return Changes(changed=1)


def _add_page(row: Row) -> Changes:
    slug, parent_slug = row.text("slug"), row.text("parent", "")
    model = KINDS[row.choice("kind", KINDS, "content")]
    parent = Page.objects.get(slug=parent_slug).specific if parent_slug else home_page()
    if parent.get_children().filter(slug=slug).exists():
        return Changes(unchanged=1)
    page = model(
        title=row.text("title"),
        slug=slug,
        summary=row.text("summary", "", longest=160),
        show_in_menus=row.flag("menu", True),
        body=_body(row),
    )
    row.finish()
    parent.add_child(instance=page)
    publish(page)
    return Changes(added=1)


def load_pages(pack: Pack) -> Changes:
    """``demo/pages.toml``: pictures first, then pages in the file's order, then the home page."""
    changes = load_pictures(pack)
    for row in pack.rows("demo/pages", "pages"):
        changes += _add_page(row)
    for row in pack.rows("demo/pages", "words"):
        changes += _summarise(row)
    for row in pack.rows("demo/pages", "home"):
        changes += _furnish_home(row)
    return changes


def _news_page(row: Row) -> NewsPage:
    day = row.raw("published_on")
    if not isinstance(day, date):
        raise row.error("published_on", "must be a day like 2026-11-03, without quotation marks")
    department = Department.objects.filter(code=row.text("department", "")).first()
    return NewsPage(
        title=row.text("title"),
        slug=row.text("slug"),
        summary=row.text("summary", longest=160),
        published_on=day,
        column=row.choice("column", NewsColumn.values),
        source=row.text("source", longest=60),
        department=department,
        cover=_picture(row, "cover"),
        body=_body(row),
    )


def load_news(pack: Pack) -> Changes:
    """``demo/news.toml`` → news below the news list."""
    parent = NewsIndexPage.objects.get()
    known = set(parent.get_children().values_list("slug", flat=True))
    changes = Changes()
    for row in pack.rows("demo/news", "news"):
        page = _news_page(row)
        row.finish()
        if page.slug in known:
            changes += Changes(unchanged=1)
            continue
        parent.add_child(instance=page)
        publish(page)
        changes += Changes(added=1)
    return changes


def _result(row: Row) -> PublishedResult:
    day = row.raw("closed_on")
    area = area_by_code(row.text("area"))
    if not isinstance(day, date) or area is None:
        raise row.error("closed_on", "or the area is not known: a day and a town's code are needed")
    result = PublishedResult(
        number=row.text("number", longest=32),
        area=area,
        category=row.text("category", longest=60),
        problem=row.text("problem", longest=600),
        outcome=row.text("outcome", longest=1500),
        closed_on=day,
    )
    row.finish()
    private = [f.text for f in find_private(result.problem + "\n" + result.outcome)]
    if private:
        raise row.error("outcome", f"holds private details: {private}")
    return result


def load_results(pack: Pack) -> Changes:
    """``demo/results.toml`` → published results, known by their number."""
    known = set(PublishedResult.objects.values_list("number", flat=True))
    changes = Changes()
    for row in pack.rows("demo/results", "results"):
        result = _result(row)
        if result.number in known:
            changes += Changes(unchanged=1)
            continue
        result.save()
        result.save_revision().publish()
        at = datetime.combine(result.closed_on, time(1), tzinfo=UTC)
        PublishedResult.objects.filter(pk=result.pk).update(
            first_published_at=at, last_published_at=at
        )
        changes += Changes(added=1)
    return changes
