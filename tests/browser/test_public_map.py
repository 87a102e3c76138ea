"""The public map in a browser: whole without scripts, clusters beside the list, keys alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.browser
MODES = {"light": {}, "dark": {"theme": "dark"}, "large": {"text_size": "large"}}


def total(page: Page) -> int:
    return int(re.sub(r"\D", "", page.locator("#list-title").inner_text()))


def test_without_scripts_the_list_is_everything(page_without_js: Page) -> None:
    page = page_without_js
    page.goto("/map/")
    everything = total(page)
    assert everything > 40
    expect(page.locator(".gz-around__item").first).to_be_visible()
    expect(page.locator("[data-gz-around]")).to_be_hidden()
    page.locator("#state").select_option(label="已答复")
    page.get_by_role("button", name="查看").click()
    assert 0 < total(page) < everything
    expect(page.locator(".gz-around__item .gz-chip").first).to_contain_text("已答复")
    first = page.locator(".gz-around__item").first.get_attribute("id")
    page.get_by_role("link", name="下一页").click()
    assert page.locator(".gz-around__item").first.get_attribute("id") != first
    expect(page.get_by_role("link", name="回到最新")).to_be_visible()


def test_clusters_add_up_to_the_list_and_come_closer(page1280: Page) -> None:
    page = page1280
    page.goto("/map/")
    expect(page.locator(".gz-mark__control").first).to_be_visible()
    numbers = page.locator(".gz-mark__control").all_inner_texts()
    assert sum(int(n) for n in numbers) == total(page)
    before = len(numbers)
    page.locator("button.gz-mark__control").first.click()
    expect(page.locator("[data-seen]")).not_to_contain_text(f"{before} 处")
    expect(page.locator(".gz-mark__control").first).to_be_visible()


def test_keys_alone_reach_the_cases_of_one_place(page1280: Page) -> None:
    page = page1280
    page.goto("/map/")
    first = page.locator("button.gz-mark__control").first
    expect(first).to_have_attribute("aria-label", re.compile(r"\d+ 件：.+按下可放大"))
    first.focus()
    for _ in range(4):
        with page.expect_response(lambda answer: "clusters.json" in answer.url):
            page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.matches('.gz-mark__control, [data-map]')")
        if page.evaluate("document.activeElement.tagName") == "A":
            break
    label = str(page.evaluate("document.activeElement.getAttribute('aria-label')"))
    assert "按下可列出" in label
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert f"{total(page)} 件：" in label
    expect(page.get_by_text("只显示地图上的一处")).to_be_visible()


def test_arrow_keys_and_buttons_move_the_map(page1280: Page) -> None:
    page = page1280
    page.goto("/map/")
    expect(page.locator(".gz-mark__control").first).to_be_visible()
    canvas = page.get_by_role("application", name="全区地图").or_(page.locator("[data-map]")).first
    with page.expect_response(lambda answer: "zoom=" in answer.url):
        canvas.focus()
        page.keyboard.press("+")
    page.wait_for_timeout(400)
    for move in (
        lambda: page.keyboard.press("ArrowRight"),
        page.locator("[data-move=south]").click,
    ):
        with page.expect_response(lambda answer: "clusters.json" in answer.url):
            move()


def test_a_phone_asks_for_the_map_first(page375: Page) -> None:
    page = page375
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/map/")
    expect(page.get_by_role("button", name="看地图")).to_be_visible()
    assert not any("clusters.json" in url or "cluster_map" in url for url in asked)
    page.get_by_role("button", name="看地图").click()
    expect(page.locator(".gz-mark__control").first).to_be_visible()
    expect(page.locator("[data-credit]")).to_contain_text("演示")


def test_when_the_map_fails_the_list_stays(page1280: Page, watch: Any) -> None:
    page = page1280
    watch.allow("map|clusters|chunk|Failed to load")
    page.route("**/clusters.json*", lambda route: route.abort())
    page.goto("/map/")
    expect(page.locator("[data-seen]")).to_have_text("地图没有加载出来。列表里是同样的内容。")
    assert total(page) > 0


def test_the_map_is_within_its_budget(page1280: Page) -> None:
    page = page1280
    sizes: list[int] = []

    def weigh(answer: Any) -> None:
        if not answer.url.endswith((".svg", ".ico", ".webmanifest", ".png")):
            sizes.append(answer.request.sizes()["responseBodySize"])

    page.on("requestfinished", lambda request: weigh(request.response()))
    page.goto("/map/")
    expect(page.locator(".gz-mark__control").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert sum(sizes) <= 130_000, sizes


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("path", ["/map/", "/map/?state=done&month=2019-01", "/map/alerts/"])
def test_no_barrier(
    new_context: Callable[..., BrowserContext], path: str, viewport: Any, mode: str
) -> None:
    context = new_context(viewport=viewport)
    cookies = [
        {"name": f"gz_{name}", "value": value, "url": context.request.get("/map/").url}
        for name, value in MODES[mode].items()
    ]
    if cookies:
        context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(path)
    opener = page.locator("[data-gz-around] [data-open]")
    if opener.is_visible():
        opener.click()
    if "alerts" not in path:
        expect(page.locator("[data-seen]")).not_to_be_empty()
    # At the end of the page nothing lies behind the bar at the bottom.
    page.evaluate("scrollTo({ top: document.body.scrollHeight, behavior: 'instant' })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
