"""Reads that never decrypt."""

from uuid import UUID

from django.db.models import Count, QuerySet

from foundation.vault.crypto import blind_index, normal_phone
from foundation.vault.errors import RecordNotFound
from foundation.vault.models import PersonalRecord


def record_of(record_id: UUID) -> PersonalRecord:
    """Return the record or raise ``RecordNotFound``. 1 query."""
    try:
        return PersonalRecord.objects.get(pk=record_id)
    except PersonalRecord.DoesNotExist as error:
        raise RecordNotFound(str(record_id)) from error


def records_with_phone(phone: str) -> QuerySet[PersonalRecord]:
    """Return records with the same number, however it is written; none for no digits. 1 query."""
    if not normal_phone(phone):
        return PersonalRecord.objects.none()
    return PersonalRecord.objects.filter(phone_index=blind_index("phone", phone))


def records_per_key() -> dict[str, int]:
    """Return how many readable records each master key still wraps, by key id. 1 query."""
    rows = (
        PersonalRecord.objects.filter(shredded_at__isnull=True)
        .order_by("key_id")
        .values_list("key_id")
        .annotate(count=Count("pk"))
    )
    return dict(rows)
