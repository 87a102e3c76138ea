"""Files of photos on the disk: written whole or not at all, under random names, in small folders.

Originals:    SEALED_ROOT/<upload day>/<2 hex>/<32 hex>.sealed   encrypted, mode 0600
Clean copies: CLEAN_ROOT/<2 hex>/<photo id>-<size>.jpg           without metadata
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from django.conf import settings

SEALED_NAME: Final = re.compile(r"\d{4}-\d{2}-\d{2}/[0-9a-f]{2}/[0-9a-f]{32}\.sealed")
SIZES: Final = ("full", "thumb")


def new_sealed_name(day: date) -> str:
    """Return a fresh random name, relative to SEALED_ROOT, that says nothing but the day."""
    stem = secrets.token_hex(16)
    return f"{day.isoformat()}/{stem[:2]}/{stem}.sealed"


def sealed_path(name: str) -> Path:
    """Return the place of an original; a name of any other shape raises ``ValueError``."""
    if not SEALED_NAME.fullmatch(name):
        raise ValueError("not the name of a sealed original")
    return Path(settings.SEALED_ROOT) / name


def clean_path(photo_id: UUID, size: str) -> Path:
    """Return the place of a clean copy; ``size`` is "full" or "thumb"."""
    if size not in SIZES:
        raise ValueError("no such size")
    return Path(settings.CLEAN_ROOT) / photo_id.hex[:2] / f"{photo_id.hex}-{size}.jpg"


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` so that a crash leaves the whole file or none: draft, fsync, rename, fsync.

    Raises ``OSError`` (for example no space left); the draft is removed then.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def sealed_days() -> list[date]:
    """Return the upload days that have a folder, oldest first."""
    root = Path(settings.SEALED_ROOT)
    names = [entry.name for entry in os.scandir(root) if entry.is_dir()] if root.is_dir() else []
    return sorted(date.fromisoformat(n) for n in names if re.fullmatch(r"\d{4}-\d{2}-\d{2}", n))


def sealed_files(day: date) -> Iterator[tuple[str, float]]:
    """Yield name and last-change time (seconds since the epoch) of every file of one upload day.

    Abandoned drafts of a crash are included; their names do not match ``SEALED_NAME``.
    """
    root = Path(settings.SEALED_ROOT)
    for path in (root / day.isoformat()).glob("*/*"):
        yield path.relative_to(root).as_posix(), path.stat().st_mtime


def remove_sealed(name: str) -> None:
    """Delete an original or a draft below SEALED_ROOT; nothing happens when it is gone."""
    root = Path(settings.SEALED_ROOT).resolve()
    path = (root / name).resolve()
    if root not in path.parents:
        raise ValueError("outside the folder of originals")
    path.unlink(missing_ok=True)


def remove_clean(photo_id: UUID) -> None:
    """Delete both clean copies of a photo; nothing happens when they are gone."""
    for size in SIZES:
        clean_path(photo_id, size).unlink(missing_ok=True)


def remove_empty_folders(day: date, *, before: float) -> None:
    """Remove folders of an upload day that hold nothing and were last changed before ``before``."""
    top = Path(settings.SEALED_ROOT) / day.isoformat()
    for folder in [*top.glob("*"), top]:
        if folder.is_dir() and folder.stat().st_mtime < before:
            # Refused by the system unless empty; an upload may arrive in this very moment.
            with contextlib.suppress(OSError):
                folder.rmdir()


def age_limit(now: datetime, hours: int) -> float:
    """Return the epoch second before which a file is older than ``hours`` at ``now`` (aware)."""
    return now.timestamp() - hours * 3600


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
