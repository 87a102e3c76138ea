"""Asking for information in a real browser, first without JavaScript; the office answers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, str], None]


def test_a_request_is_asked_answered_and_read(
    page_without_js: Page, page1280: Page, page375: Page, sign_in: SignIn, watch: Any
) -> None:
    guest = page_without_js
    guest.goto("/disclosure/requests/")
    guest.get_by_label("您想了解什么信息？").fill("河道保洁作业时间表")
    guest.get_by_role("button", name=re.compile("下一步")).click()
    guest.get_by_label("姓名或单位名称").fill("测试申请人")
    guest.get_by_label("证件号码或信用代码").fill("TEST12345")
    guest.get_by_label("电话", exact=False).first.fill("13900001234")
    guest.get_by_role("button", name="提交申请").last.click()
    number = guest.locator(".gz-receipt__number").inner_text()
    code = guest.locator(".gz-receipt__code").inner_text()
    desk = page1280
    sign_in(desk, "editor")
    desk.goto(f"/desk/requests/{number}/")
    desk.locator("#act-confirm > summary").click()
    desk.locator("#act-confirm button").click()
    expect(desk.locator("main")).to_contain_text("办理中")
    assert violations(desk) == []
    phone = page375
    phone.goto("/disclosure/requests/track/#" + f"{number}-{code.replace(' ', '')}")
    expect(phone.locator("main")).to_contain_text("正在办理")
    assert phone.evaluate("location.hash") == ""
    assert violations(phone) == []
    phone.goto("/disclosure/requests/")
    assert violations(phone) == []
