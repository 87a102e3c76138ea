"""Sealed blobs and look-up hashes."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from foundation.vault import crypto
from foundation.vault.ciphers import Cipher
from foundation.vault.errors import KeyUnknown, SealBroken, VaultError

pytestmark = pytest.mark.once

CIPHERS = ["AES-GCM", "SM4-GCM"]
BLOB = crypto.seal("张三 13861200001".encode(), context="case:1:photo")


@given(data=st.binary(max_size=300), context=st.text(max_size=40))
def test_what_was_sealed_opens(data: bytes, context: str) -> None:
    assert crypto.open_sealed(crypto.seal(data, context=context), context=context) == data


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("later", CIPHERS)
def test_both_ciphers_are_readable_whatever_the_setting(
    settings: Any, cipher: str, later: str
) -> None:
    settings.VAULT_CIPHER = cipher
    blob = crypto.seal(b"data", context="c")
    settings.VAULT_CIPHER = later
    assert crypto.open_sealed(blob, context="c") == b"data"


@pytest.mark.parametrize("cipher", CIPHERS)
def test_every_single_byte_is_protected(settings: Any, cipher: str) -> None:
    settings.VAULT_CIPHER = cipher
    blob = crypto.seal(b"0123456789", context="c")
    for at in range(len(blob)):
        for flip in (0x01, 0x80, 0xFF):
            changed = blob[:at] + bytes([blob[at] ^ flip]) + blob[at + 1 :]
            with pytest.raises((SealBroken, KeyUnknown)):
                crypto.open_sealed(changed, context="c")


@given(cut=st.integers(0, len(BLOB) - 1))
def test_a_cut_blob_is_refused(cut: int) -> None:
    with pytest.raises(SealBroken):
        crypto.open_sealed(BLOB[:cut], context="case:1:photo")


@given(noise=st.binary(max_size=400))
def test_noise_is_refused_politely(noise: bytes) -> None:
    with pytest.raises(VaultError):
        crypto.open_sealed(noise, context="c")
    with pytest.raises(VaultError):
        crypto.is_current(noise)


@given(other=st.text(max_size=30).filter(lambda text: text != "case:1:photo"))
def test_another_context_is_refused(other: str) -> None:
    with pytest.raises(SealBroken):
        crypto.open_sealed(BLOB, context=other)


def test_halves_of_two_blobs_do_not_fit_together() -> None:
    other = crypto.seal(b"something else", context="case:1:photo")
    mixed = BLOB[: crypto.WRAPPED_BYTES] + other[crypto.WRAPPED_BYTES :]
    with pytest.raises(SealBroken):
        crypto.open_sealed(mixed, context="case:1:photo")


def test_equal_texts_give_different_blobs_without_a_trace() -> None:
    one, two = (crypto.seal(b"canary-canary", context="c") for _ in range(2))
    assert one != two
    assert b"canary" not in one
    assert len(one) == len(b"canary-canary") + 117


def test_reseal_leaves_a_current_blob_alone() -> None:
    blob = crypto.seal(b"x", context="c")
    assert crypto.reseal(blob, context="c") is blob


def test_reseal_after_a_change_of_cipher_encrypts_anew(settings: Any) -> None:
    blob = crypto.seal(b"x", context="c")
    settings.VAULT_CIPHER = "SM4-GCM"
    renewed = crypto.reseal(blob, context="c")
    assert crypto.is_current(renewed)
    assert crypto.body_cipher(renewed[crypto.WRAPPED_BYTES :]) is Cipher.SM4_GCM
    assert crypto.open_sealed(renewed, context="c") == b"x"


def test_reseal_after_a_rotation_rewrites_the_header_only(settings: Any) -> None:
    blob = crypto.seal(b"x" * 1000, context="c")
    settings.VAULT_KEY = f"{'bmV3' * 10}bmU=,{settings.VAULT_KEY}"
    renewed = crypto.reseal(blob, context="c")
    assert renewed[: crypto.WRAPPED_BYTES] != blob[: crypto.WRAPPED_BYTES]
    assert renewed[crypto.WRAPPED_BYTES :] == blob[crypto.WRAPPED_BYTES :]
    assert crypto.open_sealed(renewed, context="c") == b"x" * 1000


def test_reseal_with_the_wrong_context_destroys_nothing(settings: Any) -> None:
    blob = crypto.seal(b"x", context="c")
    settings.VAULT_CIPHER = "SM4-GCM"
    with pytest.raises(SealBroken):
        crypto.reseal(blob, context="d")


def test_unknown_cipher_setting_stops_with_a_sentence(settings: Any) -> None:
    settings.VAULT_CIPHER = "DES"
    with pytest.raises(ImproperlyConfigured, match="VAULT_CIPHER must be one of AES-GCM, SM4-GCM"):
        crypto.seal(b"x", context="c")


@pytest.mark.parametrize(
    "written",
    [
        "13861200001",
        "138 6120 0001",
        "138-6120-0001",
        "+86 138 6120 0001",
        "(+86)13861200001",
        "0086-13861200001",
        "8613861200001",
        "１３８６１２００００１",
        "＋８６　１３８６１２００００１",
        "\t13861200001\u200b",
    ],
)
def test_a_mobile_number_is_found_however_it_is_written(written: str) -> None:
    assert crypto.normal_phone(written) == "13861200001"
    assert crypto.blind_index("phone", written) == crypto.blind_index("phone", "13861200001")


@pytest.mark.parametrize("written", ["0519-88881234", "+86 519 8888 1234", "（0519）88881234"])
def test_a_landline_is_found_however_it_is_written(written: str) -> None:
    assert crypto.normal_phone(written) == "051988881234"


def test_a_local_number_that_begins_with_86_is_kept() -> None:
    assert crypto.normal_phone("86881234") == "86881234"


@given(text=st.text(max_size=40))
def test_any_text_as_a_phone_gives_ascii_digits(text: str) -> None:
    digits = crypto.normal_phone(text)
    assert digits == "" or (digits.isascii() and digits.isdigit())


def test_indexes_and_hashes_of_different_purposes_differ() -> None:
    value = "13861200001"
    results = {
        crypto.blind_index("phone", value),
        crypto.blind_index("email", value),
        crypto.keyed_hash("phone", value),
        crypto.keyed_hash("receipt", value),
    }
    assert len(results) == 4
    assert all(len(result) == 64 for result in results)


def test_other_indexes_ignore_width_and_case() -> None:
    same = crypto.blind_index("email", "Li@Example.invalid")
    assert same == crypto.blind_index("email", " ｌｉ@example.INVALID ")


def test_keyed_hash_takes_its_value_literally() -> None:
    assert crypto.keyed_hash("receipt", "1234") != crypto.keyed_hash("receipt", " 1234")
