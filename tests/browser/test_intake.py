"""Intake in a real browser: a 12345 file with its progress, and findings from the field."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PHONE, Site, Watch
from tests.browser.field_phone import OFFLINE, badge, open_ready, ready
from tests.browser.network import Network
from tests.browser.test_field import photo
from tests.complaints.tables import as_csv, row

pytestmark = pytest.mark.browser
SignIn = Callable[[Page, str], None]
NewContext = Callable[..., BrowserContext]


def export(prefix: str, rows: int) -> dict[str, Any]:
    good = [row(f"{prefix}-{n}") for n in range(rows)]
    data = as_csv([*good, row("", 诉求内容="")], encoding="gb18030")
    return {"name": f"{prefix}.csv", "mimeType": "text/csv", "buffer": data}


def test_a_file_is_uploaded_and_its_progress_and_problems_are_seen(
    page1280: Page, sign_in: SignIn, tmp_path: Path
) -> None:
    page = page1280
    sign_in(page, "dispatcher")
    page.goto("/desk/")
    page.get_by_role("link", name="12345 导入").click()
    page.wait_for_url("**/desk/import/")
    assert violations(page) == []
    page.get_by_label("热线平台导出的文件").set_input_files(export("BR", 1500))
    page.get_by_role("button", name="上传并导入").click()
    expect(page.locator("progress")).to_be_visible()
    expect(page.get_by_text("可以离开本页")).to_be_visible()
    said = "共 1,501 行，已生成案件 1,500 件；以前已导入 0 行；有问题 1 行。"
    expect(page.get_by_text(said)).to_be_visible(timeout=60_000)
    assert violations(page) == []
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载问题行").click()
    target = tmp_path / "problems.csv"
    waiting.value.save_as(target)
    assert "工单编号为空；诉求内容为空" in target.read_text("utf-8-sig")
    page.goto("/desk/?number=BR-7")
    expect(page.get_by_text("12345热线 BR-7")).to_be_visible()


def test_a_file_comes_in_without_scripts(
    new_context: NewContext, page1280: Page, sign_in: SignIn
) -> None:
    sign_in(page1280, "dispatcher")
    context = new_context(java_script_enabled=False, viewport=PHONE)
    context.add_cookies(page1280.context.cookies())
    page = context.new_page()
    page.goto("/desk/import/")
    page.locator("input[type=file]").set_input_files(export("NS", 30))
    page.get_by_role("button", name="上传并导入").click()
    # The page asks for itself again every few seconds.
    expect(page.get_by_text("已生成案件 30 件")).to_be_visible(timeout=40_000)


def test_a_finding_is_sent_with_few_taps(phone: Page) -> None:
    open_ready(phone, "/field/")
    phone.get_by_role("link", name="上报巡查发现").tap()
    ready(phone)
    assert violations(phone) == []
    phone.locator("#finish input[name=before]").set_input_files(photo("olive"))
    phone.locator(".gz-tile", has_text="垃圾").tap()
    phone.get_by_text("已当场处理").tap()
    phone.locator("#finish input[name=after]").set_input_files(photo("green"))
    expect(phone.locator("[data-gz-shot=after] .gz-shot__item")).to_have_count(1)
    phone.get_by_role("button", name="上报", exact=True).tap()
    phone.wait_for_url("**/field/")
    expect(phone.get_by_text("已上报，编号")).to_be_visible()


def test_findings_made_without_a_network_are_each_sent_once(
    phone: Page, network: Network, site: Site, watch: Watch
) -> None:
    watch.allow(OFFLINE)
    open_ready(phone, "/field/new/")
    phone.goto("/field/")
    ready(phone)
    wait_for_copy(phone)
    network.cut(phone.context)
    for words in ("第一处积水", "第二处积水"):
        phone.goto("/field/new/")
        ready(phone)
        phone.get_by_label("说两句").fill(words)
        phone.get_by_role("button", name="上报", exact=True).tap()
        phone.wait_for_url("**/field/")
    expect(badge(phone)).to_have_text("2 件待发送", use_inner_text=True)
    network.restore(phone.context)
    expect(badge(phone)).to_be_hidden(timeout=30_000)
    code = (
        "from complaints.models import Case;"
        "found = Case.objects.filter(description__endswith='处积水');"
        "print(sorted(found.values_list('description', flat=True)))"
    )
    assert site.manage("shell", "-v", "0", "-c", code).strip() == "['第一处积水', '第二处积水']"


def wait_for_copy(phone: Page) -> None:
    for _ in range(100):
        if phone.evaluate("caches.match('/field/new/', {ignoreVary: true}).then(Boolean)"):
            return
        phone.wait_for_timeout(100)
    pytest.fail("the form was not kept on the phone")


def test_a_finding_is_reported_without_scripts(
    new_context: NewContext, phone: Page, network: Network
) -> None:
    context = new_context(base_url=network.url, java_script_enabled=False, viewport=PHONE)
    context.add_cookies(phone.context.cookies())
    page = context.new_page()
    page.goto("/field/new/")
    page.locator("input[name=before]").set_input_files(photo("olive"))
    page.locator("textarea[name=description]").fill("河边有垃圾")
    page.get_by_role("button", name="上报", exact=True).click()
    expect(page.get_by_text("已上报，编号")).to_be_visible()
