"""保密 from the receipt to the desk and back: chosen, opened for a reason, seen."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser
RECEIPT = re.compile(r"/report/[^/]+/receipt/")
SignIn = Callable[[Page, str], None]
NewContext = Callable[..., BrowserContext]


def test_a_confidential_report_is_opened_with_a_reason_that_its_reporter_reads(
    page375: Page, new_context: NewContext, sign_in: SignIn
) -> None:
    page = page375
    page.goto("/report/")
    page.locator(".gz-tile", has_text="异味").click()
    page.locator("#address").fill("建设路 18 号")
    page.locator("[data-gz-send]").click()
    page.wait_for_url(RECEIPT)
    number = page.locator("[data-gz-number]").inner_text().strip()
    page.get_by_label("实名并保密").check()
    page.get_by_label("手机号").fill("13800138000")
    assert not violations(page)
    page.get_by_role("button", name="留下手机号").click()
    expect(page.get_by_label("实名并保密")).to_be_checked()

    desk = new_context().new_page()
    sign_in(desk, "dispatcher")
    desk.goto("/desk/?tab=new&identity=confidential")
    expect(desk.locator(f'[data-number="{number}"]').first).to_contain_text("保密")
    desk.goto(f"/desk/cases/{number}/")
    desk.get_by_text("查看（须写理由）").click()
    desk.get_by_label("查看用途").select_option("place")
    desk.get_by_label("简要说明").fill("问清是哪家饭店")
    desk.get_by_role("button", name="查看一次").click()
    expect(desk.locator("#contact")).to_contain_text("13800138000")
    assert not violations(desk)

    page.get_by_role("button", name="查进度").click()
    looks = page.locator('[data-gz-part="looks"]')
    expect(looks).to_contain_text("问清是哪家饭店")
    expect(looks).not_to_contain_text("13800138000")
    page.locator("#act-forget summary").click()
    page.get_by_role("button", name="删除联系方式").click()
    expect(page.get_by_text("再也没有人能看到您的联系方式")).to_be_visible()
