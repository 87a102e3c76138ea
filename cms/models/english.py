"""English summaries of what the site is for; the site itself speaks Chinese."""

from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from cms.models.pages import SitePage

ENGLISH = "en"


class EnglishPage(SitePage):
    """A page in English, with the Chinese page that says the same in full."""

    template = "cms/english_page.html"
    parent_page_types = ["cms.HomePage", "cms.EnglishPage"]
    subpage_types = ["cms.EnglishPage"]

    counterpart = models.ForeignKey(
        "wagtailcore.Page",
        verbose_name=_("the same in Chinese"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    content_panels = [*SitePage.content_panels, FieldPanel("counterpart")]

    class Meta:
        verbose_name = _("English page")
        verbose_name_plural = _("English pages")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with English words around the English text."""
        with translation.override(ENGLISH):
            response: Any = super().serve(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response
