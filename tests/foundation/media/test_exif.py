"""Position and time from EXIF: right, doubtful, absent and hostile."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from foundation.media import exif
from tests.foundation.media.specimens import LAT, LON, encoded, exif_block, picture

pytestmark = pytest.mark.once

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def reading_of(block: Image.Exif) -> exif.Reading:
    with Image.open(io.BytesIO(encoded(picture(64, 64), "JPEG", exif=block))) as image:
        return exif.judged(exif.read(image.getexif()), now=NOW)


def test_position_and_shanghai_time_are_read() -> None:
    reading = reading_of(exif_block())
    assert reading.lon == pytest.approx(LON, abs=1e-6)
    assert reading.lat == pytest.approx(LAT, abs=1e-6)
    assert reading.taken_at == datetime(2026, 2, 14, 0, 30, tzinfo=UTC)
    assert reading.doubt == ""


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90))
def test_every_position_survives(lon: float, lat: float) -> None:
    reading = reading_of(exif_block(lon=lon, lat=lat))
    if reading.lon is None:
        assert abs(lon) < 1e-5
        assert abs(lat) < 1e-5
    else:
        assert reading.lon == pytest.approx(lon, abs=1e-5)
        assert reading.lat == pytest.approx(lat, abs=1e-5)


def test_a_stated_offset_is_honoured() -> None:
    block = exif_block()
    block.get_ifd(0x8769)[0x9011] = "+00:00"
    assert reading_of(block).taken_at == datetime(2026, 2, 14, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("taken", "doubt"),
    [("2026:03:02 09:11:00", "future"), ("2031:01:01 00:00:00", "future"),
     ("1970:01:01 00:00:00", "past"), ("0000:00:00 00:00:00", ""), ("yesterday", ""), ("", "")],
)  # fmt: skip
def test_an_impossible_time_is_not_taken_over(taken: str, doubt: str) -> None:
    reading = reading_of(exif_block(taken=taken))
    assert reading.taken_at is None
    assert reading.doubt == doubt
    assert reading.lon is not None


def test_a_camera_clock_a_few_minutes_ahead_is_forgiven() -> None:
    ahead = exif.Reading(taken_at=NOW + timedelta(minutes=5))
    assert exif.judged(ahead, now=NOW) == ahead


@pytest.mark.parametrize("values", [
    {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
    {2: (91.0, 0.0, 0.0)},
    {4: (181.0, 0.0, 0.0)},
    {2: (float("nan"), 0.0, 0.0)},
    {2: (31.0, 46.0)},
    {1: "X"},
    {4: "text"},
])  # fmt: skip
def test_a_senseless_position_is_none(values: dict[int, object]) -> None:
    block = Image.Exif()
    block.get_ifd(0x8825).update({1: "N", 2: (31.0, 46.0, 19.2), 3: "E", 4: (119.0, 58.0, 26.4)})
    block.get_ifd(0x8825).update(values)
    reading = exif.read(block)
    assert (reading.lon, reading.lat) == (None, None)


@pytest.mark.parametrize("orientation", [0, 9, "6", -1, 70_000])
def test_a_senseless_orientation_is_upright(orientation: object) -> None:
    block = Image.Exif()
    block[0x0112] = orientation
    assert exif.orientation_of(block) == 1


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(noise=st.binary(max_size=400), at=st.integers(0, 400))
def test_damaged_exif_never_raises(noise: bytes, at: int) -> None:
    body = bytearray(exif_block().tobytes())
    body[at : at + len(noise)] = noise
    for data in (bytes(body), noise, b"Exif\0\0" + noise):
        block = Image.Exif()
        try:
            block.load(data)
        except exif.EXIF_ERRORS:
            continue
        exif.judged(exif.read(block), now=NOW)
        exif.orientation_of(block)
