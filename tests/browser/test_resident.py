"""The residents' line in a real browser: photo to receipt to closure, on a phone, live, offline."""

import io
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import segno
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import DESKTOP, PHONE, Site, Watch

pytestmark = pytest.mark.browser

HERE = {"longitude": 119.99, "latitude": 31.785, "accuracy": 20}
RECEIPT = re.compile(r"/report/TN-[0-9]{8}-[0-9]+-[A-Z]/receipt/$")
CASE = re.compile(r"/track/TN-[0-9]{8}-[0-9]+-[A-Z]/$")
MODES = {"light": {}, "dark": {"theme": "dark"}, "large": {"text_size": "large"}}


def photo(*, exif: bytes = b"", size: tuple[int, int] = (640, 480), noise: int = 0) -> dict:
    """A JPEG as the file chooser hands it over; ``noise`` makes it heavy."""
    image = Image.effect_noise(size, noise).convert("RGB") if noise else Image.new("RGB", size)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95, exif=exif)
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def located(lon: tuple[float, ...], lat: tuple[float, ...]) -> bytes:
    exif = Image.Exif()
    exif[34853] = {1: "N", 2: lat, 3: "E", 4: lon}
    return exif.tobytes()


@pytest.fixture
def phone(new_context: Callable[..., BrowserContext]) -> Page:
    """A phone that gives its position."""
    context = new_context(
        viewport=PHONE, has_touch=True, is_mobile=True, geolocation=HERE,
        permissions=["geolocation"],
    )  # fmt: skip
    return context.new_page()


@pytest.fixture
def blind_phone(new_context: Callable[..., BrowserContext]) -> Page:
    """A phone that refuses its position."""
    return new_context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()


def tile(page: Page, label: str) -> Any:
    return page.locator(".gz-tile", has_text=label)


def send(page: Page) -> str:
    """Send the form, wait for the receipt, return the receipt code."""
    page.locator("[data-gz-send]").tap()
    page.wait_for_url(RECEIPT)
    return page.locator("[data-gz-code]").inner_text()


def open_case(page: Page, code: str) -> None:
    page.goto("/track/")
    page.locator("#code").fill(code)
    page.locator("[data-gz-code-form] button").click()
    page.wait_for_url(CASE)


def move(site: Site, number: str, *steps: str) -> None:
    """Let another process act on the case, as a desk would: "action|who|name=value"."""
    lines = [
        "from complaints.models import Case",
        "from complaints.performer import Performer",
        "from complaints.services.transition import perform",
        "from foundation.accounts.access import access_of",
        "from foundation.accounts.models import User",
        "from foundation.ledger.actor import Actor",
    ]
    for step in steps:
        action, who, *pairs = step.split("|")
        data = dict(pair.split("=", 1) for pair in pairs)
        lines += [
            f"user = User.objects.get(username={who!r})",
            "by = Performer(Actor('staff', str(user.pk), 'test'), access=access_of(user))",
            f"case = Case.objects.get(number={number!r})",
            f"perform(case_id=case.pk, action={action!r}, by=by, data={data!r})",
        ]
    site.manage("shell", "--no-imports", "-c", "\n".join(lines))


def number_of(page: Page) -> str:
    found = re.search(r"TN-\d+-\d+-[A-Z]", page.url)
    assert found
    return found[0]


def ask(site: Site, number: str, expression: str) -> str:
    """Evaluate an expression about the case in the product's database."""
    code = f"from complaints.models import Case; c = Case.objects.get(number={number!r}); "
    return site.manage("shell", "--no-imports", "-c", f"{code}print({expression})").strip()


def unreadable() -> dict:
    """A HEIC of a telephone, which Chromium cannot draw."""
    return {"name": "IMG_0001.HEIC", "mimeType": "image/heic", "buffer": b"ftypheic" * 20_000}


# -- reporting ----------------------------------------------------------------------------------


