"""Public pages of cms in a real browser: nothing breaks a rule, nothing runs out of the screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.axe import violations
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PATHS = [
    "/",
    "/results/",
    "/results/?month=2026-08",
    "/indicators/",
    "/indicators/17/",
    "/indicators/6b/",
    "/news/",
    "/news/kitchen-fume-subsidy/",
    "/guide/rights/",
    "/guide/how-to-report/",
    "/about/how-it-works/",
    "/site-map/",
]
MODES = {
    "light": {"gz_theme": "light"},
    "dark": {"gz_theme": "dark"},
    "large": {"gz_text": "large"},
}


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], site: Site) -> Callable[..., Page]:
    def open_(path: str, mode: str, width: int) -> Page:
        context = new_context(viewport={"width": width, "height": 812})
        chosen = MODES[mode].items()
        context.add_cookies([{"name": n, "value": v, "url": site.url} for n, v in chosen])
        page = context.new_page()
        page.goto(path)
        return page

    return open_


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", PATHS)
def test_no_page_breaks_a_rule(open_page: Callable[..., Page], path: str, mode: str) -> None:
    assert violations(open_page(path, mode, 375)) == []


@pytest.mark.parametrize("path", PATHS)
def test_no_page_breaks_a_rule_on_a_desk(open_page: Callable[..., Page], path: str) -> None:
    assert violations(open_page(path, "light", 1280)) == []


@pytest.mark.parametrize("mode", ["light", "large"])
@pytest.mark.parametrize("path", PATHS)
def test_nothing_runs_out_of_the_screen(
    open_page: Callable[..., Page], path: str, mode: str
) -> None:
    page = open_page(path, mode, 320)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_big_door_is_on_the_first_screen_of_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page("/", "light", 375)
    box = page.get_by_role("main").get_by_role("link", name="拍照举报").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 500
    assert box["height"] >= 60
