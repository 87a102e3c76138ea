"""What of cms can be searched, as the public reads it: pages, news, indicators, results."""

from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from cms.models import (
    ContentPage,
    DisclosureIndexPage,
    DisclosurePage,
    Indicator,
    IndicatorIndexPage,
    InfoRequest,
    NewsPage,
    PublishedResult,
    ResultsPage,
    SectionPage,
)
from cms.selectors.inforequests import answered_publicly
from cms.selectors.results import published
from search.registry import Projection, document

READABLE = (ContentPage, SectionPage, IndicatorIndexPage, ResultsPage, DisclosureIndexPage)


@document(kind="page", model="wagtailcore.Page", title=_("Guides"), order=40)
class PageDocument:
    """Pages to read, except news."""

    def queryset(self) -> QuerySet[Any]:
        pages: QuerySet[Any] = Page.objects.live().public().type(READABLE).specific()
        return pages

    def project(self, obj: Any) -> Projection:
        page = obj.specific
        return Projection(
            id=str(page.pk),
            title=page.title,
            body=page.plain_text,
            url=page.url or "/",
            kind="page",
            date=page.last_published_at,
        )


@document(kind="disclosure", model="cms.DisclosurePage", title=_("Disclosures"), order=25)
class DisclosureDocument:
    """What was published because the catalogue asks for it."""

    def queryset(self) -> QuerySet[Any]:
        pages: QuerySet[Any] = DisclosurePage.objects.live().public()
        return pages.select_related("item__head", "department", "enterprise")

    def project(self, obj: DisclosurePage) -> Projection:
        named = [obj.plain_text, obj.period, obj.department.name, obj.item.name]
        if obj.enterprise:
            named.append(obj.enterprise.name)
        return Projection(
            id=str(obj.pk),
            title=obj.title,
            body="\n".join(named),
            url=obj.url or "/disclosure/",
            kind="disclosure",
            facets={"category": obj.item.head.name},
            date=obj.last_published_at,
        )


@document(kind="news", model="cms.NewsPage", title=_("News"), order=30)
class NewsDocument:
    """News, notices and know-how."""

    def queryset(self) -> QuerySet[Any]:
        pages: QuerySet[Any] = NewsPage.objects.live().public().select_related("department")
        return pages

    def project(self, obj: NewsPage) -> Projection:
        return Projection(
            id=str(obj.pk),
            title=obj.title,
            body=obj.plain_text,
            url=obj.url or "/news/",
            kind="news",
            facets={"category": str(obj.get_column_display())},
            date=obj.published_on,
        )


@document(kind="indicator", model="cms.Indicator", title=_("Indicators"), order=50)
class IndicatorDocument:
    """The rows of the indicator table."""

    def queryset(self) -> QuerySet[Any]:
        return Indicator.objects.all()

    def project(self, obj: Indicator) -> Projection:
        parts = (obj.family, obj.standard, obj.base_2023, obj.target_2030, obj.method, obj.quirk)
        return Projection(
            id=str(obj.pk),
            title=str(obj),
            body="\n".join(part for part in parts if part),
            url=obj.get_absolute_url(),
            kind="indicator",
            facets={"category": str(obj.get_group_display())},
        )


@document(kind="result", model="cms.PublishedResult", title=_("Results"), order=20)
class ResultDocument:
    """Published results; drafts never get here."""

    def queryset(self) -> QuerySet[Any]:
        return published()

    def project(self, obj: PublishedResult) -> Projection:
        facets = {"area": obj.area_name, "category": obj.category}
        return Projection(
            id=str(obj.pk),
            title=obj.problem,
            body=obj.outcome,
            url=obj.get_absolute_url(),
            kind="result",
            facets={name: value for name, value in facets.items() if value},
            date=obj.closed_on,
        )


@document(kind="answer", model="cms.InfoRequest", title=_("Answered requests"), order=60)
class AnswerDocument:
    """Published answers to requests for information: only the words an editor published."""

    def queryset(self) -> QuerySet[Any]:
        return answered_publicly()

    def project(self, obj: InfoRequest) -> Projection:
        return Projection(
            id=str(obj.pk),
            title=obj.public_title,
            body=f"{obj.public_question}\n{obj.public_answer}",
            url=obj.get_absolute_url(),
            kind="answer",
            date=localdate(obj.published_at),
        )