def test_a_photo_report_takes_three_taps_and_no_typing(phone: Page, site: Site) -> None:
    taps = 0
    phone.goto("/report/")
    with phone.expect_file_chooser() as chooser:
        phone.locator(".gz-report__camera").tap()
        taps += 1
    chooser.value.set_files(photo())
    expect(phone.locator("[data-gz-where-text]")).to_contain_text("红梅街道")
    tile(phone, "异味").tap()
    taps += 1
    phone.locator("[data-gz-send]").tap()
    taps += 1
    phone.wait_for_url(RECEIPT)
    assert taps <= 4
    number = number_of(phone)
    said = ask(site, number, "c.location_source, c.photo_count, c.category.name, c.area.kind")
    assert said == "browser 1 异味 grid"


def test_place_and_tiles_share_the_first_screen_before_and_after_the_photo(phone: Page) -> None:
    phone.goto("/report/")
    for _ in range(2):
        line = phone.locator("[data-gz-where]").bounding_box()
        camera = phone.locator(".gz-report__camera").bounding_box()
        tiles = phone.locator(".gz-tiles").bounding_box()
        button = phone.locator(".gz-report__send").bounding_box()
        assert line
        assert camera
        assert tiles
        assert button
        assert camera["y"] + camera["height"] <= line["y"]
        assert line["y"] + line["height"] <= tiles["y"]
        assert tiles["y"] + tiles["height"] <= button["y"]
        phone.locator("#photos").set_input_files(photo())
        expect(phone.locator("[data-gz-where-text]")).to_contain_text("红梅街道")


def test_a_photo_that_the_browser_cannot_draw_is_a_tile_with_name_and_size(phone: Page) -> None:
    phone.goto("/report/")
    phone.locator("#photos").set_input_files(unreadable())
    tile = phone.locator(".gz-report__preview")
    expect(tile).to_have_class(re.compile("gz-report__preview--plain"))
    expect(tile.locator("img")).to_be_hidden()
    expect(tile.locator("[data-name]")).to_have_text("IMG_0001.HEIC")
    expect(tile.locator("[data-size]")).to_have_text("157 KB")
    phone.locator("#photos").set_input_files(photo())
    drawn = phone.locator(".gz-report__preview").nth(1)
    expect(drawn.locator("img")).to_be_visible()
    expect(drawn.locator("[data-name]")).to_be_hidden()


def test_the_form_needs_no_photo_and_no_position(blind_phone: Page, site: Site) -> None:
    blind_phone.goto("/report/")
    tile(blind_phone, "噪声").tap()
    blind_phone.locator("#address").fill("建设路 18 号")
    send(blind_phone)
    assert ask(site, number_of(blind_phone), "c.location_source, c.address") == (
        "address 建设路 18 号"
    )


def test_the_position_of_the_photo_serves_when_the_phone_gives_none(
    blind_phone: Page, site: Site
) -> None:
    exif = located((119.0, 59.0, 24.0), (31.0, 47.0, 6.0))
    blind_phone.goto("/report/")
    blind_phone.set_input_files("#photos", photo(exif=exif, size=(2400, 1800), noise=60))
    expect(blind_phone.locator("[data-gz-where-text]")).to_contain_text("没拿到手机定位")
    send(blind_phone)
    assert ask(site, number_of(blind_phone), "c.location_source, c.lon, c.lat") == (
        "photo 119.99 31.785"
    )


def test_heavy_photos_shrink_when_the_phone_knows_the_place(phone: Page, site: Site) -> None:
    heavy = photo(size=(3000, 2200), noise=40)
    assert len(heavy["buffer"]) > 1_000_000
    phone.goto("/report/")
    phone.set_input_files("#photos", heavy)
    expect(phone.locator("[data-gz-where-text]")).to_contain_text("红梅街道")
    send(phone)
    said = ask(
        site,
        number_of(phone),
        "__import__('foundation.media.models').media.models.Photo"
        ".objects.get(stream=c.stream).size_bytes",
    )
    assert int(said) < len(heavy["buffer"]) / 2


