"""What readers get: rechecked hits, marks, counts, the stand-in when Elasticsearch is away."""

import time
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from search import services
from search.engines.chosen import breaker_of, engines
from search.selectors import Results, search
from tests.search.conftest import Gate
from tests.search.posts import Post, post


def put(*objects: Post) -> None:
    for one in objects:
        kind = "letter" if one.category == "来信" else "post"
        services.index(kind=kind, ids=[str(one.pk)])
    for engine in engines().values():
        engine.refresh()


def shown(results: Results) -> list[str]:
    return ["".join(segment.text for segment in hit.title) for hit in results.hits]


pytestmark = pytest.mark.usefixtures("posts", "only_database")


def test_hits_carry_what_the_page_shows() -> None:
    put(post("油烟扰民", "红梅路夜市油烟很大", area="红梅街道", category="餐饮油烟"))
    results = search("油烟")
    (hit,) = results.hits
    assert [(s.text, s.is_marked) for s in hit.title] == [("油烟", True), ("扰民", False)]
    assert ("油烟", True) in [(s.text, s.is_marked) for s in hit.snippet]
    assert (hit.kind_title, hit.area, hit.category) == ("公开结果", "红梅街道", "餐饮油烟")
    assert hit.date == date(2026, 3, 1)
    assert results.total == 1
    assert not results.is_fallback


def test_synonyms_are_marked() -> None:
    put(post("河边有异味"))
    assert [s.text for s in search("臭").hits[0].title if s.is_marked] == ["异味"]


def test_what_became_private_is_not_shown_although_the_index_lags() -> None:
    put(post("油烟 甲"), post("油烟 乙"))
    Post.objects.filter(title="油烟 甲").update(is_public=False)
    results = search("油烟")
    assert shown(results) == ["油烟 乙"]
    assert results.total == 1
    Post.objects.all().delete()
    assert shown(search("油烟")) == []


def test_a_page_that_became_private_is_passed_over() -> None:
    put(*[post(f"油烟 {n}", published_on=date(2026, 1, n + 1)) for n in range(9)])
    Post.objects.filter(published_on__gt=date(2026, 1, 3)).update(is_public=False)
    assert shown(search("油烟", size=3)) == ["油烟 2", "油烟 1", "油烟 0"]


def test_the_secret_of_an_object_is_nowhere() -> None:
    put(post("油烟", secret="举报人张三13800138000"))
    assert not search("张三").hits
    assert not search("13800138000").hits


def test_when_nothing_holds_all_words_some_will_do() -> None:
    put(post("夜间施工"), post("油烟"))
    results = search("楼下夜间施工吵得睡不着觉怎么办")
    assert results.is_relaxed
    assert shown(results) == ["夜间施工"]
    assert not search("夜间施工").is_relaxed


def test_relaxed_pages_go_on_relaxed() -> None:
    put(*[post(f"油烟 {n}") for n in range(5)])
    first = search("油烟 天文馆", size=3)
    second = search("油烟 天文馆", None, first.next_cursor, size=3)
    assert first.is_relaxed
    assert second.is_relaxed
    assert len(shown(first) + shown(second)) == 5
    assert not second.next_cursor


def test_a_filter_without_hits_does_not_relax_the_question() -> None:
    put(post("红梅路 油烟", area="红梅街道"))
    results = search("红梅路 油烟", {"area": "雕庄街道"})
    assert not results.hits
    assert not results.is_relaxed
    assert results.facets is not None
    assert {c.value: c.count for c in results.facets["area"]} == {"红梅街道": 1, "雕庄街道": 0}


def test_the_statements_do_not_grow_with_hits_or_kinds() -> None:
    put(*[post(f"油烟 {n}", category="来信" if n % 2 else "异味") for n in range(45)])
    for text, most in (("油烟", 4), ("油烟 天文馆", 6)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(search(text).hits) == 20
        assert len(queries) <= most, [q["sql"][:80] for q in queries]


def test_the_next_page_is_asked_by_key() -> None:
    put(*[post(f"油烟 {n}") for n in range(45)])
    seen, cursor = [], ""
    for _ in range(3):
        results = search("油烟", None, cursor)
        assert results.total == 45
        seen += shown(results)
        cursor = results.next_cursor
    assert len(set(seen)) == 45
    assert not cursor


def test_nothing_to_look_for_asks_nobody() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert not search("，。？").is_asked
    assert len(queries) == 1


def test_a_dead_cluster_is_replaced_by_the_database(cluster_at: Callable[[str], None]) -> None:
    put(post("油烟"))
    cluster_at("http://127.0.0.1:9")
    results = search("油烟")
    assert results.is_fallback
    assert shown(results) == ["油烟"]


def test_a_cluster_that_never_answers_is_soon_left_alone(
    cluster_at: Callable[[str], None], hole: Gate
) -> None:
    put(post("油烟"))
    cluster_at(hole.url)
    waits = []
    for _ in range(5):
        started = time.perf_counter()
        assert search("油烟").is_fallback
        waits.append(time.perf_counter() - started)
    assert max(waits) < 4, waits
    assert max(waits[2:]) < 1, waits


@pytest.mark.elasticsearch
def test_elasticsearch_answers_when_it_is_there(gate: Gate) -> None:
    put(post("油烟"))
    with CaptureQueriesContext(connection) as queries:
        results = search("油烟")
    assert not results.is_fallback
    assert shown(results) == ["油烟"]
    assert len(queries) <= 2


@pytest.mark.elasticsearch
def test_a_missing_index_is_an_outage_not_an_error(gate: Gate) -> None:
    put(post("油烟"))
    cluster = engines()["elasticsearch"]
    cluster.drop()  # type: ignore[attr-defined]
    assert search("油烟").is_fallback
    put(post("油烟 二"))
    assert cluster.count() == 1


@pytest.mark.elasticsearch
def test_when_it_comes_back_it_answers_again(gate: Gate) -> None:
    put(post("油烟"))
    breaker = breaker_of("elasticsearch")
    assert breaker is not None
    breaker.rest = 0.1
    gate.shut()
    assert search("油烟").is_fallback
    assert search("油烟").is_fallback
    gate.open()
    deadline = time.monotonic() + 10
    while search("油烟").is_fallback:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert not breaker.is_open
