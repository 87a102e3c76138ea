"""A whistle in a real browser: called, reported in, planned, finished, graded, ended."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, str], None]
NewContext = Callable[..., BrowserContext]


def registered(page: Page, words: str) -> str:
    """Take a call down at the desk and send it to the ecology bureau; return its number."""
    page.goto("/desk/new/")
    page.get_by_label("来电内容").fill(words)
    page.get_by_label("问题类别").select_option("air-odour")
    page.get_by_label("在哪里").fill("中吴大道 12 号")
    page.get_by_role("button", name="登记").click()
    number = page.locator(".gz-receipt__number").inner_text()
    page.goto(f"/desk/cases/{number}/")
    page.locator("#act-accept_dispatch > summary").click()
    form = page.locator("#act-accept_dispatch")
    form.get_by_label("承办单位").select_option("department:ecology")
    form.get_by_role("button", name="受理并派单").click()
    return number


def test_departments_are_called_come_and_are_graded(
    page1280: Page, page375: Page, new_context: NewContext, sign_in: SignIn, watch: Any
) -> None:
    desk, phone, centre = page1280, page375, new_context().new_page()
    sign_in(centre, "dispatcher")
    number = registered(centre, "厂区后门夜里有化工味，量很大")
    case = f"/desk/cases/{number}/"
    sign_in(desk, "bureau")
    desk.goto(case)
    desk.get_by_role("button", name=re.compile("^签收")).click()
    desk.locator("#act-blow_whistle > summary").click()
    form = desk.locator("#act-blow_whistle")
    form.get_by_label("原因").select_option("joint_enforcement")
    form.get_by_role("checkbox", name="城管局").set_checked(True)
    form.get_by_role("checkbox", name="水利局").set_checked(True)
    form.get_by_label("说明").fill("请一起到现场")
    form.get_by_role("button", name="吹哨").click()
    expect(desk.locator("#shares")).to_contain_text("已报到 0/")
    assert violations(desk) == []

    sign_in(phone, "bureau2")
    phone.goto("/desk/?tab=mine")
    assert number in phone.content()
    phone.goto(case)
    phone.get_by_role("button", name="我们报到").click()
    expect(phone.locator("#shares")).to_contain_text("已报到 1/")
    assert violations(phone) == []
    # The owner's page says so by itself.
    expect(desk.locator("#shares")).to_contain_text("已报到 1/", timeout=20_000)
    phone.locator("#shares").get_by_text("我方已办结").click()
    phone.get_by_label("办理情况").fill("已责令当场整改")
    phone.get_by_role("button", name="提交").click()
    expect(phone).to_have_url(re.compile(r"/desk/"))

    desk.goto(case)
    shares = desk.locator("#shares")
    expect(shares).to_contain_text("已责令当场整改")
    shares.get_by_text("填写联合处置方案").click()
    shares.get_by_label("联合处置方案").fill("三天内复查")
    shares.get_by_label("完成期限").fill("2026-12-01")
    shares.get_by_role("button", name="保存方案").click()
    expect(shares).to_contain_text("三天内复查")
    shares.get_by_text("评价", exact=True).first.click()
    shares.get_by_label("非常满意").check()
    shares.get_by_role("button", name="评价").click()
    expect(shares).to_contain_text("5/5")
    desk.locator("#act-end_whistle").get_by_label("说明").fill("已处置")
    desk.locator("#act-end_whistle").get_by_role("button", name="结束吹哨").click()
    expect(desk.locator("#shares")).to_contain_text("已结束")
