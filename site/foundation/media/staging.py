"""Take a stranger's file before any transaction: check it, read it, seal it.

A staged photo belongs to nobody yet. Attach it, or ``discard_orphans`` removes it after a day.
"""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from PIL import Image, UnidentifiedImageError

from foundation.media import exif, files, formats, isolation, limits, raster
from foundation.media.errors import UploadRefused
from foundation.vault.crypto import open_sealed, seal
from foundation.vault.errors import VaultError

TICKET_CONTEXT = "media:ticket"
# What Pillow's pure-Python JPEG header reader raises on broken files.
HEADER_ERRORS = (*exif.EXIF_ERRORS, UnidentifiedImageError, raster.TooManyPixels)


@dataclass(frozen=True, slots=True)
class StagedPhoto:
    """A checked and sealed upload, waiting to be attached.

    ``lon``/``lat``: WGS-84 degrees from EXIF or None, private. ``taken_at``: aware or None.
    ``width``/``height``: upright pixels that the full clean copy will have.
    """

    sealed_name: str
    kind: str
    size_bytes: int
    sha256: str
    width: int
    height: int
    lon: float | None = None
    lat: float | None = None
    taken_at: datetime | None = None
    time_doubt: str = ""

    def __repr__(self) -> str:
        return f"StagedPhoto({self.kind}, {self.size_bytes} bytes)"


def stage(upload: UploadedFile) -> StagedPhoto:
    """Check and seal one upload. Call it outside the transaction: it decodes and waits for a disk.

    Accepts JPEG, PNG, WebP and HEIC up to 20 MB and 50 megapixels that decode completely; the type
    is told by content, never by name or header. Ordinary JPEGs are checked in this process at an
    eighth of their size; all else in a limited process of its own, within 5 s. Errors:
    ``UploadRefused`` with ``code`` too_large, too_many_pixels, unreadable or no_room.
    """
    data = _content(upload)
    kind = formats.sniff(data[:16])
    if kind is None:
        raise UploadRefused("unreadable")
    checked = _check(data, kind)
    return _sealed(data, kind, checked)


def stage_many(uploads: Sequence[UploadedFile]) -> list[StagedPhoto]:
    """Stage every upload or none. Errors: as ``stage``, and ``too_many`` above 10 files."""
    if len(uploads) > limits.MAX_PHOTOS:
        raise UploadRefused("too_many")
    staged: list[StagedPhoto] = []
    try:
        for upload in uploads:
            staged.append(stage(upload))  # noqa: PERF401 what was staged must be known on refusal
    except UploadRefused:
        discard(staged)
        raise
    return staged


def discard(staged: Sequence[StagedPhoto]) -> None:
    """Delete staged files that will not be attached. Never call it on attached ones."""
    for photo in staged:
        files.remove_sealed(photo.sealed_name)


def ticket_of(staged: StagedPhoto) -> str:
    """Return an opaque sealed text that stands for a staged photo in a form that is shown again."""
    values = asdict(staged)
    values["taken_at"] = staged.taken_at.isoformat() if staged.taken_at else None
    return seal(json.dumps(values).encode(), context=TICKET_CONTEXT).hex()


def staged_of(ticket: str) -> StagedPhoto:
    """Return the photo behind a ticket; ``UploadRefused`` if it is forged or cleared away."""
    try:
        values = json.loads(open_sealed(bytes.fromhex(ticket), context=TICKET_CONTEXT))
    except (ValueError, VaultError) as error:
        raise UploadRefused("unreadable") from error
    if values["taken_at"]:
        values["taken_at"] = datetime.fromisoformat(values["taken_at"])
    staged = StagedPhoto(**values)
    if not files.sealed_path(staged.sealed_name).exists():
        raise UploadRefused("unreadable")
    return staged


def seal_context(sealed_name: str) -> str:
    """Return what an original is bound to: its own name, so that files cannot be swapped."""
    return f"media:original:{sealed_name}"


def _content(upload: UploadedFile) -> bytes:
    if (upload.size or 0) > limits.MAX_BYTES:
        raise UploadRefused("too_large")
    upload.seek(0)
    data: bytes = upload.read(limits.MAX_BYTES + 1)
    if len(data) > limits.MAX_BYTES:
        raise UploadRefused("too_large")
    return data


def _check(data: bytes, kind: str) -> isolation.Checked:
    if kind == formats.JPEG and formats.is_cheap_jpeg(data, max_scans=limits.MAX_SCANS_IN_PROCESS):
        return _check_jpeg(data)
    return isolation.check(data, kind)


def _check_jpeg(data: bytes) -> isolation.Checked:
    """Decode a sequential JPEG at 1/8 scale: every coded byte is read, little memory is used."""
    try:
        with Image.open(io.BytesIO(data), formats=(formats.JPEG,)) as image:
            width, height = image.size
            if width * height > limits.MAX_PIXELS:
                raise UploadRefused("too_many_pixels")
            raster.load_small(image, formats.JPEG, 1)
            block = image.getexif()
            reading = exif.read(block)
            turned = raster.turned_size(width, height, exif.orientation_of(block))
    except Image.DecompressionBombError as error:
        raise UploadRefused("too_many_pixels") from error
    except HEADER_ERRORS as error:
        raise UploadRefused("unreadable") from error
    return isolation.Checked(*turned, reading=reading, peak_kb=0)


def _sealed(data: bytes, kind: str, checked: isolation.Checked) -> StagedPhoto:
    name = files.new_sealed_name(timezone.localdate())
    try:
        files.write_whole(files.sealed_path(name), seal(data, context=seal_context(name)))
    except OSError as error:
        raise UploadRefused("no_room") from error
    width, height = raster.fitted_size(checked.width, checked.height, limits.FULL_SIDE)
    reading = exif.judged(checked.reading, now=timezone.now())
    return StagedPhoto(
        sealed_name=name,
        kind=kind,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        width=width,
        height=height,
        lon=reading.lon,
        lat=reading.lat,
        taken_at=reading.taken_at,
        time_doubt=reading.doubt,
    )
