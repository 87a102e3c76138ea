"""Projects and tasks of the plan: what it promised beside what editors have entered."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from cms.models import PlanTask, Progress, Project, ProjectCategory
from foundation.metrics.figure import plain


@dataclass(frozen=True)
class CategoryRow:
    """One line of the plan's table with what is known of single projects. Money: 10,000 yuan."""

    category: ProjectCategory
    projects: tuple[Project, ...]

    @property
    def known(self) -> int:
        return len(self.projects)

    @property
    def done(self) -> int:
        return sum(project.state == Progress.DONE for project in self.projects)


@dataclass(frozen=True)
class TaskRow:
    """A task, and whether its year is over without it."""

    task: PlanTask
    is_late: bool


@dataclass(frozen=True)
class PlanPage:
    """Everything the page of projects and tasks shows."""

    rows: tuple[CategoryRow, ...]
    tasks: tuple[TaskRow, ...]

    @property
    def count(self) -> int:
        return sum(row.category.planned_count for row in self.rows)

    @property
    def money(self) -> Decimal:
        return sum((row.category.planned_money for row in self.rows), Decimal(0))

    @property
    def money_text(self) -> str:
        return plain(self.money)

    @property
    def known(self) -> int:
        return sum(row.known for row in self.rows)


def is_late(task: PlanTask, year: int) -> bool:
    """A task is late in the year after its own, unless done or stopped."""
    return task.due_year < year and task.state not in (Progress.DONE, Progress.STOPPED)


def plan_page() -> PlanPage:
    """Return categories with their projects, and tasks by year. 3 queries."""
    projects: Sequence[Project] = list(
        Project.objects.select_related("department").order_by("name")
    )
    rows = tuple(
        CategoryRow(
            category, tuple(project for project in projects if project.category_id == category.pk)
        )
        for category in ProjectCategory.objects.all()
    )
    year = timezone.localdate().year
    tasks = PlanTask.objects.select_related("department")
    return PlanPage(rows, tuple(TaskRow(task, is_late(task, year)) for task in tasks))