def test_the_pin_moves_by_buttons_and_keys(blind_phone: Page, site: Site) -> None:
    blind_phone.goto("/report/")
    tile(blind_phone, "污水").tap()
    assert "leaflet" not in blind_phone.content()
    blind_phone.locator("[data-gz-change]").tap()
    canvas = blind_phone.locator("[data-map]")
    expect(canvas).to_be_focused()
    expect(blind_phone.locator(".gz-map__name").first).to_be_visible()
    blind_phone.locator("[data-move=north]").tap()
    where = blind_phone.locator("[data-gz-where-text]")
    expect(where).to_contain_text("地图上选的位置")
    first = blind_phone.input_value("[name=lat]")
    canvas.focus()
    blind_phone.keyboard.press("ArrowUp")
    expect(blind_phone.locator("[name=lat]")).not_to_have_value(first)
    blind_phone.locator("[data-here]").tap()
    expect(canvas).to_be_hidden()
    send(blind_phone)
    assert ask(site, number_of(blind_phone), "c.location_source") == "pin"


def test_several_photos_can_be_added_and_taken_away(phone: Page) -> None:
    phone.goto("/report/")
    for _ in range(3):
        phone.set_input_files("#photos", photo())
    expect(phone.locator(".gz-report__preview")).to_have_count(3)
    phone.get_by_role("button", name="去掉第 2 张照片").tap()
    expect(phone.locator(".gz-report__preview")).to_have_count(2)


def test_an_empty_form_says_what_to_do(phone: Page) -> None:
    phone.goto("/report/")
    phone.locator("[data-gz-send]").tap()
    summary = phone.locator("[data-gz-error-summary]")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("请")


def test_a_refused_photo_is_named_and_the_rest_stays(phone: Page, watch: Watch) -> None:
    watch.allow(r"400 \(Bad Request\)")
    phone.goto("/report/")
    phone.set_input_files("#photos", photo())
    broken = {"name": "b.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff broken"}
    phone.set_input_files("#photos", broken)
    tile(phone, "垃圾").tap()
    phone.locator("#description").fill("河边垃圾")
    phone.locator("[data-gz-send]").tap()
    summary = phone.locator("[data-gz-error-summary]")
    expect(summary).to_contain_text("第 2 张")
    expect(phone.locator(".gz-report__preview")).to_have_count(1)
    expect(phone.locator("#description")).to_have_value("河边垃圾")
    send(phone)


# -- offline ------------------------------------------------------------------------------------


def test_a_report_written_offline_is_sent_once_when_the_network_is_back(
    phone: Page, site: Site, watch: Watch
) -> None:
    watch.allow("ERR_INTERNET_DISCONNECTED")
    phone.goto("/report/")
    phone.set_input_files("#photos", photo())
    tile(phone, "扬尘").tap()
    words = f"离线写的 {time.time_ns()}"
    phone.locator("#description").fill(words)
    phone.context.set_offline(True)
    phone.locator("[data-gz-send]").tap()
    waiting = phone.locator("[data-gz-drafts]")
    expect(waiting).to_contain_text("待发送，还没有提交成功")
    expect(waiting).to_contain_text("1 张照片")
    phone.context.set_offline(False)
    phone.wait_for_url(RECEIPT)
    number = number_of(phone)
    assert ask(site, number, "Case.objects.filter(description=c.description).count()") == "1"
    assert ask(site, number, "c.description, c.photo_count") == f"{words} 1"
    phone.goto("/report/")
    expect(phone.locator("[data-gz-drafts]")).to_be_hidden()


def test_an_unfinished_report_is_there_again_next_time(phone: Page) -> None:
    phone.goto("/report/")
    phone.set_input_files("#photos", photo())
    tile(phone, "污水").tap()
    phone.locator("#description").fill("没写完")
    phone.wait_for_timeout(800)
    phone.goto("/track/")
    phone.goto("/report/")
    expect(phone.locator("#description")).to_have_value("没写完")
    expect(phone.locator(".gz-report__preview")).to_have_count(1)
    phone.get_by_role("button", name="清空").tap()
    expect(phone.locator("#description")).to_have_value("")


