"""Loads ``projects.toml``: the plan's projects by category and its dated tasks; English pages."""

from decimal import Decimal
from typing import Any

from django.db.models import Model
from wagtail.models import Page
from wagtail.rich_text import RichText

from cms.models import EnglishPage, PlanTask, Progress, Project, ProjectCategory
from cms.pack_tree import home_page, publish
from foundation.places.models import Department
from foundation.places.pack import Changes, Pack, Row

SECTION = "projects"
DEMO = "demo/projects"
ENGLISH = "english"


def load(pack: Pack) -> Changes:
    """Bring categories and tasks to what the pack says; an editor's progress is left alone."""
    if not pack.has(SECTION + ".toml"):
        return Changes()
    changes = Changes()
    for order, row in enumerate(pack.rows(SECTION, "category"), start=1):
        changes += _category(row, order)
    for order, row in enumerate(pack.rows(SECTION, "task"), start=1):
        changes += _task(row, order)
    return changes


def _money(row: Row, field: str) -> Decimal:
    return Decimal(str(row.number(field)))


def _store(model: type[Model], code: str, values: dict[str, Any]) -> Changes:
    """Make or change one row by its code."""
    row, made = model._default_manager.get_or_create(code=code, defaults=values)
    if made:
        return Changes(added=1)
    if all(getattr(row, name) == value for name, value in values.items()):
        return Changes(unchanged=1)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return Changes(changed=1)


def _department(row: Row) -> Department | None:
    code = row.text("department", "")
    if not code:
        return None
    found = Department.objects.filter(code=code).first()
    if found is None:
        raise row.error("department", f"no department is called {code!r}")
    return found


def _category(row: Row, order: int) -> Changes:
    code = row.text("code", longest=20)
    values = {
        "name": row.text("name", longest=40),
        "planned_count": row.whole("count"),
        "planned_money": _money(row, "money"),
        "source": row.text("source", "", longest=120),
        "order": order,
    }
    row.finish()
    return _store(ProjectCategory, code, values)


def _task(row: Row, order: int) -> Changes:
    code = row.text("code", longest=30)
    values = {
        "head": row.text("head", "", longest=40),
        "text": row.text("text", longest=300),
        "department": _department(row),
        "due_year": row.whole("due"),
        "source": row.text("source", "", longest=120),
        "order": order,
    }
    row.finish()
    return _store(PlanTask, code, values)


def load_demo(pack: Pack) -> Changes:
    """``demo/projects.toml`` → single projects, known by name; one that exists is left alone."""
    changes = Changes()
    if not pack.has(DEMO + ".toml"):
        return changes
    categories = {category.code: category for category in ProjectCategory.objects.all()}
    for row in pack.rows(DEMO, "project"):
        name = row.text("name", longest=120)
        values = {
            "category": categories[row.choice("category", categories)],
            "department": _department(row),
            "money": _money(row, "money"),
            "starts": row.whole("starts"),
            "ends": row.whole("ends"),
            "state": row.choice("state", Progress.values),
            "percent": row.whole("percent"),
            "note": row.text("note", "", longest=200),
            "is_demo": True,
        }
        row.finish()
        _found, made = Project.objects.get_or_create(name=name, defaults=values)
        changes += Changes(added=1) if made else Changes(unchanged=1)
    return changes


def load_english(pack: Pack) -> Changes:
    """``english.toml`` → English pages below /en/; a page that exists is left as it is.

    The first one is /en/ itself, the others lie below it.
    """
    changes = Changes()
    if not pack.has(ENGLISH + ".toml"):
        return changes
    parent: Page = home_page()
    for row in pack.rows(ENGLISH, "page"):
        slug = row.text("slug", longest=40)
        values = {
            "title": row.text("title", longest=80),
            "summary": row.text("summary", "", longest=160),
            "body": [("text", RichText(text)) for text in row.texts("body")],
            "counterpart": _counterpart(row.text("chinese", "")),
        }
        row.finish()
        found = EnglishPage.objects.child_of(parent).filter(slug=slug).first()
        if found is None:
            found = EnglishPage(slug=slug, **values)
            parent.refresh_from_db()
            parent.add_child(instance=found)
            publish(found)
            changes += Changes(added=1)
        else:
            changes += Changes(unchanged=1)
        parent = found if found.depth == home_page().depth + 1 else parent
    return changes


def _counterpart(slug: str) -> Page | None:
    if not slug:
        return home_page().page_ptr
    found: Page | None = Page.objects.child_of(home_page()).filter(slug=slug).first()
    return found
