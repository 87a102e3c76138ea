"""The demonstration content: what it holds, and how the public pages show it."""

import re
from collections import Counter
from typing import Any

from django.test import Client
from wagtail.models import Page

from cms import demo
from cms.models import HomePage, NewsPage, PublishedResult
from foundation.places.pack import Pack
from foundation.vault.masking import find_private


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
    content = text[text.index("<main") : text.index("</main>")]
    addresses = re.findall(r'<li><a href="([^"]+)"|__title"><a href="([^"]+)"', content)
    listed = Counter("".join(found) for found in addresses)
    assert {"/results/", "/indicators/", "/news/", "/search/", "/guide/"} <= set(listed)
    assert set(listed.values()) == {1}, listed


def test_the_list_for_crawlers_holds_every_public_address_once(
    client: Client, demo_content: Pack, settings: Any, django_assert_max_num_queries: Any
) -> None:
    Page.objects.get(slug="river-day-2026").unpublish()
    client.get("/sitemap.txt")
    with django_assert_max_num_queries(7):
        text = client.get("/sitemap.txt").content.decode()
    addresses = text.splitlines()
    assert len(addresses) == len(set(addresses))
    assert all(address.startswith(f"{settings.PUBLIC_URL}/") for address in addresses)
    paths = {address.removeprefix(settings.PUBLIC_URL) for address in addresses}
    result = PublishedResult.objects.filter(live=True).first()
    assert {
        "/",
        "/report/",
        "/indicators/17/",
        "/about/privacy/",
        f"/results/{result.pk}/",
    } <= paths
    assert "/news/river-day-2026/" not in paths
    assert all(client.get(path).status_code == 200 for path in sorted(paths)[:20])
