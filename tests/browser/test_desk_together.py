"""Several people and several cases at the desk: who looks, many at once, kept filters, IME."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, str], None]


@pytest.fixture
def enter(new_context: Callable[..., BrowserContext], sign_in: SignIn) -> Callable[[str], Page]:
    """``enter("dispatcher")``: a desktop of one's own, signed in."""

    def entering(who: str) -> Page:
        page = new_context().new_page()
        sign_in(page, who)
        return page

    return entering


def test_two_people_on_one_case_see_each_other(enter: Callable[[str], Page]) -> None:
    one, two = enter("dispatcher"), enter("supervisor")
    one.goto("/desk/?tab=open")
    address = str(one.locator("[data-gz-row]").last.get_attribute("data-href"))
    one.goto(address)
    expect(one.locator("[data-gz-looking]")).to_be_hidden()
    two.goto(address)
    expect(two.locator("[data-gz-looking]")).to_contain_text("正在查看")
    expect(one.locator("[data-gz-looking]")).to_contain_text("正在查看", timeout=15_000)
    two.goto("/accounts/")
    expect(one.locator("[data-gz-looking]")).to_be_hidden(timeout=15_000)


def test_chosen_cases_leave_together(enter: Callable[[str], Page]) -> None:
    page = enter("dispatcher")
    page.goto("/desk/?tab=new")
    rows = page.locator("[data-gz-row]")
    if rows.count() < 2:
        pytest.fail("the demo has too few new cases")
    rows.first.focus()
    numbers = [rows.nth(n).get_attribute("data-number") for n in range(2)]
    page.keyboard.press("x")
    page.keyboard.press("x")
    form = page.locator("[data-gz-bulk-form]")
    expect(form).to_be_visible()
    form.locator("select").select_option(index=1)
    form.get_by_role("button", name="批量派单").click()
    expect(page.locator(".gz-figure")).to_contain_text("/2 件")
    for number in numbers:
        expect(page.get_by_role("link", name=str(number))).to_be_visible()


def test_a_filter_is_kept_shared_and_dropped(enter: Callable[[str], Page]) -> None:
    page = enter("dispatcher")
    page.goto("/desk/?tab=open&category=noise")
    page.locator("#filter-name").fill("夜间噪声")
    page.get_by_role("button", name="保存筛选").click()
    tab = page.get_by_role("link", name="夜间噪声")
    expect(tab).to_have_attribute("aria-current", "page")
    address = str(tab.get_attribute("href"))
    other = enter("supervisor")
    other.goto(address)
    expect(other.locator("select[name=category]")).to_have_value("noise")
    expect(other.get_by_role("link", name="夜间噪声")).to_have_count(0)
    page.get_by_role("button", name=re.compile("删除筛选“夜间噪声”")).click()
    expect(page.get_by_role("link", name="夜间噪声")).to_have_count(0)


def test_keys_rest_while_an_input_method_composes(enter: Callable[[str], Page]) -> None:
    page = enter("dispatcher")
    page.goto("/desk/?tab=open")
    row = page.locator("[data-gz-row]").first
    row.focus()
    press = """(row, composing) => row.dispatchEvent(new KeyboardEvent("keydown", {
        key: "x", bubbles: true, cancelable: true, isComposing: composing }))"""
    row.evaluate(press, True)
    expect(page.locator(".gz-desk-row--chosen")).to_have_count(0)
    row.evaluate(press, False)
    expect(page.locator(".gz-desk-row--chosen")).to_have_count(1)
