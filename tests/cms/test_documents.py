"""What cms gives to the search: public words only, and in step with every act of an editor."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from cms.models import ContentPage, HomePage, Indicator, NewsIndexPage, NewsPage, PublishedResult
from search.registry import active

Make = Callable[..., PublishedResult]


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was told to the search, as "kind:id"; each must be told inside a transaction."""
    told: list[str] = []

    def note(kind: str, object_id: object) -> None:
        assert connection.in_atomic_block
        told.append(f"{kind}:{object_id}")

    monkeypatch.setattr("cms.signals.touch", note)
    monkeypatch.setattr("cms.signals.touch_many", lambda kind, ids: [note(kind, i) for i in ids])
    return told


def _projection(kind: str, **wanted: Any) -> Any:
    document = active().get(kind)
    assert document is not None
    return document.project(document.queryset().get(**wanted))


def test_a_result_is_found_by_area_and_category(make_result: Make) -> None:
    result = make_result()
    found = _projection("result", pk=result.pk)
    assert dict(found.facets) == {"area": "红梅街道", "category": "大气"}
    assert (found.url, found.title, found.date) == (
        f"/results/{result.pk}/",
        result.problem,
        result.closed_on,
    )


def test_a_draft_is_no_document(make_result: Make) -> None:
    make_result(live=False)
    document = active().get("result")
    assert document is not None
    assert not document.queryset().exists()


def test_an_indicator_says_its_terms(district_pack: str) -> None:
    found = _projection("indicator", code="17")
    assert found.title == "17 公众对生态文明建设的满意度"
    assert "≥97" in found.body
    assert dict(found.facets) == {"category": "约束性"}


def test_pages_and_news_are_documents_of_their_own(home: HomePage) -> None:
    page = home.add_child(instance=ContentPage(title="说明", slug="about", summary="怎么保护"))
    news = NewsIndexPage.objects.get().add_child(
        instance=NewsPage(title="消息", slug="n", source="编辑部", summary="今天")
    )
    assert _projection("page", pk=page.pk).body == "说明\n怎么保护"
    assert dict(_projection("news", pk=news.pk).facets) == {"category": "动态"}
    pages = active().get("page")
    assert pages is not None
    assert not pages.queryset().filter(pk__in=[news.pk, home.pk]).exists()


def test_a_page_behind_a_restriction_is_no_document(home: HomePage) -> None:
    from wagtail.models import PageViewRestriction

    page = home.add_child(instance=ContentPage(title="内部", slug="inner"))
    PageViewRestriction.objects.create(page=page, restriction_type="login")
    pages = active().get("page")
    assert pages is not None
    assert not pages.queryset().filter(pk=page.pk).exists()


def test_the_search_hears_of_every_act_on_a_page(home: HomePage, touched: list[str]) -> None:
    page = home.add_child(instance=ContentPage(title="说明", slug="about", live=False))
    page.save_revision().publish()
    page.unpublish()
    key = page.pk
    page.delete()
    assert touched == [f"page:{key}"] * 3


def test_a_moved_branch_tells_of_all_its_pages(home: HomePage, touched: list[str]) -> None:
    parent = NewsIndexPage.objects.get()
    news = parent.add_child(instance=NewsPage(title="消息", slug="n", source="编辑部"))
    parent.slug = "bulletin"
    touched.clear()
    from django.test import TestCase

    with TestCase.captureOnCommitCallbacks(execute=True):
        parent.save_revision().publish()
    assert set(touched) == {f"page:{parent.pk}", f"news:{news.pk}"}


def test_the_search_hears_of_every_act_on_a_result(make_result: Make, touched: list[str]) -> None:
    result = make_result(live=False)
    result.save_revision().publish()
    result.refresh_from_db()
    result.unpublish()
    key = result.pk
    result.delete()
    assert touched == [f"result:{key}"] * 3


def test_a_changed_indicator_is_told(district_pack: str, touched: list[str]) -> None:
    row = Indicator.objects.get(code="17")
    row.save()
    assert touched == [f"indicator:{row.pk}"]


def test_a_published_result_can_be_searched(
    make_result: Make, run_jobs: Callable[[], Any], search_index: None
) -> None:
    from search.engines.chosen import engines
    from search.selectors import search

    result = make_result(problem="河面漂着一层油花。", live=False)
    result.save_revision().publish()
    run_jobs()
    for engine in engines().values():
        engine.refresh()
    found = search("油花")
    assert result.get_absolute_url() in str(found)
