"""The product starts as ``make run`` starts it, and the house's rules hold in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_home_page_speaks_chinese(page375: Page) -> None:
    page375.goto("/")
    assert page375.locator("html").get_attribute("lang") == "zh-CN"
    expect(page375.locator("h1")).to_have_count(1)


def test_the_dispatcher_signs_in_with_a_code(
    page1280: Page, sign_in: Callable[[Page, str], None]
) -> None:
    sign_in(page1280, "dispatcher")
    assert "/desk/" in page1280.url


def test_pages_work_without_scripts(page_without_js: Page) -> None:
    page_without_js.goto("/")
    expect(page_without_js.locator("h1")).to_be_visible()