# -- receipt ------------------------------------------------------------------------------------


def test_the_receipt_shows_code_and_qr(phone: Page, site: Site) -> None:
    phone.goto("/report/")
    tile(phone, "异味").tap()
    code = send(phone)
    assert re.fullmatch(r"\d{4} \d{4} \d{4} \d{4}", code)
    expect(phone.locator("h1")).to_be_focused()
    address = f"{site.url}/track/#{code.replace(' ', '')}"
    expected = segno.make_qr(address, error="m")
    path = " ".join(
        f"M{x + 4} {y + 4}h1v1h-1z"
        for y, line in enumerate(expected.matrix)
        for x, dark in enumerate(line)
        if dark
    )
    assert phone.locator(".gz-qr__ink").get_attribute("d") == path
    with phone.expect_download() as download:
        phone.locator("[data-gz-save]").tap()
    with Image.open(download.value.path()) as picture:
        assert picture.size == (750, 1180)


def test_scanning_the_qr_opens_the_case_and_leaves_no_code_behind(phone: Page) -> None:
    phone.goto("/report/")
    tile(phone, "异味").tap()
    code = send(phone).replace(" ", "")
    sent: list[str] = []
    phone.on("request", lambda request: sent.append(request.url))
    phone.goto(f"/track/#{code}")
    phone.wait_for_url(CASE)
    assert not [url for url in sent if code in url.split("#")[0]]
    phone.go_back()
    assert code not in phone.url


# -- following ----------------------------------------------------------------------------------


def test_news_reaches_the_page_while_somebody_writes(phone: Page, site: Site) -> None:
    phone.goto("/report/")
    tile(phone, "异味").tap()
    open_case(phone, send(phone))
    number = number_of(phone)
    state = phone.locator("[data-gz-state]")
    expect(state).to_contain_text("已收到，等待受理")
    phone.locator("#act-supplement summary").tap()
    words = phone.locator("#supplement-message")
    words.fill("我正在写")
    phone.wait_for_timeout(1500)
    move(site, number, "accept|dispatcher")
    expect(state).to_contain_text("已受理", timeout=5000)
    expect(words).to_have_value("我正在写")
    expect(words).to_be_focused()
    expect(phone.locator("[data-gz-live=polite]")).to_contain_text("已受理")


def test_the_answer_is_rated_in_two_taps_and_can_be_disputed(phone: Page, site: Site) -> None:
    phone.goto("/report/")
    tile(phone, "异味").tap()
    open_case(phone, send(phone))
    number = number_of(phone)
    phone.wait_for_timeout(1000)
    move(site, number, "accept|dispatcher", "answer_directly|dispatcher|reply=已装净化器")
    expect(phone.locator(".gz-case__reply")).to_contain_text("已装净化器", timeout=5000)
    phone.locator("label[for=rate-rating_4]").tap()
    phone.locator("#act-rate button").tap()
    expect(phone.locator(".gz-messages")).to_contain_text("谢谢")
    assert ask(site, number, "c.rating") == "1"
    phone.locator("#act-reopen summary").tap()
    phone.locator("#reopen-message").fill("还有味道")
    phone.locator("#act-reopen button").tap()
    expect(phone.locator("[data-gz-state]")).to_contain_text("重新办理")


def test_a_session_that_ended_stops_the_page(phone: Page, site: Site) -> None:
    phone.goto("/report/")
    tile(phone, "异味").tap()
    open_case(phone, send(phone))
    phone.wait_for_timeout(1000)
    site.manage(
        "shell", "--no-imports", "-c",
        "from django.contrib.sessions.models import Session; "
        f"Session.objects.filter(pk={_session(phone)!r}).delete()",
    )  # fmt: skip
    expect(phone.locator(".gz-toast")).to_contain_text("已关闭", timeout=5000)


