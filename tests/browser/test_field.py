"""Grid staff at work on a phone: few taps, no network, nothing lost or doubled."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Site, Watch
from tests.browser.field_phone import OFFLINE, Story, badge, open_ready, ready, wait_kept
from tests.browser.network import Network

pytestmark = pytest.mark.browser

SMALL_TARGETS = """
[...document.querySelectorAll("main button, main summary, main .gz-button, main label.gz-choice,"
  + ".gz-field-actions button, .gz-task__head")]
.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 60)
.map(e => e.textContent.trim())
"""


class Thumb:
    """Counts what a thumb does; the camera's own screens are not ours."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0

    def tap(self, selector: str) -> None:
        self.taps += 1
        self.page.locator(selector).first.tap()

    def photograph(self, name: str, colour: str = "green") -> None:
        self.taps += 1
        self.page.locator(f"#finish input[name={name}]").set_input_files(photo(colour))
        expect(self.page.locator(f"[data-gz-shot={name}] .gz-shot__item")).to_have_count(1)


def photo(colour: str = "green") -> Any:
    buffer = BytesIO()
    Image.new("RGB", (800, 600), colour).save(buffer, "JPEG")
    return {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def test_a_signed_task_is_handed_in_with_three_taps(phone: Page, story: Story) -> None:
    number = story.task(signed=True)
    open_ready(phone, f"/field/{number}/")
    thumb = Thumb(phone)
    thumb.photograph("after")
    thumb.tap("label.gz-outcome:has-text('已解决')")
    thumb.tap("[data-gz-hand-in]")
    phone.wait_for_url("**/field/")
    expect(phone.get_by_text("已提交，等人核查。")).to_be_visible()
    assert thumb.taps == 3
    assert story.acts(number)[-2:] == ["evidence", "complete"]


def test_everything_that_is_missing_is_told_at_once_and_at_its_place(
    phone: Page, story: Story
) -> None:
    open_ready(phone, f"/field/{story.task(signed=True)}/")
    phone.locator("[data-gz-hand-in]").tap()
    expect(phone.locator("[data-gz-error-summary] li")).to_have_count(2)
    outcome = phone.locator("#complete-outcome_code_error")
    expect(outcome).to_have_text("请选一个处理结果。")
    expect(phone.locator("#complete-after_error")).to_contain_text("请拍一张处理后照片")
    assert violations(phone) == []
    phone.locator("label.gz-outcome:has-text('已解决')").tap()
    expect(outcome).to_be_hidden()
    expect(phone.locator("#complete-after_error")).to_be_visible()


def test_the_whole_line_from_the_list(phone: Page, story: Story) -> None:
    number = story.task()
    open_ready(phone, "/field/")
    card = f"[data-number='{number}']"
    thumb = Thumb(phone)
    thumb.tap(f"{card} form[data-gz-act=sign_for] button")
    thumb.tap(f"{card} >> text=到场")
    ready(phone)
    thumb.photograph("before", "grey")
    thumb.photograph("after")
    thumb.tap("label.gz-outcome:has-text('已责令整改')")
    thumb.tap("[data-gz-hand-in]")
    phone.wait_for_url("**/field/")
    expect(phone.get_by_text("已提交，等人核查。")).to_be_visible()
    assert thumb.taps == 6
    assert story.acts(number)[-4:] == ["sign_for", "evidence", "evidence", "complete"]
    assert phone.locator(card).count() == 0


def test_handing_back_takes_a_reason_and_an_owner(phone: Page, story: Story) -> None:
    number = story.task()
    open_ready(phone, "/field/")
    phone.locator(f".gz-task[data-number='{number}'] .gz-task__return").tap()
    ready(phone)
    expect(phone.locator("#return")).to_have_attribute("open", "")
    thumb = Thumb(phone)
    thumb.tap("#return label:has-text('不归我们管')")
    thumb.tap("#return label:has(input[name=proposed_owner])")
    phone.locator("#return form button").tap()
    phone.wait_for_url("**/field/")
    assert thumb.taps == 2
    expect(phone.get_by_text("已退单，等调度决定。")).to_be_visible()
    assert story.acts(number)[-1] == "request_return"


def test_the_whole_line_without_scripts(
    page_without_js: Page, sign_in: Callable[[Page, str], None], story: Story
) -> None:
    page, number = page_without_js, story.task()
    sign_in(page, "grid")
    page.locator(f".gz-task[data-number='{number}'] button:has-text('签收')").click()
    page.locator("#finish input[name=after]").set_input_files(photo())
    page.locator("label.gz-outcome:has-text('已解决')").click()
    page.locator(".gz-field-actions button").click()
    page.wait_for_url("**/field/")
    assert page.get_by_text("已提交，等人核查。").is_visible()
    assert story.acts(number)[-3:] == ["sign_for", "evidence", "complete"]


def test_a_whole_task_done_in_flight_mode_is_sent_once(
    phone: Page, story: Story, watch: Watch, network: Network
) -> None:
    watch.allow(OFFLINE)
    number = story.task()
    open_ready(phone, "/field/")
    wait_kept(phone, number)
    network.cut(phone.context)
    phone.locator(f".gz-task[data-number='{number}'] form[data-gz-act=sign_for] button").tap()
    expect(badge(phone)).to_have_text("1件待发送")
    phone.reload()
    ready(phone)
    expect(phone.locator("[data-gz-copy-note]")).to_contain_text("没有网络")
    phone.locator(f".gz-task[data-number='{number}'] .gz-task__next").tap()
    ready(phone)
    thumb = Thumb(phone)
    thumb.photograph("after")
    thumb.tap("label.gz-outcome:has-text('已解决')")
    phone.wait_for_timeout(500)
    phone.reload()
    ready(phone)
    expect(phone.locator(".gz-shot__item")).to_have_count(1)
    expect(phone.locator("input[name=outcome_code][value=solved]")).to_be_checked()
    thumb.tap("[data-gz-hand-in]")
    phone.wait_for_url("**/field/")
    phone.close()
    page = phone.context.new_page()
    open_ready(page, "/field/")
    expect(badge(page)).to_have_text("2件待发送")
    assert story.acts(number)[-1] == "dispatch"
    network.restore(page.context)
    expect(badge(page)).to_be_hidden(timeout=20_000)
    assert story.acts(number)[-3:] == ["sign_for", "evidence", "complete"]
    page.reload()
    ready(page)
    assert story.acts(number).count("complete") == 1


def test_an_answer_that_got_lost_does_not_double_the_act(
    phone: Page, story: Story, watch: Watch
) -> None:
    watch.allow("ERR_FAILED|Failed to fetch")
    number = story.task()
    open_ready(phone, "/field/")
    address = f"**/field/{number}/sign_for/"
    tries: list[int] = []

    def swallow_the_answer(route: Any) -> None:
        tries.append(route.fetch().status)
        route.abort() if len(tries) == 1 else route.continue_()

    phone.context.route(address, swallow_the_answer)
    phone.locator(f".gz-task[data-number='{number}'] form[data-gz-act=sign_for] button").tap()
    expect(badge(phone)).to_be_visible()
    phone.locator("[data-gz-outbox] [data-send]").tap()
    expect(badge(phone)).to_be_hidden(timeout=20_000)
    assert tries[:2] == [200, 200]
    assert story.acts(number).count("sign_for") == 1


def test_a_changed_case_stays_in_the_outbox_until_the_worker_decides(
    phone: Page, story: Story, watch: Watch
) -> None:
    watch.allow("409")
    number = story.task(signed=True)
    open_ready(phone, f"/field/{number}/")
    story.supplement(number)
    thumb = Thumb(phone)
    thumb.photograph("after")
    thumb.tap("label.gz-outcome:has-text('已解决')")
    thumb.tap("[data-gz-hand-in]")
    stopped = phone.locator(".gz-outbox__item--stopped")
    expect(stopped).to_contain_text("案件已有变化")
    assert violations(phone) == []
    phone.reload()
    ready(phone)
    expect(stopped).to_contain_text("案件已有变化")
    expect(phone.get_by_text("垃圾又多了")).to_be_visible()
    stopped.get_by_role("button", name="照旧提交").tap()
    expect(badge(phone)).to_be_hidden(timeout=20_000)
    assert story.acts(number)[-1] == "complete"


def test_a_refused_act_can_be_changed_and_sent_again(
    phone: Page, story: Story, watch: Watch
) -> None:
    watch.allow("422|409")
    number = story.task(signed=True)
    open_ready(phone, f"/field/{number}/")
    story.supplement(number)
    thumb = Thumb(phone)
    thumb.photograph("after")
    thumb.tap("label.gz-outcome:has-text('已解决')")
    thumb.tap("[data-gz-hand-in]")
    phone.get_by_role("button", name="修改").tap()
    phone.wait_for_url("**?edit#finish")
    ready(phone)
    expect(phone.locator(".gz-shot__item")).to_have_count(1)
    thumb.tap("label.gz-outcome:has-text('已责令整改')")
    thumb.tap("[data-gz-hand-in]")
    phone.wait_for_url("**/field/")
    assert story.acts(number)[-1] == "complete"


MODES = {"light": {}, "dark": {"color_scheme": "dark"}, "large": {}}


@pytest.mark.parametrize("mode", MODES)
def test_every_page_is_accessible_with_targets_for_thumbs(
    new_context: Callable[..., BrowserContext],
    sign_in: Callable[[Page, str], None],
    story: Story,
    site: Site,
    mode: str,
) -> None:
    context = new_context(viewport=PHONE, has_touch=True, is_mobile=True, **MODES[mode])
    if mode == "large":
        context.add_cookies([{"name": "gz_text", "value": "large", "url": site.url}])
    page = context.new_page()
    waiting, working = story.task(), story.task(signed=True)
    sign_in(page, "grid")
    for address in ("/field/", f"/field/{waiting}/", f"/field/{working}/", "/field/not-kept/"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        assert violations(page) == [], address
        assert page.evaluate(SMALL_TARGETS) == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert page.locator("h1").count() == 1
        size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
        assert size == (22 if mode == "large" else 18), address


def test_nothing_counts_steps_or_ranks_people(phone: Page) -> None:
    text = phone.locator("body").inner_text()
    assert not any(word in text for word in ("打卡", "排名", "积分", "轨迹"))
