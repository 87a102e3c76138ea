"""Envelope encryption and look-up hashes. No database here.

Format, version 1 (all lengths in bytes)::

    wrapped   "GZ" 2 | version 1 | cipher 1 | key id 8 | salt 16 | nonce 12 | key 32 | tag 16
    body      cipher 1 | nonce 12 | ciphertext n | tag 16
    blob      wrapped 88 | body

Every message has a data key of its own, so that rotating the master key rewrites 88 bytes only and
no key ever meets its limit of random nonces. The header and the caller's context are authenticated
in both parts: a blob moved to another row, stream or purpose does not open.
"""

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from foundation.vault.ciphers import NAMES, NONCE_BYTES, Cipher, decrypt, encrypt
from foundation.vault.errors import SealBroken
from foundation.vault.keys import KEY_BYTES, KEY_ID_BYTES, WRAP_BYTES, provider

MAGIC: Final = b"GZ\x01"
HEADER_BYTES: Final = len(MAGIC) + 1 + KEY_ID_BYTES
WRAPPED_BYTES: Final = HEADER_BYTES + WRAP_BYTES


def configured_cipher() -> Cipher:
    """Return the cipher for new data (``settings.VAULT_CIPHER``); both stay readable."""
    try:
        return NAMES[settings.VAULT_CIPHER]
    except KeyError as error:
        raise ImproperlyConfigured(
            f"VAULT_CIPHER must be one of {', '.join(NAMES)}, not {settings.VAULT_CIPHER!r}."
        ) from error


def new_data_key() -> bytes:
    """Return 32 fresh random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(data_key: bytes, *, context: str) -> bytes:
    """Return ``data_key`` wrapped by the active master key and bound to ``context`` (88 bytes)."""
    keys, cipher = provider(), configured_cipher()
    key_id = keys.active_id()
    header = MAGIC + bytes([cipher]) + key_id
    return header + keys.wrap(key_id, cipher, data_key, header + context.encode())


def unwrap(wrapped: bytes, *, context: str) -> bytes:
    """Return the data key; ``SealBroken`` on any change, ``KeyUnknown`` when its key is gone."""
    cipher = wrapped_cipher(wrapped)
    header, rest = wrapped[:HEADER_BYTES], wrapped[HEADER_BYTES:]
    return provider().unwrap(header[-KEY_ID_BYTES:], cipher, rest, header + context.encode())


def wrapped_cipher(wrapped: bytes) -> Cipher:
    """Return the cipher named in a wrapped key's header; ``SealBroken`` if it is not one."""
    if len(wrapped) != WRAPPED_BYTES or not wrapped.startswith(MAGIC):
        raise SealBroken("not a wrapped key of version 1")
    return _cipher(wrapped[len(MAGIC)])


def wrapped_key_id(wrapped: bytes) -> str:
    """Return the master key's public id (16 hex digits) from a wrapped key's header."""
    return wrapped[HEADER_BYTES - KEY_ID_BYTES : HEADER_BYTES].hex()


def active_key_id() -> str:
    """Return the public id (16 hex digits) of the key that wraps new data keys."""
    return provider().active_id().hex()


def encrypt_body(data_key: bytes, data: bytes, *, context: str) -> bytes:
    """Encrypt ``data`` under ``data_key`` with the configured cipher, bound to ``context``."""
    cipher, nonce = configured_cipher(), secrets.token_bytes(NONCE_BYTES)
    sealed = encrypt(cipher, _body_key(data_key, cipher), nonce, data, _body_aad(cipher, context))
    return bytes([cipher]) + nonce + sealed


def decrypt_body(data_key: bytes, body: bytes, *, context: str) -> bytes:
    """Return what ``encrypt_body`` was given; ``SealBroken`` on any change."""
    cipher, nonce, sealed = body_cipher(body), body[1 : 1 + NONCE_BYTES], body[1 + NONCE_BYTES :]
    return decrypt(cipher, _body_key(data_key, cipher), nonce, sealed, _body_aad(cipher, context))


