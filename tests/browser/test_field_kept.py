"""What stays on a grid worker's phone: nothing to read after sign-out, and never an act lost."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Watch
from tests.browser.field_phone import OFFLINE, Story, badge, open_ready, ready, wait_kept
from tests.browser.network import Network

pytestmark = pytest.mark.browser

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

OWN_COPIES = "async () => (await caches.keys()).filter(name => name.includes('own'))"
PHOTOS_KEPT = """
() => new Promise(done => {
  const opening = indexedDB.open("gongzhi-field");
  opening.onsuccess = () => {
    const base = opening.result;
    const counting = base.transaction("photos").objectStore("photos").count();
    counting.onsuccess = () => { base.close(); done(counting.result); };
  };
})
"""


def test_signing_out_leaves_nothing_to_read(
    phone: Page,
    story: Story,
    watch: Watch,
    network: Network,
    kept_sessions: dict[str, list[Any]],
) -> None:
    watch.allow(OFFLINE)
    number = story.task()
    open_ready(phone, "/field/")
    wait_kept(phone, number)
    phone.locator("form[action='/accounts/logout/'] button").tap()
    phone.wait_for_url(lambda url: "/field/" not in url)
    kept_sessions.pop("grid", None)
    network.cut(phone.context)
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
    phone: Page,
    story: Story,
    sign_in: Callable[[Page, str], None],
    watch: Watch,
    network: Network,
) -> None:
    watch.allow(OFFLINE)
    number = story.task()
    open_ready(phone, "/field/")
    wait_kept(phone, number)
    network.cut(phone.context)
    phone.locator(f".gz-task[data-number='{number}'] form[data-gz-act=sign_for] button").tap()
    expect(badge(phone)).to_be_visible()
    phone.goto("about:blank")
    phone.context.clear_cookies()
    network.restore(phone.context)
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


def sign_out_on_the_account_page(phone: Page) -> None:
    phone.goto("/accounts/")
    assert phone.evaluate(OWN_COPIES) != []
    phone.locator("main form[action='/accounts/logout/'] button").tap()
    phone.wait_for_url(lambda url: "/accounts/" not in url)


def test_signing_out_anywhere_leaves_nothing_to_read(
    phone: Page, story: Story, kept_sessions: dict[str, list[Any]]
) -> None:
    number = story.task(signed=True)
    open_ready(phone, "/field/")
    wait_kept(phone, number)
    phone.evaluate(
        """() => new Promise(done => {
          const opening = indexedDB.open("gongzhi-field");
          opening.onsuccess = () => {
            const putting = opening.result.transaction("photos", "readwrite");
            putting.objectStore("photos").put({ id: "left", draft: "gone", bytes: "" });
            putting.oncomplete = () => { opening.result.close(); done(); };
          };
        })"""
    )
    sign_out_on_the_account_page(phone)
    kept_sessions.pop("grid", None)
    assert phone.evaluate(OWN_COPIES) == []
    assert phone.evaluate(PHOTOS_KEPT) == 0
    assert number not in phone.evaluate(EVERYTHING_STORED)


@pytest.mark.parametrize("place", ["/desk/", "/cms/"])
def test_every_desk_clears_the_copies_at_sign_out(
    page1280: Page,
    sign_in: Callable[[Page, str], None],
    place: str,
    kept_sessions: dict[str, list[Any]],
) -> None:
    who = "dispatcher" if place == "/desk/" else "editor"
    sign_in(page1280, who)
    page1280.goto(place)
    page1280.evaluate(
        """async () => {
          const copies = await caches.open("gongzhi-field-own-1");
          await copies.put("/field/", new Response("private"));
        }"""
    )
    opener = "[data-gz-menu] summary" if place == "/desk/" else "[class*=sidebar-footer] button"
    page1280.locator(opener).first.click()
    page1280.locator("form[action$='/logout/'] button").click()
    page1280.wait_for_url(lambda url: place not in url)
    kept_sessions.pop(who, None)
    assert page1280.evaluate(OWN_COPIES) == []


def test_signing_out_anywhere_keeps_what_is_not_sent_for_its_owner(
    phone: Page,
    story: Story,
    sign_in: Callable[[Page, str], None],
    watch: Watch,
    kept_sessions: dict[str, list[Any]],
) -> None:
    watch.allow("ERR_FAILED|Failed to fetch")
    number = story.task()
    open_ready(phone, "/field/")
    phone.context.route(f"**/field/{number}/sign_for/", lambda route: route.abort())
    phone.locator(f".gz-task[data-number='{number}'] form[data-gz-act=sign_for] button").tap()
    expect(badge(phone)).to_be_visible()
    sign_out_on_the_account_page(phone)
    kept_sessions.pop("grid", None)
    assert phone.evaluate(OWN_COPIES) == []
    assert "签收" not in phone.evaluate(EVERYTHING_STORED)
    phone.context.unroute(f"**/field/{number}/sign_for/")
    sign_in(phone, "grid")
    ready(phone)
    expect(badge(phone)).to_be_hidden(timeout=20_000)
    assert story.acts(number)[-1] == "sign_for"


def test_an_act_that_waited_two_weeks_is_never_dropped_by_itself(
    phone: Page, story: Story, watch: Watch
) -> None:
    watch.allow("ERR_FAILED|Failed to fetch")
    number = story.task()
    open_ready(phone, "/field/")
    phone.context.route(f"**/field/{number}/sign_for/", lambda route: route.abort())
    phone.locator(f".gz-task[data-number='{number}'] form[data-gz-act=sign_for] button").tap()
    expect(badge(phone)).to_be_visible()
    phone.evaluate(LATER)
    open_ready(phone, "/field/")
    card = phone.locator("[data-gz-outbox] .gz-outbox__item")
    expect(card).to_contain_text("已有 15 天没有发出")
    assert story.acts(number)[-1] == "dispatch"
    assert violations(phone) == []
    card.get_by_role("button", name="放弃").tap()
    expect(card).to_have_count(0)
    phone.locator(".gz-toast").get_by_role("button", name="撤销").tap()
    phone.context.unroute(f"**/field/{number}/sign_for/")
    card.get_by_role("button", name="重新发送").tap()
    expect(badge(phone)).to_be_hidden(timeout=20_000)
    assert story.acts(number)[-1] == "sign_for"


#: Fifteen days pass for everything that waits on the phone.
LATER = """
() => new Promise(done => {
  const opening = indexedDB.open("gongzhi-field");
  opening.onsuccess = () => {
    const changing = opening.result.transaction("drafts", "readwrite");
    const drafts = changing.objectStore("drafts");
    drafts.openCursor().onsuccess = event => {
      const cursor = event.target.result;
      if (!cursor) return;
      cursor.update({ ...cursor.value, saved: cursor.value.saved - 15 * 86400000 - 1000 });
      cursor.continue();
    };
    changing.oncomplete = () => { opening.result.close(); done(); };
  };
})
"""


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
