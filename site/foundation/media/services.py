"""Photos: staged by anybody, attached to a stream, cleaned by the worker, opened for a reason.

``stage`` and its relatives live in ``foundation.media.staging``; they are offered here too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from foundation.jobs.services import emit
from foundation.ledger.actor import Actor
from foundation.ledger.services import append
from foundation.media import files, formats, isolation, limits
from foundation.media.errors import (
    DecodeRefused,
    OriginalGone,
    PhotoNotFound,
    ReasonRequired,
    UploadRefused,
)
from foundation.media.models import Photo, PhotoState
from foundation.media.raster import Clean
from foundation.media.selectors import names_in_use
from foundation.media.staging import (
    StagedPhoto,
    discard,
    seal_context,
    stage,
    stage_many,
    staged_of,
    ticket_of,
)
from foundation.vault.crypto import open_sealed, reseal

__all__ = [
    "Original",
    "StagedPhoto",
    "attach",
    "clean_received",
    "discard",
    "discard_orphans",
    "erase",
    "read_original",
    "remove_erased",
    "rewrap_originals",
    "stage",
    "stage_many",
    "staged_of",
    "ticket_of",
]

RECEIVED = "media.received"
ERASED = "media.erased"
REASON_LIMIT = 200
RECENT_DAYS = 14
ORPHAN_BATCH = 500


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes as the resident sent them, with all they carry. Never serve them as a page."""

    data: bytes
    content_type: str
    sha256: str

    def __repr__(self) -> str:
        return f"Original({self.content_type}, {len(self.data)} bytes)"


def attach(
    staged: Sequence[StagedPhoto], *, stream: str, purpose: str, actor: Actor
) -> list[Photo]:
    """Make staged photos part of ``stream``, within the caller's transaction. 2 inserts in all.

    They stay quarantined until the worker made their clean copies; then an entry ``photo.ready``
    appears in the stream. Errors: ``UploadRefused("too_many")`` above 10, ``OutsideTransaction``.
    """
    if len(staged) > limits.MAX_PHOTOS:
        raise UploadRefused("too_many")
    if not staged:
        return []
    now = timezone.now()
    photos = [
        _photo(item, order=order, stream=stream, purpose=purpose, actor=actor, now=now)
        for order, item in enumerate(staged)
    ]
    emit(
        RECEIVED,
        key=f"{RECEIVED}:{photos[0].id}",
        payload={"stream": stream, "photos": [str(photo.id) for photo in photos]},
    )
    Photo.objects.bulk_create(photos)
    return photos


def clean_received(*, stream: str, photo_ids: Sequence[UUID]) -> None:
    """Make the clean copies of quarantined photos and say so in the stream. Idempotent.

    Decoding happens outside the transaction, about 0.5 s a photo; then one transaction holds the
    changed rows and one ledger entry. Errors: ``DecoderUnavailable``, ``OSError``, ``KeyTrouble``
    (all worth another try).
    """
    waiting = Photo.objects.filter(pk__in=photo_ids, state=PhotoState.QUARANTINED)
    done = [_cleaned(photo) for photo in waiting]
    with transaction.atomic():
        changed = [photo for photo in done if _settle(photo)]
        if changed:
            append(
                stream=stream,
                action="photo.ready",
                actor=Actor.system("media"),
                data={"photos": {str(photo.id): photo.state for photo in changed}},
            )
    _clear_up(done)


def read_original(photo_id: UUID, *, actor: Actor, reason: str) -> Original:
    """Return the sealed original and write who opened it and why into the photo's stream.

    Errors: ``ReasonRequired``, ``PhotoNotFound``, ``OriginalGone``, the vault's ``SealBroken``.
    1 query + the ledger's 3 statements.
    """
    said = _checked_reason(reason)
    photo = Photo.objects.filter(pk=photo_id).first()
    if photo is None:
        raise PhotoNotFound(str(photo_id))
    data = _original_bytes(photo)
    with transaction.atomic():
        append(
            stream=photo.stream,
            action="photo.original_opened",
            actor=actor,
            data={"photo": str(photo.id), "reason": said},
        )
    return Original(data, formats.CONTENT_TYPES[photo.kind], photo.sha256)


def erase(photo_id: UUID, *, actor: Actor, reason: str) -> None:
    """Destroy a photo: private columns now, files by the worker; the row stays as a fact.

    Twice changes nothing (PIPL Art 47). Errors: ``ReasonRequired``, ``PhotoNotFound``. Locks the
    row; 2 statements, the ledger's 3 and one job row.
    """
    said = _checked_reason(reason)
    with transaction.atomic():
        photo = Photo.objects.select_for_update().filter(pk=photo_id).first()
        if photo is None:
            raise PhotoNotFound(str(photo_id))
        if photo.state == PhotoState.ERASED:
            return
        sealed_name = photo.sealed_name
        _blank(photo)
        append(
            stream=photo.stream,
            action="photo.erased",
            actor=actor,
            data={"photo": str(photo.id), "reason": said},
        )
        payload = {"photo": str(photo.id), "sealed": sealed_name}
        emit(ERASED, key=f"{ERASED}:{photo.id}", payload=payload)


