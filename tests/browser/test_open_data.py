"""Open data in a real browser: rules of accessibility, narrow screens, filter and download."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.axe import violations

pytestmark = pytest.mark.browser

PATHS = [
    "/data/",
    "/data/results/",
    "/data/indicators/?group=reference",
    "/data/corrections/",
    "/indicators/projects/",
    "/en/",
]


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    def open_(path: str, width: int) -> Page:
        page = new_context(viewport={"width": width, "height": 812}).new_page()
        page.goto(path)
        return page

    return open_


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("path", PATHS)
def test_no_page_of_open_data_breaks_a_rule(
    open_page: Callable[..., Page], path: str, width: int
) -> None:
    assert violations(open_page(path, width)) == []


@pytest.mark.parametrize("path", PATHS)
def test_no_page_of_open_data_runs_out_of_the_screen(
    open_page: Callable[..., Page], path: str
) -> None:
    page = open_page(path, 320)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_reader_filters_and_downloads_exactly_that(open_page: Callable[..., Page]) -> None:
    page = open_page("/data/", 1280)
    page.get_by_role("link", name="生态文明建设指标表", exact=True).click()
    page.get_by_text("筛选", exact=True).click()
    page.get_by_label("类型").select_option(label="约束性")
    page.get_by_role("button", name="查看").click()
    page.wait_for_url("**group=binding**")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载 CSV").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert {line.split(",")[2] for line in text.splitlines()[1:]} == {"binding"}
