"""The style gallery in a real browser: every component, every mode, no accessibility violation."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.axe import violations
from tests.browser.conftest import Site, Watch

pytestmark = pytest.mark.browser

MODES = {
    "light": {"gz_theme": "light"},
    "dark": {"gz_theme": "dark"},
    "large": {"gz_theme": "light", "gz_text": "large"},
    "large dark": {"gz_theme": "dark", "gz_text": "large"},
}
WIDTHS = (375, 1280)
OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], site: Site) -> OpenPage:
    """Open an address of the running product in a mode, at a width, with or without scripts."""

    def open_(path: str, *, mode: str = "light", width: int = 375, javascript: bool = True) -> Page:
        context = new_context(
            viewport={"width": width, "height": 812}, java_script_enabled=javascript
        )
        chosen = MODES[mode].items()
        context.add_cookies([{"name": n, "value": v, "url": site.url} for n, v in chosen])
        page = context.new_page()
        page.goto(path)
        return page

    return open_


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("frame", ["resident", "staff", "field"])
def test_no_component_breaks_a_rule(open_page: OpenPage, frame: str, mode: str, width: int) -> None:
    page = open_page(f"/ui/gallery/?frame={frame}", mode=mode, width=width)
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, *WIDTHS])
@pytest.mark.parametrize("mode", ["light", "large"])
def test_nothing_runs_out_of_the_screen(open_page: OpenPage, mode: str, width: int) -> None:
    page = open_page("/ui/gallery/", mode=mode, width=width)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("path", ["/preferences/", "/offline/"])
@pytest.mark.parametrize("mode", MODES)
def test_plain_pages_break_no_rule(open_page: OpenPage, path: str, mode: str) -> None:
    assert violations(open_page(path, mode=mode)) == []


def test_large_text_means_large_targets_and_the_telephone(open_page: OpenPage) -> None:
    page = open_page("/preferences/", mode="large")
    small = page.evaluate(
        """[...document.querySelectorAll("main button, .gz-tab-bar a, .gz-header button, "
            + ".gz-header a, main label")]
        .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 60)
        .map(e => e.textContent.trim())"""
    )
    assert small == []
    assert page.get_by_role("link", name="电话办").is_visible()


def test_display_is_chosen_without_javascript(open_page: OpenPage) -> None:
    page = open_page("/ui/gallery/", javascript=False)
    page.get_by_role("button", name="大字版").click()
    assert page.url.endswith("/ui/gallery/")
    assert page.locator("html").get_attribute("data-text") == "large"
    page.get_by_role("button", name="深色").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_theme_changes_in_place_and_is_remembered(open_page: OpenPage) -> None:
    page = open_page("/preferences/")
    with page.expect_response("**/preferences/"):
        page.get_by_role("button", name="深色").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_errors_take_the_focus_and_lead_to_their_field(open_page: OpenPage) -> None:
    page = open_page("/ui/gallery/")
    assert page.evaluate("document.activeElement.hasAttribute('data-gz-error-summary')")
    page.get_by_role("link", name="发生地点：请填写这一项").click()
    assert page.evaluate("document.activeElement.name") == "faulty-place"


def test_losing_the_network_is_said(open_page: OpenPage, watch: Watch) -> None:
    page = open_page("/preferences/")
    watch.allow("ERR_INTERNET_DISCONNECTED")  # whatever was still on its way
    page.context.set_offline(True)
    page.get_by_text("网络断开了").wait_for()
    page.context.set_offline(False)
    page.get_by_text("网络断开了").wait_for(state="hidden")


def test_keyboard_help_opens_and_can_be_switched_off(open_page: OpenPage) -> None:
    page = open_page("/ui/gallery/?frame=staff", width=1280)
    page.locator("main").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="键盘快捷键")
    assert dialog.is_visible()
    assert violations(page, within="dialog") == []
    dialog.get_by_label("在这台设备上关闭单键快捷键").check()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert not dialog.is_visible()


def test_a_second_tap_does_not_send_a_form_twice(open_page: OpenPage) -> None:
    page = open_page("/preferences/")
    sent: list[str] = []

    def swallow(route: Route) -> None:
        sent.append(route.request.method)
        route.fulfill(status=204)

    page.route("**/preferences/", swallow)
    page.evaluate(
        """() => { const button = document.querySelector("main button");
                   button.click(); button.click(); }"""
    )
    page.wait_for_timeout(300)
    assert sent == ["POST"]


def test_paper_has_no_navigation_and_a_qr_code_of_25_millimetres(open_page: OpenPage) -> None:
    page = open_page("/ui/gallery/", mode="dark")
    page.emulate_media(media="print")
    assert not page.locator(".gz-header").is_visible()
    assert not page.locator(".gz-tab-bar").is_visible()
    width = page.locator(".gz-qr").bounding_box()["width"]
    assert width / 96 * 25.4 >= 25
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
