"""The desk in a real browser: the keyboard, the live news, conflicts, every mode and width."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Site, Watch

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, str], None]
NewContext = Callable[..., BrowserContext]
QUIET = "light-curtain-wall"
MODES = {
    "light": {"gz_theme": "light"},
    "dark": {"gz_theme": "dark"},
    "large": {"gz_theme": "light", "gz_text": "large"},
}


def register(page: Page, words: str, category: str = "air-odour") -> str:
    """Take a call down; return the number of the case."""
    page.goto("/desk/new/")
    page.get_by_label("来电内容").fill(words)
    page.get_by_label("问题类别").select_option(category)
    page.get_by_label("在哪里").fill("中吴大道 12 号")
    page.get_by_role("button", name="登记").click()
    return page.locator(".gz-receipt__number").inner_text()


def part_of(number: str) -> str:
    """What finds exactly this case without opening it: day and running number."""
    return "-".join(number.split("-")[1:3])


def open_queue(page: Page, number: str) -> Locator:
    """Open the queue with this case alone; return its row."""
    page.goto(f"/desk/?number={part_of(number)}")
    row = page.locator(f'[data-gz-row][data-number="{number}"]')
    expect(row).to_have_attribute("aria-selected", "true")
    return row


def count_keys(page: Page) -> Callable[[], int]:
    """Count every key that goes down from now on."""
    page.evaluate("window.keysDown = 0; addEventListener('keydown', () => window.keysDown++, true)")
    return lambda: int(page.evaluate("window.keysDown"))


def photo(colour: str) -> dict[str, Any]:
    buffer = BytesIO()
    Image.new("RGB", (320, 240), colour).save(buffer, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


@pytest.fixture
def dispatcher(page1280: Page, sign_in: SignIn) -> Page:
    sign_in(page1280, "dispatcher")
    return page1280


@pytest.fixture
def desk_for(new_context: NewContext, sign_in: SignIn) -> Callable[[str], Page]:
    """``desk_for("bureau")``: another person at another computer."""

    def opening(who: str) -> Page:
        page = new_context().new_page()
        sign_in(page, who)
        return page

    return opening


# -- the keyboard -----------------------------------------------------------------------------


def test_one_key_accepts_and_the_next_case_comes_up(dispatcher: Page) -> None:
    numbers = [register(dispatcher, f"键盘受理第 {n} 件", QUIET) for n in (1, 2)]
    dispatcher.goto(f"/desk/?tab=new&category={QUIET}")
    rows = dispatcher.locator("[data-gz-row]")
    first, second = (rows.nth(n).get_attribute("data-number") for n in (0, 1))
    assert set(numbers) <= {rows.nth(n).get_attribute("data-number") for n in range(rows.count())}
    pressed = count_keys(dispatcher)
    dispatcher.keyboard.press("1")
    done = dispatcher.locator(f'[data-gz-row][data-number="{first}"]')
    expect(done).to_contain_text("已受理")
    following = dispatcher.locator(f'[data-gz-row][data-number="{second}"]')
    expect(following).to_be_focused()
    expect(dispatcher.locator("[data-gz-pane] [data-gz-case]")).to_have_attribute(
        "data-number", str(second)
    )
    assert pressed() <= 3


def test_two_keys_send_it_to_the_suggested_owner_and_one_takes_it_back(dispatcher: Page) -> None:
    number = register(dispatcher, "键盘派单")
    row = open_queue(dispatcher, number)
    pressed = count_keys(dispatcher)
    dispatcher.keyboard.press("a")
    expect(dispatcher.locator("details[open] select[name=owner]")).not_to_have_value("")
    dispatcher.keyboard.press("Enter")
    expect(row).to_contain_text("待签收")
    assert pressed() <= 3
    toast = dispatcher.locator(".gz-toast")
    expect(toast).to_contain_text(f"{number} 已派给")
    expect(toast.get_by_role("button")).to_contain_text("撤销")
    dispatcher.keyboard.press("z")
    expect(row).to_contain_text("待派单")
    expect(dispatcher.locator(".gz-toast")).to_contain_text("已撤销")


def test_j_and_k_walk_through_the_list(dispatcher: Page) -> None:
    dispatcher.goto("/desk/?tab=open")
    rows = dispatcher.locator("[data-gz-row]")
    start = dispatcher.locator('[data-gz-row][aria-selected="true"]').get_attribute("data-number")
    dispatcher.keyboard.press("j")
    dispatcher.keyboard.press("j")
    expect(rows.nth(2)).to_be_focused()
    dispatcher.keyboard.press("k")
    expect(rows.nth(1)).to_be_focused()
    expect(dispatcher.locator("[data-gz-pane] [data-gz-case]")).to_have_attribute(
        "data-number", str(rows.nth(1).get_attribute("data-number"))
    )
    dispatcher.keyboard.press("ArrowUp")
    expect(rows.nth(0)).to_be_focused()
    assert rows.nth(0).get_attribute("data-number") == start
    dispatcher.keyboard.press("Enter")
    dispatcher.wait_for_url(f"**/desk/cases/{start}/")


def test_the_list_is_a_grid_with_one_stop(dispatcher: Page) -> None:
    dispatcher.goto("/desk/?tab=open")
    grid = dispatcher.get_by_role("grid")
    expect(grid).to_have_count(1)
    assert grid.locator('[tabindex="0"]').count() == 1


def test_several_are_accepted_at_once(dispatcher: Page) -> None:
    numbers = [register(dispatcher, f"批量受理 {n}", "noise-loudspeaker") for n in range(3)]
    dispatcher.goto("/desk/?tab=new&category=noise-loudspeaker")
    for number in numbers:
        dispatcher.locator(f'[data-gz-row][data-number="{number}"]').click()
        dispatcher.keyboard.press("x")
    expect(dispatcher.locator("[data-gz-bulk]")).to_contain_text("已选 3 件")
    dispatcher.keyboard.press("1")
    expect(dispatcher.locator(".gz-toast")).to_contain_text("已受理 3 件，共 3 件")
    for number in numbers:
        row = dispatcher.locator(f'[data-gz-row][data-number="{number}"]')
        expect(row).to_contain_text("已受理")


def test_letters_of_an_input_method_are_no_commands(dispatcher: Page) -> None:
    number = register(dispatcher, "输入法安全")
    row = open_queue(dispatcher, number)
    row.focus()
    for key in ("1", "a", "j", "x"):
        dispatcher.evaluate(
            """key => document.activeElement.dispatchEvent(new KeyboardEvent("keydown",
            {key, isComposing: true, keyCode: 229, bubbles: true, cancelable: true}))""",
            key,
        )
    expect(row).to_contain_text("待受理")
    expect(dispatcher.locator("[data-gz-pane] details[open]")).to_have_count(0)
    dispatcher.keyboard.press("3")
    words = dispatcher.locator("details[open] textarea[name=message]")
    words.focus()
    browser = dispatcher.context.new_cdp_session(dispatcher)
    browser.send("Input.imeSetComposition", {"text": "bu", "selectionStart": 2, "selectionEnd": 2})
    dispatcher.keyboard.press("1")
    browser.send("Input.insertText", {"text": "不归本区"})
    dispatcher.keyboard.type("1a3zjk")
    expect(words).to_have_value(re.compile("不归本区1a3zjk"))
    expect(row).to_contain_text("待受理")


def test_single_keys_can_be_switched_off(dispatcher: Page) -> None:
    number = register(dispatcher, "关掉快捷键")
    row = open_queue(dispatcher, number)
    dispatcher.keyboard.press("?")
    help_ = dispatcher.locator("[data-gz-keys]")
    expect(help_).to_contain_text("派单")
    help_.get_by_role("checkbox").check()
    dispatcher.keyboard.press("Escape")
    dispatcher.keyboard.press("1")
    dispatcher.keyboard.press("a")
    dispatcher.wait_for_timeout(500)
    expect(row).to_contain_text("待受理")
    dispatcher.reload()
    dispatcher.keyboard.press("1")
    dispatcher.wait_for_timeout(500)
    expect(row).to_contain_text("待受理")


def test_the_search_box_is_one_key_away(dispatcher: Page) -> None:
    dispatcher.goto("/desk/?tab=open")
    dispatcher.keyboard.press("/")
    assert dispatcher.evaluate("document.activeElement.type") == "search"


# -- the main line ----------------------------------------------------------------------------


def test_from_call_to_closure(dispatcher: Page, desk_for: Callable[[str], Page]) -> None:
    number = register(dispatcher, "下午有一股油漆味", "air-industrial")
    row = open_queue(dispatcher, number)
    dispatcher.keyboard.press("a")
    dispatcher.locator("details[open] select[name=owner]").select_option("department:ecology")
    dispatcher.get_by_role("button", name="受理并派单", exact=True).last.click()
    expect(row).to_contain_text("待签收")

    bureau = desk_for("bureau")
    bureau.goto(f"/desk/cases/{number}/")
    bureau.keyboard.press("1")
    expect(bureau.locator(".gz-messages")).to_contain_text("办理中")
    bureau.get_by_label("处理前").set_input_files(photo("gray"))
    bureau.get_by_label("处理后").set_input_files(photo("green"))
    bureau.get_by_role("button", name="上传照片").click()
    expect(bureau.locator(".gz-messages")).to_contain_text("照片已上传")
    form = bureau.locator('[data-gz-act="complete"]')
    form.get_by_label("处理结果").select_option("solved")
    form.get_by_label("说明").fill("喷漆房密闭不严，已整改，复测达标。")
    form.get_by_role("button", name="办理完成").click()
    expect(bureau.locator(".gz-messages")).to_contain_text("待审核")

    dispatcher.goto(f"/desk/cases/{number}/")
    dispatcher.keyboard.press("e")
    reply = dispatcher.locator('[data-gz-act="approve"] textarea')
    expect(reply).to_be_focused()
    expect(dispatcher.locator('[data-gz-act="approve"] blockquote')).to_contain_text("油漆味")
    expect(dispatcher.locator('[data-gz-act="approve"] blockquote')).to_contain_text("喷漆房")
    reply.fill("您好，喷漆房已整改，复测达标。")
    dispatcher.locator('[data-gz-act="approve"] form button.gz-button--primary').click()
    expect(dispatcher.locator(".gz-messages")).to_contain_text("已答复")

    followup = desk_for("followup")
    followup.goto(f"/desk/cases/{number}/")
    followup.keyboard.press("1")
    expect(followup.locator(".gz-messages")).to_contain_text("待回访")
    closing = followup.locator('[data-gz-act="close"]')
    closing.get_by_label("回访结果").select_option("satisfied")
    closing.locator("form button.gz-button--primary").click()
    expect(followup.locator(".gz-messages")).to_contain_text("已办结")
    expect(followup.locator(".gz-desk-timeline li")).to_have_count(10)


def test_the_desk_works_without_scripts(
    new_context: NewContext, dispatcher: Page, kept_sessions: dict[str, list[Any]]
) -> None:
    number = register(dispatcher, "不用脚本")
    context = new_context(java_script_enabled=False)
    context.add_cookies(kept_sessions["dispatcher"])
    page = context.new_page()
    page.goto("/desk/?tab=new")
    expect(page.locator("[data-gz-row]").first).to_be_visible()
    page.goto(f"/desk/cases/{number}/")
    page.locator('[data-gz-act="accept"] form button.gz-button--primary').click()
    expect(page.locator(".gz-messages")).to_contain_text("已受理")
    assert page.url.endswith(f"/desk/cases/{number}/")


# -- two people -------------------------------------------------------------------------------


def test_who_comes_second_keeps_the_draft(
    dispatcher: Page, desk_for: Callable[[str], Page], watch: Watch
) -> None:
    watch.allow("409")
    number = register(dispatcher, "两个人同时处理")
    row = open_queue(dispatcher, number)
    dispatcher.keyboard.press("3")
    form = dispatcher.locator("details[open] form")
    form.get_by_label("原因").select_option("other_district")
    form.get_by_label("说明").fill("这段草稿不能丢")

    other = desk_for("dispatcher")
    other.goto(f"/desk/cases/{number}/")
    asking = other.locator('[data-gz-act="ask_info"]')
    asking.locator("summary").click()
    asking.locator("textarea").fill("请补充门牌号")
    asking.locator("form button.gz-button--primary").click()
    expect(other.locator(".gz-messages")).to_be_visible()

    form.get_by_role("button", name="不予受理").click()
    problem = dispatcher.locator("[data-gz-problem]")
    expect(problem).to_be_focused()
    expect(problem).to_contain_text("将本案改为「待补正」")
    expect(problem).to_contain_text("您的草稿已保留")
    expect(dispatcher.locator("details[open] textarea")).to_have_value("这段草稿不能丢")
    expect(row).to_contain_text("待补正")


def test_news_waits_in_a_bar_and_typed_words_stay(
    dispatcher: Page, desk_for: Callable[[str], Page]
) -> None:
    number = register(dispatcher, "正在写的不能丢")
    dispatcher.goto(f"/desk/cases/{number}/")
    words = dispatcher.locator('[data-gz-act="ask_info"] textarea')
    dispatcher.locator('[data-gz-act="ask_info"] summary').click()
    words.fill("请问是几号楼")

    watching = desk_for("dispatcher")
    watching.goto("/desk/?tab=open")
    order = watching.locator("[data-gz-row]").evaluate_all(
        "rows => rows.map(r => r.dataset.number)"
    )

    other = desk_for("dispatcher")
    other.goto(f"/desk/cases/{number}/")
    other.locator('[data-gz-act="accept_dispatch"] summary').click()
    owner = other.locator('[data-gz-act="accept_dispatch"] select[name=owner]')
    owner.select_option("department:ecology")
    other.locator('[data-gz-act="accept_dispatch"] form button.gz-button--primary').click()
    expect(other.locator(".gz-messages")).to_be_visible()

    expect(dispatcher.locator('[data-gz-part="head"]')).to_contain_text("待签收")
    expect(dispatcher.locator(".gz-desk-timeline")).to_contain_text("派单")
    expect(words).to_have_value("请问是几号楼")
    expect(dispatcher.locator("[data-gz-news]")).to_contain_text("本案刚有变化")

    expect(watching.locator("[data-gz-news-link]")).to_contain_text("有 1 件新变化")
    again = watching.locator("[data-gz-row]").evaluate_all(
        "rows => rows.map(r => r.dataset.number)"
    )
    assert again == order


# -- looks ------------------------------------------------------------------------------------


@pytest.fixture
def open_desk(
    new_context: NewContext, site: Site, sign_in: SignIn
) -> Callable[[str, str, int], Page]:
    """``open_desk("/desk/", "dark", 375)`` as the dispatcher."""

    def opening(path: str, mode: str, width: int) -> Page:
        options = {"viewport": PHONE} if width == PHONE["width"] else {}
        context = new_context(**options)
        page = context.new_page()
        sign_in(page, "dispatcher")
        context.add_cookies(
            [{"name": n, "value": v, "url": site.url} for n, v in MODES[mode].items()]
        )
        page.goto(path)
        return page

    return opening


@pytest.fixture(scope="session")
def busy_case(site: Site) -> str:
    """The number of a demonstration case with a long course."""
    code = (
        "from complaints.models import Case; "
        "print(Case.objects.filter(state='pending_review').order_by('due_at').first().number)"
    )
    return site.manage("shell", "-c", code).strip().splitlines()[-1]


@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("mode", MODES)
def test_no_page_of_the_desk_breaks_a_rule(
    open_desk: Callable[[str, str, int], Page], busy_case: str, mode: str, width: int
) -> None:
    page = open_desk("/desk/?tab=open", mode, width)
    for path in ("/desk/?tab=open", "/desk/?tab=soon&category=radiation", "/desk/new/"):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    page.goto(f"/desk/cases/{busy_case}/")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_acts_of_the_chosen_case_stay_in_sight(
    new_context: NewContext, sign_in: SignIn, busy_case: str
) -> None:
    page = new_context(viewport={"width": 1280, "height": 800}).new_page()
    sign_in(page, "dispatcher")
    open_queue(page, busy_case)
    acts = page.locator("[data-gz-pane] [data-gz-acts]")
    for key in ("", "e"):
        if key:
            page.keyboard.press(key)
        expect(acts.locator("button:visible, summary:visible").last).to_be_in_viewport(ratio=1)
    work = page.locator("[data-gz-pane] [data-gz-work]")
    expect(work).to_be_in_viewport()
    acts.locator("details[open] textarea").fill("您好，现场已清理干净。")
    page.goto("/desk/?tab=open")
    acts.first.wait_for()
    for top in (0, 300, 0):
        page.evaluate("top => scrollTo(0, top)", top)
        expect(acts.locator("button:visible, summary:visible").last).to_be_in_viewport(ratio=1)


def test_no_tab_of_the_queue_is_cut_off_on_a_phone(page375: Page, sign_in: SignIn) -> None:
    sign_in(page375, "dispatcher")
    page375.goto("/desk/")
    tabs = page375.locator(".gz-tabs__tab")
    for place in range(tabs.count()):
        expect(tabs.nth(place)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_open_forms_and_mistakes_break_no_rule(
    open_desk: Callable[[str, str, int], Page], mode: str, watch: Watch
) -> None:
    watch.allow("400")
    page = open_desk("/desk/?tab=new", mode, 1280)
    expect(page.locator('[data-gz-row][aria-selected="true"]')).to_have_count(1)
    page.keyboard.press("3")
    form = page.locator("details[open] form")
    page.evaluate("scrollTo(0, 0)")
    assert violations(page) == []
    form.get_by_role("button", name="不予受理").click()
    expect(page.locator("[data-gz-error-summary]")).to_be_focused()
    page.evaluate("scrollTo(0, 0)")
    assert violations(page) == []
