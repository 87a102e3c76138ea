"""What a photo's EXIF block says about where and when it was taken. No Django.

Everything here is text from a stranger: each value may be missing, of a wrong type or a lie.
Positions are WGS-84 degrees (EXIF 2.32, GPS IFD). A time without offset is Asia/Shanghai time.
"""

import contextlib
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final
from zoneinfo import ZoneInfo

from PIL.ExifTags import GPS, IFD, Base
from PIL.Image import Exif

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_TOLERANCE: Final = timedelta(minutes=10)
# Pillow's EXIF reader is pure Python; these are what broken blocks make it raise.
EXIF_ERRORS: Final = (
    AttributeError, EOFError, IndexError, KeyError, OSError, OverflowError, SyntaxError,
    TypeError, ValueError, ZeroDivisionError, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """``lon``/``lat`` in WGS-84 degrees or None; ``taken_at`` aware or None.

    ``doubt`` says why a stated time was not taken over: "future", "past" or "".
    """

    lon: float | None = None
    lat: float | None = None
    taken_at: datetime | None = None
    doubt: str = ""


def read(exif: Exif) -> Reading:
    """Return position and stated time from an EXIF block; silent about everything unreadable."""
    gps = _ifd(exif, IFD.GPSInfo)
    details = _ifd(exif, IFD.Exif)
    lon = _degrees(gps, GPS.GPSLongitude, GPS.GPSLongitudeRef, "E", "W", 180.0)
    lat = _degrees(gps, GPS.GPSLatitude, GPS.GPSLatitudeRef, "N", "S", 90.0)
    if lon is None or lat is None or (lon == 0.0 and lat == 0.0):
        lon = lat = None  # 0, 0 is what phones write before the first fix
    return Reading(lon, lat, _taken_at(exif, details))


def judged(reading: Reading, *, now: datetime) -> Reading:
    """Return ``reading`` without a time that cannot be true at ``now`` (aware), and say why."""
    if reading.taken_at is None:
        return reading
    if reading.taken_at > now + CLOCK_TOLERANCE:
        return replace(reading, taken_at=None, doubt="future")
    if reading.taken_at < EARLIEST:
        return replace(reading, taken_at=None, doubt="past")
    return reading


def orientation_of(exif: Exif) -> int:
    """Return the EXIF orientation 1–8; 1 when absent or senseless."""
    with contextlib.suppress(*EXIF_ERRORS):
        value = exif.get(Base.Orientation, 1)
        if isinstance(value, int) and 1 <= value <= 8:
            return value
    return 1


def _ifd(exif: Exif, tag: IFD) -> Mapping[int, Any]:
    with contextlib.suppress(*EXIF_ERRORS):
        return dict(exif.get_ifd(tag))
    return {}


def _degrees(
    gps: Mapping[int, Any], tag: GPS, ref_tag: GPS, plus: str, minus: str, limit: float
) -> float | None:
    """Return degrees from three rationals and a hemisphere letter; None unless all are sound."""
    with contextlib.suppress(*EXIF_ERRORS):
        ref = _text(gps.get(ref_tag, plus)).upper()[:1]
        parts = [float(part) for part in gps[tag]]
        if len(parts) == 3 and ref in (plus, minus) and all(map(math.isfinite, parts)):
            value = parts[0] + parts[1] / 60 + parts[2] / 3600
            if min(parts) >= 0 and value <= limit:
                return round(-value if ref == minus else value, 7)
    return None


def _taken_at(exif: Exif, details: Mapping[int, Any]) -> datetime | None:
    with contextlib.suppress(*EXIF_ERRORS):
        stated = details.get(Base.DateTimeOriginal) or exif.get(Base.DateTime) or ""
        local = datetime.strptime(_text(stated), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 zone below
        return local.replace(tzinfo=_zone(_text(details.get(Base.OffsetTimeOriginal, ""))))
    return None


def _zone(offset: str) -> timezone | ZoneInfo:
    match = re.fullmatch(r"([+-])(\d{2}):(\d{2})", offset)
    if not match:
        return SHANGHAI
    sign, hours, minutes = match.groups()
    distance = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-distance if sign == "-" else distance)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").strip("\0 ")
    return str(value).strip("\0 ")
