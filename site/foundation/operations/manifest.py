"""The list of a backup's files with sizes and SHA-256, written last: no list, no backup."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from foundation.operations.errors import BadBackup

NAME = "manifest.json"
VERSION = 1


@dataclass(frozen=True)
class FileMark:
    """What a file must look like."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """``made_at`` is ISO 8601 in UTC; ``rows`` counts every table at the moment of the copy."""

    made_at: str
    engine: str
    rows: dict[str, int]
    files: dict[str, FileMark]
    version: int = VERSION


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every file below ``folder`` in a fixed order; nothing when it does not exist."""
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file())


def mark(path: Path) -> FileMark:
    """Measure one file."""
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return FileMark(size=path.stat().st_size, sha256=digest)


def write(folder: Path, *, made_at: str, engine: str, rows: dict[str, int]) -> Manifest:
    """Measure everything in ``folder`` and write the list beside it."""
    marks = {str(path.relative_to(folder)): mark(path) for path in files_below(folder)}
    manifest = Manifest(made_at=made_at, engine=engine, rows=rows, files=marks)
    (folder / NAME).write_text(json.dumps(asdict(manifest), indent=1, ensure_ascii=False))
    return manifest


def read(folder: Path) -> Manifest:
    """Read the list of ``folder`` and prove every file against it; raises ``BadBackup``."""
    try:
        raw = json.loads((folder / NAME).read_text())
        marks = {name: FileMark(**parts) for name, parts in raw.pop("files").items()}
        manifest = Manifest(files=marks, **raw)
    except FileNotFoundError:
        raise BadBackup(f"{folder} holds no {NAME}: the backup was not finished.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadBackup(f"{folder / NAME} cannot be read: {error}") from error
    if manifest.version != VERSION:
        raise BadBackup(f"The backup has format {manifest.version}; this release reads {VERSION}.")
    _prove(folder, manifest)
    return manifest


def _prove(folder: Path, manifest: Manifest) -> None:
    found = {str(path.relative_to(folder)) for path in files_below(folder)} - {NAME}
    for name in sorted(found ^ manifest.files.keys()):
        raise BadBackup(f"{name} is {'not in the list' if name in found else 'missing'}.")
    for name, expected in manifest.files.items():
        if mark(folder / name) != expected:
            raise BadBackup(f"{name} was changed after the backup was made.")
