"""Figures and files in a real browser: a month for everybody, a list fetched from the desk."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser


def test_a_month_reads_without_scripts(page_without_js: Page, watch: Any) -> None:
    page = page_without_js
    page.goto("/statistics/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("办理统计")
    expect(page.get_by_text("受理率", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.get_by_role("navigation", name="月份").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"period=\d{4}-\d{2}$"))


def test_a_month_passes_the_checks(page1280: Page, page375: Page, watch: Any) -> None:
    for page in (page1280, page375):
        page.goto("/statistics/")
        assert violations(page) == []


def test_a_list_becomes_a_file(
    page1280: Page, sign_in: Callable[[Page, str], None], watch: Any
) -> None:
    page = page1280
    sign_in(page, "dispatcher")
    page.goto("/desk/?tab=open")
    shown = page.locator("[data-gz-row]").count()
    page.get_by_role("button", name="导出").click()
    expect(page.locator(".gz-alert__title")).to_have_text("已生成", timeout=30_000)
    assert violations(page) == []
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载文件").click()
    text = Path(waiting.value.path()).read_text("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text)))) - 1 >= shown
