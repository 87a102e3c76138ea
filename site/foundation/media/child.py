"""The isolated decoder: one photo on standard input, one answer on standard output, then death.

Started by ``isolation`` with an empty environment: no keys, no database, no files to write. It
limits itself before it imports a decoder. Answer: one line of JSON, then the bytes it announces.
Exit codes: 0 done, 3 too many pixels, anything else (traceback, signal, limit) "cannot be opened".
"""

import json
import resource
import sys
from pathlib import Path

from foundation.media.limits import DECODER_ADDRESS_SPACE, DECODER_CPU_SECONDS

EXIT_TOO_MANY_PIXELS = 3


def limit_self() -> None:
    """Cap memory, processor time, files and core dumps of this process."""
    cpu = DECODER_CPU_SECONDS
    for what, soft, hard in (
        (resource.RLIMIT_AS, DECODER_ADDRESS_SPACE, DECODER_ADDRESS_SPACE),
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NOFILE, 16, 16),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))


def peak_kb() -> int:
    """Return the most memory this process ever held resident, in kB; 0 where /proc is missing.

    Not ``getrusage``: its figure is inherited from the web process across fork and exec.
    """
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def check(data: bytes, kind: str) -> tuple[dict[str, object], bytes]:
    """Decode fully (truncation shows only then) and read place and time from EXIF."""
    from foundation.media import exif, raster

    image = raster.open_photo(data, kind)
    width, height = image.size
    raster.load_small(image, kind, 1)
    # After load(): a PNG may carry its EXIF behind the pixels.
    block = image.getexif()
    reading = exif.read(block)
    width, height = raster.turned_size(width, height, exif.orientation_of(block))
    answer: dict[str, object] = {
        "width": width,
        "height": height,
        "lon": reading.lon,
        "lat": reading.lat,
        "taken_at": reading.taken_at.isoformat() if reading.taken_at else None,
    }
    return answer, b""


def clean(data: bytes, kind: str) -> tuple[dict[str, object], bytes]:
    """Make the clean copies."""
    from foundation.media import raster

    made = raster.make_clean(data, kind)
    answer: dict[str, object] = {
        "width": made.width,
        "height": made.height,
        "dhash": made.dhash,
        "full": len(made.full),
        "thumb": len(made.thumb),
    }
    return answer, made.full + made.thumb


def main(verb: str, kind: str) -> int:
    """Answer one request; ``verb`` is "check" or "clean"."""
    limit_self()
    data = sys.stdin.buffer.read()
    from foundation.media.raster import TooManyPixels

    try:
        answer, rest = {"check": check, "clean": clean}[verb](data, kind)
    except TooManyPixels:
        return EXIT_TOO_MANY_PIXELS
    answer["peak_kb"] = peak_kb()
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + rest)
    sys.stdout.buffer.flush()
    return 0