def _session(page: Page) -> str:
    return next(c["value"] for c in page.context.cookies() if c["name"] == "sessionid")


def test_a_right_code_gets_through_by_itself_while_a_neighbour_guesses(
    phone: Page, site: Site, watch: Watch
) -> None:
    """Others of this address used up its budget: the honest wait a little and lose nothing."""
    watch.allow("429")
    phone.goto("/report/")
    tile(phone, "异味").tap()
    code = send(phone)
    phone.goto("/track/")
    bucket = "from complaints.models import GuessBucket as B; "
    site.manage(
        "shell", "--no-imports", "-c",
        f"{bucket}import time; from complaints.services.guessing import FULL, source_of; "
        "now = time.time(); B.objects.update_or_create(source=source_of('127.0.0.1'), "
        "defaults={'level': FULL, 'at': now, 'turn_ends': now + 6})",
    )  # fmt: skip
    phone.locator("#code").fill(code)
    phone.locator("[data-gz-code-form] button").tap()
    expect(phone.locator("#code")).to_have_value(code)
    expect(phone.locator("[data-gz-error-summary]")).to_contain_text("再按一次")
    phone.wait_for_url(CASE, timeout=20_000)
    site.manage("shell", "--no-imports", "-c", f"{bucket}B.objects.all().delete()")


# -- without scripts ----------------------------------------------------------------------------


def test_the_whole_line_works_without_scripts(page_without_js: Page, site: Site) -> None:
    page = page_without_js
    page.goto("/report/")
    page.set_input_files("#photos", photo())
    page.locator("label.gz-tile").first.click()
    page.locator("#address").fill("建设路 18 号")
    page.locator("[data-gz-send]").click()
    page.wait_for_url(RECEIPT)
    page.locator("#phone").fill("13800138000")
    page.get_by_role("button", name="留下手机号").click()
    expect(page.locator("body")).to_contain_text("已留手机号")
    code = page.locator("[data-gz-code]").inner_text()
    open_case(page, code)
    page.locator("#act-supplement summary").click()
    page.locator("#supplement-message").fill("晚上更大")
    page.get_by_role("button", name="提交补充").click()
    expect(page.locator(".gz-timeline")).to_contain_text("晚上更大")
    page.get_by_role("button", name="催一下").click()
    number = number_of(page)
    move(site, number, "accept|dispatcher", "answer_directly|dispatcher|reply=已装净化器")
    page.reload()
    page.locator("label[for=rate-rating_1]").click()
    page.get_by_role("button", name="提交评价").click()
    assert ask(site, number, "c.rating, c.urge_count") == "4 1"


# -- for everybody ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["375", "1280"])
def test_every_screen_is_accessible(
    new_context: Callable[..., BrowserContext], site: Site, mode: str, size: dict[str, int]
) -> None:
    page = new_context(viewport=size, geolocation=HERE, permissions=["geolocation"]).new_page()
    for name, value in MODES[mode].items():
        page.request.post("/preferences/", form={name: value, "next": "/"})
    found: dict[str, list[str]] = {}
    page.goto("/report/")
    found["report"] = violations(page)
    page.locator("[data-gz-send]").click()
    found["problem"] = violations(page)
    page.set_input_files("#photos", photo())
    page.locator("label.gz-tile").first.click()
    page.locator("[data-gz-change]").click()
    expect(page.locator(".gz-map__name").first).to_be_visible()
    found["map"] = violations(page)
    page.locator("[data-here]").click()
    page.locator("[data-gz-send]").click()
    page.wait_for_url(RECEIPT)
    found["receipt"] = violations(page)
    code = page.locator("[data-gz-code]").inner_text()
    page.goto("/track/")
    found["track"] = violations(page)
    open_case(page, code)
    move(site, number_of(page), "accept|dispatcher", "answer_directly|dispatcher|reply=已处理")
    page.reload()
    for summary in page.locator(".gz-fold__head").all():
        summary.click()
    found["case"] = violations(page)
    assert not {name: lines for name, lines in found.items() if lines}
