"""Editors' screens for the plan's projects and tasks (listed in ``cms.wagtail_hooks``)."""

from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.models import PlanTask, Project


class PlanViewSet(SnippetViewSet):
    """Rows that no page refers to, so that nobody needs a chooser for them."""

    add_to_admin_menu = False
    list_per_page = 40

    def register_chooser_viewset(self) -> None:
        """Leave the chooser's addresses out: Wagtail's asks for no right."""


class ProjectViewSet(PlanViewSet):
    """Single projects with their progress."""

    model = Project
    icon = "hashtag"
    menu_label = _("Projects")
    list_display = ["name", "category", "state", "percent", "ends", "updated_at"]
    list_filter = ["category", "state"]
    ordering = ["category__order", "name"]
    panels = [
        FieldPanel("name"),
        FieldRowPanel([FieldPanel("category"), FieldPanel("department")]),
        FieldRowPanel([FieldPanel("money"), FieldPanel("starts"), FieldPanel("ends")]),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("state"), FieldPanel("percent")]), FieldPanel("note")],
            heading=_("progress in percent"),
        ),
        FieldPanel("source"),
    ]


class TaskViewSet(PlanViewSet):
    """Dated tasks: words and year come with the plan, progress is entered here."""

    model = PlanTask
    icon = "tasks"
    menu_label = _("Tasks of the plan")
    list_display = ["text", "department", "due_year", "state"]
    list_filter = ["due_year", "state", "department"]
    ordering = ["due_year", "order"]
    panels = [
        FieldPanel("text", read_only=True),
        FieldRowPanel([FieldPanel("department"), FieldPanel("due_year", read_only=True)]),
        FieldRowPanel([FieldPanel("state"), FieldPanel("done_on")]),
        FieldPanel("note"),
    ]
