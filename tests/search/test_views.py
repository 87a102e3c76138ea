"""The search page: plain GET, words in Chinese, never an error for what people type."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from search import services
from tests.search.posts import Post, post
from tests.search.test_engines import WEIRD

pytestmark = pytest.mark.usefixtures("posts", "only_database")


def put(*objects: Post) -> None:
    for one in objects:
        kind = "letter" if one.category == "来信" else "post"
        services.index(kind=kind, ids=[str(one.pk)])


def get(client: Client, **parameters: str) -> str:
    response = client.get(reverse("search:results"), parameters)
    assert response.status_code == 200
    return response.content.decode()


class Outline(HTMLParser):
    """Marks, headings and links of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)

    def links(self, text: str) -> list[str]:
        return [str(a["href"]) for t, a in self.tags if t == "a" and text in str(a.get("href"))]


def test_before_anything_is_asked_there_is_a_form(client: Client) -> None:
    page = get(client)
    assert "您想找什么" in page
    assert 'name="q"' in page
    assert Outline(page).count("h1") == 1


def test_found_things_are_marked_counted_and_linked(client: Client) -> None:
    put(
        post("油烟扰民", "红梅路油烟", area="红梅街道", category="餐饮油烟"),
        post("噪声", area="雕庄街道"),
    )
    page = get(client, q="油烟")
    assert '<mark class="gz-search-mark">油烟</mark>扰民' in page
    assert "“油烟”共有 1 条结果" in page
    outline = Outline(page)
    assert outline.count("mark") == 2
    assert outline.links("/posts/")
    assert "公开结果" in page


def test_markup_in_titles_and_questions_is_escaped(client: Client) -> None:
    put(post("<img src=x onerror=alert(1)>油烟", "<script>alert(1)</script>油烟"))
    page = get(client, q="油烟 <script>")
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x" in get(client, q="油烟")


def test_nothing_found_says_what_to_do(client: Client) -> None:
    page = get(client, q="天文馆")
    assert "换个说法" in page
    assert "直接举报" in page
    assert 'href="/report/"' in page


def test_a_chosen_filter_is_kept_and_can_be_taken_away(client: Client) -> None:
    put(post("油烟 甲", area="红梅街道"), post("油烟 乙", area="雕庄街道"))
    assert len(Outline(get(client, q="油烟")).links("area=%E7%BA%A2")) == 1
    page = get(client, q="油烟", area="红梅街道")
    assert "油烟</mark> 甲" in page
    assert "油烟</mark> 乙" not in page
    assert '<input type="hidden" name="area" value="红梅街道">' in page
    assert "移除筛选" in page


def test_tabs_carry_counts(client: Client) -> None:
    put(post("油烟 甲"), post("油烟 乙", category="来信"))
    page = get(client, q="油烟", kind="letter")
    assert "来信" in page
    assert 'aria-current="true"' in page
    assert "油烟</mark> 甲" not in page


def test_more_results_follow_by_a_link(client: Client) -> None:
    put(*[post(f"油烟 {n}") for n in range(25)])
    first = get(client, q="油烟")
    (more,) = Outline(first).links("after=")
    second = client.get(more).content.decode()
    assert Outline(second).count("article") == 5
    assert "回到第一页" in second


def test_a_loose_answer_says_so(client: Client) -> None:
    put(post("油烟"))
    assert "没有同时包含所有词的内容" in get(client, q="油烟 天文馆")


def test_a_stand_in_says_so(client: Client, cluster_at: Any) -> None:
    put(post("油烟"))
    cluster_at("http://127.0.0.1:9")
    page = get(client, q="油烟")
    assert "备用搜索" in page
    assert "油烟</mark>" in page


def test_a_long_question_is_cut_and_says_so(client: Client) -> None:
    put(*[post("油烟", area=f"街道{n}") for n in range(3)])
    page = get(client, q="油烟噪声" * 750)
    assert "前 100 个字" in page
    assert len(re.findall("(?:油烟噪声){8,}", page)) == 1, "only the field holds all of it"
    assert len(page) < 40_000


def test_nothing_found_does_not_promise_parts(client: Client) -> None:
    page = get(client, q="量子 计算机")
    assert "共有 0 条结果" in page
    assert "没有同时包含所有词的内容" not in page


def test_types_of_different_kinds_are_told_apart(client: Client) -> None:
    put(post("油烟", category="大气"), post("油烟 二", category="水"))
    assert 'id="facet-category"' in get(client, q="油烟")
    put(post("油烟 三", category="来信"))
    assert 'id="facet-category"' not in get(client, q="油烟")
    assert 'id="facet-category"' in get(client, q="油烟", kind="post")
    assert 'id="facet-category"' in get(client, q="油烟", category="大气")


@pytest.mark.parametrize("text", [*WEIRD, "\udfff"])
def test_nothing_typed_breaks_the_page(client: Client, text: str) -> None:
    put(post("油烟"))
    raw = text.encode("utf-8", "surrogatepass")
    from urllib.parse import quote

    for name in ("q", "kind", "area", "year", "after"):
        other = "" if name == "q" else "&q=%E6%B2%B9%E7%83%9F"
        response = client.get(f"/search/?{name}={quote(raw)}{other}")
        assert response.status_code == 200


def test_only_reading_is_allowed(client: Client) -> None:
    assert client.post("/search/").status_code == 405
    assert client.head("/search/?q=油烟").status_code == 200


def test_the_page_is_not_kept_by_caches_or_robots(client: Client) -> None:
    response = client.get("/search/?q=油烟")
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in response.headers["Cache-Control"]


def test_the_page_needs_few_statements(client: Client) -> None:
    put(*[post(f"油烟 {n}", category="来信" if n % 2 else "异味") for n in range(45)])
    get(client, q="油烟")
    with CaptureQueriesContext(connection) as queries:
        get(client, q="油烟")
    assert len(queries) <= 10, [q["sql"][:100] for q in queries]
