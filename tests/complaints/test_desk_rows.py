"""Rows of the queue: every shape is drawn, and no text of a case breaks out of its place."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from complaints.models import Case
from complaints.selectors.desk import queue_rows
from complaints.selectors.relations import attach_relations
from complaints.services.intake import Receipt
from complaints.views.desk_rows import rows_html
from foundation.places.models import Area, Department

pytestmark = pytest.mark.django_db
Submit = Callable[..., Receipt]


def drawn(case: Case) -> str:
    now = timezone.now()
    return str(rows_html(queue_rows([case], now), now))


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


@pytest.mark.parametrize("text", ["<b>{number}</b>", "{0}{left!r}", 'x" data-y="1', "{{ 1 }}", "}"])
def test_no_text_breaks_out_of_its_place(submit: Submit, text: str) -> None:
    case = submit(description=text).case
    html = drawn(case)
    escaped = text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    assert f'gz-desk-row__words">{escaped}</span>' in html
    assert html.count("data-gz-row") == 1


def test_a_row_says_what_there_is_and_nothing_else(submit: Submit) -> None:
    case = submit().case
    bare = words_of(drawn(case))
    assert case.number in bare
    case.photo_count, case.urge_count, case.is_supervised = 3, 2, True
    full = drawn(case)
    assert "gz-desk-row--supervised" in full
    assert "3" in words_of(full)
    with translation.override("en"):
        assert "urged 2×" in words_of(drawn(case))


def test_an_owner_is_named_shortly(submit: Submit) -> None:
    case = submit().case
    office = Department.objects.exclude(short_name="").first()
    assert office is not None
    case.owner_department = office
    assert office.short_name in words_of(drawn(case))


def test_relations_come_from_memory_even_when_out_of_use(submit: Submit) -> None:
    case = submit().case
    grid = Area.objects.filter(kind="grid").last()
    assert grid is not None
    Case.objects.filter(pk=case.pk).update(owner_grid=grid)
    fresh = Case.objects.get(pk=case.pk)
    with CaptureQueriesContext(connection) as captured:
        attach_relations([fresh])
        assert fresh.owner_grid is not None
        assert fresh.owner_grid.name == grid.name
        assert fresh.owner_department is None
    assert [q for q in captured if "places_area" in q["sql"]] == []
    gone = Area.objects.create(
        code="gone", name="旧网格", kind="grid", path="gone/", is_active=False
    )
    fresh.owner_grid_id = gone.pk
    attach_relations([fresh])
    assert fresh.owner_grid.name == "旧网格"
