"""Twins in a real browser: the reporter's hint and joining, and the dispatcher's one key."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, str], None]
NewContext = Callable[..., BrowserContext]
RECEIPT = re.compile(r"/report/(TN-[0-9]{8}-[0-9]+-[A-Z])/receipt/$")
#: A corner of its own: reports of other tests do not stand here.
HERE = {"longitude": 119.9752, "latitude": 31.7902, "accuracy": 15}


@pytest.fixture
def phone(new_context: NewContext) -> Page:
    """A phone that gives its position."""
    context = new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, geolocation=HERE,
        permissions=["geolocation"],
    )  # fmt: skip
    return context.new_page()


def fill(page: Page, label: str, words: str) -> None:
    page.goto("/report/")
    page.locator("[data-gz-locate]").tap()
    expect(page.locator("input[name=lon]")).not_to_have_value("")
    page.locator(".gz-tile", has_text=label).tap()
    page.locator("#description").fill(words)


def send(page: Page) -> str:
    page.locator("[data-gz-send]").tap()
    page.wait_for_url(RECEIPT)
    found = RECEIPT.search(page.url)
    assert found
    return found[1]


def test_a_reporter_is_told_joins_and_has_an_own_receipt(
    phone: Page, new_context: NewContext, sign_in: SignIn
) -> None:
    fill(phone, "异味", f"店里油烟味很重 {uuid4()}")
    first = send(phone)
    fill(phone, "异味", "我也闻到了油烟味")
    box = phone.locator("[data-gz-near]")
    expect(box).to_contain_text("附近已有人反映")
    expect(box).to_contain_text("约 100 米内")
    expect(box).not_to_contain_text("TN-")
    assert violations(phone) == []
    box.get_by_role("button", name="也是这个问题").first.tap()
    expect(box).to_contain_text("您会有自己的回执")
    second = send(phone)
    assert second != first
    desk = new_context().new_page()
    sign_in(desk, "dispatcher")
    desk.goto(f"/desk/cases/{second}/")
    split = desk.locator("#act-split, [data-gz-act=split]")
    for _ in range(20):
        if split.count():
            break
        desk.wait_for_timeout(500)
        desk.reload()
    expect(desk.get_by_role("link", name=first).first).to_be_visible()
    desk.goto(f"/desk/cases/{first}/")
    expect(desk.locator(".gz-desk-group__list")).to_contain_text(second)


def test_going_on_hides_the_hint_and_without_a_kind_there_is_none(phone: Page) -> None:
    fill(phone, "异味", "店里油烟味很重")
    send(phone)
    phone.goto("/report/")
    phone.locator("[data-gz-locate]").tap()
    box = phone.locator("[data-gz-near]")
    phone.wait_for_timeout(800)
    expect(box).to_be_hidden()
    phone.locator(".gz-tile", has_text="异味").tap()
    expect(box).to_be_visible()
    box.get_by_role("button", name="我的是别的问题").tap()
    expect(box).to_be_hidden()
    expect(phone.locator("input[name=joins]")).to_have_value("")


def register(page: Page, words: str, address: str) -> str:
    page.goto("/desk/new/")
    page.get_by_label("来电内容").fill(words)
    page.get_by_label("问题类别").select_option("air-odour")
    page.get_by_label("在哪里").fill(address)
    page.get_by_role("button", name="登记").click()
    return page.locator(".gz-receipt__number").inner_text()


def test_two_and_enter_merge_with_the_likeliest(page1280: Page, sign_in: SignIn) -> None:
    page = page1280
    sign_in(page, "dispatcher")
    address = f"劳动中路 {uuid4().hex[:6]} 号"
    first = register(page, "垃圾站臭味很重，开不了窗", address)
    second = register(page, "垃圾站臭味重，整夜开不了窗", address)
    page.goto(f"/desk/cases/{second}/")
    expect(page.locator(".gz-desk-twins")).to_contain_text("同一地址")
    expect(page.locator(".gz-desk-twins")).to_contain_text("文字相似")
    assert violations(page) == []
    page.goto(f"/desk/?number={'-'.join(second.split('-')[1:3])}")
    expect(page.locator("[data-gz-pane]")).to_contain_text(second)
    page.keyboard.press("2")
    expect(page.locator("#merge-main_number")).to_have_value(first)
    page.keyboard.press("Enter")
    row = page.locator(f'[data-gz-row][data-number="{second}"]')
    expect(row).to_contain_text("已合并")
    page.goto(f"/desk/cases/{first}/")
    expect(page.locator("#group-title")).to_have_text("共 2 人反映")