def body_cipher(body: bytes) -> Cipher:
    """Return the cipher of an encrypted body; ``SealBroken`` if it cannot be one."""
    if len(body) <= NONCE_BYTES:
        raise SealBroken("too short to be a sealed body")
    return _cipher(body[0])


def seal(data: bytes, *, context: str) -> bytes:
    """Return ``data`` encrypted and bound to ``context`` (what it is and where it belongs).

    Adds 117 bytes. Cipher: ``settings.VAULT_CIPHER``. Errors: ``KeyMissing``.
    """
    data_key = new_data_key()
    return wrap(data_key, context=context) + encrypt_body(data_key, data, context=context)


def open_sealed(blob: bytes, *, context: str) -> bytes:
    """Return what was sealed, whatever cipher or known master key was in force then.

    Errors: ``SealBroken`` when any byte or the context differs, ``KeyUnknown``, ``KeyMissing``.
    """
    data_key = unwrap(blob[:WRAPPED_BYTES], context=context)
    return decrypt_body(data_key, blob[WRAPPED_BYTES:], context=context)


def is_current(blob: bytes) -> bool:
    """Say whether a sealed blob already uses the active master key and the configured cipher."""
    cipher = configured_cipher()
    return (
        wrapped_cipher(blob[:WRAPPED_BYTES]) is cipher
        and wrapped_key_id(blob) == active_key_id()
        and body_cipher(blob[WRAPPED_BYTES:]) is cipher
    )


def reseal(blob: bytes, *, context: str) -> bytes:
    """Return ``blob`` under the active key and the configured cipher; unchanged if it already is.

    A change of key alone rewrites the header only; a change of cipher encrypts the body anew.
    """
    if is_current(blob):
        return blob
    if body_cipher(blob[WRAPPED_BYTES:]) is not configured_cipher():
        return seal(open_sealed(blob, context=context), context=context)
    data_key = unwrap(blob[:WRAPPED_BYTES], context=context)
    return wrap(data_key, context=context) + blob[WRAPPED_BYTES:]


def keyed_hash(purpose: str, value: str) -> str:
    """Return HMAC-SHA-256 of ``value`` as 64 hex digits, under a key of its own per ``purpose``.

    For secrets that are looked up and never shown again, such as receipt codes. The caller brings
    ``value`` into its normal form. Stable across rotation of the master key.
    """
    return provider().digest(f"hash:{purpose}", value.encode()).hex()


def blind_index(kind: str, value: str) -> str:
    """Return 64 hex digits that let equal values be found without being readable.

    ``kind="phone"`` ignores how a number is written (see ``normal_phone``); other kinds ignore
    width, case and outer blanks. An empty value gives a hash that is never stored, so it finds
    nothing.
    """
    plain = unicodedata.normalize("NFKC", value).strip().casefold()
    normal = normal_phone(value) if kind == "phone" else plain
    return provider().digest(f"index:{kind}", normal.encode()).hex()


def normal_phone(value: str) -> str:
    """Return only the ASCII digits of a telephone number, without China's country code.

    Full-width and other decimal digits count; blanks, dashes and brackets do not. ``+86`` (0086) in
    front of a landline gives back the zero of its area code: +86 519 8888 1234 → 051988881234.
    """
    text = unicodedata.normalize("NFKC", value).strip()
    digits = "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())
    international = text.startswith(("+", "00"))
    if digits.startswith("0086"):
        digits = digits[2:]
    if not digits.startswith("86"):
        return digits
    rest = digits[2:]
    if len(rest) == 11 and rest.startswith("1"):
        return rest
    return f"0{rest}" if international and len(rest) >= 9 else digits


def _cipher(number: int) -> Cipher:
    try:
        return Cipher(number)
    except ValueError as error:
        raise SealBroken(f"unknown cipher number {number}") from error


def _body_key(data_key: bytes, cipher: Cipher) -> bytes:
    label = b"gongzhi body v1" + bytes([cipher])
    return hmac.digest(data_key, label, hashlib.sha256)[: cipher.key_bytes]


def _body_aad(cipher: Cipher, context: str) -> bytes:
    return b"gongzhi body v1" + bytes([cipher]) + context.encode()
