"""The form behind every page: a publication without private details."""

from typing import Any

from django import forms
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import WagtailAdminPageForm

from cms.plain_words import grave_details

#: The buttons after which somebody else may read the page.
OUTWARD = ("action-publish", "action-submit", "action-restart-workflow")


class SitePageForm(WagtailAdminPageForm):
    """Refuses to publish or submit what holds the number of somebody's identity card.

    A draft is kept whatever it holds, so that nothing is lost.
    """

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        if any(name in self.data for name in OUTWARD):
            found = grave_details(self._words(cleaned))
            if found:
                raise forms.ValidationError(
                    _("The page holds identity numbers: %(details)s. Take them out first."),
                    code="private",
                    params={"details": "、".join(found)},
                )
        return cleaned

    def _words(self, cleaned: dict[str, Any]) -> str:
        body = cleaned.get("body")
        parts = [str(cleaned.get("title", "")), str(cleaned.get("summary", ""))]
        if body is not None:
            parts += [str(part) for part in body.stream_block.get_searchable_content(body)]
        return "\n".join(strip_tags(part) for part in parts)
