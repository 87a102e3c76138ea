"""Personal records: stored, revealed for a reason, delivered, destroyed, rewrapped."""

import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.ledger.actor import Actor
from foundation.ledger.selectors import entries_of
from foundation.vault import crypto, services
from foundation.vault.errors import (
    ReasonRequired,
    RecordNotFound,
    RecordShredded,
    SealBroken,
    VaultError,
)
from foundation.vault.models import PersonalRecord
from foundation.vault.selectors import records_per_key, records_with_phone

pytestmark = pytest.mark.django_db

STREAM = "case:3f1c"
FIELDS = {"name": "王小明", "phone": "138 6120 0001", "address": "测试弄堂 8 号 𠮷"}
CLERK = Actor("staff", "17", "followup_clerk")


def stored(**overrides: Any) -> PersonalRecord:
    return services.store(kind="reporter", stream=STREAM, fields={**FIELDS, **overrides})


def test_storing_takes_one_insert() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        stored()
    assert len(queries) == 1


def test_a_given_id_is_used() -> None:
    wanted = uuid4()
    record = services.store(kind="reporter", stream=STREAM, fields=FIELDS, record_id=wanted)
    assert record.pk == wanted


def test_empty_values_are_not_kept() -> None:
    record = stored(name="", phone="")
    assert services.reveal(record.pk, actor=CLERK, reason="回访") == {"address": FIELDS["address"]}
    assert record.phone_index == ""


def test_revealing_returns_everything_and_is_written_down() -> None:
    record = stored()
    assert services.reveal(record.pk, actor=CLERK, reason=" 回访 \n核实 ") == FIELDS
    entry = entries_of(STREAM).get()
    assert entry.action == "vault.revealed"
    assert entry.data == {
        "record": str(record.pk),
        "fields": ["address", "name", "phone"],
        "reason": "回访 核实",
    }
    assert all(value not in str(entry.data) for value in FIELDS.values())


def test_every_reveal_is_written_down() -> None:
    record = stored()
    for _ in range(3):
        services.reveal(record.pk, actor=CLERK, reason="回访")
    assert entries_of(STREAM).count() == 3


@pytest.mark.parametrize("reason", ["", "   ", "\n\t", "\u3000"])
def test_no_reason_no_reveal(reason: str) -> None:
    record = stored()
    with pytest.raises(ReasonRequired) as refusal:
        services.reveal(record.pk, actor=CLERK, reason=reason)
    assert str(refusal.value.sentence) == "请说明查看或处理的原因，原因会记入台账。"
    assert not entries_of(STREAM).exists()


def test_an_unknown_record_is_said_to_be_unknown() -> None:
    for call in (services.reveal, services.shred):
        with pytest.raises(RecordNotFound):
            call(uuid4(), actor=CLERK, reason="回访")
    with pytest.raises(RecordNotFound):
        services.read_for_delivery(uuid4(), "phone")


def test_delivery_reads_one_field_and_leaves_no_entry() -> None:
    record = stored()
    assert services.read_for_delivery(record.pk, "phone") == "138 6120 0001"
    assert services.read_for_delivery(record.pk, "email") == ""
    assert not entries_of(STREAM).exists()


def test_a_shredded_record_is_unreadable_for_ever() -> None:
    record = stored()
    services.shred(record.pk, actor=CLERK, reason="本人要求删除")
    with pytest.raises(RecordShredded):
        services.reveal(record.pk, actor=CLERK, reason="回访")
    assert services.read_for_delivery(record.pk, "phone") == ""
    row = PersonalRecord.objects.get(pk=record.pk)
    assert (bytes(row.ciphertext), bytes(row.wrapped_key), row.phone_index) == (b"", b"", "")
    assert row.is_shredded
    assert not records_with_phone("13861200001").exists()


def test_shredding_twice_is_written_down_once() -> None:
    record = stored()
    for _ in range(2):
        services.shred(record.pk, actor=CLERK, reason="本人要求删除")
    assert [entry.action for entry in entries_of(STREAM)] == ["vault.shredded"]


def test_shredding_needs_a_reason() -> None:
    record = stored()
    with pytest.raises(ReasonRequired):
        services.shred(record.pk, actor=CLERK, reason="")
    assert services.read_for_delivery(record.pk, "name") == "王小明"


