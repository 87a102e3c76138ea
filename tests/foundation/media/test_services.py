"""The life of a photo: staged, attached, cleaned, opened for a reason, erased, cleared away."""

import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.jobs.errors import OutsideTransaction
from foundation.ledger.actor import Actor
from foundation.ledger.selectors import entries_of
from foundation.media import files, services
from foundation.media.errors import OriginalGone, PhotoNotFound, ReasonRequired, UploadRefused
from foundation.media.models import Photo, PhotoState
from foundation.media.selectors import photos_by_stream, photos_of
from foundation.vault import crypto
from foundation.vault.errors import SealBroken
from tests.foundation.media.specimens import LON, MARKED, MARKER, encoded, picture

pytestmark = pytest.mark.django_db

STREAM = "case:77aa"
RESIDENT = Actor("resident", "p-1")
AUDITOR = Actor("staff", "9", "auditor")


def staged(data: bytes | None = None) -> services.StagedPhoto:
    content = data or encoded(picture(), "JPEG")
    return services.stage(SimpleUploadedFile("photo.jpg", content, "image/jpeg"))


def attached(*photos: services.StagedPhoto, stream: str = STREAM) -> list[Photo]:
    with transaction.atomic():
        return services.attach(
            photos or (staged(),), stream=stream, purpose="report", actor=RESIDENT
        )


