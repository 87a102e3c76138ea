"""Authenticated ciphers that the vault may use: AES-256-GCM and SM4-GCM (GB/T 32907, RFC 8998).

Both run in OpenSSL through ``cryptography``. One call encrypts or decrypts one whole message with
a 96-bit nonce and a 128-bit tag; nothing is returned before its tag was checked.
"""

from enum import IntEnum
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as Primitive
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from foundation.vault.errors import SealBroken

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16


class Cipher(IntEnum):
    """The number is written into headers: never renumber."""

    AES_256_GCM = 1
    SM4_GCM = 2

    @property
    def key_bytes(self) -> int:
        """Length of the cipher's key."""
        return 32 if self is Cipher.AES_256_GCM else 16


NAMES: Final = {"AES-GCM": Cipher.AES_256_GCM, "SM4-GCM": Cipher.SM4_GCM}


def encrypt(cipher: Cipher, key: bytes, nonce: bytes, data: bytes, aad: bytes) -> bytes:
    """Return ciphertext followed by the 16-byte tag."""
    if cipher is Cipher.AES_256_GCM:
        return AESGCM(key).encrypt(nonce, data, aad)
    encryptor = Primitive(SM4(key), GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    return encryptor.update(data) + encryptor.finalize() + encryptor.tag


def decrypt(cipher: Cipher, key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext of ``sealed`` (ciphertext + tag) or raise ``SealBroken``."""
    if len(sealed) < TAG_BYTES:
        raise SealBroken("too short to hold a tag")
    try:
        if cipher is Cipher.AES_256_GCM:
            return AESGCM(key).decrypt(nonce, sealed, aad)
        decryptor = Primitive(SM4(key), GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(aad)
        return decryptor.update(sealed[:-TAG_BYTES]) + decryptor.finalize()
    except InvalidTag as error:
        raise SealBroken("the tag does not fit the bytes and their context") from error
