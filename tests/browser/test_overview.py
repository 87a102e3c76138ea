"""The leaders' overview and the search in a real browser: no rule broken, nothing cut off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
NewContext = Callable[..., BrowserContext]
SignIn = Callable[[Page, str], None]
Open = Callable[[str, int], Page]

MODES = {
    "light": {"gz_theme": "light"},
    "dark": {"gz_theme": "dark"},
    "large": {"gz_text": "large"},
}
WIDTHS = [320, 375, 1280]
FOUND, NOTHING = "/search/?q=油烟", "/search/?q=qzxvkwj"
#: Things that stick out of their own box although they are not meant to be scrolled.
CLIPPED = """
[...document.querySelectorAll("main *")].filter(e => {
  const style = getComputedStyle(e);
  const isDrawn = e.clientWidth > 0 && style.display !== "inline";
  if (!isDrawn || style.position === "absolute" || style.overflowX !== "visible") return false;
  return e.scrollWidth > e.clientWidth + 1;
}).map(e => e.outerHTML.slice(0, 120))
"""


@pytest.fixture
def open_as(new_context: NewContext, site: Site, sign_in: SignIn) -> Callable[[str], Open]:
    """``open_as("leader")("dark", 375)``: a page of that reader; ``""`` is anybody."""

    def reader(username: str) -> Open:
        def opening(mode: str, width: int) -> Page:
            context = new_context(viewport={"width": width, "height": 812})
            page = context.new_page()
            if username:
                sign_in(page, username)
            chosen = MODES[mode].items()
            context.add_cookies([{"name": n, "value": v, "url": site.url} for n, v in chosen])
            return page

        return opening

    return reader


def assert_fit_to_read(page: Page) -> None:
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url
    assert page.evaluate(CLIPPED) == [], page.url


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("mode", MODES)
def test_the_overview_breaks_no_rule(open_as: Callable[[str], Open], mode: str, width: int) -> None:
    page = open_as("leader")(mode, width)
    page.goto("/overview/")
    expect(page.locator("h1")).to_have_count(1)
    assert_fit_to_read(page)
    page.evaluate("document.querySelectorAll('main details').forEach(e => { e.open = true })")
    assert_fit_to_read(page)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("mode", MODES)
def test_the_search_breaks_no_rule(open_as: Callable[[str], Open], mode: str, width: int) -> None:
    page = open_as("")(mode, width)
    page.goto("/search/")
    assert_fit_to_read(page)
    page.goto(FOUND)
    expect(page.locator("main mark").first).to_be_visible()
    page.evaluate("document.querySelectorAll('main details').forEach(e => { e.open = true })")
    assert_fit_to_read(page)
    page.goto(NOTHING)
    expect(page.locator("main mark")).to_have_count(0)
    assert_fit_to_read(page)
