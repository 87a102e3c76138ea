"""Store, show and destroy personal data. The only door to what people told us about themselves."""

import json
from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.vault import crypto
from foundation.vault.crypto import open_sealed, seal
from foundation.vault.errors import ReasonRequired, RecordNotFound, RecordShredded, SealBroken
from foundation.vault.models import PersonalRecord
from foundation.vault.selectors import record_of

__all__ = [
    "open_sealed",
    "read_for_delivery",
    "reveal",
    "rewrap_records",
    "seal",
    "shred",
    "store",
    "store_many",
]

REASON_LIMIT = 200


def store(
    *, kind: str, stream: str, fields: dict[str, str], record_id: UUID | None = None
) -> PersonalRecord:
    """Encrypt ``fields`` into one new row bound to its id, ``kind`` and ``stream``. 1 insert.

    A field called ``phone`` also gets a blind index. Empty values are not kept (PIPL Art 6: no more
    than needed). Errors: ``KeyMissing``.
    """
    record = PersonalRecord(id=record_id or uuid4(), kind=kind, stream=stream)
    _fill(record, {name: value for name, value in fields.items() if value})
    record.save(force_insert=True)
    return record


def store_many(*, kind: str, orders: Sequence[tuple[str, dict[str, str]]]) -> list[PersonalRecord]:
    """Like :func:`store` for many (stream, fields) at once: one bulk insert."""
    records = []
    for stream, fields in orders:
        record = PersonalRecord(id=uuid4(), kind=kind, stream=stream)
        _fill(record, {name: value for name, value in fields.items() if value})
        records.append(record)
    return PersonalRecord.objects.bulk_create(records)


def reveal(record_id: UUID, *, actor: Actor, reason: str) -> dict[str, str]:
    """Return all fields to a person and write who saw them and why into the record's stream.

    The ledger entry names the fields, never their values. Errors: ``ReasonRequired``,
    ``RecordNotFound``, ``RecordShredded``, ``SealBroken``. 1 query + the ledger's 3 statements.
    """
    said = _checked_reason(reason)
    with transaction.atomic():
        record = record_of(record_id)
        fields = _fields(record)
        append(
            stream=record.stream,
            action="vault.revealed",
            actor=actor,
            data={"record": str(record.id), "fields": sorted(fields), "reason": said},
        )
    return fields


def read_for_delivery(record_id: UUID, field: str) -> str:
    """Return one field for a machine that delivers a notice; '' if absent or destroyed. 1 query.

    Not written to the ledger: the notice is its own record. Errors: ``RecordNotFound``,
    ``SealBroken``.
    """
    record = record_of(record_id)
    return "" if record.is_shredded else _fields(record).get(field, "")


def shred(record_id: UUID, *, actor: Actor, reason: str) -> None:
    """Destroy the record's key, text and index for ever; the row and the ledger entry stay.

    Doing it twice changes nothing (PIPL Art 47). Errors: ``ReasonRequired``, ``RecordNotFound``.
    Locks the row; 2 statements + the ledger's 3.
    """
    said = _checked_reason(reason)
    with transaction.atomic():
        record = PersonalRecord.objects.select_for_update().filter(pk=record_id).first()
        if record is None:
            raise RecordNotFound(str(record_id))
        if record.is_shredded:
            return
        record.ciphertext, record.wrapped_key = b"", b""
        record.key_id = record.phone_index = ""
        record.shredded_at = timezone.now()
        record.save()
        append(
            stream=record.stream,
            action="vault.shredded",
            actor=actor,
            data={"record": str(record.id), "reason": said},
        )


def rewrap_records(*, batch: int = 500) -> Iterator[int]:
    """Bring every record under the active key and cipher; yield the number done in each batch.

    One transaction per batch with its rows locked, so it runs beside the live system and may be
    stopped and started again at any time.
    """
    last = UUID(int=0)
    while True:
        with transaction.atomic():
            rows = list(
                PersonalRecord.objects.select_for_update()
                .filter(pk__gt=last, shredded_at__isnull=True)
                .order_by("pk")[:batch]
            )
            if not rows:
                return
            changed = [record for record in rows if _rewrapped(record)]
            PersonalRecord.objects.bulk_update(
                changed, ["ciphertext", "wrapped_key", "key_id", "phone_index"]
            )
        last = rows[-1].pk
        yield len(changed)


def _rewrapped(record: PersonalRecord) -> bool:
    """Renew a record in memory where it is out of date; say whether it was."""
    blob = bytes(record.wrapped_key) + bytes(record.ciphertext)
    if crypto.is_current(blob):
        return False
    _fill(record, _fields(record))
    return True


def _fill(record: PersonalRecord, fields: dict[str, str]) -> None:
    data_key = crypto.new_data_key()
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    record.ciphertext = crypto.encrypt_body(data_key, text.encode(), context=record.context)
    record.wrapped_key = crypto.wrap(data_key, context=record.context)
    record.key_id = crypto.active_key_id()
    phone = fields.get("phone", "")
    record.phone_index = crypto.blind_index("phone", phone) if crypto.normal_phone(phone) else ""


def _fields(record: PersonalRecord) -> dict[str, str]:
    if record.is_shredded:
        raise RecordShredded(str(record.id))
    data_key = crypto.unwrap(bytes(record.wrapped_key), context=record.context)
    text = crypto.decrypt_body(data_key, bytes(record.ciphertext), context=record.context)
    fields = json.loads(text)
    if not isinstance(fields, dict):
        raise SealBroken("the sealed text is not an object of fields")
    return fields


def _checked_reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise ReasonRequired("reason is empty")
    return said[:REASON_LIMIT]
