"""Back up and restore: database, files and ledger anchors together; keys are kept apart.

Order matters. Anchors are copied before the database (an anchor never names an entry that the
copy lacks), files after it (every photo that a row names was on disk before the row).
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone

from foundation.operations import database_copy, manifest
from foundation.operations.errors import BadBackup, NotEmpty

ANCHORS = Path("ledger") / "anchors.jsonl"


def _roots() -> dict[str, Path]:
    """Return the folders of files: name in the backup → place in this configuration."""
    return {
        "sealed": Path(settings.SEALED_ROOT),
        "clean": Path(settings.CLEAN_ROOT),
        "media": Path(settings.MEDIA_ROOT),
    }


def back_up(*, folder: Path, tell: Callable[[str], None]) -> manifest.Manifest:
    """Write a consistent copy into the new or empty ``folder`` while the house is in use.

    Raises ``NotEmpty`` when there is something already, ``CopyFailed`` with the tool's words.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty: give every backup a folder of its own.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made_at = timezone.now().isoformat()
    anchors = Path(settings.LEDGER_ANCHOR_FILE)
    if anchors.exists():
        _copy(anchors, folder / ANCHORS)
    tell("Copying the database …")
    rows = database_copy.copy_out(folder)
    for name, root in _roots().items():
        found = list(manifest.files_below(root))
        tell(f"Copying {len(found)} file(s) of {name} …")
        for path in found:
            _copy(path, folder / "files" / name / path.relative_to(root))
    return manifest.write(folder, made_at=made_at, engine=connection.vendor, rows=rows)


def restore(*, folder: Path, tell: Callable[[str], None]) -> manifest.Manifest:
    """Fill an empty place from ``folder`` and prove it: checksums, row counts, ledger chain.

    Raises ``BadBackup`` before anything is written when the copy is not what it was, and
    ``NotEmpty`` when database or folders hold something already.
    """
    tell("Checking the backup …")
    kept = manifest.read(folder)
    if kept.engine != connection.vendor:
        raise BadBackup(f"The backup is of {kept.engine}, this database is {connection.vendor}.")
    _demand_empty_place()
    tell("Loading the database …")
    if database_copy.copy_in(folder) != kept.rows:
        raise BadBackup("The restored tables do not have as many rows as the backup.")
    tell("Copying the files …")
    for name, expected in kept.files.items():
        target = _target(Path(name))
        if target is None:
            continue
        _copy(folder / name, target)
        if manifest.mark(target) != expected:
            raise BadBackup(f"{target} differs from the backup: is the disk full or failing?")
    tell("Verifying the ledger …")
    _verify_ledger()
    return kept


def _demand_empty_place() -> None:
    database_copy.demand_empty()
    for root in _roots().values():
        if any(manifest.files_below(root)):
            raise NotEmpty(f"{root} is not empty: restore into an empty place.")
    if Path(settings.LEDGER_ANCHOR_FILE).exists():
        raise NotEmpty(f"{settings.LEDGER_ANCHOR_FILE} exists: restore into an empty place.")


def _target(name: Path) -> Path | None:
    """Return where a file of the backup belongs; the database copy belongs to its own tool."""
    if name == ANCHORS:
        return Path(settings.LEDGER_ANCHOR_FILE)
    if name.parts[0] == "files":
        return _roots()[name.parts[1]] / Path(*name.parts[2:])
    return None


def _copy(source: Path, target: Path) -> None:
    """Copy one file; nobody but the owner may read the copy."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _verify_ledger() -> None:
    try:
        call_command("verify_ledger")
    except (CommandError, SystemExit) as error:
        raise BadBackup(f"The restored ledger does not verify: {error}") from error
