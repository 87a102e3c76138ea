"""The editors' side: results and indicators in Wagtail's admin."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.forms import ResultForm
from cms.models import Indicator, PublishedResult

RESULT_HELP = _(
    "These texts are read by everybody. Say what was found and what was done; name no person, no "
    "telephone number, no building, unit or room. The neighbour who reported it reads along, and "
    "so does the one complained about."
)


class Unchosen(SnippetViewSet):
    """Snippets that no page refers to. Wagtail's chooser asks for no right and lists drafts too."""

    def register_chooser_viewset(self) -> None:
        """Leave the chooser's addresses out."""


class ResultViewSet(Unchosen):
    """Drafts made from closed cases; editors submit them, moderators publish them."""

    model = PublishedResult
    icon = "list-ul"
    menu_label = _("Results")
    add_to_admin_menu = False
    list_display = [
        "__str__",
        "area",
        "category",
        "closed_on",
        LiveStatusTagColumn(label=_("Status")),
    ]
    list_filter = {"live": ["exact"], "area": ["exact"], "closed_on": ["gte", "lte"]}
    ordering = ["live", "-closed_on", "-pk"]
    list_per_page = 40
    edit_handler = ObjectList(
        [
            HelpPanel(content=RESULT_HELP),
            FieldPanel("problem"),
            FieldPanel("outcome"),
            FieldPanel("places_checked"),
            MultiFieldPanel(
                [
                    FieldRowPanel([FieldPanel("area"), FieldPanel("category")]),
                    FieldRowPanel([FieldPanel("closed_on"), FieldPanel("number", read_only=True)]),
                ],
                heading=_("Origin"),
            ),
        ],
        base_form_class=ResultForm,
    )

    def get_queryset(self, request: Any) -> Any:
        return PublishedResult.objects.select_related("area", "latest_revision")


class IndicatorViewSet(Unchosen):
    """The indicator table; rows come with the district pack, values are added here."""

    model = Indicator
    icon = "order"
    menu_label = _("Indicators")
    add_to_admin_menu = False
    list_display = [
        "number",
        "name",
        "group",
        Column("base_2023", label=_("base year 2023")),
        Column("target_2030", label=_("target for 2030")),
    ]
    list_filter = ["group", "not_applicable"]
    ordering = ["order"]
    list_per_page = 40
    panels = [
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("number"), FieldPanel("group")]),
                FieldPanel("name"),
                FieldRowPanel([FieldPanel("unit"), FieldPanel("standard")]),
                FieldRowPanel([FieldPanel("base_2023"), FieldPanel("target_2030")]),
            ],
            heading=_("As the plan writes it"),
        ),
        InlinePanel(
            "values",
            heading=_("Values by period"),
            label=_("Value"),
            panels=[
                FieldRowPanel([FieldPanel("period"), FieldPanel("text"), FieldPanel("value")]),
                FieldRowPanel([FieldPanel("status"), FieldPanel("reason")]),
                FieldRowPanel([FieldPanel("source"), FieldPanel("source_url")]),
            ],
        ),
        FieldPanel("method"),
        FieldPanel("quirk"),
    ]


class OpenFilesGroup(SnippetViewSetGroup):
    """One menu entry for what the platform publishes besides pages."""

    items = (ResultViewSet, IndicatorViewSet)
    menu_label = _("Open files")
    menu_icon = "folder-open-inverse"
    menu_order = 150
    add_to_admin_menu = True


register_snippet(OpenFilesGroup)


def step_that_is_due_first(menu_items: list[Any], request: Any, context: dict[str, Any]) -> None:
    """Make the step that is due the main button.

    A moderator who opens something in review approves it (without the dialog for a remark); an
    editor who may not publish submits it.
    """
    for name in ("approve", "action-submit"):
        for position, item in enumerate(menu_items):
            if item.name == name and not getattr(item, "launch_modal", False):
                menu_items.insert(0, menu_items.pop(position))
                return


hooks.register("construct_page_action_menu", step_that_is_due_first)
hooks.register("construct_snippet_action_menu", step_that_is_due_first)
