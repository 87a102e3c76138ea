"""The editors' side: results and indicators in Wagtail's admin."""

from typing import Any

from django.contrib import messages
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    HelpPanel,
    InlinePanel,
    MultiFieldPanel,
    ObjectList,
)
from wagtail.admin.ui.components import Component
from wagtail.admin.ui.tables import Column, LiveStatusTagColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from cms.admin_plan import ProjectViewSet, TaskViewSet
from cms.forms import ResultForm
from cms.models import DisclosurePage, Indicator, NewsPage, PublishedResult
from cms.plain_words import hints_of
from cms.policies import keeps_any_duty
from cms.selectors.inspection import alarms
from foundation.accounts.access import access_of

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

    items = (ResultViewSet, IndicatorViewSet, ProjectViewSet, TaskViewSet)
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


class DutiesMenuItem(MenuItem):
    """The workbench of duties, for those who keep some."""

    def is_shown(self, request: Any) -> bool:
        return keeps_any_duty(access_of(request.user))


@hooks.register("register_admin_menu_item")
def duties_menu_item() -> DutiesMenuItem:
    """The first entry of the editors' menu."""
    return DutiesMenuItem(
        _("Duties to publish"), reverse_lazy("duties_bench"), icon_name="calendar-alt", order=90
    )


HINTS = {
    "long_sentence": _("A sentence of more than 60 characters: “%(words)s”"),
    "unexplained": _("%(words)s is not explained: put its meaning in brackets"),
    "no_contact": _("Nobody is named whom readers can ask"),
    "no_date": _("No date is named"),
    "may_be_private": _("%(words)s may belong to a person; only an office's number may stay"),
}


@hooks.register("after_edit_page")
@hooks.register("after_create_page")
def tell_hints(request: Any, page: Any) -> None:
    """Tell the editor what could be plainer; what was saved stays saved."""
    text = getattr(page.specific, "plain_text", "")
    if not text:
        return
    is_dated = isinstance(page.specific, NewsPage | DisclosurePage)
    hints = hints_of(text, contact=getattr(page.specific, "contact", ""), is_dated=is_dated)
    if hints:
        said = "；".join(str(HINTS[hint.code]) % {"words": hint.words} for hint in hints)
        messages.warning(request, _("Saved. To look at: %(hints)s.") % {"hints": said})


class InspectionPanel(Component):
    """What a site inspection would veto, on the editors' first page."""

    name = "inspection"
    template_name = "cms/admin/inspection.html"
    order = 60

    def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
        return {"alarms": alarms()}


@hooks.register("construct_homepage_panels")
def show_inspection(request: Any, panels: list[Any]) -> None:
    """Add the panel above what one edited last."""
    panels.append(InspectionPanel())
