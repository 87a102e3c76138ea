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


@pytest.mark.parametrize("width", [375, 1280])
def test_no_number_of_the_indicators_is_broken(open_page: Callable[..., Page], width: int) -> None:
    page = open_page("/indicators/", "light", width)
    broken = page.evaluate(
        """() => [...document.querySelectorAll(
            ".gz-indicators__value--short, .gz-indicators__unit, .gz-indicators__note"
        )].filter((cell) => {
            const range = document.createRange();
            range.selectNodeContents(cell);
            return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
        }).map((cell) => cell.textContent)"""
    )
    assert broken == []


#: Letters below 20 px, and things to press below 60 px, with their text.
TOO_SMALL = """() => {
  const seen = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 2 && box.height > 2 ? box : null;
  };
  const found = [];
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const holder = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !seen(holder)) continue;
    if (holder.closest("template, noscript")) continue;
    const size = parseFloat(getComputedStyle(holder).fontSize);
    if (size < 20) found.push(`${size} px: ${words.currentNode.data.trim()}`);
  }
  const pressed = "button, summary, select, .gz-button, .gz-tab-bar a, .gz-home__doors a";
  for (const element of document.querySelectorAll(pressed)) {
    const box = seen(element);
    if (box && box.height < 59.5) found.push(`${box.height} high: ${element.textContent.trim()}`);
  }
  return found;
}"""
RESIDENTS = ["/", "/report/", "/track/", "/results/", "/indicators/", "/about/how-it-works/"]
STAFF = [("dispatcher", "/desk/"), ("street", "/desk/"), ("leader", "/overview/"),
         ("admin", "/accounts/staff/"), ("grid", "/field/")]  # fmt: skip


@pytest.mark.parametrize("path", RESIDENTS)
def test_large_text_is_large_on_every_page(open_page: Callable[..., Page], path: str) -> None:
    page = open_page(path, "large", 375)
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize(("who", "path"), STAFF)
def test_large_text_is_large_for_staff_too(
    page375: Page, site: Site, sign_in: Callable[[Page, str], None], who: str, path: str
) -> None:
    sign_in(page375, who)
    page375.context.add_cookies([{"name": "gz_text", "value": "large", "url": site.url}])
    page375.goto(path)
    links = page375.locator("a[href*='/desk/cases/']")
    cases = [links.first.get_attribute("href")] if links.count() else []
    for address in (path, *cases):
        page375.goto(address or path)
        page375.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
        assert page375.evaluate(TOO_SMALL) == [], address
        assert page375.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, address
