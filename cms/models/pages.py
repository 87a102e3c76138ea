"""Page types of the public site."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.blocks import BodyBlock
from cms.editing import SitePageForm
from cms.presentation import context_of
from cms.rota import period_names
from search.analysis import tokens


def _today() -> Any:
    return timezone.localdate()


class SitePage(Page):
    """What every page shares: a summary, a body, and words that a search can find."""

    base_form_class = SitePageForm

    summary = models.CharField(
        _("summary"),
        max_length=160,
        blank=True,
        help_text=_("One or two sentences for lists and search results."),
    )
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("body"))

    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]
    search_fields = [
        *Page.search_fields,
        index.SearchField("zh_tokens", boost=2),
        index.AutocompleteField("zh_tokens"),
    ]

    class Meta:
        abstract = True

    @property
    def plain_text(self) -> str:
        """Title, summary and body without markup."""
        block = self.body.stream_block
        parts = [str(part) for part in block.get_searchable_content(self.body)]
        return "\n".join(strip_tags(part) for part in [self.title, self.summary, *parts] if part)

    @property
    def zh_tokens(self) -> str:
        """The page's text cut into words: a run of hanzi is one word to the database."""
        return " ".join(tokens(self.plain_text))

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        return {**context, **context_of(self, request)}


class HomePage(SitePage):
    """The first page: report, follow, call; then what the house has done."""

    template = "cms/home_page.html"

    lead = models.CharField(_("lead sentence"), max_length=80, blank=True)
    banner = models.ForeignKey(
        "cms.Picture",
        verbose_name=_("picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    banner_alt = models.CharField(_("picture description"), max_length=160, blank=True)

    max_count = 1
    parent_page_types = ["wagtailcore.Page"]
    content_panels = [
        *Page.content_panels,
        FieldPanel("lead"),
        MultiFieldPanel([FieldPanel("banner"), FieldPanel("banner_alt")], heading=_("picture")),
        FieldPanel("summary"),
        FieldPanel("body"),
    ]

    class Meta:
        verbose_name = _("home page")


class SectionPage(SitePage):
    """A page that opens to the pages below it."""

    template = "cms/section_page.html"
    parent_page_types = ["cms.HomePage", "cms.SectionPage"]
    subpage_types = ["cms.ContentPage", "cms.SectionPage"]

    class Meta:
        verbose_name = _("section page")


class ContentPage(SitePage):
    """A page to read: a guide, a notice about privacy, a contact page."""

    template = "cms/content_page.html"
    parent_page_types = ["cms.HomePage", "cms.SectionPage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("content page")


class NewsIndexPage(SitePage):
    """All news, newest first."""

    template = "cms/news_index_page.html"
    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.NewsPage"]

    class Meta:
        verbose_name = _("news list")


class NewsColumn(models.TextChoices):
    NEWS = "news", _("News")
    NOTICE = "notice", _("Notices")
    GUIDE = "guide", _("Know-how")


class NewsPage(SitePage):
    """One piece of news, with its date, source and responsible department."""

    template = "cms/news_page.html"
    parent_page_types = ["cms.NewsIndexPage"]
    subpage_types: list[str] = []

    published_on = models.DateField(_("date"), default=_today, db_index=True)
    column = models.CharField(
        _("column"), max_length=12, choices=NewsColumn.choices, default=NewsColumn.NEWS
    )
    source = models.CharField(_("source"), max_length=60)
    department = models.ForeignKey(
        "places.Department",
        verbose_name=pgettext_lazy("duty", "department"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    cover = models.ForeignKey(
        "cms.Picture",
        verbose_name=_("cover picture"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("published_on"),
                FieldPanel("column"),
                FieldPanel("source"),
                FieldPanel("department"),
            ],
            heading=_("origin"),
        ),
        FieldPanel("cover"),
        FieldPanel("summary"),
        FieldPanel("body"),
    ]
    search_fields = [
        *SitePage.search_fields,
        index.FilterField("published_on"),
        index.FilterField("column"),
    ]

    class Meta:
        verbose_name = _("news")
        verbose_name_plural = _("news")


class ResultsPage(SitePage):
    """The words above the public result list at /results/."""

    template = "cms/results_page.html"
    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("result list")


class IndicatorIndexPage(SitePage):
    """The words above the indicator table at /indicators/."""

    template = "cms/indicator_index_page.html"
    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types: list[str] = []

    class Meta:
        verbose_name = _("indicator table")


class DisclosureIndexPage(SitePage):
    """The words above the catalogue of duties at /disclosure/, and what was published below it."""

    template = "cms/disclosure.html"
    max_count = 1
    parent_page_types = ["cms.HomePage"]
    subpage_types = ["cms.DisclosurePage"]

    class Meta:
        verbose_name = _("disclosure catalogue")


class DisclosurePage(SitePage):
    """One disclosure that the catalogue asks for: of an item, for a period, by a department."""

    template = "cms/disclosure_page.html"
    parent_page_types = ["cms.DisclosureIndexPage"]
    subpage_types: list[str] = []

    item = models.ForeignKey(
        "cms.CatalogueItem",
        verbose_name=_("catalogue item"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    period = models.CharField(
        _("period"), max_length=40, help_text=_("As the duty names it: 2026, 2026-Q3, 2026-10.")
    )
    department = models.ForeignKey(
        "places.Department",
        verbose_name=pgettext_lazy("duty", "department"),
        on_delete=models.PROTECT,
        related_name="+",
    )
    enterprise = models.ForeignKey(
        "cms.Enterprise",
        verbose_name=_("enterprise"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    contact = models.CharField(_("contact for questions"), max_length=80, blank=True)

    content_panels = [
        *Page.content_panels,
        MultiFieldPanel(
            [
                FieldPanel("item"),
                FieldPanel("period"),
                FieldPanel("department"),
                FieldPanel("enterprise"),
                FieldPanel("contact"),
            ],
            heading=_("duty"),
        ),
        FieldPanel("summary"),
        FieldPanel("body"),
    ]
    search_fields = [*SitePage.search_fields, index.FilterField("period")]

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")

    @property
    def period_words(self) -> str:
        """The period as people say it."""
        return next(iter(period_names(self.period)), self.period)
