"""Words before they leave, and supervision, in a real browser."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.test_whistle import registered

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, str], None]
NewContext = Callable[..., BrowserContext]
ANSWER = (
    "接报后，我局到中吴大道现场核查。经查，化工味来自后门废气收集不严，已责令整改，下一步周五复查。"
)


def test_what_staff_previewed_is_what_the_resident_reads(
    page1280: Page, page_without_js: Page, new_context: NewContext, sign_in: SignIn, watch: Any
) -> None:
    watch.allow("400")
    resident = page_without_js
    resident.goto("/report/")
    desk = page1280
    sign_in(desk, "dispatcher")
    desk.goto("/desk/new/")
    desk.get_by_label("来电内容").fill("厂区后门夜里有化工味")
    desk.get_by_label("问题类别").select_option("air-odour")
    desk.get_by_label("在哪里").fill("中吴大道 12 号")
    desk.get_by_role("button", name="登记").click()
    number = desk.locator(".gz-receipt__number").inner_text()
    code = re.search(r"\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}|\d{12,16}", desk.inner_text("main"))
    desk.goto(f"/desk/cases/{number}/")
    desk.get_by_role("button", name=re.compile("^受理")).first.click()
    desk.goto(f"/desk/cases/{number}/")
    act = desk.locator("#act-answer_directly")
    act.locator("> summary").click()
    act.get_by_label("答复模板").select_option("general")
    field = act.get_by_label("公开答复")
    assert number in field.input_value()
    assert "【" in field.input_value()
    # A blank is refused before anybody reads it.
    act.get_by_role("button", name="预览").click()
    expect(desk.locator("#act-answer_directly")).to_contain_text("还没有填")
    field.fill("广场舞音响已经调低")
    act.get_by_role("button", name="预览").click()
    expect(desk.locator("#act-answer_directly")).to_contain_text("没有相同的地点或主题")
    field.fill(ANSWER)
    act.get_by_role("button", name="预览").click()
    preview = desk.locator("#preview")
    expect(preview).to_contain_text(ANSWER)
    shown = preview.locator(".gz-case__reply").inner_text()
    assert violations(desk) == []
    desk.locator("#act-answer_directly").get_by_role("button", name=re.compile("^即时答复")).click()
    assert code is not None
    resident.goto("/track/")
    resident.locator("input[name=code]").fill(code[0])
    resident.locator("form:has(input[name=code]) button").first.click()
    expect(resident.locator(".gz-case__reply")).to_have_text(shown, use_inner_text=True)


def test_supervision_in_two_clicks_then_signed_answered_and_struck_off(
    page1280: Page, page375: Page, new_context: NewContext, sign_in: SignIn, watch: Any
) -> None:
    desk, phone, centre = page1280, page375, new_context().new_page()
    sign_in(centre, "dispatcher")
    number = registered(centre, "河边排口夜里冒黑水")
    sign_in(desk, "supervisor")
    desk.goto(f"/desk/cases/{number}/")
    desk.locator("#issue-order > summary").click()
    desk.get_by_role("button", name="下达督办单").click()
    expect(desk.locator("#supervision")).to_contain_text("提醒（蓝）")
    assert violations(desk) == []

    sign_in(phone, "bureau")
    phone.goto("/desk/supervision/")
    phone.get_by_role("link", name=number).first.click()
    phone.get_by_role("button", name="签收督办单").click()
    phone.locator("#supervision").get_by_text("填写反馈").click()
    phone.locator("#supervision").get_by_label("反馈", exact=True).fill("已封堵排口，正在溯源")
    phone.get_by_role("button", name="提交反馈").click()
    expect(phone.locator("#supervision")).to_contain_text("正在溯源")
    assert violations(phone) == []

    desk.goto("/desk/supervision/")
    assert violations(desk) == []
    desk.get_by_role("link", name=number).first.click()
    desk.locator("#supervision").get_by_text("销号或升级").click()
    desk.get_by_label("批示").first.fill("同意销号")
    desk.get_by_role("button", name="销号", exact=True).click()
    expect(desk.locator("#supervision")).to_contain_text("已销号")
    desk.get_by_role("link", name="打印督办单").click()
    expect(desk.locator(".gz-sheet")).to_contain_text("同意销号")
    assert violations(desk) == []


def test_five_ratings_cost_the_same_taps(
    page375: Page, new_context: NewContext, sign_in: SignIn
) -> None:
    """Every level is one tap and the same button; none hides behind another page or question."""
    phone = page375
    sign_in(phone, "resident")
    phone.goto("/track/")
    for link in phone.locator("a[href*='/track/TN-']").all()[:12]:
        address = link.get_attribute("href")
        probe = new_context().new_page()
        sign_in(probe, "resident")
        probe.goto(address or "/track/")
        if probe.locator("#act-rate").count():
            levels = probe.locator("#act-rate input[name=rating]")
            assert levels.count() == 5
            boxes = [box.bounding_box() for box in probe.locator(".gz-rate__level").all()]
            sizes = {(round(b["width"]), round(b["height"])) for b in boxes if b}
            assert len(sizes) == 1
            for place in range(5):
                probe.locator(".gz-rate__level").nth(place).click()
                assert levels.nth(place).is_checked()
            assert probe.locator("#act-rate button").count() == 1
            return
    pytest.fail("The demo has no answered case of the resident.")
