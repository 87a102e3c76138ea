"""Key rings, key files and their refusal."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.vault import keys
from foundation.vault.checks import check_keys
from foundation.vault.crypto import keyed_hash, open_sealed, seal
from foundation.vault.errors import KeyMissing, KeyTrouble, KeyUnknown

pytestmark = pytest.mark.once

OLD = base64.b64encode(b"o" * 32).decode()
NEW = base64.b64encode(b"n" * 32).decode()
INDEX = "index:" + base64.b64encode(b"i" * 32).decode()


@pytest.fixture(autouse=True)
def fresh_providers() -> Iterator[None]:
    keys.forget_providers()
    yield
    keys.forget_providers()


@pytest.fixture
def key_file(settings: Any, tmp_path: Path) -> Path:
    settings.VAULT_KEY = ""
    settings.VAULT_KEY_FILE = tmp_path / "keys" / "vault.key"
    settings.VAULT_CREATE_KEY = False
    return settings.VAULT_KEY_FILE


def test_first_key_is_active_and_the_others_read() -> None:
    ring = keys.parse_key_ring(f"{NEW}, {OLD}")
    assert ring.active == keys.key_id_of(b"n" * 32)
    assert set(ring.secrets.values()) == {b"n" * 32, b"o" * 32}


def test_look_up_secret_is_the_oldest_key_unless_one_is_named() -> None:
    assert keys.parse_key_ring(f"{NEW} {OLD}").index_secret == b"o" * 32
    assert keys.parse_key_ring(f"{NEW} {OLD} {INDEX}").index_secret == b"i" * 32


@pytest.mark.parametrize("text", ["not-base64!", base64.b64encode(b"short").decode(), f"{OLD},x"])
def test_senseless_key_is_refused(text: str) -> None:
    with pytest.raises(KeyTrouble):
        keys.parse_key_ring(text)


@pytest.mark.parametrize("text", ["", "  ", INDEX])
def test_no_master_key_is_refused(text: str) -> None:
    with pytest.raises(KeyMissing):
        keys.parse_key_ring(text)


def test_two_index_entries_are_refused() -> None:
    with pytest.raises(KeyTrouble):
        keys.parse_key_ring(f"{OLD} {INDEX} {INDEX}")


def test_key_ring_prints_no_secret() -> None:
    assert "oooo" not in repr(keys.parse_key_ring(OLD))
    assert OLD not in repr(keys.parse_key_ring(OLD))


def test_missing_key_file_is_refused_where_keys_may_not_be_made(key_file: Path) -> None:
    with pytest.raises(KeyMissing, match="VAULT_KEY"):
        seal(b"x", context="c")
    assert not key_file.exists()
    assert [message.id for message in check_keys()] == ["vault.E002"]


def test_key_file_is_made_once_for_its_owner_only(key_file: Path, settings: Any) -> None:
    settings.VAULT_CREATE_KEY = True
    blob = seal(b"x", context="c")
    assert key_file.stat().st_mode & 0o777 == 0o600
    keys.forget_providers()
    assert open_sealed(blob, context="c") == b"x"
    assert check_keys() == []
    assert [path.name for path in key_file.parent.iterdir()] == ["vault.key"]


def test_existing_key_file_is_never_overwritten(key_file: Path) -> None:
    assert keys.write_key_file(key_file, [OLD], replace=False)
    assert not keys.write_key_file(key_file, [NEW], replace=False)
    assert keys.read_key_file(key_file).split() == [OLD]


def test_key_file_that_others_may_read_is_refused(key_file: Path) -> None:
    keys.write_key_file(key_file, [OLD], replace=False)
    key_file.chmod(0o640)
    with pytest.raises(KeyTrouble, match="chmod 600"):
        seal(b"x", context="c")


def test_old_key_stays_readable_and_look_up_hashes_stay_equal(settings: Any) -> None:
    settings.VAULT_KEY = OLD
    blob, code = seal(b"x", context="c"), keyed_hash("receipt", "1234567812345678")
    settings.VAULT_KEY = f"{NEW},{OLD}"
    assert open_sealed(blob, context="c") == b"x"
    assert keyed_hash("receipt", "1234567812345678") == code


def test_dropped_key_is_named_not_guessed(settings: Any) -> None:
    settings.VAULT_KEY = OLD
    blob = seal(b"x", context="c")
    settings.VAULT_KEY = NEW
    with pytest.raises(KeyUnknown, match=keys.key_id_of(b"o" * 32).hex()):
        open_sealed(blob, context="c")


def test_key_file_rotated_by_another_process_is_read_again(key_file: Path) -> None:
    keys.write_key_file(key_file, [OLD], replace=False)
    ours = keys.LocalKeys("", key_file, may_create=False)
    keys.write_key_file(key_file, [NEW, OLD], replace=True)
    theirs = keys.LocalKeys("", key_file, may_create=False)
    wrapped = theirs.wrap(theirs.active_id(), keys.Cipher.AES_256_GCM, b"d" * 32, b"")
    unwrapped = ours.unwrap(theirs.active_id(), keys.Cipher.AES_256_GCM, wrapped, b"")
    assert unwrapped == b"d" * 32


def test_unknown_cipher_name_fails_the_check(settings: Any) -> None:
    settings.VAULT_CIPHER = "ROT13"
    assert [message.id for message in check_keys()] == ["vault.E001"]


class OtherKeys(keys.LocalKeys):
    """A provider as a district might plug in."""

    def __init__(self) -> None:
        super().__init__(NEW, Path("/nonexistent"), may_create=False)


def test_another_provider_can_be_plugged_in(settings: Any) -> None:
    settings.VAULT_KEY_PROVIDER = f"{__name__}.OtherKeys"
    assert isinstance(keys.provider(), keys.LocalKeys)
    assert keys.provider().active_id() == keys.key_id_of(b"n" * 32)
