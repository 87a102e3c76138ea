"""The report form and the receipt, as plain POST and GET."""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from complaints.models import Case, LocationSource
from foundation.media.models import Photo
from foundation.vault.models import PersonalRecord
from tests.cast import sign_in
from tests.complaints.conftest import jpeg, located_jpeg

pytestmark = pytest.mark.django_db

BUILD = Path(__file__).resolve().parents[2] / "site/foundation/ui/static"


def bundles_of(html: str) -> Iterator[bytes]:
    """The CSS and JS that a page loads, with the chunks that scripts import at once."""
    seen: set[Path] = set()
    waiting = [BUILD / found for found in re.findall(r'"/static/(build/[^"]+\.(?:js|css))"', html)]
    while waiting:
        path = waiting.pop().resolve()
        if path in seen:
            continue
        seen.add(path)
        yield path.read_bytes()
        if path.suffix == ".js":
            imported = re.findall(r'(?:from|import)"(\.[^"]+)"', path.read_text())
            waiting += [path.parent / name for name in imported]


@pytest.fixture
def post(client: Client, district_pack: str) -> Callable[..., Any]:
    """``post(category=…, photos=…)``: send the form as a browser without scripts does."""

    def posting(**fields: Any) -> Any:
        return client.post("/report/", {"key": str(uuid4()), "category": "air", **fields})

    return posting


def only_case() -> Case:
    return Case.objects.get()


def test_the_form_opens_without_a_session(client: Client, district_pack: str) -> None:
    page = client.get("/report/")
    assert page.status_code == 200
    assert "sessionid" not in client.cookies
    assert len(re.findall(r"<h1", page.content.decode())) == 1


def test_a_report_leads_to_its_receipt(post: Callable[..., Any], client: Client) -> None:
    answer = post(description="河边有人倒垃圾", photos=jpeg())
    case = only_case()
    assert answer.status_code == 302
    assert answer.url == f"/report/{case.number}/receipt/"
    assert Photo.objects.filter(stream=case.stream).count() == 1
    receipt = client.get(answer.url).content.decode()
    assert case.number in receipt
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", receipt)
    assert Session.objects.count() == 0


def test_a_guest_costs_at_most_twelve_statements(
    post: Callable[..., Any], client: Client, district_pack: str
) -> None:
    client.get("/report/")
    with CaptureQueriesContext(connection) as statements:
        answer = post(photos=jpeg(), description="烧烤油烟", lon="119.99", lat="31.785")
    assert answer.status_code == 302
    made = [q["sql"] for q in statements if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(made) <= 12, "\n".join(made)


def test_the_place_comes_from_the_phone_first(post: Callable[..., Any]) -> None:
    post(photos=jpeg(), lon="119.99", lat="31.785", location_source="browser", accuracy="20")
    case = only_case()
    assert case.location_source == LocationSource.BROWSER
    assert case.area is not None
    assert case.raw_location["accuracy"] == 20


def test_the_place_may_come_from_the_photo_alone(post: Callable[..., Any]) -> None:
    post(photos=located_jpeg(119.99, 31.785))
    case = only_case()
    assert case.location_source == LocationSource.PHOTO
    assert (round(case.lon or 0, 3), round(case.lat or 0, 3)) == (119.99, 31.785)


def test_a_place_outside_the_district_is_taken_and_flagged(post: Callable[..., Any]) -> None:
    assert post(lon="121.47", lat="31.23", location_source="pin").status_code == 302
    case = only_case()
    assert case.is_outside
    assert case.location_source == LocationSource.PIN


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("north", "31.7"),
        ("", ""),
        ("NaN", "31.7"),
        ("1e400", "31.7"),
        ("999", "31.7"),
        ("119.99", "-91"),
        ("١١٩", "\x00"),
    ],
)
def test_nonsense_for_a_position_counts_as_none(
    post: Callable[..., Any], lon: str, lat: str
) -> None:
    assert post(lon=lon, lat=lat, datum="MARS", location_source="moon").status_code == 302
    assert only_case().lon is None