def test_a_number_is_found_however_it_is_written() -> None:
    record = stored()
    stored(phone="13861200002")
    assert list(records_with_phone("＋８６１３８６１２００００１")) == [record]
    assert not records_with_phone("13861200003").exists()


def test_no_number_finds_nobody() -> None:
    stored(phone="")
    stored(phone="无")
    assert not records_with_phone("").exists()
    assert not records_with_phone("无").exists()


@pytest.mark.parametrize("column", ["id", "kind", "stream"])
def test_bytes_moved_to_another_row_do_not_open(column: str) -> None:
    record, other = stored(), stored(name="别人")
    moved = {"ciphertext": record.ciphertext, "wrapped_key": record.wrapped_key}
    if column == "id":
        PersonalRecord.objects.filter(pk=other.pk).update(**moved)
        victim = other
    else:
        PersonalRecord.objects.filter(pk=record.pk).update(**{column: "case:elsewhere"})
        victim = record
    with pytest.raises(SealBroken):
        services.read_for_delivery(victim.pk, "name")


@pytest.mark.parametrize("column", ["ciphertext", "wrapped_key"])
def test_a_changed_byte_in_the_database_is_found(column: str) -> None:
    record = stored()
    changed = bytearray(getattr(record, column))
    changed[-1] ^= 1
    PersonalRecord.objects.filter(pk=record.pk).update(**{column: bytes(changed)})
    with pytest.raises(VaultError):
        services.read_for_delivery(record.pk, "name")


def test_a_dump_of_the_table_holds_no_plain_text() -> None:
    before = set(_every_value())  # four digits also stand in the checksums of public pages
    record = stored()
    services.reveal(record.pk, actor=CLERK, reason="回访")
    services.shred(stored().pk, actor=CLERK, reason="删除")
    dump = b"\n".join(value for value in _every_value() if value not in before)
    for canary in ("王小明", "138 6120 0001", "13861200001", "6120", "测试弄堂"):
        assert canary.encode() not in dump
        assert canary.encode("utf-16-le") not in dump
        assert canary.encode().hex().encode() not in dump


def _every_value() -> Iterator[bytes]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                for value in row:
                    is_bytes = isinstance(value, bytes | memoryview)
                    yield bytes(value) if is_bytes else str(value).encode()


def test_a_record_prints_nothing_private() -> None:
    assert "王小明" not in repr(stored()) + str(stored())


def test_rewrapping_brings_every_record_under_the_new_key_and_cipher(settings: Any) -> None:
    records = [stored(name=f"居民{number}") for number in range(7)]
    services.shred(records[0].pk, actor=CLERK, reason="删除")
    old_key = crypto.active_key_id()
    settings.VAULT_KEY = f"{'bmV3' * 10}bmU=,{settings.VAULT_KEY}"
    settings.VAULT_CIPHER = "SM4-GCM"
    assert records_per_key() == {old_key: 6}
    assert list(services.rewrap_records(batch=4)) == [4, 2]
    assert records_per_key() == {crypto.active_key_id(): 6}
    assert list(services.rewrap_records()) == [0]
    assert services.read_for_delivery(records[3].pk, "name") == "居民3"
    assert records_with_phone("13861200001").count() == 6
    settings.VAULT_KEY = "bmV3" * 10 + "bmU="
    assert services.read_for_delivery(records[6].pk, "name") == "居民6"


def test_the_rewrap_command_says_what_it_did(settings: Any) -> None:
    stored()
    settings.VAULT_CIPHER = "SM4-GCM"
    output = io.StringIO()
    call_command("rewrap", stdout=output)
    assert "records: 1 rewrapped" in output.getvalue()
    assert f"key {crypto.active_key_id()}: 1 records" in output.getvalue()


def test_the_rewrap_command_can_put_a_fresh_key_in_front(settings: Any, tmp_path: Any) -> None:
    settings.VAULT_KEY, settings.VAULT_CREATE_KEY = "", True
    settings.VAULT_KEY_FILE = tmp_path / "vault.key"
    record = stored()
    before, code = crypto.active_key_id(), crypto.keyed_hash("receipt", "1")
    call_command("rewrap", "--new-key", stdout=io.StringIO())
    assert crypto.active_key_id() != before
    assert records_per_key() == {crypto.active_key_id(): 1}
    assert services.read_for_delivery(record.pk, "name") == "王小明"
    assert crypto.keyed_hash("receipt", "1") == code
    assert settings.VAULT_KEY_FILE.stat().st_mode & 0o777 == 0o600
