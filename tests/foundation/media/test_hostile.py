"""Hostile and odd files: each is answered in time, bounded in memory, and never served as sent."""

import io
import time
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from foundation.media import formats, isolation, limits, raster, staging
from foundation.media.errors import DecodeRefused, DecoderUnavailable, UploadRefused
from tests.foundation.media import specimens
from tests.foundation.media.specimens import MARKED, MARKER, encoded, picture

pytestmark = pytest.mark.once

SCRIPT = b"<script>alert(document.domain)</script>"
HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"


def stage(data: bytes) -> staging.StagedPhoto:
    """Stage ``data`` and insist on an answer within five seconds."""
    start = time.monotonic()
    try:
        return staging.stage(SimpleUploadedFile("photo.jpg", data, "image/jpeg"))
    finally:
        assert time.monotonic() - start < 5


def clean(data: bytes) -> raster.Clean:
    kind = formats.sniff(data[:16])
    assert kind is not None
    return isolation.clean(data, kind)


def tiff() -> bytes:
    return encoded(picture(64, 64), "TIFF")


def gifar() -> bytes:
    archive = b"PK\x03\x04" + bytes(26) + b"Evil.class"
    return encoded(picture(64, 64).convert("P"), "GIF") + archive


def animated(kind: str, frames: int = 3) -> bytes:
    pages = [Image.new("RGB", (64, 64), (40 * number, 0, 0)) for number in range(frames)]
    return encoded(pages[0], kind, save_all=True, append_images=pages[1:], duration=50)


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\xff",
    "signature only": lambda: b"\xff\xd8\xff\xe0",
    "HTML": lambda: HTML,
    "SVG": lambda: SVG,
    "PDF": lambda: PDF,
    "GIF with an archive": gifar,
    "TIFF": tiff,
    "AVIF": lambda: encoded(picture(64, 64), "AVIF"),
    "BMP": lambda: encoded(picture(64, 64), "BMP"),
    "ICO": lambda: encoded(picture(64, 64), "ICO"),
    "PNG signature before HTML": lambda: b"\x89PNG\r\n\x1a\n" + HTML,
    "JPEG signature before HTML": lambda: b"\xff\xd8\xff\xe0" + HTML,
    "WebP signature before HTML": lambda: b"RIFF\0\0\0\0WEBPVP8 " + HTML,
    "HEIC brand before HTML": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + HTML,
    "JPEG that claims 65535 x 65535": lambda: specimens.jpeg_claiming(65535, 65535),
    "PNG of 400 MP": lambda: specimens.png_claiming(20_000, 20_000, rows=200, colour=0),
    "PNG of 81 MP in a few bytes": lambda: specimens.png_claiming(9000, 9000),
    "PNG of 2 gigapixels": lambda: specimens.png_claiming(46_000, 46_000),
    "PNG with a zTXt bomb": lambda: specimens.png_ztxt_bomb(40_000_000),
    "WebP beyond its cap": lambda: encoded(
        Image.new("RGB", (6000, 5000)), "WEBP", quality=1, method=0
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_and_nothing_is_kept(name: str, own_folders: Path) -> None:
    data = REFUSED[name]()
    with pytest.raises(UploadRefused):
        stage(data)
    assert not [path for path in own_folders.rglob("*") if path.is_file()]


def test_too_many_pixels_is_said_as_such() -> None:
    for data in (
        specimens.png_claiming(9000, 9000),
        specimens.jpeg_claiming(8000, 8000),
        specimens.jpeg_claiming(65535, 65535),
    ):
        with pytest.raises(UploadRefused) as caught:
            stage(data)
        assert caught.value.code == "too_many_pixels"


@pytest.mark.parametrize(
    "data", [specimens.jpeg_claiming(6000, 6000), specimens.png_claiming(4000, 4000, rows=3)]
)
def test_a_header_that_lies_within_the_cap_costs_little(data: bytes) -> None:
    """Decoders fill the missing rows without complaint; what is served is plain pixels."""
    stage(data)
    assert_only_pixels(clean(data).full)


@pytest.mark.parametrize("kind", MARKED)
@pytest.mark.parametrize("part", [0.02, 0.5, 0.9])
def test_a_truncated_photo_is_refused(kind: str, part: float) -> None:
    data = ordinary(kind)
    with pytest.raises(UploadRefused) as caught:
        stage(data[: int(len(data) * part)])
    assert caught.value.code == "unreadable"


def test_a_truncated_progressive_photo_is_refused() -> None:
    data = encoded(picture(), "JPEG", progressive=True)
    with pytest.raises(UploadRefused):
        stage(data[: len(data) * 2 // 3])


@lru_cache
def ordinary(kind: str) -> bytes:
    return encoded(picture(), kind)


POLYGLOTS: dict[str, Callable[[], bytes]] = {
    "script behind a JPEG": lambda: encoded(picture(), "JPEG") + SCRIPT,
    "script in a JPEG comment": lambda: encoded(picture(), "JPEG", comment=SCRIPT),
    "page in a JPEG header": lambda: specimens.with_jpeg_segments(
        encoded(picture(), "JPEG"), specimens.jpeg_segment(0xEE, HTML)
    ),
    "PDF behind a PNG": lambda: encoded(picture(), "PNG") + PDF + SCRIPT,
    "archive behind a WebP": lambda: encoded(picture(), "WEBP") + b"PK\x03\x04" + SCRIPT,
    "page in a HEIC box": lambda: MARKED["HEIF"]() + b"\0\0\0\x40free" + SCRIPT.ljust(56),
}


@pytest.mark.parametrize("name", POLYGLOTS)
def test_nothing_but_pixels_of_a_polyglot_survives(name: str) -> None:
    data = POLYGLOTS[name]()
    assert SCRIPT in data
    made = clean(data)
    for served in (made.full, made.thumb):
        assert b"script" not in served.lower()
        assert b"html" not in served.lower()
        assert served.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF")


@pytest.mark.parametrize("kind", MARKED)
def test_no_metadata_marker_reaches_a_clean_copy(kind: str) -> None:
    data = MARKED[kind]()
    assert data.count(MARKER) >= 5
    made = clean(data)
    for served in (made.full, made.thumb):
        assert_only_pixels(served)


def assert_only_pixels(served: bytes) -> None:
    """Scan the bytes for every marker and the segments for anything but what decoding needs."""
    texts = (MARKER, MARKER[:8], b"Exif", b"xap", b"8BIM", b"ICC_PROFILE", b"GZ-M")
    for text in texts:
        assert text not in served
        assert text.decode().encode("utf-16-le") not in served
        assert text.decode().encode("utf-16-be") not in served
    assert jpeg_markers(served) <= {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDA, 0xD9}
    with Image.open(io.BytesIO(served)) as image:
        image.load()
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert not image.getexif()


def jpeg_markers(data: bytes) -> set[int]:
    """Return all markers of a JPEG; fail on bytes behind its end."""
    found, at = {data[1]}, 2
    while True:
        assert data[at] == 0xFF
        found.add(data[at + 1])
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xDA in found:
            assert data.endswith(b"\xff\xd9")
            assert data.count(b"\xff\xd9") == 1
            return found | {0xD9}


ODD: dict[str, Callable[[], bytes]] = {
    "CMYK JPEG": lambda: encoded(picture(mode="CMYK"), "JPEG"),
    "grey JPEG": lambda: encoded(picture(mode="L"), "JPEG"),
    "16-bit grey PNG": lambda: encoded(Image.new("I;16", (300, 200), 40_000), "PNG"),
    "palette PNG with alpha": lambda: encoded(picture(mode="P"), "PNG", transparency=3),
    "grey PNG with alpha": lambda: encoded(picture(mode="LA"), "PNG"),
    "1-bit PNG": lambda: encoded(picture().convert("1"), "PNG"),
    "PNG with a transparent colour": lambda: encoded(picture(), "PNG", transparency=(1, 2, 3)),
    "RGBA WebP": lambda: encoded(picture(mode="RGBA"), "WEBP"),
    "RGBA HEIC": lambda: encoded(picture(mode="RGBA"), "HEIF"),
    "animated PNG": lambda: animated("PNG"),
    "animated WebP": lambda: animated("WEBP"),
    "sequence of HEIC pictures": lambda: animated("HEIF"),
    "multi-picture JPEG": lambda: animated("MPO"),
    "JPEG with 1 MB of EXIF": lambda: specimens.with_jpeg_segments(
        encoded(picture(), "JPEG"),
        *(specimens.jpeg_segment(0xE1, b"Exif\0\0" + MARKER * 4000) for _ in range(18)),
    ),
    "PNG with 5 MB of EXIF": lambda: specimens.encoded(
        picture(), "PNG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0" + MARKER * 400_000
    ),
    "broken ICC profile": lambda: encoded(picture(), "JPEG", icc_profile=b"\0" * 200 + MARKER),
    "grey photo with an RGB profile": lambda: encoded(
        picture(mode="L"), "JPEG", icc_profile=specimens.marked_icc()
    ),
    "one pixel": lambda: encoded(picture(1, 1), "PNG"),
    "very wide": lambda: encoded(picture(16_000, 2), "PNG"),
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_photo_gets_a_sound_clean_copy(name: str) -> None:
    data = ODD[name]()
    staged = stage(data)
    made = clean(data)
    assert (made.width, made.height) == (staged.width, staged.height)
    assert_only_pixels(made.full)
    with Image.open(io.BytesIO(made.thumb)) as thumb:
        assert thumb.mode == "RGB"
        assert max(thumb.size) <= limits.THUMB_SIDE


def middle_of(data: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(clean(data).full)) as image:
        value = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(value, tuple)
    return value


def test_16_bit_grey_keeps_its_brightness() -> None:
    assert middle_of(encoded(Image.new("I;16", (300, 200), 0x8000), "PNG")) == (128, 128, 128)


def test_transparency_becomes_white() -> None:
    assert middle_of(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "PNG")) == (255, 255, 255)
    assert middle_of(encoded(Image.new("LA", (64, 64), (0, 0)), "PNG")) == (255, 255, 255)


def test_cmyk_is_not_inverted() -> None:
    red = middle_of(encoded(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG"))
    assert red[0] > 200
    assert max(red[1:]) < 60


def test_another_colour_space_is_converted_to_srgb() -> None:
    """A profile with red and green swapped must swap the colours that are shown."""
    profile = specimens.marked_icc().replace(b"rXYZ", b"tmpX")
    profile = profile.replace(b"gXYZ", b"rXYZ").replace(b"tmpX", b"gXYZ")
    data = encoded(Image.new("RGB", (64, 64), (250, 5, 5)), "PNG", icc_profile=profile)
    red, green, _blue = middle_of(data)
    assert green > 200 > red


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(orientation: int) -> None:
    upright = Image.new("RGB", (96, 64), (0, 0, 250))
    upright.paste((250, 0, 0), (0, 0, 48, 32))
    turns = raster._TURNS.get(orientation, ())
    undo = {6: 8, 8: 6}.get(orientation, orientation)
    stored = upright
    for turn in raster._TURNS.get(undo, turns):
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = clean(encoded(stored, "JPEG", exif=exif, quality=95))
    with Image.open(io.BytesIO(made.full)) as image:
        assert image.size == (96, 64)
        corner, far = image.getpixel((10, 10)), image.getpixel((86, 54))
    assert isinstance(corner, tuple)
    assert isinstance(far, tuple)
    assert corner[0] > 200 > corner[2]
    assert far[2] > 200 > far[0]


def test_a_jpeg_of_many_scans_is_decoded_apart_and_stopped() -> None:
    data = specimens.jpeg_of_many_scans(3000)
    assert not formats.is_cheap_jpeg(data, max_scans=limits.MAX_SCANS_IN_PROCESS)
    with pytest.raises(UploadRefused):
        stage(data)


def test_ordinary_jpegs_need_no_process_of_their_own() -> None:
    for data in (encoded(picture(), "JPEG"), MARKED["JPEG"](), encoded(picture(mode="L"), "JPEG")):
        assert formats.is_cheap_jpeg(data, max_scans=limits.MAX_SCANS_IN_PROCESS)


LARGEST: dict[str, Callable[[], bytes]] = {
    "baseline JPEG": lambda: encoded(Image.new("RGB", (8160, 6120)), "JPEG", quality=60),
    "progressive CMYK JPEG": lambda: encoded(
        Image.new("CMYK", (8160, 6120), (9, 99, 9, 9)), "JPEG", progressive=True, subsampling=0
    ),
    "RGBA PNG": lambda: encoded(
        Image.new("RGBA", (8160, 6120), (9, 9, 9, 99)), "PNG", compress_level=1
    ),
    "grey and alpha PNG": lambda: encoded(
        Image.new("LA", (8160, 6120), (9, 99)), "PNG", compress_level=1
    ),
    "palette PNG with alpha": lambda: encoded(
        Image.new("P", (8160, 6120), 7), "PNG", compress_level=1, transparency=3
    ),
    "16-bit PNG": lambda: encoded(Image.new("I;16", (8160, 6120), 7), "PNG", compress_level=1),
    "WebP": lambda: encoded(
        Image.new("RGBA", (5000, 4990), (9, 9, 9, 99)), "WEBP", quality=1, method=0
    ),
    "HEIC": lambda: encoded(
        Image.new("RGB", (8160, 6120), (9, 99, 9)),
        "HEIF",
        enc_params={"preset": "ultrafast"},
    ),
}


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_photo_stays_below_512_mb(name: str) -> None:
    data = LARGEST[name]()
    kind = formats.sniff(data[:16])
    assert kind is not None
    answer, _rest = isolation._ask("clean", data, kind, seconds=60)
    assert 0 < answer["peak_kb"] < 512 * 1024


LIMITED = (
    "import sys; sys.path.insert(0, sys.argv[1]); from foundation.media import child; "
    "child.DECODER_CPU_SECONDS = 1; child.limit_self(); "
)


@pytest.mark.parametrize(
    "deed",
    [
        "x = bytearray(700_000_000)",
        "import pathlib; pathlib.Path(TARGET).write_bytes(b'x')",
        "exec('while 1: pass')",
    ],
    ids=["memory", "files", "processor"],
)
def test_the_decoder_cannot_take_more_than_its_share(
    deed: str, monkeypatch: Any, tmp_path: Path
) -> None:
    target = repr(str(tmp_path / "x"))
    monkeypatch.setattr(isolation, "_START", LIMITED + deed.replace("TARGET", target))
    with pytest.raises(DecodeRefused, match="ended with"):
        isolation._ask("clean", b"", "PNG", seconds=20)


@pytest.mark.parametrize("said", ["", "no json", "[1]", "{}", '{"width": "x"}'])
def test_a_senseless_answer_of_the_decoder_is_a_refusal(said: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(isolation, "_START", f"print({said!r})")
    with pytest.raises(UploadRefused):
        isolation.check(b"", "PNG")
    with pytest.raises(DecodeRefused):
        isolation.clean(b"", "PNG")


def test_the_decoder_sees_no_secret(monkeypatch: Any) -> None:
    monkeypatch.setenv("VAULT_KEY", "canary")
    code = "import json, os; print(json.dumps(dict(os.environ)))"
    monkeypatch.setattr(isolation, "_START", code)
    seen, _rest = isolation._ask("check", b"", "PNG", seconds=5)
    assert set(seen) <= {"MALLOC_ARENA_MAX", "OMP_NUM_THREADS", "LC_CTYPE"}


def test_a_decoder_that_hangs_is_given_up(monkeypatch: Any) -> None:
    monkeypatch.setattr(isolation, "_START", "import time; time.sleep(60)")
    start = time.monotonic()
    with pytest.raises(DecoderUnavailable):
        isolation._ask("check", b"", "PNG", seconds=0.5)
    assert time.monotonic() - start < 5


def test_a_decoder_that_dies_is_a_refusal(monkeypatch: Any) -> None:
    monkeypatch.setattr(isolation, "_START", "import os; os.abort()")
    with pytest.raises(DecodeRefused):
        isolation._ask("check", b"", "PNG", seconds=5)


def answer(data: bytes, kind: str) -> str:
    try:
        staging._check(data, kind)
    except UploadRefused as refusal:
        return refusal.code
    return "taken"


SEED = encoded(picture(160, 120), "JPEG", exif=specimens.exif_block())


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_mutated_jpeg_is_taken_or_refused_but_never_an_error(data: st.DataObject) -> None:
    body = bytearray(SEED)
    for _ in range(data.draw(st.integers(1, 8))):
        body[data.draw(st.integers(3, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert answer(bytes(body), "JPEG") in ("taken", "unreadable", "too_many_pixels")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_other_mutated_photos_are_taken_or_refused_too(kind: str, seed: int) -> None:
    source = bytearray(ordinary(kind))
    for number in range(1, 6):
        digest = zlib.crc32(f"{seed}:{number}".encode())
        source[16 + digest % (len(source) - 16)] = digest >> 24
    assert answer(bytes(source), kind) in ("taken", "unreadable", "too_many_pixels")