def test_an_empty_report_says_what_to_do(client: Client, district_pack: str) -> None:
    answer = client.post("/report/", {"key": str(uuid4())})
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "请" in page
    assert "data-gz-error-summary" in page
    assert "错误：" in page.split("</title>")[0]
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"description": "油" * 512}, "现在多了 12 字"),
        ({"address": "路" * 201}, "现在多了 1 字"),
        ({"category": "no-such-kind"}, "请选择问题类型"),
        ({"photos": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff\xe0 broken")}, "照片打不开"),
        ({"photos": SimpleUploadedFile("a.jpg", b"<svg onload=alert(1)>")}, "照片打不开"),
        ({"photos": SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"0" * 25_000_000)}, "20 MB"),
    ],
)
def test_wrong_input_is_named_and_everything_typed_is_kept(
    post: Callable[..., Any], fields: dict[str, Any], sentence: str
) -> None:
    given = {"description": "河里有油", "address": "建设路 18 号", "lon": "119.99", "lat": "31.785"}
    answer = post(**{**given, **fields})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert sentence in page
    for name, value in given.items():
        assert fields.get(name, value) in page
    assert not Case.objects.exists()


def test_good_photos_stay_when_something_else_is_wrong(
    post: Callable[..., Any], client: Client
) -> None:
    answer = post(photos=[jpeg(), SimpleUploadedFile("b.jpg", b"\xff\xd8\xff broken")])
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "第 2 张" in page
    assert "已保留 1 张照片" in page
    ticket = re.search(r'name="kept" value="([0-9a-f]+)"', page)
    assert ticket
    assert post(kept=ticket[1]).status_code == 302
    assert only_case().photo_count == 1


def test_eleven_photos_are_too_many_and_ten_are_kept(post: Callable[..., Any]) -> None:
    answer = post(photos=[jpeg(f"{n}.jpg") for n in range(11)])
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "10 张" in page
    assert page.count('name="kept"') == 10


def test_a_forged_ticket_is_no_photo(post: Callable[..., Any]) -> None:
    assert post(kept=["zz", "00", "a" * 400]).status_code == 302
    assert only_case().photo_count == 0


@pytest.mark.parametrize(
    "text",
    ["油烟🔥🏭", "𠮷野家门口𡉏", "a\x00b\x07c\u202ed", "<script>alert(1)</script>", "'; DROP"],
)
def test_any_words_are_taken_as_words(post: Callable[..., Any], text: str) -> None:
    assert post(description=text).status_code == 302
    kept = only_case().description
    assert not set(kept) & {"\x00", "\x07", "\u202e"}
    assert kept


def test_a_future_photo_date_is_not_believed(post: Callable[..., Any]) -> None:
    assert post(photos=located_jpeg(119.99, 31.785, taken="2099:01:01 10:00:00")).status_code == 302
    photo = Photo.objects.get()
    assert photo.taken_at is None
    assert photo.time_doubt == "future"


def test_a_double_click_files_one_report(post: Callable[..., Any], client: Client) -> None:
    key = str(uuid4())
    first, second = post(key=key, photos=jpeg()), post(key=key, photos=jpeg())
    assert first.url == second.url
    assert Case.objects.count() == 1
    assert Photo.objects.count() == 1


@pytest.mark.parametrize("key", ["", "nonsense", "0" * 32, "é", str(uuid4()).replace("4", "1", 1)])
def test_a_wrong_key_is_replaced(post: Callable[..., Any], key: str) -> None:
    assert post(key=key).status_code == 302
    assert Case.objects.count() == 1


def test_unknown_fields_are_ignored(post: Callable[..., Any]) -> None:
    assert post(state="closed", receipt_hash="x", is_demo="1", number="TN-1").status_code == 302
    case = only_case()
    assert (case.state, case.is_demo) == ("submitted", False)


def test_a_flood_of_fields_is_answered_in_words(client: Client, district_pack: str) -> None:
    answer = client.post("/report/", {f"f{n}": "x" for n in range(1100)})
    assert answer.status_code == 400
    assert "<h1" in answer.content.decode()


def test_garbage_for_a_body_is_answered_in_words(client: Client, district_pack: str) -> None:
    kind = "multipart/form-data; boundary=x"
    for body in (b"--y\r\n", b"\x00\xff" * 50, b"--x\r\nContent-Disposition: form-data\r\n\r\n"):
        assert client.post("/report/", body, content_type=kind).status_code == 400
    assert client.post("/report/", b"{}", content_type="application/json").status_code == 400


def test_other_methods_are_refused(client: Client, district_pack: str) -> None:
    assert client.put("/report/").status_code == 405
    assert client.head("/report/").status_code == 200


