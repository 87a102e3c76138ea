"""A report comes in: placed, routed, clocked, once, and with a sentence when something is wrong."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from complaints.errors import InvalidInput
from complaints.models import Act, Case, Clock, LocationSource
from complaints.numbers import check_letter, clean_receipt_code, grouped, is_case_number
from complaints.selectors.tracking import find_by_receipt
from complaints.services.intake import Reading, Receipt, Report, submit_report
from foundation.ledger.selectors import entries_of
from foundation.media.models import Photo
from foundation.media.services import stage
from foundation.places.datum import Datum, convert
from tests.complaints.conftest import GUEST, jpeg

Submit = Callable[..., Receipt]
IN_HONGMEI = Reading(119.98, 31.78)
IN_SHANGHAI = Reading(121.47, 31.23)


@pytest.mark.django_db
def test_report_is_located_categorised_clocked_and_routed(submit: Submit, clock: Any) -> None:
    case = submit(category="noise-industrial", reading=IN_HONGMEI).case
    assert case.area is not None
    assert case.area_path.startswith("320402/")
    assert case.category is not None
    assert case.category.code == "noise-industrial"
    assert case.suggested_department is not None
    assert case.suggested_department.code == "ecology"
    assert (case.state, case.next_party) == ("submitted", "dispatcher")
    running = Clock.objects.get(case=case)
    assert running.due_at == case.due_at
    assert running.explanation["limit"] == running.limit
    assert is_case_number(case.number)
    assert case.number.startswith("TN-20260302-0001-")


@pytest.mark.django_db
def test_grid_gets_what_a_grid_can_settle(submit: Submit) -> None:
    case = submit(category="waste-household", reading=IN_HONGMEI).case
    assert case.suggested_grid == case.area
    assert case.suggested_department is None


@pytest.mark.django_db
def test_without_a_place_the_lead_department_is_suggested(submit: Submit) -> None:
    case = submit(category="waste-household", reading=None).case
    assert case.suggested_grid is None
    assert case.suggested_department is not None


@pytest.mark.django_db
def test_outside_the_district_is_accepted_flagged_and_left_to_the_dispatcher(
    submit: Submit,
) -> None:
    case = submit(reading=IN_SHANGHAI).case
    assert case.is_outside
    assert case.area is None
    assert case.next_party == "dispatcher"


@pytest.mark.django_db
def test_reading_keeps_its_datum_and_is_stored_as_wgs84(submit: Submit) -> None:
    lon, lat = convert(119.98, 31.78, source=Datum.WGS84, target=Datum.GCJ02)
    case = submit(reading=Reading(lon, lat, datum=Datum.GCJ02)).case
    assert case.lon == pytest.approx(119.98, abs=2e-6)
    assert case.lat == pytest.approx(31.78, abs=2e-6)
    assert case.raw_location is not None
    assert case.raw_location["lon"] == lon


@pytest.mark.django_db
def test_photo_position_serves_when_the_phone_gave_none(submit: Submit) -> None:
    from PIL import Image

    picture = Image.new("RGB", (64, 48), "gray")
    exif = picture.getexif()
    exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 46.0, 48.0), 3: "E", 4: (119.0, 58.0, 48.0)})
    upload = jpeg()
    from io import BytesIO

    buffer = BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    upload.file = BytesIO(buffer.getvalue())
    upload.size = len(buffer.getvalue())
    case = submit(reading=None, photos=[stage(upload)]).case
    assert case.location_source == LocationSource.PHOTO
    assert case.lon == pytest.approx(119.98, abs=1e-4)


@pytest.mark.django_db
def test_receipt_code_is_sixteen_digits_and_only_its_hash_is_stored(submit: Submit) -> None:
    receipt = submit()
    assert len(receipt.code) == 16
    assert receipt.code.isdigit()
    row = Case.objects.filter(pk=receipt.case.pk).values().get()
    assert all(receipt.code not in str(value) for value in row.values())
    assert find_by_receipt(grouped(receipt.code)) == receipt.case


@pytest.mark.django_db
def test_same_key_gives_the_same_receipt(submit: Submit) -> None:
    key = uuid4()
    first, second = submit(submission_key=key), submit(submission_key=key)
    assert (first.case.pk, first.code) == (second.case.pk, second.code)
    assert (first.is_new, second.is_new) == (True, False)
    assert Case.objects.count() == 1
    assert Act.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_posted_fifty_times_in_parallel_is_one_case(district_pack: str) -> None:
    key = uuid4()
    report = Report(submission_key=key, category="air", description="同一份举报")

    def post(_: int) -> tuple[str, str]:
        try:
            receipt = submit_report(report=report, by=GUEST)
            return receipt.case.number, receipt.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(post, range(50)))
    assert len(answers) == 1
    assert Case.objects.count() == 1
    assert entries_of(Case.objects.get().stream).count() == 1


@pytest.mark.django_db
def test_report_with_a_photo_takes_at_most_twelve_statements(submit: Submit) -> None:
    submit()
    staged = [stage(jpeg())]
    with CaptureQueriesContext(connection) as spent:
        submit(reading=IN_HONGMEI, photos=staged)
    statements = [q["sql"] for q in spent if q["sql"] not in ("BEGIN IMMEDIATE", "COMMIT", "BEGIN")]
    assert len(statements) <= 12, "\n".join(s[:90] for s in statements)


@pytest.mark.django_db
def test_photos_are_quarantined_until_checked(submit: Submit) -> None:
    case = submit(photos=[stage(jpeg())]).case
    photo = Photo.objects.get(stream=case.stream)
    assert photo.state == "quarantined"
    assert case.photo_count == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"category": "", "description": ""}, "category"),
        ({"category": "no-such-kind"}, "category"),
        ({"description": "字" * 512}, "description"),
        ({"address": "路" * 201}, "address"),
    ],
)
def test_bad_input_names_its_field_and_writes_nothing(
    submit: Submit, parts: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        submit(**parts)
    assert refused.value.field == field
    assert Case.objects.count() == 0


@pytest.mark.django_db
def test_too_long_says_how_much(submit: Submit) -> None:
    with pytest.raises(InvalidInput) as refused:
        submit(description="字" * 512)
    assert "12" in str(refused.value.message)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "words", ["🐟🐟 死鱼", "𠮷野家门口", "a\x00b\x1bc", "第一行\r\n第二行", "\u202e倒着"]
)
def test_unusual_signs_are_kept_or_cleaned(submit: Submit, words: str) -> None:
    case = Case.objects.get(pk=submit(description=words).case.pk)
    assert case.description
    assert not set(case.description) & {"\x00", "\x1b", "\r", "\u202e"}


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 11), st.integers(1, 9))
def test_check_letter_finds_every_single_wrong_digit(digits: str, place: int, step: int) -> None:
    wrong = digits[:place] + str((int(digits[place]) + step) % 10) + digits[place + 1 :]
    assert check_letter(wrong) != check_letter(digits)


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 10))
def test_check_letter_finds_every_swap_of_neighbours(digits: str, place: int) -> None:
    a, b = digits[place], digits[place + 1]
    if a == b:
        return
    swapped = digits[:place] + b + a + digits[place + 2 :]
    assert check_letter(swapped) != check_letter(digits)


@pytest.mark.parametrize(
    "typed", ["1234 5678 9012 3456", "1234-5678-9012-3456", "１２３４５６７８９０１２３４５６"]
)
def test_receipt_codes_may_be_typed_as_people_do(typed: str) -> None:
    assert clean_receipt_code(typed) == "1234567890123456"