def files_below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_attaching_ten_photos_takes_two_inserts() -> None:
    photos = [staged() for _ in range(10)]
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        services.attach(photos, stream=STREAM, purpose="report", actor=RESIDENT)
    written = [query["sql"].split()[0] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert written == ["INSERT", "INSERT"]


def test_attaching_nothing_writes_nothing() -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        assert services.attach([], stream=STREAM, purpose="report", actor=RESIDENT) == []
    assert not [query for query in queries if "INSERT" in query["sql"]]


def test_attaching_eleven_is_refused() -> None:
    one = staged()
    with pytest.raises(UploadRefused) as caught:
        attached(*[one] * 11)
    assert caught.value.code == "too_many"
    assert not Photo.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_attaching_outside_a_transaction_is_refused() -> None:
    with pytest.raises(OutsideTransaction):
        services.attach([staged()], stream=STREAM, purpose="report", actor=RESIDENT)
    assert not Photo.objects.exists()


def test_an_attached_photo_waits_in_quarantine_with_its_private_reading() -> None:
    [photo] = attached(staged(MARKED["JPEG"]()))
    photo.refresh_from_db()
    assert (photo.state, photo.uploaded_by) == ("quarantined", "resident:p-1")
    assert photo.exif_lon == pytest.approx(LON, abs=1e-6)
    assert photo.taken_at is not None
    assert str(LON)[:6] not in repr(photo) + str(photo)


@pytest.mark.parametrize("kind", MARKED)
def test_the_worker_makes_clean_copies(
    kind: str, run_jobs: Callable[[], Any], settings: Any
) -> None:
    photos = attached(staged(MARKED[kind]()), staged(MARKED[kind]()))
    run_jobs()
    for photo in photos:
        photo.refresh_from_db()
        assert photo.is_clean
        assert (photo.width, photo.height) == (640, 480)
        assert photo.dhash is not None
    copies = files_below(settings.CLEAN_ROOT)
    assert len(copies) == 4
    for path in [*copies, *files_below(settings.SEALED_ROOT)]:
        assert MARKER not in path.read_bytes()
    [entry] = entries_of(STREAM)
    assert (entry.action, entry.actor_kind) == ("photo.ready", "system")
    assert entry.data == {"photos": {str(photo.pk): "clean" for photo in photos}}


def test_a_second_delivery_changes_nothing(run_jobs: Callable[[], Any]) -> None:
    [photo] = attached()
    run_jobs()
    services.clean_received(stream=STREAM, photo_ids=[photo.pk])
    assert entries_of(STREAM).count() == 1


def test_a_photo_the_decoder_refuses_is_kept_sealed_and_never_shown(
    run_jobs: Callable[[], Any], settings: Any
) -> None:
    [photo] = attached()
    name = photo.sealed_name
    broken = crypto.seal(b"\xff\xd8\xff broken", context=f"media:original:{name}")
    files.sealed_path(name).write_bytes(broken)
    run_jobs()
    photo.refresh_from_db()
    assert photo.state == PhotoState.REFUSED
    assert not files_below(settings.CLEAN_ROOT)
    assert entries_of(STREAM).get().data == {"photos": {str(photo.pk): "refused"}}


def test_a_lost_original_is_said_not_hidden(run_jobs: Callable[[], Any]) -> None:
    [photo] = attached()
    files.sealed_path(photo.sealed_name).unlink()
    run_jobs()
    photo.refresh_from_db()
    assert photo.state == PhotoState.REFUSED
    with pytest.raises(OriginalGone):
        services.read_original(photo.pk, actor=AUDITOR, reason="核查")


def test_near_equal_photos_have_near_equal_hashes(run_jobs: Callable[[], Any]) -> None:
    same = picture(640, 480)
    other = picture(640, 480).transpose(0)
    photos = attached(
        staged(encoded(same, "JPEG", quality=90)),
        staged(encoded(same.resize((500, 375)), "WEBP", quality=60)),
        staged(encoded(other, "JPEG")),
    )
    run_jobs()
    one, two, three = (Photo.objects.get(pk=photo.pk).dhash for photo in photos)
    assert one is not None
    assert two is not None
    assert three is not None
    mask = (1 << 64) - 1
    assert ((one ^ two) & mask).bit_count() <= 4
    assert ((one ^ three) & mask).bit_count() >= 16
    assert -(1 << 63) <= one < 1 << 63


def test_an_original_is_opened_for_a_reason_and_written_down() -> None:
    data = MARKED["HEIF"]()
    [photo] = attached(staged(data))
    original = services.read_original(photo.pk, actor=AUDITOR, reason=" 核查 拍摄时间 ")
    assert original.data == data
    assert original.content_type == "image/heif"
    assert MARKER.decode() not in repr(original)
    [entry] = entries_of(STREAM)
    assert entry.action == "photo.original_opened"
    assert entry.data == {"photo": str(photo.pk), "reason": "核查 拍摄时间"}


def test_no_reason_no_original() -> None:
    [photo] = attached()
    for call in (services.read_original, services.erase):
        with pytest.raises(ReasonRequired):
            call(photo.pk, actor=AUDITOR, reason="  ")
        with pytest.raises(PhotoNotFound):
            call(uuid4(), actor=AUDITOR, reason="核查")
    assert not entries_of(STREAM).exists()


def test_an_original_swapped_on_the_disk_does_not_open() -> None:
    one, two = attached(staged(), staged())
    files.sealed_path(one.sealed_name).write_bytes(files.sealed_path(two.sealed_name).read_bytes())
    with pytest.raises(SealBroken):
        services.read_original(one.pk, actor=AUDITOR, reason="核查")


def test_erasing_leaves_a_row_and_nothing_else(run_jobs: Callable[[], Any], settings: Any) -> None:
    [photo] = attached(staged(MARKED["JPEG"]()))
    run_jobs()
    for _ in range(2):
        services.erase(photo.pk, actor=AUDITOR, reason="本人要求")
    run_jobs()
    photo.refresh_from_db()
    assert (photo.state, photo.exif_lon, photo.taken_at, photo.sha256) == ("erased", None, None, "")
    assert not files_below(settings.SEALED_ROOT)
    assert not files_below(settings.CLEAN_ROOT)
    assert [entry.action for entry in entries_of(STREAM)] == ["photo.ready", "photo.erased"]
    assert not photos_of(STREAM).exists()
    with pytest.raises(OriginalGone):
        services.read_original(photo.pk, actor=AUDITOR, reason="核查")


def test_erasing_before_the_worker_came_leaves_no_copy(
    run_jobs: Callable[[], Any], settings: Any
) -> None:
    [photo] = attached()
    services.erase(photo.pk, actor=AUDITOR, reason="本人要求")
    run_jobs()
    assert not files_below(settings.CLEAN_ROOT)
    assert not files_below(settings.SEALED_ROOT)


def test_an_original_used_by_another_report_survives(run_jobs: Callable[[], Any]) -> None:
    one = staged()
    [first], [second] = attached(one), attached(one, stream="case:88bb")
    services.erase(first.pk, actor=AUDITOR, reason="本人要求")
    run_jobs()
    assert services.read_original(second.pk, actor=AUDITOR, reason="核查").sha256 == one.sha256


def age(path: Path, when: datetime) -> None:
    os.utime(path, (when.timestamp(), when.timestamp()))


def test_only_old_uploads_that_nobody_attached_are_cleared_away(settings: Any) -> None:
    now = timezone.now()
    fresh, abandoned, used = staged(), staged(), staged()
    attached(used)
    draft = files.sealed_path(abandoned.sealed_name).with_name(".x.sealed.1a2b.part")
    draft.write_bytes(b"half")
    for path in files_below(settings.SEALED_ROOT):
        if path != files.sealed_path(fresh.sealed_name):
            age(path, now - timedelta(hours=25))
    assert services.discard_orphans(now=now) == 2
    assert files_below(settings.SEALED_ROOT) == sorted(
        files.sealed_path(photo.sealed_name) for photo in (fresh, used)
    )


def test_clearing_away_looks_at_recent_days_unless_told_otherwise(settings: Any) -> None:
    now = timezone.now()
    stem = "ab" + "0" * 30
    old = files.sealed_path(f"2020-01-01/ab/{stem}.sealed")
    files.write_whole(old, b"forgotten")
    age(old, now - timedelta(days=30))
    assert services.discard_orphans(now=now) == 0
    output = io.StringIO()
    call_command("discard_orphans", stdout=output)
    assert output.getvalue() == "1 abandoned uploads deleted\n"
    assert not files_below(settings.SEALED_ROOT)


def test_clearing_away_in_an_empty_house_is_no_error() -> None:
    assert services.discard_orphans(now=timezone.now()) == 0


def test_originals_are_rewrapped(settings: Any) -> None:
    data = encoded(picture(), "JPEG")
    [photo] = attached(staged(data))
    settings.VAULT_CIPHER = "SM4-GCM"
    assert sum(services.rewrap_originals()) == 1
    assert sum(services.rewrap_originals()) == 0
    assert services.read_original(photo.pk, actor=AUDITOR, reason="核查").data == data


def test_photos_of_many_streams_are_read_in_one_query(run_jobs: Callable[[], Any]) -> None:
    attached(staged(), staged())
    attached(stream="case:88bb")
    run_jobs()
    attached(stream="case:99cc")
    with CaptureQueriesContext(connection) as queries:
        found = photos_by_stream([STREAM, "case:88bb", "case:99cc"])
    assert len(queries) == 1
    assert {stream: len(photos) for stream, photos in found.items()} == {STREAM: 2, "case:88bb": 1}


@pytest.mark.parametrize("name", ["../../etc/passwd", "2026-01-01/ab/x.sealed", "", "/etc/passwd"])
def test_names_that_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        files.sealed_path(name)
