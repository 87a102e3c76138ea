"""Mobile numbers as people type them."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from foundation.accounts.fields import MobileField
from foundation.accounts.phones import PhoneRefused, masked, normalise

pytestmark = pytest.mark.once

WRITINGS = [
    "13800138000",
    "138 0013 8000",
    "138-0013-8000",
    "+86 138 0013 8000",
    "+86-13800138000",
    "0086 13800138000",
    "8613800138000",
    "(+86)138.0013.8000",
    "１３８００１３８０００",
    "＋８６ １３８－００１３－８０００",
    "\u200e13800138000\u202c",
    "  138\u00a00013\u30008000 ",
]


@pytest.mark.parametrize("text", WRITINGS)
def test_usual_writings_become_one_form(text):
    assert normalise(text) == "+8613800138000"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0519-88881234", "landline"),
        ("88881234", "landline"),
        ("+86 519 8888 1234", "landline"),
        ("051988881234", "landline"),
        ("1380013800", "length"),
        ("138001380000", "length"),
        ("12345", "length"),
        ("12800138000", "range"),
        ("+1 202 555 0123", "foreign"),
        ("+852 9123 4567", "foreign"),
        ("1380013800a", "letters"),
        ("一三八零零一三八零零零", "letters"),
    ],
)
def test_other_numbers_are_refused_with_a_code(text, code):
    with pytest.raises(PhoneRefused) as refusal:
        normalise(text)
    assert refusal.value.code == code


def test_a_landline_is_refused_with_a_sentence_that_says_what_to_do():
    with pytest.raises(ValidationError) as error:
        MobileField().clean("0519-88881234")
    assert error.value.messages == ["固定电话收不到短信，请填写手机号。"]


def test_a_short_number_is_refused_with_a_sentence():
    with pytest.raises(ValidationError) as error:
        MobileField().clean("1380013800")
    assert error.value.messages == ["手机号应为 11 位数字，请核对。"]


def test_an_optional_field_may_stay_empty():
    assert MobileField(required=False).clean("  ") == ""


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "+86", "0086", "86"]))
def test_every_mobile_number_has_one_form_and_stays_it(digits, prefix):
    e164 = normalise(prefix + digits)
    assert e164 == f"+86{digits}"
    assert normalise(e164) == e164


@given(st.text(max_size=30))
def test_any_text_is_either_a_mobile_number_or_refused(text):
    try:
        outcome = normalise(text)
    except PhoneRefused as refusal:
        outcome = refusal.code
    assert len(outcome) == 14 or outcome in {"landline", "foreign", "letters", "length", "range"}


def test_masking_hides_the_middle():
    assert masked("+8613800138000") == "138****8000"
