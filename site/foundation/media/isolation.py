"""Run the decoder in a process of its own, so that a hostile file can only kill that process."""

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from foundation.media.child import EXIT_TOO_MANY_PIXELS
from foundation.media.errors import DecodeRefused, DecoderUnavailable, UploadRefused
from foundation.media.exif import Reading
from foundation.media.limits import CLEAN_SECONDS, STAGE_SECONDS
from foundation.media.raster import Clean

JFIF: Final = b"\xff\xd8\xff\xe0\x00\x10JFIF"
SITE_FOLDER: Final = Path(__file__).resolve().parents[2]
_START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from foundation.media.child import main; sys.exit(main(sys.argv[2], sys.argv[3]))"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A photo that decodes: upright size in pixels, EXIF reading, peak memory of the decoder."""

    width: int
    height: int
    reading: Reading
    peak_kb: int


def check(data: bytes, kind: str) -> Checked:
    """Decode ``data`` fully within 5 s; ``UploadRefused`` when that fails."""
    try:
        answer = _checked(*_ask("check", data, kind, seconds=STAGE_SECONDS))
    except (DecodeRefused, DecoderUnavailable) as error:
        raise UploadRefused("unreadable") from error
    return answer


def clean(data: bytes, kind: str) -> Clean:
    """Return the clean copies of ``data``. Errors: ``DecodeRefused``, ``DecoderUnavailable``."""
    return _cleaned(*_ask("clean", data, kind, seconds=CLEAN_SECONDS))


def _checked(answer: dict[str, Any], _rest: bytes) -> Checked:
    """Believe nothing that comes out of the decoder before its types were checked."""
    try:
        stated = answer["taken_at"]
        taken_at = datetime.fromisoformat(stated) if stated else None
        lon, lat = (
            None if answer[name] is None else float(answer[name]) for name in ("lon", "lat")
        )
        width, height = int(answer["width"]), int(answer["height"])
        return Checked(width, height, Reading(lon, lat, taken_at), int(answer["peak_kb"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DecodeRefused("the decoder's answer makes no sense") from error


def _cleaned(answer: dict[str, Any], rest: bytes) -> Clean:
    try:
        cut, end = int(answer["full"]), int(answer["full"]) + int(answer["thumb"])
        size = int(answer["width"]), int(answer["height"])
        made = Clean(rest[:cut], rest[cut:end], *size, dhash=int(answer["dhash"]))
    except (KeyError, TypeError, ValueError) as error:
        raise DecodeRefused("the decoder's answer makes no sense") from error
    if len(rest) != end or not all(part.startswith(JFIF) for part in (made.full, made.thumb)):
        raise DecodeRefused("the decoder's answer holds no pictures")
    return made


def _ask(verb: str, data: bytes, kind: str, *, seconds: float) -> tuple[dict[str, Any], bytes]:
    command = [sys.executable, "-I", "-c", _START, str(SITE_FOLDER), verb, kind]
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"},
            cwd="/",
            timeout=seconds,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise DecoderUnavailable(verb) from error
    if done.returncode == EXIT_TOO_MANY_PIXELS:
        raise UploadRefused("too_many_pixels")
    if done.returncode != 0:
        raise DecodeRefused(f"{verb} ended with {done.returncode}")
    head, _newline, rest = done.stdout.partition(b"\n")
    try:
        answer = json.loads(head)
    except ValueError as error:
        raise DecodeRefused(f"{verb} gave no answer") from error
    if not isinstance(answer, dict):
        raise DecodeRefused(f"{verb} gave no answer")
    return answer, rest