def remove_erased(*, photo_id: UUID, sealed_name: str) -> None:
    """Delete the files of an erased photo; an original that another photo needs stays."""
    files.remove_clean(photo_id)
    if sealed_name and sealed_name not in names_in_use([sealed_name]):
        files.remove_sealed(sealed_name)


def discard_orphans(*, now: datetime, everything: bool = False) -> int:
    """Delete originals and drafts older than 24 h that no photo needs; return how many.

    Looks at the folders of the last 14 days, or at all with ``everything``. 1 query per 500 files.
    """
    before = files.age_limit(now, limits.ORPHAN_HOURS)
    earliest = timezone.localdate(now) - timedelta(days=RECENT_DAYS)
    removed = 0
    for day in files.sealed_days():
        if everything or day >= earliest:
            old = [name for name, changed in files.sealed_files(day) if changed < before]
            removed += sum(_discard_batch(batch) for batch in _batches(old))
            files.remove_empty_folders(day, before=before)
    return removed


def rewrap_originals(*, batch: int = 200) -> Iterator[int]:
    """Bring every original under the active vault key and cipher; yield the count per batch.

    Files are replaced whole, so it may run beside the live system and be stopped at any time.
    """
    for day in files.sealed_days():
        names = [name for name, _ in files.sealed_files(day) if files.SEALED_NAME.fullmatch(name)]
        for part in _batches(names, batch):
            yield sum(_rewrapped(name) for name in part)


def _photo(
    item: StagedPhoto, *, order: int, stream: str, purpose: str, actor: Actor, now: datetime
) -> Photo:
    return Photo(
        stream=stream,
        purpose=purpose,
        order=order,
        uploaded_by=f"{actor.kind}:{actor.id}",
        uploaded_at=now,
        kind=item.kind,
        size_bytes=item.size_bytes,
        sha256=item.sha256,
        sealed_name=item.sealed_name,
        width=item.width,
        height=item.height,
        taken_at=item.taken_at,
        time_doubt=item.time_doubt,
        exif_lon=item.lon,
        exif_lat=item.lat,
    )


def _cleaned(photo: Photo) -> Photo:
    """Decode one original and write its clean copies; set the outcome on ``photo``, unsaved."""
    try:
        made = isolation.clean(_original_bytes(photo), photo.kind)
    except (DecodeRefused, UploadRefused, OriginalGone):
        photo.state = PhotoState.REFUSED
        return photo
    _write_clean(photo, made)
    photo.state = PhotoState.CLEAN
    photo.width, photo.height, photo.dhash = made.width, made.height, made.dhash
    return photo


def _write_clean(photo: Photo, made: Clean) -> None:
    files.write_whole(files.clean_path(photo.id, "full"), made.full)
    files.write_whole(files.clean_path(photo.id, "thumb"), made.thumb)


def _settle(photo: Photo) -> bool:
    """Save the outcome unless another worker was faster or the photo was erased meanwhile."""
    return bool(
        Photo.objects.filter(pk=photo.pk, state=PhotoState.QUARANTINED).update(
            state=photo.state, width=photo.width, height=photo.height, dhash=photo.dhash
        )
    )


def _clear_up(photos: Sequence[Photo]) -> None:
    """Delete the copies of photos that were erased while they were being made."""
    made = [photo.pk for photo in photos]
    erased = Photo.objects.filter(pk__in=made, state=PhotoState.ERASED)
    for photo_id in erased.values_list("pk", flat=True):
        files.remove_clean(photo_id)


def _original_bytes(photo: Photo) -> bytes:
    if not photo.sealed_name:
        raise OriginalGone(str(photo.id))
    try:
        blob = files.sealed_path(photo.sealed_name).read_bytes()
    except FileNotFoundError as error:
        raise OriginalGone(str(photo.id)) from error
    return open_sealed(blob, context=seal_context(photo.sealed_name))


def _blank(photo: Photo) -> None:
    photo.state = PhotoState.ERASED
    photo.sealed_name = photo.sha256 = photo.time_doubt = ""
    photo.exif_lon = photo.exif_lat = photo.taken_at = photo.dhash = None
    photo.save()


def _discard_batch(names: Sequence[str]) -> int:
    orphans = set(names) - names_in_use(names)
    for name in orphans:
        files.remove_sealed(name)
    return len(orphans)


def _batches(names: Sequence[str], size: int = ORPHAN_BATCH) -> Iterator[Sequence[str]]:
    return (names[start : start + size] for start in range(0, len(names), size))


def _rewrapped(name: str) -> bool:
    path = files.sealed_path(name)
    blob = path.read_bytes()
    renewed = reseal(blob, context=seal_context(name))
    if renewed is blob:
        return False
    files.write_whole(path, renewed)
    return True


def _checked_reason(reason: str) -> str:
    said = " ".join(reason.split())
    if not said:
        raise ReasonRequired("reason is empty")
    return said[:REASON_LIMIT]
