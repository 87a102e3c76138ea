"""Where master keys live, behind an interface that a hardware module can also fill.

The vault never asks a provider for a key: it asks it to wrap, to unwrap and to hash. So a provider
may keep its keys inside an HSM. ``settings.VAULT_KEY_PROVIDER`` names another class if wanted.
"""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from foundation.vault.ciphers import NONCE_BYTES, Cipher, decrypt, encrypt
from foundation.vault.errors import KeyMissing, KeyTrouble, KeyUnknown

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 8
SALT_BYTES: Final = 16
WRAP_BYTES: Final = SALT_BYTES + NONCE_BYTES + KEY_BYTES + 16
INDEX_PREFIX: Final = "index:"


class KeyProvider(Protocol):
    """Keeper of the master keys. ``key_id`` is 8 bytes; a wrapped key is ``WRAP_BYTES`` long."""

    def active_id(self) -> bytes:
        """Return the id of the key that wraps new data keys."""

    def wrap(self, key_id: bytes, cipher: Cipher, data_key: bytes, aad: bytes) -> bytes:
        """Return ``data_key`` encrypted under the master key ``key_id``; ``aad`` is bound to it."""

    def unwrap(self, key_id: bytes, cipher: Cipher, wrapped: bytes, aad: bytes) -> bytes:
        """Return the data key; raise ``KeyUnknown`` or ``SealBroken``."""

    def digest(self, purpose: str, value: bytes) -> bytes:
        """Return HMAC-SHA-256 of ``value`` under the look-up key for ``purpose``."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Master keys by id, the active one, and the secret behind look-up hashes."""

    active: bytes
    secrets: dict[bytes, bytes]
    index_secret: bytes

    def __repr__(self) -> str:
        return f"KeyRing(active={self.active.hex()}, keys={len(self.secrets)})"


def key_id_of(secret: bytes) -> bytes:
    """Return the public 8-byte name of a master key; it says nothing about the key."""
    return hmac.digest(secret, b"gongzhi key id v1", hashlib.sha256)[:KEY_ID_BYTES]


def _decoded(entry: str) -> bytes:
    try:
        secret = base64.b64decode(entry, validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyTrouble("A vault key is not valid base64: check VAULT_KEY.") from error
    if len(secret) != KEY_BYTES:
        raise KeyTrouble(f"A vault key must be {KEY_BYTES} bytes in base64, not {len(secret)}.")
    return secret


def parse_key_ring(text: str) -> KeyRing:
    """Read keys separated by commas or white space: the first is active, the others only read.

    An entry ``index:<base64>`` is the secret of look-up hashes (receipt codes, telephone index).
    It cannot be rotated, because the values behind its hashes are not stored; without such an entry
    the last (oldest) master key serves, so that adding a new key in front changes no hash.
    """
    entries = text.replace(",", " ").split()
    index = [_decoded(e.removeprefix(INDEX_PREFIX)) for e in entries if e.startswith(INDEX_PREFIX)]
    masters = [_decoded(e) for e in entries if not e.startswith(INDEX_PREFIX)]
    if not masters:
        raise KeyMissing("No vault key is set: set VAULT_KEY or VAULT_KEY_FILE.")
    if len(index) > 1:
        raise KeyTrouble("More than one index: entry among the vault keys; keep the first one.")
    return KeyRing(
        active=key_id_of(masters[0]),
        secrets={key_id_of(secret): secret for secret in masters},
        index_secret=index[0] if index else masters[-1],
    )


def new_key_entries(*, with_index: bool) -> list[str]:
    """Return fresh random entries in the format of ``parse_key_ring``."""
    entries = [base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()]
    if with_index:
        entries.append(INDEX_PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
    return entries


def write_key_file(path: Path, entries: Iterable[str], *, replace: bool) -> bool:
    """Write ``entries`` to ``path`` whole or not at all, mode 0600; False when it already existed.

    ``replace=False`` never overwrites: web process and worker may both start on an empty folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(entries) + "\n")
        file.flush()
        os.fsync(file.fileno())
    if replace:
        draft.replace(path)
        return True
    try:
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def read_key_file(path: Path) -> str:
    """Return the text of a key file; refuse one that other users of the machine may read."""
    if path.stat().st_mode & 0o077:
        raise KeyTrouble(f"Others may read {path}: run chmod 600 on it, then start again.")
    return path.read_text()


class LocalKeys:
    """Keys from ``VAULT_KEY``, else from ``VAULT_KEY_FILE`` (made once where that is allowed)."""

    def __init__(self, text: str, path: Path, *, may_create: bool) -> None:
        self._text, self._path, self._may_create = text, path, may_create
        self._ring = self._load()

    def _load(self) -> KeyRing:
        if self._text:
            return parse_key_ring(self._text)
        if not self._path.exists():
            if not self._may_create:
                raise KeyMissing(f"No vault key: set VAULT_KEY, or put one into {self._path}.")
            write_key_file(self._path, new_key_entries(with_index=True), replace=False)
        return parse_key_ring(read_key_file(self._path))

    def _secret(self, key_id: bytes) -> bytes:
        if key_id not in self._ring.secrets:
            self._ring = self._load()  # another process may have rotated the key file
        if key_id not in self._ring.secrets:
            raise KeyUnknown(f"Sealed with key {key_id.hex()}, which is not among the vault keys.")
        return self._ring.secrets[key_id]

    def _wrapping_key(self, key_id: bytes, cipher: Cipher, salt: bytes) -> bytes:
        label = b"gongzhi wrap v1" + bytes([cipher]) + salt
        return hmac.digest(self._secret(key_id), label, hashlib.sha256)[: cipher.key_bytes]

    def active_id(self) -> bytes:
        return self._ring.active

    def wrap(self, key_id: bytes, cipher: Cipher, data_key: bytes, aad: bytes) -> bytes:
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
        key = self._wrapping_key(key_id, cipher, salt)
        return salt + nonce + encrypt(cipher, key, nonce, data_key, aad)

    def unwrap(self, key_id: bytes, cipher: Cipher, wrapped: bytes, aad: bytes) -> bytes:
        salt, rest = wrapped[:SALT_BYTES], wrapped[SALT_BYTES:]
        key = self._wrapping_key(key_id, cipher, salt)
        return decrypt(cipher, key, rest[:NONCE_BYTES], rest[NONCE_BYTES:], aad)

    def digest(self, purpose: str, value: bytes) -> bytes:
        key = hmac.digest(
            self._ring.index_secret, b"gongzhi look-up v1\0" + purpose.encode(), hashlib.sha256
        )
        return hmac.digest(key, value, hashlib.sha256)


@lru_cache(maxsize=8)
def _local_keys(text: str, path: Path, may_create: bool) -> LocalKeys:
    return LocalKeys(text, path, may_create=may_create)


@lru_cache(maxsize=8)
def _plugged_in(dotted_path: str) -> KeyProvider:
    provider: KeyProvider = import_string(dotted_path)()
    return provider


def provider() -> KeyProvider:
    """Return the key provider that the settings choose, made once per process."""
    dotted_path = getattr(settings, "VAULT_KEY_PROVIDER", "")
    if dotted_path:
        return _plugged_in(dotted_path)
    may_create = bool(getattr(settings, "VAULT_CREATE_KEY", False))
    return _local_keys(settings.VAULT_KEY, Path(settings.VAULT_KEY_FILE), may_create)


def forget_providers() -> None:
    """Drop the providers kept in memory, after a rotation in this process."""
    _local_keys.cache_clear()
    _plugged_in.cache_clear()
