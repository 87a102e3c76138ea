"""Published vectors, and refusal of every changed byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.vault.ciphers import Cipher, decrypt, encrypt
from foundation.vault.errors import SealBroken

pytestmark = pytest.mark.once

# McGrew & Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B, test case 16.
AES_256 = {
    "key": "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    "nonce": "cafebabefacedbaddecaf888",
    "aad": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "data": "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    "sealed": "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
    "76fc6ece0f4e1768cddf8853bb2d551b",
}
# RFC 8998, appendix A.1.
SM4 = {
    "key": "0123456789abcdeffedcba9876543210",
    "nonce": "00001234567800000000abcd",
    "aad": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "data": "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
    "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
    "sealed": "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    "83de3541e4c2b58177e065a9bf7b62ec",
}
VECTORS = [(Cipher.AES_256_GCM, AES_256), (Cipher.SM4_GCM, SM4)]


@pytest.mark.parametrize(("cipher", "vector"), VECTORS)
def test_published_vectors_are_reproduced(cipher: Cipher, vector: dict[str, str]) -> None:
    key, nonce, aad, data, sealed = (
        bytes.fromhex(vector[name]) for name in ("key", "nonce", "aad", "data", "sealed")
    )
    assert encrypt(cipher, key, nonce, data, aad) == sealed
    assert decrypt(cipher, key, nonce, sealed, aad) == data


@pytest.mark.parametrize("cipher", list(Cipher))
def test_key_length_fits_the_cipher(cipher: Cipher) -> None:
    key = bytes(cipher.key_bytes)
    assert decrypt(cipher, key, bytes(12), encrypt(cipher, key, bytes(12), b"", b""), b"") == b""


@pytest.mark.parametrize("cipher", list(Cipher))
@given(data=st.binary(max_size=64), at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_any_changed_byte_is_refused(cipher: Cipher, data: bytes, at: int, flip: int) -> None:
    key, nonce = bytes(range(cipher.key_bytes)), bytes(12)
    sealed = bytearray(encrypt(cipher, key, nonce, data, b"place"))
    sealed[at % len(sealed)] ^= flip
    with pytest.raises(SealBroken):
        decrypt(cipher, key, nonce, bytes(sealed), b"place")


@pytest.mark.parametrize("cipher", list(Cipher))
def test_less_than_a_tag_is_refused(cipher: Cipher) -> None:
    with pytest.raises(SealBroken):
        decrypt(cipher, bytes(cipher.key_bytes), bytes(12), b"short", b"")
