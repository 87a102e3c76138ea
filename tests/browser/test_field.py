"""Grid staff at work on a phone: few taps, no network, a shared phone, nothing lost or doubled."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import BASE_DIR, PHONE, Site, Watch

pytestmark = pytest.mark.browser

OFFLINE = "ERR_INTERNET_DISCONNECTED|Failed to fetch"
SCRIPT = Path(__file__).with_name("field_story.py")
SMALL_TARGETS = """
[...document.querySelectorAll("main button, main summary, main .gz-button, main label.gz-choice,"
  + ".gz-field-actions button, .gz-task__head")]
.filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 60)
.map(e => e.textContent.trim())
"""
ALL_KEPT = """
async () => {
  const tasks = [...document.querySelectorAll("[data-gz-task]")].map(e => e.dataset.href);
  const files = [...document.querySelectorAll("link[rel=stylesheet], script[src]")];
  const wanted = [location.pathname, ...tasks, ...files.map(e => e.href || e.src)];
  const copies = await Promise.all(wanted.map(url => caches.match(url, { ignoreVary: true })));
  return copies.every(Boolean);
}
"""


class Story:
    """Makes tasks on the running product and tells what became of them, in a process of its own."""

    def __init__(self, site: Site) -> None:
        code = f"exec(open({str(SCRIPT)!r}).read())"
        self.process = subprocess.Popen(
            [sys.executable, str(BASE_DIR / "manage.py"), "shell", "-v", "0", "-c", code],
            env=site.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *words: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=20)

    def task(self, *, signed: bool = False) -> str:
        return str(self.tell("signed" if signed else "task"))

    def acts(self, number: str) -> list[str]:
        return list(self.tell("acts", number))

    def supplement(self, number: str) -> None:
        self.tell("supplement", number)


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


def open_ready(page: Page, address: str) -> None:
    page.goto(address)
    ready(page)


def ready(page: Page) -> None:
    page.locator("html[data-gz-ready]").wait_for(timeout=20_000)


def badge(page: Page) -> Any:
    return page.locator("[data-gz-outbox-badge]")


@pytest.fixture(scope="module")
def story(site: Site) -> Iterator[Story]:
    story = Story(site)
    yield story
    story.end()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext], sign_in: Callable[[Page, str], None]) -> Page:
    """The phone of the demo's grid worker, signed in, on the list."""
    page = new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    sign_in(page, "grid")
    ready(page)
    return page


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
    phone: Page, story: Story, watch: Watch
) -> None:
    watch.allow(OFFLINE)
    number = story.task()
    open_ready(phone, "/field/")
    phone.wait_for_function(ALL_KEPT, timeout=30_000)
    phone.context.set_offline(True)
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
    page.context.set_offline(False)
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


def test_signing_out_leaves_nothing_to_read(
    phone: Page, story: Story, watch: Watch, kept_sessions: dict[str, list[Any]]
) -> None:
    watch.allow(OFFLINE)
    number = story.task()
    open_ready(phone, "/field/")
    phone.wait_for_function(ALL_KEPT, timeout=30_000)
    phone.locator("form[action='/accounts/logout/'] button").tap()
    phone.wait_for_url(lambda url: "/field/" not in url)
    kept_sessions.pop("grid", None)
    phone.context.set_offline(True)
    phone.goto("/field/")
    expect(phone.get_by_text("这台手机里还没有")).to_be_visible()
    assert number not in phone.content()
    kept = "async () => (await caches.keys()).filter(name => name.includes('own'))"
    assert phone.evaluate(kept) == []


def test_what_is_on_its_way_at_sign_out_is_not_kept(
    phone: Page, kept_sessions: dict[str, list[Any]]
) -> None:
    open_ready(phone, "/field/")
    phone.evaluate(
        "document.querySelectorAll('[data-gz-task]').forEach(e => fetch(e.dataset.href))"
    )
    phone.locator("form[action='/accounts/logout/'] button").tap()
    phone.wait_for_url(lambda url: "/field/" not in url)
    kept_sessions.pop("grid", None)
    phone.wait_for_timeout(1500)
    assert phone.evaluate("async () => await caches.has('gongzhi-field-own-1')") is False


def test_the_next_user_of_a_phone_sees_nothing_of_the_first(
    phone: Page, story: Story, sign_in: Callable[[Page, str], None], watch: Watch
) -> None:
    watch.allow(OFFLINE)
    number = story.task()
    open_ready(phone, "/field/")
    phone.wait_for_function(ALL_KEPT, timeout=30_000)
    phone.context.set_offline(True)
    phone.locator(f".gz-task[data-number='{number}'] form[data-gz-act=sign_for] button").tap()
    expect(badge(phone)).to_be_visible()
    phone.goto("about:blank")
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    sign_in(phone, "grid2")
    ready(phone)
    expect(badge(phone)).to_be_hidden()
    stored = phone.evaluate(EVERYTHING_STORED)
    assert number not in stored
    assert "签收" not in stored
    assert story.acts(number)[-1] == "dispatch"
    phone.context.clear_cookies()
    sign_in(phone, "grid")
    ready(phone)
    expect(badge(phone)).to_be_hidden(timeout=20_000)
    assert story.acts(number)[-1] == "sign_for"


EVERYTHING_STORED = """
async () => {
  const texts = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      if (name.includes("own")) texts.push(request.url, await (await cache.match(request)).text());
    }
  }
  const base = await new Promise(done => {
    const opening = indexedDB.open("gongzhi-field");
    opening.onsuccess = () => done(opening.result);
  });
  const rows = await new Promise(done => {
    const reading = base.transaction("drafts").objectStore("drafts").getAll();
    reading.onsuccess = () => done(reading.result);
  });
  base.close();
  for (const row of rows) {
    texts.push(JSON.stringify(row), new TextDecoder().decode(row.box?.data ?? new Uint8Array()));
  }
  return texts.join("\\n");
}
"""

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


def test_signing_out_with_something_unsent_asks_first(
    phone: Page, story: Story, watch: Watch, kept_sessions: dict[str, list[Any]]
) -> None:
    watch.allow("ERR_FAILED|Failed to fetch")
    number = story.task()
    open_ready(phone, "/field/")
    phone.context.route(f"**/field/{number}/sign_for/", lambda route: route.abort())
    phone.locator(f".gz-task[data-number='{number}'] form[data-gz-act=sign_for] button").tap()
    expect(badge(phone)).to_be_visible()
    sign_out = phone.locator("form[action='/accounts/logout/'] button")
    sign_out.tap()
    dialog = phone.get_by_role("dialog", name="要退出登录吗？")
    expect(dialog).to_contain_text("还有 1 件没有发出")
    assert violations(phone, within="dialog") == []
    dialog.get_by_role("button", name="先不退出").tap()
    expect(dialog).to_have_count(0)
    assert "/field/" in phone.url
    phone.context.unroute(f"**/field/{number}/sign_for/")
    phone.locator("[data-gz-outbox] [data-send]").tap()
    expect(badge(phone)).to_be_hidden(timeout=20_000)


def test_nothing_counts_steps_or_ranks_people(phone: Page) -> None:
    text = phone.locator("body").inner_text()
    assert not any(word in text for word in ("打卡", "排名", "积分", "轨迹"))