def test_a_foreign_site_cannot_file_in_somebodys_name(district_pack: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/report/", {"category": "air"}).status_code == 403


def test_scripts_get_the_address_of_the_receipt(client: Client, district_pack: str) -> None:
    answer = client.post(
        "/report/",
        {"key": str(uuid4()), "category": "air"},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 201
    assert client.get(answer.json()["receipt"]).status_code == 200


# -- the receipt --------------------------------------------------------------------------------


def receipt_of(post: Callable[..., Any], client: Client) -> tuple[str, str]:
    """File a report; return the receipt's address and the code it shows."""
    address = post().url
    code = re.search(r"\d{4} \d{4} \d{4} \d{4}", client.get(address).content.decode())
    assert code
    return address, code[0]


def test_the_receipt_says_what_happens_and_by_when(
    post: Callable[..., Any], client: Client, clock: Any
) -> None:
    page = client.get(post().url).content.decode()
    assert "我们会看您的举报" in page
    assert re.search(r"3月\d+日 \d\d:\d\d 前", page)


def test_the_code_travels_in_the_fragment_only(post: Callable[..., Any], client: Client) -> None:
    address, code = receipt_of(post, client)
    plain = code.replace(" ", "")
    page = client.get(address).content.decode()
    assert plain not in address
    for link in re.findall(r'(?:href|action|src)="([^"]*)"', page):
        assert plain not in link.split("#")[0]


def test_nobody_else_sees_the_receipt(post: Callable[..., Any], client: Client) -> None:
    address, _ = receipt_of(post, client)
    other = Client().get(address)
    unknown = Client().get("/report/TN-20200101-0001-A/receipt/")
    assert other.status_code == unknown.status_code == 404


def test_the_receipt_is_gone_after_half_an_hour(
    post: Callable[..., Any], client: Client, clock: Any
) -> None:
    address, _ = receipt_of(post, client)
    clock.tick(minutes=31)
    assert client.get(address).status_code == 404


def test_two_reports_in_a_row_both_keep_their_receipts(
    post: Callable[..., Any], client: Client
) -> None:
    first, _ = receipt_of(post, client)
    second, _ = receipt_of(post, client)
    assert first != second
    assert client.get(first).status_code == client.get(second).status_code == 200


def test_a_number_left_afterwards_is_sealed(post: Callable[..., Any], client: Client) -> None:
    address, _ = receipt_of(post, client)
    answer = client.post(address.replace("receipt", "contact"), {"phone": "138 0013 8000"})
    assert answer.url == address
    assert "已留手机号" in client.get(address).content.decode()
    record = PersonalRecord.objects.get(pk=only_case().complainant_record)
    assert b"13800138000" not in bytes(record.ciphertext)


def test_a_wrong_number_is_named_and_kept(post: Callable[..., Any], client: Client) -> None:
    address, code = receipt_of(post, client)
    answer = client.post(address.replace("receipt", "contact"), {"phone": "12345"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "11 位" in page
    assert 'value="12345"' in page
    assert code in page


def test_a_stranger_cannot_leave_a_number(post: Callable[..., Any], client: Client) -> None:
    address, _ = receipt_of(post, client)
    answer = Client().post(address.replace("receipt", "contact"), {"phone": "13800138000"})
    assert answer.status_code == 404
    assert only_case().complainant_record is None


def test_a_resident_who_is_signed_in_owns_the_report(cast: Any, district_pack: str) -> None:
    browser = sign_in(cast.resident)
    browser.post("/report/", {"key": str(uuid4()), "category": "air"})
    assert only_case().account == cast.resident


def test_a_report_that_staff_send_is_not_in_their_account(cast: Any, district_pack: str) -> None:
    browser = sign_in(cast.dispatcher)
    browser.post("/report/", {"key": str(uuid4()), "category": "air"})
    assert only_case().account is None


def test_the_outlines_are_public_and_cacheable(client: Client, district_pack: str) -> None:
    answer = client.get("/report/areas.json")
    content = answer.json()
    assert {"towns", "grids"} == set(content)
    assert content["towns"]["features"]
    assert "public" in answer["Cache-Control"]


def test_the_page_stays_within_its_budget(client: Client, district_pack: str) -> None:
    """At most 90 kB of HTML, CSS and JS, gzipped, without the map that loads on a tap."""
    page = client.get("/report/").content
    total = len(gzip.compress(page)) + sum(len(gzip.compress(f)) for f in bundles_of(page.decode()))
    assert total <= 90 * 1024, total
