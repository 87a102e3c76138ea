"""The public pages, bare as the pack leaves them and with demonstration content."""

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, Site

from cms import demo
from cms.models import HomePage, NewsPage, PublishedResult, ResultsPage
from cms.presentation import AlreadyPresented, presenter
from foundation.metrics.registry import replaced
from foundation.places.pack import Pack
from foundation.vault.masking import find_private

DOORS = ('href="/report/"', 'href="/track/"', 'href="tel:12345"')


def test_the_bare_home_page_has_its_three_doors(client: Client, home: HomePage) -> None:
    page = client.get("/").content.decode()
    for door in DOORS:
        assert door in page
    assert "暂时还没有公布的结果" in page


def test_the_three_promises_without_data_say_so(client: Client, home: HomePage) -> None:
    with replaced():
        page = client.get("/").content.decode()
    assert page.count("暂无数据") == 3
    assert "0%" not in page


def test_the_site_stands_at_the_root_and_wagtails_welcome_is_gone(home: HomePage) -> None:
    assert Site.objects.get(is_default_site=True).root_page_id == home.pk
    assert not Page.objects.filter(title__startswith="Welcome").exists()
    assert str(home.locale.language_code) == "zh-hans"


@pytest.mark.parametrize("path", ["/results/", "/indicators/", "/news/", "/site-map/"])
def test_the_bare_tree_answers(client: Client, home: HomePage, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/results/", "/indicators/"])
def test_a_fixed_address_outlives_its_page_of_words(
    client: Client, home: HomePage, path: str
) -> None:
    Page.objects.filter(slug=path.strip("/")).first().specific.unpublish()
    assert client.get(path).status_code == 200


def test_the_home_page_costs_few_queries(
    client: Client, demo_content: Pack, django_assert_max_num_queries: Any
) -> None:
    client.get("/")
    # 10 of ours, 5 to find and frame the page, 1 look at the version row on a slow machine
    with django_assert_max_num_queries(16):
        client.get("/")


def test_the_news_list_costs_few_queries(
    client: Client, demo_content: Pack, django_assert_max_num_queries: Any
) -> None:
    client.get("/news/")
    with django_assert_max_num_queries(12):  # 6 of ours
        client.get("/news/")


def test_demonstration_content_loads_once(demo_content: Pack) -> None:
    counts = (Page.objects.count(), PublishedResult.objects.count())
    home = HomePage.objects.get()
    home.lead = "编辑改过的话"
    home.save_revision().publish()
    for load in (demo.load_pages, demo.load_news, demo.load_results):
        assert not load(demo_content)
    assert (Page.objects.count(), PublishedResult.objects.count()) == counts
    assert HomePage.objects.get().lead == "编辑改过的话"


def test_demonstration_results_name_nobody(demo_content: Pack) -> None:
    results = PublishedResult.objects.all()
    assert len(results) >= 24
    assert all(not find_private(r.problem + r.outcome) for r in results)
    assert {r.area.name for r in results} == {
        "红梅街道",
        "天宁街道",
        "兰陵街道",
        "茶山街道",
        "雕庄街道",
        "青龙街道",
        "郑陆镇",
    }


def test_the_demonstration_has_a_month_without_results(client: Client, demo_content: Pack) -> None:
    assert "本月无" in client.get("/results/?month=2026-08").content.decode()


def test_every_demonstration_page_opens(client: Client, demo_content: Pack) -> None:
    for page in Page.objects.live().filter(depth__gt=1):
        answer = client.get(page.url)
        assert answer.status_code == 200, page.url
        assert page.title in answer.content.decode() or page.specific_class is HomePage


def test_every_picture_is_described_or_decoration(client: Client, demo_content: Pack) -> None:
    for path in ("/", "/news/", "/about/how-it-works/", "/news/river-day-2026/"):
        text = client.get(path).content.decode()
        images = text.count("<img ")
        assert images
        assert text.count(" alt=") == images
        assert "style=" not in text


def test_news_can_be_narrowed_to_a_column(client: Client, demo_content: Pack) -> None:
    guides = client.get("/news/?column=guide").content.decode()
    assert "一枝黄花" in guides
    assert "护河志愿日" not in guides
    assert client.get("/news/?column=nowhere&after=x,y").status_code == 200


def test_news_name_date_source_and_department(client: Client, demo_content: Pack) -> None:
    text = client.get("/news/kitchen-fume-subsidy/").content.decode()
    for part in ("2026年10月27日", "区城市管理部门（演示）", "区城市管理局"):
        assert part in text


def test_the_news_feed_is_atom(client: Client, demo_content: Pack) -> None:
    answer = client.get("/feeds/news/")
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert "护河志愿日" in answer.content.decode()


def test_the_site_map_lists_every_page_but_not_every_news(
    client: Client, demo_content: Pack
) -> None:
    text = client.get("/site-map/").content.decode()
    assert "个人信息保护说明" in text
    assert NewsPage.objects.first().title not in text


def test_a_page_type_has_one_presenter() -> None:
    with pytest.raises(AlreadyPresented):
        presenter(ResultsPage)(lambda page, request: {})
