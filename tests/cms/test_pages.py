"""The public pages, bare as the pack leaves them (with content: test_demonstration.py)."""

import re
from typing import Any

import pytest
from django.test import Client
from wagtail.models import Page, Site

from cms.models import HomePage, ResultsPage
from cms.presentation import AlreadyPresented, presenter
from foundation.metrics.registry import replaced

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
    assert page.count("这一项还没有接入平台，暂不统计。") == 3
    assert "0%" not in page


def test_each_promise_leads_to_what_explains_it(client: Client, home: HomePage) -> None:
    page = client.get("/").content.decode()
    figures = re.findall(r'gz-figure__label"><a href="([^"]+)">([^<]+)<', page)
    assert figures == [
        ("/results/", "答复率"),
        ("/indicators/17/", "办件满意率"),
        ("/disclosure/", "信息公开率"),
    ]
    assert all(client.get(address).status_code == 200 for address, _ in figures)
    assert page.count("本期和上期都还没有统计结果。") == 3


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


def test_crawlers_are_told_what_is_public(client: Client, home: HomePage, settings: Any) -> None:
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    lines = robots.content.decode().splitlines()
    for path in ("/accounts/", "/desk/", "/field/", "/cms/", "/track/", "/report/*/receipt/"):
        assert f"Disallow: {path}" in lines
    assert "Allow: /" in lines
    assert f"Sitemap: {settings.PUBLIC_URL}/sitemap.txt" in lines


def test_a_page_type_has_one_presenter() -> None:
    with pytest.raises(AlreadyPresented):
        presenter(ResultsPage)(lambda page, request: {})
