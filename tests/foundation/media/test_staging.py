"""What is taken, what is refused and in which words."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils import translation
from PIL import Image

from foundation.media import files, limits, staging
from foundation.media.errors import UploadRefused
from foundation.vault.crypto import open_sealed
from tests.foundation.media.specimens import LAT, LON, MARKED, MARKER, encoded, picture

pytestmark = pytest.mark.once

KINDS = ["JPEG", "PNG", "WEBP", "HEIF"]


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    with translation.override("zh-hans"):
        yield


def upload(data: bytes, name: str = "photo.jpg", content_type: str = "image/jpeg") -> UploadedFile:
    return SimpleUploadedFile(name, data, content_type)


def refusal(data: bytes, **values: Any) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        staging.stage(upload(data, **values))
    return caught.value


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_is_read_and_sealed(kind: str, settings: Any) -> None:
    data = MARKED[kind]()
    with time_machine.travel(datetime(2026, 3, 2, 1, 0, tzinfo=UTC), tick=False):
        staged = staging.stage(upload(data))
    assert (staged.kind, staged.width, staged.height) == (kind, 640, 480)
    assert staged.lon == pytest.approx(LON, abs=1e-6)
    assert staged.lat == pytest.approx(LAT, abs=1e-6)
    assert staged.taken_at == datetime(2026, 2, 14, 0, 30, tzinfo=UTC)
    [path] = stored_files(settings.SEALED_ROOT)
    assert path == files.sealed_path(staged.sealed_name)
    assert path.stat().st_mode & 0o777 == 0o600
    blob = path.read_bytes()
    assert MARKER not in blob
    assert b"Exif" not in blob
    assert open_sealed(blob, context=staging.seal_context(staged.sealed_name)) == data


def test_a_sealed_file_does_not_open_under_another_name() -> None:
    one, two = (staging.stage(upload(encoded(picture(), "JPEG"))) for _ in range(2))
    blob = files.sealed_path(one.sealed_name).read_bytes()
    with pytest.raises(Exception, match="tag"):
        open_sealed(blob, context=staging.seal_context(two.sealed_name))


@pytest.mark.parametrize("kind", KINDS)
def test_a_future_time_is_flagged(kind: str) -> None:
    data = MARKED[kind](taken="2031:01:01 00:00:00")
    with time_machine.travel(datetime(2026, 3, 2, 1, 0, tzinfo=UTC), tick=False):
        staged = staging.stage(upload(data))
    assert (staged.taken_at, staged.time_doubt) == (None, "future")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_size_is_that_of_the_upright_clean_copy(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    staged = staging.stage(upload(encoded(picture(3000, 2000), kind, exif=exif, quality=50)))
    assert (staged.width, staged.height) == (1365, 2048)


@pytest.mark.parametrize("content_type", ["text/html", "image/png", "application/pdf", ""])
def test_name_and_header_prove_nothing(content_type: str) -> None:
    data = encoded(picture(), "JPEG")
    staged = staging.stage(upload(data, name="../../evil.html", content_type=content_type))
    assert staged.kind == "JPEG"
    assert "evil" not in staged.sealed_name


def test_25_mb_is_refused_before_it_is_read(settings: Any) -> None:
    class Huge(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            raise AssertionError("must not be read")

    huge = UploadedFile(Huge(), "p.jpg", "image/jpeg", 25 * limits.MEGABYTE)
    with pytest.raises(UploadRefused) as caught:
        staging.stage(huge)
    assert caught.value.sentence == "照片超过 20 MB，请换一张"
    assert not stored_files(settings.SEALED_ROOT)


def test_a_size_that_lies_is_found_while_reading() -> None:
    lying = UploadedFile(io.BytesIO(bytes(limits.MAX_BYTES + 1)), "p.jpg", "image/jpeg", 10)
    with pytest.raises(UploadRefused) as caught:
        staging.stage(lying)
    assert caught.value.code == "too_large"


def test_exactly_20_mb_is_taken() -> None:
    data = encoded(picture(), "JPEG")
    staged = staging.stage(upload(data + bytes(limits.MAX_BYTES - len(data))))
    assert staged.size_bytes == limits.MAX_BYTES


def test_an_unreadable_file_is_refused_in_plain_words(settings: Any) -> None:
    error = refusal(b"this is no photo")
    assert (error.code, error.sentence) == ("unreadable", "这张照片打不开，请重拍")
    assert not stored_files(settings.SEALED_ROOT)


def test_eleven_photos_are_refused(settings: Any) -> None:
    data = encoded(picture(64, 64), "JPEG")
    with pytest.raises(UploadRefused) as caught:
        staging.stage_many([upload(data) for _ in range(11)])
    assert caught.value.sentence == "一次最多上传 10 张照片"
    assert not stored_files(settings.SEALED_ROOT)


def test_one_broken_photo_leaves_none_behind(settings: Any) -> None:
    good = encoded(picture(64, 64), "JPEG")
    with pytest.raises(UploadRefused):
        staging.stage_many([upload(good), upload(good), upload(b"broken")])
    assert not stored_files(settings.SEALED_ROOT)


def test_ten_photos_are_taken(settings: Any) -> None:
    good = encoded(picture(64, 64), "JPEG")
    assert len(staging.stage_many([upload(good) for _ in range(10)])) == 10
    assert len(stored_files(settings.SEALED_ROOT)) == 10


def test_no_room_is_said_and_leaves_nothing_half_written(settings: Any, tmp_path: Path) -> None:
    blocker = tmp_path / "a-file-where-the-folder-should-be"
    blocker.write_bytes(b"")
    settings.SEALED_ROOT = blocker
    error = refusal(encoded(picture(64, 64), "JPEG"))
    assert (error.code, error.sentence) == ("no_room", "照片暂时存不下，请先不带照片提交")


def test_a_ticket_brings_a_staged_photo_back() -> None:
    staged = staging.stage(upload(MARKED["JPEG"]()))
    ticket = staging.ticket_of(staged)
    assert staging.staged_of(ticket) == staged
    assert staged.sealed_name not in ticket


def test_a_forged_or_stale_ticket_is_refused() -> None:
    staged = staging.stage(upload(encoded(picture(64, 64), "JPEG")))
    ticket = staging.ticket_of(staged)
    changed = ticket[:-2] + ("00" if ticket[-2:] != "00" else "01")
    for forged in ("", "zz", "00" * 200, changed, ticket[:100]):
        with pytest.raises(UploadRefused):
            staging.staged_of(forged)
    staging.discard([staged])
    with pytest.raises(UploadRefused):
        staging.staged_of(ticket)


def test_a_staged_photo_prints_nothing_private() -> None:
    assert str(LON)[:6] not in repr(staging.stage(upload(MARKED["JPEG"]())))
